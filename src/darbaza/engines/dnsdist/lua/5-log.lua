
-- What was refused, one line each, for the agent to bring into the verdict log:
--   <seconds since 1970> <address in hex> <type> <reason> <name>
-- The same device, name and reason are written once in ten seconds (names that programs ask by themselves: in ten
-- minutes), and one device gets so many lines, so that a flood displaces nobody else's. The last of them says that there
-- was more.
local MAX_FILE, MAX_LINES, MAX_TOLD = 4194304, 200, 1024
local REASONS = {
  closed = {1, 10}, unsafe = {2, 60}, canary = {3, 600}, name = {4, 10}, type = {5, 10}, form = {6, 10},
  tunnel = {7, 60}, private = {8, 60}, flood = {9, 60}, more = {10, 60},
}
local log, written = nil, 0

local function open_log()
  if given.refused == "" then return end
  log = io.open(given.refused, "ab")
  if log == nil then return end
  log:setvbuf("full", 65536)
  written = log:seek("end")
end

local function rotate_log()
  if log == nil then return open_log() end
  log:flush()
  if written < MAX_FILE then return end
  log:close()
  os.rename(given.refused, given.refused .. ".old")
  open_log()
end

-- Numbers only: most of what is refused is refused again and again, and must cost nothing then.
local function what_is_told(reason, hash)
  local number = REASONS[reason][1]
  return reason == "flood" and number or hash * 16 + number
end

-- Whether nothing is to be written, for it was told lately or nobody keeps it.
local function is_told(device, reason, hash)
  if log == nil or device.lines >= MAX_LINES or device == crowd then return true end
  local till = device.told[what_is_told(reason, hash)]
  return till ~= nil and now < till
end

local function remember(device, reason, hash)
  local what = what_is_told(reason, hash)
  if device.told[what] == nil then
    if device.told_count >= MAX_TOLD then device.told, device.told_count = {}, 0 end
    device.told_count = device.told_count + 1
  end
  device.told[what], device.lines = now + REASONS[reason][2], device.lines + 1
end

local function escaped(wire, size)
  local parts, at = {}, 0
  while at < size and wire[at] ~= 0 do
    local stop = min(at + wire[at], size - 1)
    local label = ffi.string(wire + at + 1, stop - at)
    parts[#parts + 1] = label:gsub("[^%w_-]", function(c) return string.format("%%%02X", c:byte()) end)
    at = stop + 1
  end
  return table.concat(parts, ".")
end

local function hex(octets)
  return (octets:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

local function note(device, reason, kind, hash, wire, size)
  if is_told(device, reason, hash) then return end
  if device.lines == MAX_LINES - 1 then reason, size = "more", 0 end
  remember(device, reason, hash)
  local line = string.format("%d %s %d %s %s\n", os.time(), hex(device.address), kind, reason, escaped(wire, size))
  log:write(line)
  written = written + #line
end
open_log()

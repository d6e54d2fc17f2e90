
-- Answers that point inside: a page from outside must not reach this network by a name of its own.
local private4 = {
  {0, 16777215}, {167772160, 184549375}, {1681915904, 1686110207}, {2130706432, 2147483647}, -- 0/8 10/8 100.64/10 127/8
  {2851995648, 2852061183}, {2886729728, 2887778303}, {3221225472, 3221225727},              -- 169.254 172.16/12 192.0.0
  {3232235520, 3232301055}, {3323068416, 3323199487}, {3758096384, 4294967295},              -- 192.168 198.18/15 224/3
}

local function within(ranges, number)
  for i = 1, #ranges do
    if number >= ranges[i][1] and number <= ranges[i][2] then return true end
  end
  return false
end

local function is_private4(packet, at)
  local number = packet[at] * 16777216 + packet[at + 1] * 65536 + packet[at + 2] * 256 + packet[at + 3]
  return within(private4, number) and not within(given.allowed4, number)
end

local function starts_with(packet, at, bits, octets)
  for i = 0, 15 do
    local left = bits - i * 8
    if left <= 0 then return true end
    local shift = left >= 8 and 0 or 8 - left
    if rshift(packet[at + i], shift) ~= rshift(octets[i + 1], shift) then return false end
  end
  return true
end

local function zeros(packet, from, to)
  for i = from, to do
    if packet[i] ~= 0 then return false end
  end
  return true
end

local function is_private6(packet, at)
  for i = 1, #given.allowed6 do
    if starts_with(packet, at, given.allowed6[i][1], given.allowed6[i][2]) then return false end
  end
  local first, second = packet[at], packet[at + 1]
  if band(first, 0xfe) == 0xfc or first == 0xff then return true end                   -- fc00::/7, multicast
  if first == 0xfe and band(second, 0x80) == 0x80 then return true end                 -- fe80::/10, fec0::/10
  if zeros(packet, at, at + 9) then return true end                                    -- ::, ::1, mapped and compatible
  if first == 0x20 and second == 0x02 then return is_private4(packet, at + 2) end      -- 6to4
  if first == 0x00 and second == 0x64 and packet[at + 2] == 0xff and packet[at + 3] == 0x9b then
    return not zeros(packet, at + 4, at + 11) or is_private4(packet, at + 12)             -- NAT64
  end
  return false
end

local function past_name(packet, at, size)
  while at < size do
    local octet = packet[at]
    if octet == 0 then return at + 1 end
    if octet >= 0xc0 then return at + 2 end
    at = at + 1 + octet
  end
  return size
end

local function word(packet, at) return packet[at] * 256 + packet[at + 1] end

-- Whether the addresses that an HTTPS or SVCB record hints at point inside, or can't be read.
local IPV4_HINT, IPV6_HINT = 4, 6
local function has_private_hint(packet, at, stop)
  at = past_name(packet, at + 2, stop)
  while at + 4 <= stop do
    local kind, till = word(packet, at), at + 4 + word(packet, at + 2)
    if till > stop then return true end
    for octet = at + 4, till - 1, kind == IPV4_HINT and 4 or 16 do
      if kind == IPV4_HINT and (octet + 4 > till or is_private4(packet, octet)) then return true end
      if kind == IPV6_HINT and (octet + 16 > till or is_private6(packet, octet)) then return true end
    end
    at = till
  end
  return at ~= stop
end

local function is_bad(packet, kind, at, size, asked)
  if kind == A then return size ~= 4 or is_private4(packet, at) end
  if kind == AAAA then return size ~= 16 or is_private6(packet, at) end
  if kind == SVCB or kind == HTTPS then return kind ~= asked or has_private_hint(packet, at, at + size) end
  return false
end

-- Whether any record, in any section, points inside or can't be read to its end.
local function has_bad_record(packet, at, size, asked)
  for _ = 1, word(packet, 6) + word(packet, 8) + word(packet, 10) do
    at = past_name(packet, at, size)
    if at + 10 > size then return true end
    local kind, length_of = word(packet, at), word(packet, at + 8)
    at = at + 10
    if at + length_of > size or is_bad(packet, kind, at, length_of, asked) then return true end
    at = at + length_of
  end
  return false
end

-- Answers of a kind that can carry anything cost what they carry, addresses an eighth of it.
local function charge(device, size)
  if not device.is_student or not read_name(wire, name_size) or labels < 2 then return end
  spend(device, domain_start(), (kind == A or kind == AAAA) and size / 8 or size, true)
end

local answer_box, in_answer_box = ffi.new("dnsdist_ffi_dnsquestion_t*[1]"), nil

local function filter()
  local dr = answer_box[0]
  local packet = cast("uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dr))
  local size = tonumber(C.dnsdist_ffi_dnsquestion_get_len(dr))
  if size < 12 or word(packet, 4) ~= 1 then return DNSResponseAction.None end
  look_at_clock()
  local device, question = device_of(asker_at(dr)), past_name(packet, 12, size) + 4
  read_question(dr)
  if question > size then return DNSResponseAction.Drop end
  charge(device, size - question)
  if not has_bad_record(packet, question, size, kind) then return DNSResponseAction.None end
  note(device, "private", kind, name_hash, wire, name_size)
  for i = 6, 11 do packet[i] = 0 end
  C.dnsdist_ffi_dnsquestion_set_len(dr, question)
  return DNSResponseAction.HeaderModify
end
addResponseAction(AllRule(), LuaFFIResponseAction(function(dr)
  if dr ~= in_answer_box then answer_box[0], in_answer_box = dr, dr end
  return filter()
end))

-- What we answer with an address of the box's is soon asked again: a name may be open by then.
local OWN_SECONDS = 5
addSelfAnsweredResponseAction(RCodeRule(DNSRCode.NOERROR), LuaResponseAction(function(dr)
  dr:editTTLs(function(_, _, _, ttl) return min(ttl, OWN_SECONDS) end)
  return DNSResponseAction.None, ""
end))

-- dnsdist calls this once a second.
local seconds = 0
function maintenance()
  look_at_clock()
  look(suffixes)
  local is_other = look(catalogue)
  if look(policy) or is_other then generation = generation + 1 end
  rotate_log()
  seconds = seconds + 1
  if seconds % 30 == 0 then forget_the_idle() end
end

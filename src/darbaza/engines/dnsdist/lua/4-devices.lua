
-- Who asks, by address: what is closed for that device, and how much it asked lately.
local now = 0
local clock, COARSE = ffi.new("darbaza_time"), 6
local function look_at_clock()
  C.clock_gettime(COARSE, clock)
  now = tonumber(clock.seconds) + tonumber(clock.nanoseconds) * 1e-9
end
look_at_clock()

local STUDENT, SAFE, OWN = 1, 2, 4
local MAX_DEVICES, IDLE_SECONDS = 8192, 60
local count = 0
local devices = {}
local rate, burst = given.queries_per_second, given.queries_per_second * 2

-- What one device asks of one domain may cost so much at once and fills again in some four minutes; of all domains
-- together eight times as much, which fills in two.
local DOMAIN_BURST, DOMAIN_RATE = given.domain_budget, given.domain_budget / 256
local TOTAL_BURST, TOTAL_RATE, MAX_DOMAINS = given.domain_budget * 8, given.domain_budget / 16, 512

local function new_device(address, size)
  return {
    address = ffi.string(address, size), generation = 0, seen = now, tokens = burst, total = TOTAL_BURST, domains = {},
    domain_count = 0, paid = now, owes_till = 0, lines = 0, told = {}, told_count = 0, high = 0, low = 0, ruled_high = 0, ruled_low = 0, open_high = 0, open_low = 0,
    group_high = 0, group_low = 0,
    is_known = false, is_student = true, is_safe = true, is_own = false,
  }
end

-- More addresses than a school has devices share one entry, so that a flood of invented ones costs no memory.
local crowd = new_device("crowd", 5)

local function device_at(key, address, size)
  local device = devices[key]
  if device == nil then
    if count >= MAX_DEVICES then return crowd end
    device, count = new_device(address, size), count + 1
    devices[key] = device
  end
  return device
end

-- Where an address of four bytes begins, or of sixteen that stand for such; nil for all others.
local function words_of_ipv4(words, size)
  if size == 4 then return words end
  if size == 16 and words[0] == 0 and words[1] == 0 and words[2] == 0xffff0000 then return words + 3 end
  return nil
end

local key = ffi.new("uint8_t[32]")

-- `<closed>:<ruled>:<opened>:<flags>:<group>` of the device, or of whoever is not named. Without any nothing is known.
local function read_policy(device)
  device.generation, device.is_known = generation, false
  if policy.base == nil then return end
  key[0], key[1] = 0, 97 -- "\0a" and the address's bytes
  ffi.copy(key + 2, device.address, #device.address)
  local at, size = find(policy, hash_of(key, 0, 2 + #device.address), key, 0, 2 + #device.address)
  if at == nil then
    key[1] = 100 -- "\0d"
    at, size = find(policy, hash_of(key, 0, 2), key, 0, 2)
  end
  if at == nil then return end
  local base, stop, closed, ruled, opened, flags, group = policy.base, at + size, nil, nil, nil, nil, nil
  closed, at = number_at(base, at, stop)
  ruled, at = number_at(base, at, stop)
  opened, at = number_at(base, at, stop)
  flags, at = number_at(base, at, stop)
  group = number_at(base, at, stop)
  if not (closed and ruled and opened and flags and group) then return end
  device.high, device.low = high_low(closed)
  device.ruled_high, device.ruled_low = high_low(ruled)
  device.open_high, device.open_low = high_low(opened)
  device.group_high, device.group_low = high_low(group)
  device.is_student, device.is_safe, device.is_own = band(flags, STUDENT) ~= 0, band(flags, SAFE) ~= 0, false
  device.is_known = true
end

-- The box itself asks for Squid, which judges by itself and must find what students find.
local own_clients = {}
for _, address in ipairs(given.own_clients) do own_clients[address] = true end
local function read_own(device)
  if not own_clients[device.address] then return end
  device.high, device.low, device.ruled_high, device.ruled_low, device.group_high, device.group_low = 0, 0, 0, 0, 0, 0
  device.is_student, device.is_safe, device.is_own = false, true, true
end

-- The device at an address, if it asked before and nothing changed since; nil if not.
local function known_device(words, size)
  local short = words_of_ipv4(words, size)
  local device = nil
  if short ~= nil then device = devices[short[0]] else device = devices[ffi.string(words, size)] end
  if device == nil or device.generation ~= generation then return nil end
  return device
end

local function device_of(words, size)
  local short = words_of_ipv4(words, size)
  local device = short ~= nil and device_at(short[0], short, 4) or device_at(ffi.string(words, size), words, size)
  if device.generation ~= generation then
    read_policy(device)
    read_own(device)
  end
  return device
end

-- How often the device may ask now: a bucket that fills by `rate` a second.
local function tokens_of(device) return min(burst, device.tokens + (now - device.seen) * rate) end

local function may_ask(device)
  local tokens = tokens_of(device)
  device.seen = now
  if tokens < 1 then
    device.tokens = tokens
    return false
  end
  device.tokens = tokens - 1
  return true
end

local function forget_the_idle()
  for name, device in pairs(devices) do
    device.lines = 0
    for what, until_then in pairs(device.told) do
      if until_then < now then device.told[what], device.told_count = nil, device.told_count - 1 end
    end
    if now - device.seen > IDLE_SECONDS then
      devices[name], count = nil, count - 1
    end
  end
end

-- Tunnels carry data in names that nobody asked for before, and in answers of odd kinds. Both cost.

-- Names asked lately, as fingerprints by a secret hash; a newer one takes an older one's place.
local SEEN = 262144
local fingerprints = ffi.new("int32_t[?]", SEEN)
local function random_number()
  local file = assert(io.open("/dev/urandom", "rb"))
  local octets = file:read(4)
  file:close()
  return cast("const uint32_t*", octets)[0]
end
local secret = random_number()

local function purse_of(device, domain)
  local purse = device.domains[domain]
  if purse == nil then
    if device.domain_count >= MAX_DOMAINS then device.domains, device.domain_count = {}, 0 end
    purse = {left = DOMAIN_BURST, at = now}
    device.domains[domain], device.domain_count = purse, device.domain_count + 1
  end
  purse.left, purse.at = min(DOMAIN_BURST, purse.left + (now - purse.at) * DOMAIN_RATE), now
  return purse
end

-- Takes `cost` from what the device may spend on the domain in the buffer, and on all; false if nothing is left. The
-- last cost may be more than what is left, and what answers cost is taken even then: it delays what comes next.
local function spend(device, domain_from, cost, is_due)
  local purse = purse_of(device, hash_of(text, domain_from, length))
  device.total, device.paid = min(TOTAL_BURST, device.total + (now - device.paid) * TOTAL_RATE), now
  if not is_due and (purse.left < 0 or device.total < 0) then return false end
  purse.left, device.total = math.max(purse.left - cost, -DOMAIN_BURST), device.total - cost
  if purse.left < 0 then device.owes_till = math.max(device.owes_till, now - purse.left / DOMAIN_RATE) end
  return true
end

local function domain_start() return starts[labels - registered_labels()] end

-- Whether a student's question is paid for: a fresh name costs what it can carry. One that was asked lately is answered
-- from memory and costs nothing, but while a domain owes, nothing of it is answered.
local function is_paid(device, hash, wire, size)
  local slot = band(hash, SEEN - 1)
  local is_fresh = fingerprints[slot] ~= hash
  if not is_fresh and now >= device.owes_till then return true end
  read_name(wire, size)
  if labels < 2 then return true end
  local from = domain_start()
  if not spend(device, from, is_fresh and 16 + 2 * from or 0) then return false end
  fingerprints[slot] = hash
  return true
end

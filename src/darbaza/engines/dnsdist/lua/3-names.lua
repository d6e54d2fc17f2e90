
-- The asked name: lower case, without its final dot, in one buffer for all questions, for dnsdist asks one at a time.
local text, starts, length, labels = ffi.new("uint8_t[256]"), ffi.new("int[130]"), 0, 0

-- A host name's bytes and what they are in lower case. Any other byte would be printed as another name: a dot within a
-- label, a zero, a letter of no alphabet that hosts are written in.
local plain = ffi.new("uint8_t[256]")
for c = 48, 57 do plain[c] = c end
for c = 97, 122 do plain[c], plain[c - 32] = c, c end
plain[45], plain[95] = 45, 95

-- Reads `wire`, a name as it travels, into the buffer; false if a byte is odd.
local function read_name(wire, size)
  local at, to, count = 0, 0, 0
  while at < size and wire[at] ~= 0 do
    local stop = at + wire[at]
    if stop >= size or to + wire[at] >= 255 then return false end
    if count > 0 then text[to], to = 46, to + 1 end
    starts[count], count = to, count + 1
    for i = at + 1, stop do
      local c = plain[wire[i]]
      if c == 0 then return false end
      text[to], to = c, to + 1
    end
    at = stop + 1
  end
  length, labels = to, count
  return true
end

-- Names of our own, by hash; what is found is compared.
local EXACT, BELOW = 1, 2
local special, special_at_hash = {}, {}
local function add_special(names, width, kind, value)
  for _, name in ipairs(names) do
    local key = ffi.new("uint8_t[256]")
    ffi.copy(key, name, #name)
    local hash = hash_of(key, 0, #name)
    special[#special + 1] = {name = name, width = width, kind = kind, value = value}
    special_at_hash[hash] = special_at_hash[hash] or {}
    table.insert(special_at_hash[hash], #special)
  end
end
add_special(given.own_names, EXACT, "own")
add_special(given.canaries, BELOW, "canary")
add_special(given.empty_names, BELOW, "empty")
add_special(given.local_names, BELOW, "local")
add_special(given.unsafe, BELOW, "unsafe")
for name, its_address in pairs(given.safe) do add_special({name}, EXACT, "safe", its_address) end

-- The number of our entry for the name from label `first` on, or 0.
local function special_at(hash, first)
  local asked = ffi.string(text + starts[first], length - starts[first])
  for _, number in ipairs(special_at_hash[hash] or {}) do
    local entry = special[number]
    if entry.name == asked and (first == 0 or entry.width == BELOW) then return number end
  end
  return 0
end

-- What is known of a name, whoever asks: the categories' bits, what the policy says, which of our own names it is.
ffi.cdef [[
typedef struct {
  uint32_t generation;
  int32_t hash, high, low, denied_high, denied_low;
  uint16_t special;
  uint8_t flags, size;
  uint8_t wire[68];
} darbaza_facts;
int memcmp(const void *one, const void *other, size_t size);
]]
local ODD, UNREADABLE, CLOSED, OPENED, PAID, PERMITTED, NARROWED = 1, 2, 4, 8, 16, 32, 64
local KEPT, LONGEST = 65536, 68
local kept, too_long = ffi.new("darbaza_facts[?]", KEPT), ffi.new("darbaza_facts")
local generation = 1 -- of catalogue and policy together: what was known by an older one counts no more

local function read_listing(facts, at, size)
  local value = number_at(catalogue.base, at, at + size)
  if value == nil then
    facts.flags = bor(facts.flags, UNREADABLE)
  else
    local high, low = high_low(value)
    facts.high, facts.low = bor(facts.high, high), bor(facts.low, low)
  end
end

-- What a letter says of a name with all below it, and of exactly that name. A ruling that opens leaves wider denials
-- aside; a permission leaves all of them aside.
local below, exact = {}, {}
below[99], exact[101] = CLOSED, CLOSED                                                                        -- c e
below[111], exact[112] = OPENED + NARROWED, OPENED + NARROWED                                                 -- o p
below[109], exact[110] = OPENED + PERMITTED, OPENED + PERMITTED                                               -- m n
below[97], exact[98] = OPENED, OPENED                                                                         -- a b

-- d: the bits of the groups to which what is below the name is closed, x: to which exactly it is.
local function read_groups(facts, act, number, first)
  if number == nil then
    facts.flags = bor(facts.flags, UNREADABLE)
  elseif act == 100 and first > 0 or act == 120 and first == 0 then
    local high, low = high_low(number)
    facts.denied_high, facts.denied_low = bor(facts.denied_high, high), bor(facts.denied_low, low)
  end
end

-- Names are read from the narrowest on: once a ruling opened one, what closes a wider one is not of this name.
local function read_act(facts, at, size, first)
  local stop, is_narrowed, found = at + size, band(facts.flags, NARROWED) ~= 0, 0
  while at < stop do
    local act, number = policy.base[at], nil
    at = at + 1
    found = bor(found, below[act] or 0, first == 0 and exact[act] or 0)
    if act == 100 or act == 120 then
      number, at = number_at(policy.base, at, stop)
      if number ~= nil then at = at - 1 end
      if not is_narrowed then read_groups(facts, act, number, first) end
    end
  end
  facts.flags = bor(facts.flags, found)
end

-- The narrowest entry is not the last word: what stands above it counts too.
local function look_up(facts)
  for first = 0, labels - 1 do
    local from = starts[first]
    local hash = hash_of(text, from, length)
    if special_at_hash[hash] ~= nil and facts.special == 0 then facts.special = special_at(hash, first) end
    local at, size = find(catalogue, hash, text, from, length)
    if at ~= nil then read_listing(facts, at, size) end
    at, size = find(policy, hash, text, from, length)
    if at ~= nil then read_act(facts, at, size, first) end
  end
end

local function learn(facts, hash, wire, size)
  facts.generation, facts.hash, facts.size = generation, hash, size
  facts.high, facts.low, facts.denied_high, facts.denied_low, facts.special, facts.flags = 0, 0, 0, 0, 0, 0
  if size <= LONGEST then ffi.copy(facts.wire, wire, size) end
  if read_name(wire, size) then look_up(facts) else facts.flags = ODD end
  return facts
end

local function is_about(facts, hash, wire, size)
  return facts.hash == hash and facts.size == size and facts.generation == generation
    and C.memcmp(facts.wire, wire, size) == 0
end

-- The facts of a name, kept from the last time if it was spelt the same; nil if not.
local function kept_facts(hash, wire, size)
  if size > LONGEST then return nil end
  local facts = kept + band(hash, KEPT - 2)
  if is_about(facts, hash, wire, size) then return facts end
  if is_about(facts + 1, hash, wire, size) then return facts + 1 end
  return nil
end

local turn = 0
local function facts_of(hash, wire, size)
  if size > LONGEST then return learn(too_long, 0, wire, size) end
  local facts = kept_facts(hash, wire, size)
  if facts ~= nil then return facts end
  turn = 1 - turn
  return learn(kept + band(hash, KEPT - 2) + turn, hash, wire, size)
end

-- How many labels the registered domain has, by the public suffix list: what one person can hold. A name that is all
-- suffix counts as a whole.
local function registered_labels()
  local known = 1
  for first = labels - 1, 0, -1 do
    local from = starts[first]
    local at, size = find(suffixes, hash_of(text, from, length), text, from, length)
    if at ~= nil then
      for i = at, at + size - 1 do
        local kind = suffixes.base[i]
        if kind == 115 then known = labels - first end                                       -- s: a suffix
        if kind == 119 and first > 0 then known = labels - first + 1 end                     -- w: so is all below it
        if kind == 120 then known = labels - first - 1 end                                   -- x: but not this
      end
    elseif labels - first > known + 1 then
      break
    end
  end
  return min(known + 1, labels)
end

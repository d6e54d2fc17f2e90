
-- Constant databases, read where they lie in memory and looked at anew each second. dnsdist's own key-value store would
-- do, at twice the price of a question; and it does not see a file that is replaced twice within a second.
local ffi, bit = require("ffi"), require("bit")
local C, band, bor, bxor, lshift, rshift, tobit =
  ffi.C, bit.band, bit.bor, bit.bxor, bit.lshift, bit.rshift, bit.tobit
local cast, min, tonumber = ffi.cast, math.min, tonumber -- a global name is looked up each time
assert(ffi.abi("64bit") and ffi.abi("le"), "this configuration needs a 64-bit little-endian machine")

ffi.cdef [[
typedef struct { long seconds, nanoseconds; } darbaza_time;
int clock_gettime(int clock, darbaza_time *time);
int open(const char *path, int flags, ...);
int close(int descriptor);
int statx(int directory, const char *path, int flags, unsigned int mask, void *found);
void *mmap(void *where, size_t size, int protection, int flags, int descriptor, long offset);
int munmap(void *where, size_t size);
]]
local READ_ONLY, EMPTY_PATH, BASIC_STATS, PROT_READ, MAP_SHARED = 0x80000, 0x1000, 0x7ff, 1, 1
local HEADER = 2048 -- bytes: 256 pairs of a table's position and its number of slots

-- What changes whenever another file stands at a path: its number, size and time of change.
local found = ffi.new("uint64_t[32]")
local function mark_of(descriptor)
  if C.statx(descriptor, "", EMPTY_PATH, BASIC_STATS, found) ~= 0 then return nil end
  return string.format("%s %s %s %s", tostring(found[4]), tostring(found[5]), tostring(found[14]), tostring(found[15]))
end

local function let_go(database)
  if database.base ~= nil then C.munmap(cast("void*", database.base), database.size) end
  database.base, database.size, database.mark = nil, 0, ""
end

-- Takes the file that stands at the path now. One that is missing leaves the last one in force; one too short for a
-- database is an empty one, for a reader must never look past its end.
local function look(database)
  local descriptor = C.open(database.path, READ_ONLY)
  if descriptor < 0 then return false end
  local mark = mark_of(descriptor)
  if mark == nil or mark == database.mark then
    C.close(descriptor)
    return false
  end
  local size = tonumber(found[5])
  local base = size >= HEADER and C.mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0) or nil
  C.close(descriptor)
  if base == nil or cast("intptr_t", base) == -1 then return false end
  let_go(database)
  database.base, database.size, database.mark = cast("const uint8_t*", base), size, mark
  return true
end

local function database_at(path)
  local database = {path = path, base = nil, size = 0, mark = ""}
  look(database)
  return database
end

local function is_equal(base, at, key, from, to)
  for i = from, to - 1 do
    if base[at + i - from] ~= key[i] then return false end
  end
  return true
end

-- Where the value of `key[from..to)` begins and its length, or nothing. `hash` is the key's (see `hash_of`).
local function find(database, hash, key, from, to)
  local base, size = database.base, database.size
  if size == 0 then return nil end
  local words = cast("const uint32_t*", base)
  local head = band(hash, 255) * 2
  local first, slots = words[head], words[head + 1]
  if slots == 0 or first + slots * 8 > size then return nil end
  local slot = rshift(hash, 8) % slots
  for _ = 1, slots do
    local entry = cast("const uint32_t*", base + first + slot * 8)
    local at = entry[1]
    if at == 0 then return nil end
    if tobit(entry[0]) == hash and at + 8 <= size then
      local record = cast("const uint32_t*", base + at)
      local length, value = record[0], record[1]
      if at + 8 + length + value > size then return nil end
      if length == to - from and is_equal(base, at + 8, key, from, to) then return at + 8 + length, value end
    end
    slot = slot + 1
    if slot == slots then slot = 0 end
  end
  return nil
end

local function hash_of(key, from, to)
  local hash = 5381
  for i = from, to - 1 do hash = bxor(lshift(hash, 5) + hash, key[i]) end
  return hash
end

-- The next number of a value and where it ends; nil for what is none. A number is below 2**53.
local function number_at(base, at, stop)
  local number, from = 0, at
  while at < stop and base[at] >= 48 and base[at] <= 57 do
    number, at = number * 10 + base[at] - 48, at + 1
  end
  if at == from then return nil, at end
  return number, at + 1
end

local function high_low(number)
  local high = math.floor(number / 4294967296)
  return tobit(high), tobit(number - high * 4294967296)
end

local catalogue = database_at(given.catalogue)
local policy = database_at(given.policy)
local suffixes = database_at(given.suffixes)

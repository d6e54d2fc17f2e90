
-- The order in which a question is judged. One function for all of it: every crossing between dnsdist and Lua costs more
-- than all that is decided here.
local raw, raw_size = ffi.new("const char*[1]"), ffi.new("size_t[1]")
local address, address_size = ffi.new("const void*[1]"), ffi.new("size_t[1]")
local A, AAAA, OPT, SVCB, HTTPS, ANY = 1, 28, 41, 64, 65, 255
local NOERROR, NXDOMAIN, BLOCKED, NOT_READY = 0, 3, 15, 14
local GO_ON = DNSAction.None

-- What students' devices ask for: NS CNAME SOA PTR MX TXT SRV DS RRSIG DNSKEY besides addresses. Tunnels like the rest.
local ordinary = {}
for _, kind in ipairs({A, 2, 5, 6, 12, 15, 16, AAAA, 33, 43, 46, 48}) do ordinary[kind] = true end

-- Whether the packet is one question of the internet's class and at most one OPT after it, up to its last byte.
local function is_plain_query(packet, size, name_size)
  if size < 12 or band(packet[2], 0x78) ~= 0 or packet[4] ~= 0 or packet[5] ~= 1 then return false end
  if packet[6] + packet[7] + packet[8] + packet[9] + packet[10] ~= 0 or packet[11] > 1 then return false end
  local at = 12 + name_size + 4
  if at > size or packet[at - 2] ~= 0 or packet[at - 1] ~= 1 then return false end
  if packet[11] == 0 then return at == size end
  if at + 11 > size or packet[at] ~= 0 or packet[at + 1] * 256 + packet[at + 2] ~= OPT then return false end
  return at + 11 + packet[at + 9] * 256 + packet[at + 10] == size
end

local function is_closed_for(device, facts)
  local flags, high, low = facts.flags, facts.high, facts.low
  if band(flags, UNREADABLE + CLOSED) ~= 0 then return true end
  if high == 0 and low == 0 then return false end
  if band(high, device.high) ~= 0 or band(low, device.low) ~= 0 then return true end
  if band(high, device.ruled_high) == 0 and band(low, device.ruled_low) == 0 then return false end
  return band(flags, OPENED) == 0 and band(high, device.open_high) == 0 and band(low, device.open_low) == 0
end

local function explain(dq, code, said)
  if given.has_extended_errors then C.dnsdist_ffi_dnsquestion_set_extended_dns_error(dq, code, said, #said) end
end

-- The question under judgement, for all functions below: dnsdist asks one at a time.
local wire, name_size, name_hash, kind = nil, 0, 0, 0

local function refuse(dq, device, reason, action)
  note(device, reason, kind, name_hash, wire, name_size)
  if action ~= DNSAction.Drop then explain(dq, BLOCKED, "http://why/") end
  return action
end

local function nothing(dq)
  C.dnsdist_ffi_dnsquestion_set_rcode(dq, NOERROR)
  return DNSAction.HeaderModify
end

local function spoof(dq, addresses)
  if addresses == "" then return nothing(dq) end
  C.dnsdist_ffi_dnsquestion_set_result(dq, addresses, #addresses)
  return DNSAction.Spoof
end

-- A name that is closed leads to the page that says why, where there is one: over IPv4 alone, and for a few seconds.
local function close(dq, device, reason)
  if given.refusal == "" then return refuse(dq, device, reason, DNSAction.Nxdomain) end
  refuse(dq, device, reason, DNSAction.Spoof)
  return spoof(dq, kind == A and given.refusal or "")
end

-- Where a search engine answers safely. Behind us the safe resolver follows its alias; without one the address is known
-- or the engine is closed.
local function safely(dq, device, its_address)
  if kind ~= A and kind ~= AAAA then return nothing(dq) end
  if given.has_safe_pool then
    C.dnsdist_ffi_dnsquestion_set_result(dq, "safe", 4)
    return DNSAction.Pool
  end
  if its_address == "" then return close(dq, device, "unsafe") end
  return spoof(dq, kind == A and its_address or "")
end

-- Names that are answered here, whoever asks; nil for all others.
local function answer_own(dq, device, entry)
  if entry.kind == "own" then return spoof(dq, kind == A and given.box4 or kind == AAAA and given.box6 or "") end
  if entry.kind == "canary" then return refuse(dq, device, "canary", DNSAction.Nxdomain) end
  if entry.kind == "empty" then return nothing(dq) end
  if entry.kind == "local" then return DNSAction.Nxdomain end
  return nil
end

local function judge_student(dq, device, entry)
  if kind == SVCB or kind == HTTPS then return nothing(dq) end -- they carry keys that hide which host is asked for
  if not ordinary[kind] then return refuse(dq, device, "type", DNSAction.Refused) end
  if entry ~= nil and entry.kind == "unsafe" then return close(dq, device, "unsafe") end
  if not is_paid(device, name_hash, wire, name_size) then return refuse(dq, device, "tunnel", DNSAction.Refused) end
  return GO_ON
end

local function judge(dq, device, facts)
  local entry = special[facts.special]
  if entry ~= nil then
    local action = answer_own(dq, device, entry)
    if action ~= nil then return action end
  end
  if not device.is_own then
    if not device.is_known or catalogue.size == 0 then
      explain(dq, NOT_READY, "http://why/")
      return DNSAction.ServFail
    end
    if is_closed_for(device, facts) then return close(dq, device, "closed") end
  end
  if device.is_safe and entry ~= nil and entry.kind == "safe" then return safely(dq, device, entry.value) end
  if device.is_student then return judge_student(dq, device, entry) end
  return GO_ON
end

local function hash_of_question(dq)
  return tonumber(C.dnsdist_ffi_dnsquestion_get_qname_hash(dq, secret) % 4294967296ULL)
end

local function asker_of(dq)
  C.dnsdist_ffi_dnsquestion_get_remoteaddr(dq, address, address_size)
  return device_of(ffi.cast("const uint8_t*", address[0]), tonumber(address_size[0]))
end

local function read_question(dq)
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, raw, raw_size)
  wire, name_size = ffi.cast("const uint8_t*", raw[0]), tonumber(raw_size[0])
  name_hash, kind = hash_of_question(dq), C.dnsdist_ffi_dnsquestion_get_qtype(dq)
end

-- LuaJIT compiles no function that hands dnsdist's bare pointer on, so it is put into a box first and taken out within.
local box = ffi.new("dnsdist_ffi_dnsquestion_t*[1]")

local function gate()
  local dq = box[0]
  look_at_clock()
  local device = asker_of(dq)
  read_question(dq)
  if not device.is_own and not may_ask(device) then
    local is_stream = C.dnsdist_ffi_dnsquestion_get_tcp(dq)
    return refuse(dq, device, "flood", is_stream and DNSAction.Refused or DNSAction.Drop)
  end
  local packet = ffi.cast("const uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dq))
  if not is_plain_query(packet, C.dnsdist_ffi_dnsquestion_get_len(dq), name_size) then
    return refuse(dq, device, "form", DNSAction.Refused)
  end
  if kind >= 249 and kind <= ANY then return refuse(dq, device, "type", DNSAction.Refused) end -- TKEY to ANY
  local facts = facts_of(name_hash, wire, name_size)
  if band(facts.flags, ODD) ~= 0 then return refuse(dq, device, "name", DNSAction.Refused) end
  return judge(dq, device, facts)
end
addAction(AllRule(), LuaFFIAction(function(dq)
  box[0] = dq
  return gate()
end))

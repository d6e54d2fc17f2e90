
-- The order in which a question is judged. One function, `gate`, for all of it: every crossing between dnsdist and Lua
-- costs more than all that is decided here. What is asked again goes by `quick_gate` and comes to the same.
local raw, raw_size = ffi.new("const char*[1]"), ffi.new("size_t[1]")
local address, address_size = ffi.new("const void*[1]"), ffi.new("size_t[1]")
local octets_at, octets_size = cast("const uint8_t**", raw), cast("const int32_t*", raw_size)
local words_at, words_size = cast("const uint32_t**", address), cast("const int32_t*", address_size)
local A, AAAA, OPT, SVCB, HTTPS, ANY = 1, 28, 41, 64, 65, 255
local NOERROR, NXDOMAIN, BLOCKED, NOT_READY = 0, 3, 15, 14
local GO_ON = DNSAction.Allow

-- What students' devices ask for: NS CNAME SOA PTR MX TXT SRV DS RRSIG DNSKEY besides addresses. Tunnels like the rest.
local ordinary = {}
for _, kind in ipairs({A, 2, 5, 6, 12, 15, 16, AAAA, 33, 43, 46, 48}) do ordinary[kind] = true end

-- Whether the packet is one question of the internet's class and at most one OPT after it, up to its last byte.
local function is_plain_query(dq, name_size)
  local packet = cast("const uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dq))
  local size, words, at = C.dnsdist_ffi_dnsquestion_get_len(dq), cast("const uint16_t*", packet), 12 + name_size + 4
  if size < 12 or band(packet[2], 0x78) ~= 0 or words[2] ~= 256 or words[3] ~= 0 or words[4] ~= 0 then return false end
  if packet[10] ~= 0 or packet[11] > 1 then return false end
  if at > size or packet[at - 2] ~= 0 or packet[at - 1] ~= 1 then return false end
  if packet[11] == 0 then return at == size end
  if at + 11 > size or packet[at] ~= 0 or packet[at + 1] * 256 + packet[at + 2] ~= OPT then return false end
  return at + 11 + packet[at + 9] * 256 + packet[at + 10] == size
end

local function is_closed_for(device, facts)
  local flags, high, low = facts.flags, facts.high, facts.low
  if band(flags, UNREADABLE + CLOSED) ~= 0 then return true end
  if (band(facts.denied_high, device.group_high) ~= 0 or band(facts.denied_low, device.group_low) ~= 0)
    and band(flags, PERMITTED) == 0 then return true end
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
local function closing(dq, asked)
  explain(dq, BLOCKED, "http://why/")
  if given.refusal == "" then return DNSAction.Nxdomain end
  return spoof(dq, asked == A and given.refusal or "")
end

local function close(dq, device, reason)
  note(device, reason, kind, name_hash, wire, name_size)
  return closing(dq, kind)
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
  if entry.kind == "empty" then
    note(device, "canary", kind, name_hash, wire, name_size)
    return nothing(dq)
  end
  if entry.kind == "local" then return DNSAction.Nxdomain end
  return nil
end

local function judge_student(dq, device, entry, facts)
  if kind == SVCB or kind == HTTPS then return nothing(dq) end -- they carry keys that hide which host is asked for
  if not ordinary[kind] then return refuse(dq, device, "type", DNSAction.Refused) end
  if entry ~= nil and entry.kind == "unsafe" then return close(dq, device, "unsafe") end
  if not is_paid(device, name_hash, wire, name_size) then return refuse(dq, device, "tunnel", DNSAction.Refused) end
  facts.flags = bor(facts.flags, PAID)
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
  if device.is_student then return judge_student(dq, device, entry, facts) end
  return GO_ON
end

local function asker_at(dq)
  C.dnsdist_ffi_dnsquestion_get_remoteaddr(dq, address, address_size)
  return words_at[0], words_size[0]
end

local function hash_of_question(dq)
  return tonumber(cast("int32_t", C.dnsdist_ffi_dnsquestion_get_qname_hash(dq, secret)))
end

local function read_question(dq)
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, raw, raw_size)
  wire, name_size = octets_at[0], octets_size[0]
  name_hash, kind = hash_of_question(dq), C.dnsdist_ffi_dnsquestion_get_qtype(dq)
end

-- LuaJIT compiles no function that hands dnsdist's bare pointer on, so it is put into a box first and taken out within.
-- dnsdist keeps its questions in one place for each thread: mostly the pointer in the box is the same already.
local box, in_box = ffi.new("dnsdist_ffi_dnsquestion_t*[1]"), nil

local function gate()
  local dq = box[0]
  look_at_clock()
  local device = device_of(asker_at(dq))
  read_question(dq)
  if not device.is_own and not may_ask(device) then
    local is_stream = C.dnsdist_ffi_dnsquestion_get_tcp(dq)
    return refuse(dq, device, "flood", is_stream and DNSAction.Refused or DNSAction.Drop)
  end
  if not is_plain_query(dq, name_size) then return refuse(dq, device, "form", DNSAction.Refused) end
  if kind >= 249 and kind <= ANY then return refuse(dq, device, "type", DNSAction.Refused) end -- TKEY to ANY
  local facts = facts_of(name_hash, wire, name_size)
  if band(facts.flags, ODD) ~= 0 then return refuse(dq, device, "name", DNSAction.Refused) end
  return judge(dq, device, facts)
end

-- What `gate` says too, of a name and a device that are known and of which nothing is to be written or paid; nil of all
-- else, with nothing changed. No loop and no text is made here, so that LuaJIT compiles it as one piece.
local function quick_verdict(dq, device, hash, asked)
  local facts = kept_facts(hash, octets_at[0], octets_size[0])
  if facts == nil or facts.special ~= 0 or band(facts.flags, ODD) ~= 0 then return nil end
  if device.is_own then return GO_ON end
  if not device.is_known or catalogue.size == 0 then return nil end
  if is_closed_for(device, facts) then
    if not is_told(device, "closed", hash) then return nil end
    return closing(dq, asked)
  end
  if not device.is_student then return GO_ON end
  if asked == SVCB or asked == HTTPS then return nothing(dq) end
  if not ordinary[asked] or band(facts.flags, PAID) == 0 or now < device.owes_till then return nil end
  return GO_ON
end

local function quick_gate()
  local dq = box[0]
  look_at_clock()
  local device = known_device(asker_at(dq))
  if device == nil then return nil end
  local tokens, asked = tokens_of(device), C.dnsdist_ffi_dnsquestion_get_qtype(dq)
  if tokens < 1 or (asked >= 249 and asked <= ANY) then return nil end
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, raw, raw_size)
  if not is_plain_query(dq, octets_size[0]) then return nil end
  local action = quick_verdict(dq, device, hash_of_question(dq), asked)
  if action ~= nil and not device.is_own then device.tokens, device.seen = tokens - 1, now end
  return action
end

-- Two rules, for LuaJIT gives up on a function that led into loops whenever it tried. What the first says ends the rules.
addAction(AllRule(), LuaFFIAction(function(dq)
  if dq ~= in_box then box[0], in_box = dq, dq end
  return quick_gate() or DNSAction.None
end))
addAction(AllRule(), LuaFFIAction(function(dq)
  if dq ~= in_box then box[0], in_box = dq, dq end
  return gate()
end))

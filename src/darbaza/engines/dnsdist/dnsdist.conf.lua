-- Written by Darbaza from the rulebook in force; changes by hand are lost.
-- No console, no web server, no outgoing question of its own: nothing here listens but DNS.
setSecurityPollSuffix("")
${listen}
setACL(${clients})

-- One connection may not keep the resolver busy (CVE-2025-30193 is open in Debian 12's 1.7.3).
setMaxTCPQueriesPerConnection(${tcp_queries})
setMaxTCPConnectionsPerClient(20)
setMaxTCPConnectionDuration(60)
setTCPRecvTimeout(5)
setTCPSendTimeout(5)

${upstreams}
setServFailWhenNoServer(true)

local cache = newPacketCache(${cached_answers}, {maxTTL=300, maxNegativeTTL=60})
getPool(""):setCache(cache)

local ffi, bit = require("ffi"), require("bit")
local C, band = ffi.C, bit.band

local staff = newNMG()
${staff}
local not_staff = NotRule(NetmaskGroupRule(staff))

-- Questions that nobody needs, before all else.
addAction(MaxQPSIPRule(${queries_per_second}), RCodeAction(DNSRCode.REFUSED))
addAction(NotRule(OpcodeRule(DNSOpcode.Query)), RCodeAction(DNSRCode.REFUSED))
addAction(NotRule(QClassRule(1)), RCodeAction(DNSRCode.REFUSED))
addAction(NotRule(RecordsCountRule(DNSSection.Question, 1, 1)), RCodeAction(DNSRCode.REFUSED))
addAction(TrailingDataRule(), RCodeAction(DNSRCode.REFUSED))
addAction(OrRule({QTypeRule(255), QTypeRule(252), QTypeRule(251)}), RCodeAction(DNSRCode.REFUSED)) -- ANY, AXFR, IXFR

-- A label with a dot or any other byte that no host name has would be printed as another name.
local raw_name, raw_size = ffi.new("const char*[1]"), ffi.new("size_t[1]")
local function odd_name(dq)
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, raw_name, raw_size)
  local name, size, at = ffi.cast("const uint8_t*", raw_name[0]), tonumber(raw_size[0]), 0
  while at < size do
    local stop = at + name[at]
    at = at + 1
    while at <= stop do
      local c = name[at]
      if not ((c >= 97 and c <= 122) or (c >= 48 and c <= 57) or c == 45 or c == 95 or (c >= 65 and c <= 90)) then
        return true
      end
      at = at + 1
    end
  end
  return false
end
addAction(LuaFFIRule(odd_name), RCodeAction(DNSRCode.REFUSED))

-- The box itself: refusals are explained at why, people sign in at darbaza.
local own = makeRule(${own_names})
addAction(AndRule({own, QTypeRule(DNSQType.A)}), SpoofAction({${box}}))
addAction(own, RCodeAction(DNSRCode.NOERROR))

-- Browsers ask here whether the network filters; they are told so.
addAction(makeRule(${canaries}), RCodeAction(DNSRCode.NXDOMAIN))
addAction(makeRule({"_dns.resolver.arpa."}), RCodeAction(DNSRCode.NOERROR))

-- HTTPS and SVCB records carry keys that hide which host is asked for.
addAction(AndRule({not_staff, OrRule({QTypeRule(64), QTypeRule(65)})}), RCodeAction(DNSRCode.NOERROR))

-- Categories that law closes. The value is the categories' bits in decimal, then a colon; one that cannot be read closes.
local catalogue = newCDBKVStore(${catalogue}, 1)
addAction(AllRule(), KeyValueStoreLookupAction(catalogue, KeyValueLookupKeySuffix(1, false), "bits"))
local function closes(text, high, low)
  local value, at = 0, 1
  local digit = string.byte(text, at)
  while digit and digit >= 48 and digit <= 57 do
    value, at = value * 10 + digit - 48, at + 1
    digit = string.byte(text, at)
  end
  if at == 1 then return true end
  local top = math.floor(value / 4294967296)
  return band(top, high) ~= 0 or band(value - top * 4294967296, low) ~= 0
end

-- The look-up ends at the narrowest entry; what stands above it counts too. Only listed names come here.
local function parent_closes(dq, high, low)
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, raw_name, raw_size)
  local wire, labels, at = string.lower(ffi.string(raw_name[0], raw_size[0])), {}, 1
  while string.byte(wire, at) ~= 0 do
    local length = string.byte(wire, at)
    labels[#labels + 1] = string.sub(wire, at + 1, at + length)
    at = at + 1 + length
  end
  for first = 2, #labels do
    local text = catalogue:lookup(table.concat(labels, ".", first))
    if text ~= "" and closes(text, high, low) then return true end
  end
  return false
end

local function closed(high, low)
  return function(dq)
    local text = C.dnsdist_ffi_dnsquestion_get_tag(dq, "bits")
    if text == nil or text[0] == 0 then return false end -- dnsdist tags a name that is not listed with nothing
    return closes(ffi.string(text), high, low) or parent_closes(dq, high, low)
  end
end
addAction(AndRule({not_staff, LuaFFIRule(closed(${student_bits}))}), RCodeAction(DNSRCode.NXDOMAIN))
addAction(AndRule({NetmaskGroupRule(staff), LuaFFIRule(closed(${staff_bits}))}), RCodeAction(DNSRCode.NXDOMAIN))

-- Answers that point inside: a page from outside must not reach this network by a name of its own.
local private4 = {
  {0, 16777215}, {167772160, 184549375}, {1681915904, 1686110207}, {2130706432, 2147483647}, -- 0/8 10/8 100.64/10 127/8
  {2851995648, 2852061183}, {2886729728, 2887778303}, {3221225472, 3221225727},              -- 169.254 172.16/12 192.0.0
  {3232235520, 3232301055}, {3323068416, 3323199487}, {3758096384, 4294967295},              -- 192.168 198.18/15 224/3
}
local allowed4 = {
${allowed4}
}
local allowed6 = {
${allowed6}
}

local function within(ranges, address)
  for i = 1, #ranges do
    if address >= ranges[i][1] and address <= ranges[i][2] then return true end
  end
  return false
end

local function is_private4(packet, at)
  local address = packet[at] * 16777216 + packet[at + 1] * 65536 + packet[at + 2] * 256 + packet[at + 3]
  return within(private4, address) and not within(allowed4, address)
end

local function starts_with(packet, at, length, octets)
  for i = 0, 15 do
    local left = length - i * 8
    if left <= 0 then return true end
    local shift = left >= 8 and 0 or 8 - left
    if bit.rshift(packet[at + i], shift) ~= bit.rshift(octets[i + 1], shift) then return false end
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
  for i = 1, #allowed6 do
    if starts_with(packet, at, allowed6[i][1], allowed6[i][2]) then return false end
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
    local length = packet[at]
    if length == 0 then return at + 1 end
    if length >= 0xc0 then return at + 2 end
    at = at + 1 + length
  end
  return size
end

local function word(packet, at) return packet[at] * 256 + packet[at + 1] end

-- Keeps the question only where an answer, in any section, points inside or cannot be read to its end.
local function strip_private(dr)
  local packet = ffi.cast("uint8_t*", C.dnsdist_ffi_dnsquestion_get_header(dr))
  local size = C.dnsdist_ffi_dnsquestion_get_len(dr)
  if size < 12 or word(packet, 4) ~= 1 then return DNSResponseAction.None end
  local question = past_name(packet, 12, size) + 4
  local at, left, bad = question, word(packet, 6) + word(packet, 8) + word(packet, 10), false
  while left > 0 and not bad do
    at = past_name(packet, at, size)
    if at + 10 > size then bad = true break end
    local kind, length = word(packet, at), word(packet, at + 8)
    at = at + 10
    if at + length > size then bad = true break end
    if kind == 1 then bad = length ~= 4 or is_private4(packet, at) end
    if kind == 28 then bad = length ~= 16 or is_private6(packet, at) end
    at, left = at + length, left - 1
  end
  if not bad or question > size then return DNSResponseAction.None end
  for i = 6, 11 do packet[i] = 0 end
  C.dnsdist_ffi_dnsquestion_set_len(dr, question)
  return DNSResponseAction.HeaderModify
end
addResponseAction(AllRule(), LuaFFIResponseAction(strip_private))

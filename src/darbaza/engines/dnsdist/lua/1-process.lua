-- Made by `darbaza` from box.toml; changes are lost. Edit box.toml, then run `darbaza apply`.
-- No console, no web server, no outgoing question of its own: nothing here listens but DNS.
setSecurityPollSuffix("")
${listen}
setACL(${clients})

-- One connection, or one client with many, may not keep the resolver busy (CVE-2025-30193 is open in Debian 12's 1.7.3).
setMaxTCPQueriesPerConnection(${tcp_queries})
setMaxTCPConnectionsPerClient(${tcp_connections})
setMaxTCPConnectionDuration(60)
setTCPRecvTimeout(5)
setTCPSendTimeout(5)
${newer}
${upstreams}
setServFailWhenNoServer(true)
getPool(""):setCache(newPacketCache(${cached_answers}, {maxTTL=300, maxNegativeTTL=60}))
${safe_pool}
local given = {
  catalogue = ${catalogue}, policy = ${policy}, suffixes = ${suffixes}, refused = ${refused},
  box4 = ${box4}, box6 = ${box6}, refusal = ${refusal},
  own_names = ${own_names},
  own_clients = ${own_clients},
  canaries = ${canaries},
  empty_names = ${empty_names},
  local_names = ${local_names},
  has_safe_pool = ${has_safe_pool}, has_extended_errors = ${has_extended_errors},
  queries_per_second = ${queries_per_second}, domain_budget = ${domain_budget},
  safe = {
${safe}
  },
  unsafe = ${unsafe},
  allowed4 = {
${allowed4}
  },
  allowed6 = {
${allowed6}
  },
}

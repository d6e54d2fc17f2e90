"""squid.conf from settings: text in, text out.

Five thoughts run through it. **Allow is written, refusal is what remains:** every `allow` needs the helper's OK and
each list ends in `deny all`, so a helper that is broken, slow or gone opens nothing. **The helper is asked first, and
alone decides;** the other tests on the same line are a second lock, and what only Squid can see (where a name leads)
is reported to the helper, so that every refusal is logged with its clause. **A tunnel is judged once, when its name is
known:** CONNECT is taken, nothing is sent anywhere, and at the TLS hello the helper sees all names at once. Its OK is
noted at the client's connection, and when Squid comes to `http_access` with the tunnel, that note is asked for: a Squid
that splices where a helper says BH or dies, as 5.7 does, opens nothing by it. **What was not meant for the proxy is
held to where it was going:** a connection that the packet filter turned aside goes to the address it was meant for or
nowhere, and that must be an address of the host it names (`host_verify_strict`). **Whatever is sent on bears a mark**
(`clear`), set by the last test of an `allow` and asked for by `miss_access` when a connection is about to be opened, so
that a way round `http_access`, in this Squid or another, leads nowhere.

A refused tunnel is closed. Only devices that trust the school's certificate are shown the page, and for that Squid
takes the site's part without asking the site: there is no peer for such a tunnel, and straight it may not go.

Directives that switch features off follow the research on Squid 5.7 (see SECURITY.md).
"""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import TypeVar

from darbaza.engines.base import Rendered
from darbaza.engines.squid.pages import BROKEN, ICON, REFUSED, TUNNEL, pages
from darbaza.engines.squid.probes import PROBES, patterns
from darbaza.engines.squid.settings import METHODS, PORTAL_HOST, WHY_HOST, SquidSettings, network
from darbaza.policy.attempts import Manner

REQUEST, INTERCEPTED, CAPTIVE, PRIVATE, METHOD = "-", "intercepted", "captive", "private", "method"
INSPECTED, ELSEWHERE = "inspected", "elsewhere"
"""What the helper is asked, by a word near the end of its line: a request, or a tunnel at its hello; a tunnel that the
packet filter turned aside; a request or a tunnel of a device that has not been let in; and two reports of what Squid
refuses by itself: where a name leads, and CONNECT where there is no proxy."""

SHOWN = Manner.SHOWN.value
"""And a report that Squid's page was shown: over TLS for the request that a person made, else for that page's icon."""

VISIT, PAGE = Manner.VISIT.value, Manner.PAGE.value
"""What the helper is told of a request for a page: whether it was a tab or a frame that asked for one that no page led
to, only `SHOWN` tells, since browsers fetch icons for tabs alone. For the icon itself the word is `SHOWN`."""

UNREAD_LOG = "unread.log"
"""Where Squid writes what it refused before the helper could be asked; the helper reads it into the verdict log."""

N = TypeVar("N", IPv4Network, IPv6Network)

_PRIVATE_V4 = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/3",
)  # fmt: skip
_PRIVATE_V6 = (
    "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
"""Addresses that are nobody's site on the internet (IANA special-purpose registries), tunnelled IPv4 among them."""


def render(settings: SquidSettings) -> Rendered:
    """The whole configuration: squid.conf and every page that Squid can show."""
    sections = (
        *(_process, _listening, _helper, _tests, _access, _answers, _tunnels),
        *(_downloads, _local_hosts, _headers, _names, _limits),
    )
    text = "\n".join(line for section in sections for line in (*section(settings), ""))
    files = {f"errors/{name}": page for name, page in pages().items()}
    files["errors/error-details.txt"] = ""
    return Rendered("squid.conf", {"squid.conf": text, **files})


def _process(settings: SquidSettings) -> Iterable[str]:
    folder = settings.folder
    yield "# Made by `darbaza`; changes are lost. Edit box.toml, then run `darbaza apply`."
    yield f"pid_filename {settings.pid_file}"
    yield f"cache_effective_user {settings.user}"
    yield f"cache_log {folder}/cache.log"
    yield f"error_directory {folder}/conf/current/errors"
    yield "coredump_dir none"
    yield "shutdown_lifetime 1 second"
    yield "visible_hostname gateway.invalid"
    yield "httpd_suppress_version_string on"
    yield "email_err_data off"
    yield "cache deny all"
    yield "cache_mem 8 MB"
    yield "memory_cache_mode always"
    yield "icp_port 0"
    yield "htcp_port 0"
    yield "snmp_port 0"
    yield "pinger_enable off"
    yield "digest_generation off"
    yield "netdb_filename none"
    yield "ecap_enable off"
    yield "eui_lookup off"
    yield "logfile_rotate 0"


def _listening(settings: SquidSettings) -> Iterable[str]:
    bump = f"ssl-bump tls-cert={settings.certificate} generate-host-certificates=on dynamic_cert_mem_cache_size=1MB"
    for endpoint in settings.listen:
        yield f"http_port {endpoint} {bump}"
    for endpoint in settings.intercept_http:
        yield f"http_port {endpoint} intercept name=web"
    for endpoint in settings.intercept_tls:
        yield f"https_port {endpoint} intercept {bump} name=tls"
    for endpoint in settings.captive_http:
        yield f"http_port {endpoint} accel vhost name=captive-web"
    for endpoint in settings.own_http:
        yield f"http_port {endpoint} accel vhost name=own-web"
    for endpoint in settings.captive_tls:
        yield f"https_port {endpoint} intercept {bump} name=captive-tls"
    yield f"sslcrtd_program {settings.certgen} -s {settings.folder}/certificates -M 4MB"
    yield "sslcrtd_children 2 startup=1 idle=1"
    yield "host_verify_strict on"
    yield "client_dst_passthru on"
    yield "on_unsupported_protocol respond all"
    authorities = f" cafile={settings.site_authorities}" if settings.site_authorities else ""
    yield f"tls_outgoing_options min-version=1.2{authorities}"
    yield "sslproxy_cert_error deny all"
    yield "pipeline_prefetch 0"
    yield "relaxed_header_parser off"
    # With `deny` Squid 5.7 can't read its own requests to an ICAP service; blanks meet the strict parser either way.
    yield f"uri_whitespace {'strip' if settings.downloads else 'deny'}"
    yield "check_hostnames on"
    yield "allow_underscore on"
    yield "global_internal_static off"
    yield "cachemgr_passwd disable all"


def _helper(settings: SquidSettings) -> Iterable[str]:
    """No cache: a verdict that is kept is a verdict that outlives the lesson. No child at start: Squid gives up
    when a start-up child dies often, while it simply starts one that it found missing. `env`, because Squid calls a
    program by its bare name, from which Python cannot tell where its packages are."""
    choices = " --refuse-hidden-names" if settings.refuses_hidden_names else ""
    choices += " --unsafe-search" if settings.unsafe_search else f" --video {settings.restricted_video}"
    yield (
        "external_acl_type verdict cache=0 ttl=0 negative_ttl=0 concurrency=2000 queue-size=20000"
        " children-startup=0 children-max=1 children-idle=1"
        " %>a %>rd %>rp %ssl::>sni %>rm %>rs %>rP %note{manner} %DATA %>handshake"
        f" /usr/bin/env {settings.python} -m darbaza.engines.squid.helper --run {settings.run}"
        f" --http-ports {_listed(settings.http_ports)} --tls-ports {_listed(settings.tls_ports)}{choices}"
    )
    hosts = f" --hosts-file {settings.hosts_file}" if settings.hosts_file else ""
    yield (
        "external_acl_type leads cache=0 ttl=0 negative_ttl=0 concurrency=100 queue-size=1000"
        " children-startup=0 children-max=1 children-idle=1 %>rd %ssl::>sni"
        f" /usr/bin/env {settings.python} -m darbaza.engines.squid.destination"
        f" --servers={','.join(settings.dns_servers)}{hosts}"
    )
    yield "acl leads_there external leads"
    yield "acl verdict external verdict"
    yield f"acl verdict_intercepted external verdict {INTERCEPTED}"
    yield f"acl verdict_captive external verdict {CAPTIVE}"
    yield f"acl verdict_inspected external verdict {INSPECTED}"
    yield f"acl report_elsewhere external verdict {ELSEWHERE}"
    yield f"acl report_private external verdict {PRIVATE}"
    yield f"acl report_method external verdict {METHOD}"
    yield f"acl report_shown external verdict {SHOWN}"
    yield "acl passed tag allow"
    yield "acl judged tag allow deny page broken inspect"
    yield "acl for_page tag page"
    yield "acl for_inspection tag inspect"
    yield "acl noted note clt_conn_tag"
    yield "acl let note clt_conn_tag allow"
    yield "acl inspected note clt_conn_tag inspect"
    yield "acl clear annotate_transaction darbaza=clear"
    yield "acl cleared note darbaza clear"


def _tests(settings: SquidSettings) -> Iterable[str]:
    """What a request is tested for by Squid itself, beside the helper's word."""
    yield f"acl known src {' '.join(settings.networks)}"
    yield f"acl private dst {' '.join(map(str, private_networks(settings.allowed_private)))}"
    yield r"acl literal dstdom_regex -n ^[0-9.]+$ ^\[ :"
    yield f"acl web_method method {' '.join(METHODS)}"
    yield "acl web_scheme proto HTTP"
    yield "acl tls_scheme proto HTTPS"
    yield f"acl web_port port {' '.join(map(str, settings.http_ports))}"
    yield f"acl local_host dstdomain -n {PORTAL_HOST} {WHY_HOST}"
    # The names first: a look-up in place of two dozen patterns at every request.
    yield f"acl probe_host dstdomain -n {' '.join(sorted(PROBES))}"
    yield f"acl probe_address url_regex {' '.join(patterns())}"
    yield "acl probe all-of probe_host probe_address"
    yield "acl own_web myportname own-web"
    yield "acl answered_here any-of local_host probe own_web"
    yield "acl local_port port 80"
    yield "acl local_method method GET HEAD POST"
    yield f"acl tls_port port {' '.join(map(str, settings.tls_ports))}"
    yield "acl at_connect at_step SslBump1"
    yield "acl at_hello at_step SslBump2"
    yield "acl no_proxy myportname web captive-web own-web"
    yield "acl turned_aside myportname tls"
    yield "acl captive myportname captive-web captive-tls"
    yield "acl closed src all"
    yield "acl shown src all"


def _access(_settings: SquidSettings) -> Iterable[str]:
    """Who may ask for what, in the order in which it is asked."""
    yield "follow_x_forwarded_for deny all"
    yield from _manners()
    yield "http_access deny !known"
    yield "http_access deny CONNECT no_proxy report_method"
    yield "http_access allow answered_here local_port local_method web_scheme clear"
    yield "http_access deny own_web closed"
    yield "http_access deny !CONNECT captive verdict_captive"
    yield "http_access allow CONNECT at_connect"
    yield "http_access allow CONNECT let tls_port !literal !private !captive clear"
    yield "http_access deny CONNECT let private report_private closed"
    yield "http_access deny CONNECT closed"
    yield (
        "http_access allow !CONNECT inspected verdict_inspected tls_scheme web_method tls_port"
        " !manager !literal !private !captive clear"
    )
    yield "http_access deny inspected private report_private"
    yield "http_access deny inspected"
    yield "http_access deny gets icon web_scheme report_shown"
    yield "http_access allow !CONNECT verdict web_scheme web_method web_port !manager !literal !private !captive clear"
    yield "http_access deny passed private report_private"
    yield "http_access deny all"


def _answers(settings: SquidSettings) -> Iterable[str]:
    """What whoever is refused is told, and the second lock: what bears no mark is neither sent on nor shown."""
    yield f"deny_info 403:{REFUSED} all"
    yield f"deny_info 403:{REFUSED} inspected"
    yield f"deny_info 403:{REFUSED} report_private"
    yield f"deny_info 403:{REFUSED} report_method"
    yield f"deny_info 403:{REFUSED} report_shown"
    yield f"deny_info 403:{BROKEN} verdict"
    yield f"deny_info 302:{settings.captive_page} verdict_captive"
    yield "deny_info TCP_RESET closed"
    yield "miss_access allow cleared"
    yield "miss_access allow for_page"
    yield "miss_access allow for_inspection"
    yield "miss_access deny all"
    yield f"http_reply_access deny noted !let !inspected by_hand is_{VISIT} report_shown shown"
    yield "http_reply_access deny noted !let !inspected shown"
    yield "http_reply_access allow all"
    yield f"deny_info 403:{TUNNEL} shown"
    yield "icp_access deny all"
    yield "htcp_access deny all"
    yield "snmp_access deny all"


def _manners() -> Iterable[str]:
    """How the browser says that a page came to be asked for, as a note for the helper. These lines deny nothing, since
    nothing is outside `all`; and only the word leaves Squid, the headers stay here.

    To an encrypted site browsers say outright whether a person opened a page by its address (W3C Fetch Metadata). To
    any other they say that they want a document and which page led there, if one did (W3C Upgrade Insecure Requests;
    RFC 9110, 10.1.3). What is fetched ahead of its use says so, too.
    """
    yield "acl says_document req_header Sec-Fetch-Dest ^document$"
    yield r"acl says_hand req_header Sec-Fetch-User ^\?1$"
    yield "acl says_from_nowhere req_header Sec-Fetch-Site ^none$"
    yield "acl says_dest req_header Sec-Fetch-Dest ."
    yield "acl says_upgrade req_header Upgrade-Insecure-Requests ^1$"
    yield "acl says_from req_header Referer ."
    yield "acl says_ahead req_header Sec-Purpose ."
    yield "acl said_ahead req_header Purpose ."
    yield "acl gets method GET"
    yield "acl by_hand all-of gets says_document says_hand says_from_nowhere !says_ahead"
    yield "acl by_address all-of gets says_upgrade !says_dest !says_from !says_ahead !said_ahead"
    yield f"acl icon urlpath_regex ^{ICON.replace('.', chr(92) + '.')}"
    for word in (VISIT, PAGE, SHOWN):
        yield f"acl is_{word} annotate_transaction manner={word}"
    yield f"http_access deny by_hand is_{VISIT} !all"
    yield f"http_access deny by_address is_{PAGE} !all"
    yield f"http_access deny gets icon is_{SHOWN} !all"


def _tunnels(_settings: SquidSettings) -> Iterable[str]:
    """What the helper allows is spliced. A refusal that can be shown is served under the school's certificate, with no
    way to the site (see `_local_hosts`); any other closes. What a council's decision has looked into is bumped once the
    second helper has found that it leads where it says; nothing else that is allowed is decrypted."""
    yield "ssl_bump peek at_connect"
    yield "ssl_bump splice at_hello turned_aside verdict_intercepted !for_inspection"
    yield "ssl_bump splice at_hello captive verdict_captive"
    yield "ssl_bump splice at_hello !turned_aside !captive verdict !for_inspection"
    yield "ssl_bump bump at_hello for_inspection !private leads_there"
    yield "ssl_bump terminate at_hello for_inspection report_elsewhere"
    yield "ssl_bump bump at_hello for_page"
    yield "ssl_bump terminate all"


def _downloads(settings: SquidSettings) -> Iterable[str]:
    """What sites send is looked into, if anywhere; without the service nothing comes through. No part of a whole is
    asked for, and no coding that the service can't read."""
    if not settings.downloads:
        yield "icap_enable off"
        return
    yield "icap_enable on"
    yield "icap_send_client_ip on"
    yield "icap_preview_enable on"
    yield "icap_persistent_connections on"
    yield "icap_service_failure_limit -1"
    yield f"icap_service downloads respmod_precache icap://{settings.downloads}/downloads bypass=off"
    yield "adaptation_access downloads deny local_host"
    yield "adaptation_access downloads allow all"
    for header in ("Range", "If-Range", "Accept-Encoding"):
        yield f"request_header_access {header} deny all"
    yield "request_header_replace Accept-Encoding gzip"


def _local_hosts(settings: SquidSettings) -> Iterable[str]:
    for name, endpoint in ((PORTAL_HOST, settings.portal), (WHY_HOST, settings.why)):
        address, _, port = endpoint.rpartition(":")
        address = address.strip("[]")
        yield f"cache_peer {address} parent {port} 0 no-query no-digest no-netdb-exchange originserver name={name}"
        yield f"acl to_{name} dstdomain -n {name}"
        yield f"cache_peer_access {name} allow to_{name} local_port web_scheme"
        if name == WHY_HOST:
            yield f"cache_peer_access {name} allow probe"
            yield f"cache_peer_access {name} allow own_web !to_{PORTAL_HOST}"
        yield f"cache_peer_access {name} deny all"
    yield "never_direct allow answered_here"
    yield "never_direct allow for_page"
    yield "always_direct deny answered_here"
    yield "always_direct deny for_page"
    yield "always_direct allow all"


def _headers(settings: SquidSettings) -> Iterable[str]:
    yield "via off"
    yield "forwarded_for delete"
    yield "http_upgrade_request_protocols websocket allow all"
    yield "http_upgrade_request_protocols OTHER deny all"
    for header in ("X-Darbaza-Device", "X-Darbaza-Peer"):
        yield f"request_header_access {header} deny all"
    yield 'request_header_add X-Darbaza-Device "%>a" answered_here'
    yield f'request_header_add X-Darbaza-Peer "{settings.peer_secret}" answered_here'
    for header in ("Alt-Svc", "X-Cache", "X-Cache-Lookup", "X-Squid-Error"):
        yield f"reply_header_access {header} deny all"


def _names(settings: SquidSettings) -> Iterable[str]:
    yield f"hosts_file {settings.hosts_file or 'none'}"
    if settings.dns_servers:
        yield f"dns_nameservers {' '.join(settings.dns_servers)}"
    yield "ipcache_size 32768"  # buckets follow from it, and every request looks where its name leads
    # By default a lookup that failed counts for a minute: what was asked before the resolver stood, as after a boot,
    # would stay closed that long. It is also the least time an answer counts, and PCs learn a new one by its TTL.
    yield "negative_dns_ttl 1 second"
    # The resolver is on this box: what it has not answered in a second was lost when it was started anew, and whoever
    # asks for the same name waits for that lost question, by default five seconds and then ten.
    yield "dns_retransmit_interval 1 second"
    yield "dns_defnames off"
    yield "dns_multicast_local off"


def _limits(settings: SquidSettings) -> Iterable[str]:
    yield f"client_ip_max_connections {settings.connections_per_client}"
    yield "request_header_max_size 64 KB"
    yield "request_start_timeout 30 seconds"
    yield "request_timeout 60 seconds"
    yield "connect_timeout 15 seconds"
    yield "forward_timeout 30 seconds"
    yield "half_closed_clients off"
    yield "acl answered has response"
    yield "acl unreadable http_status 400-402 404-499 501 505"
    yield "acl not_tls squid_error ERR_PROTOCOL_UNKNOWN"
    yield "acl asked has request"
    yield "logformat unread %>a %>rm %>rd %>rP %err_code %>st %>Hs %>la %>lp"
    for reason in ("!asked", "asked !judged !cleared not_tls", "asked !judged !cleared answered unreadable"):
        yield f"access_log stdio:{settings.folder}/{UNREAD_LOG} unread {reason}"


def private_networks(allowed: Iterable[str]) -> list[IPv4Network | IPv6Network]:
    """The special-purpose networks without the allowed ones. One list, so that a name which leads to an allowed
    address and to a private one besides is refused."""
    v4: list[IPv4Network] = [n for n in map(network, _PRIVATE_V4) if isinstance(n, IPv4Network)]
    v6: list[IPv6Network] = [n for n in map(network, _PRIVATE_V6) if isinstance(n, IPv6Network)]
    for hole in map(network, allowed):
        if isinstance(hole, IPv4Network):
            v4 = [rest for private in v4 for rest in _without(private, hole)]
        else:
            v6 = [rest for private in v6 for rest in _without(private, hole)]
    return [*sorted(collapse_addresses(v4)), *sorted(collapse_addresses(v6))]


def _without(private: N, hole: N) -> list[N]:
    if hole.supernet_of(private):
        return []
    return list(private.address_exclude(hole)) if private.supernet_of(hole) else [private]


def _listed(ports: Iterable[int]) -> str:
    return ",".join(map(str, ports))

"""The lab's box as its `box.toml` says it: a router between three segments and the internet."""

from darbaza.demo.places import BOX_NAME
from darbaza.lab.plan import INTERNET4, INTERNET6, ROOT4, SCHOOL4, SWITCHES

PORTAL_PORT, WHY_PORT, PROXY_PORT, DNS_PORT = 8000, 8010, 3128, 53

_gates = [switch.gate for switch in SWITCHES]


def _listed(texts: list[str]) -> str:
    return "[" + ", ".join(f'"{text}"' for text in texts) + "]"


BOX_TOML = f"""\
# The lab's box. Written by script/lab at every start.
[box]
name = "{BOX_NAME}"
portal = "http://127.0.0.1:{PORTAL_PORT}"
allowed_private = {_listed([INTERNET4, INTERNET6])}

[why]
listen = "127.0.0.1:{WHY_PORT}"

[squid]
name = "darbazalab"
listen = {_listed([f"{address}:{PROXY_PORT}" for address in ("127.0.0.1", *_gates)])}
networks = {_listed(["127.0.0.0/8", SCHOOL4])}
dns_servers = ["127.0.0.1"]

[dnsdist]
listen = {_listed([f"{address}:{DNS_PORT}" for address in ("127.0.0.1", *_gates)])}
upstreams = ["{ROOT4}:53"]
box = "{_gates[0]}"
clients = {_listed(["127.0.0.0/8", SCHOOL4])}
"""

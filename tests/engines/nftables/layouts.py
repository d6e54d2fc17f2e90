"""One layout for each way in which a box can stand in a school's network."""

from darbaza.engines.nftables.layout import GateLayout, Mode, Ports, Segment
from tests.engines.nftables.bed import LAYOUT

ONE = (Segment(interface="eth0", address="10.50.1.2/24", manages=True),)

LAYOUTS = {
    "router": LAYOUT,
    "bridge": GateLayout(
        mode=Mode.BRIDGE,
        segments=(Segment(interface="br0", address="10.50.1.2/24"),),
        wan="up0",
        bridge_ports=("p1", "p2"),
        bridge_mac="00:00:5e:00:53:02",
        gateway="10.50.1.1",
        staff_tcp=(993,),
    ),
    "one-armed": GateLayout(mode=Mode.ONE_ARMED, segments=ONE, ports=Ports(captive_proxy=3133)),
    "dns-only": GateLayout(
        mode=Mode.DNS_ONLY,
        segments=ONE,
        ports=Ports(
            proxy=0, intercept_http=0, intercept_tls=0, captive_http=0, captive_tls=0, portal_http=8000, public=(8443,)
        ),
    ),
}

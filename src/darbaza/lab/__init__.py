"""The school on the wire: PCs, box and internet in network namespaces of this machine, joined by real packets.

`script/lab` builds it, so that anybody can try to get out; `tests/lab` proves that no way of the bypass catalogue
leads out. Between the PCs and the internet stands the product itself: packet filter, Squid, dnsdist, resolver, DHCP,
agent and portal. Nothing leaves the machine, for the namespaces have no other cable. Needs root, since only root may
make namespaces. Nothing here is part of an installation at a school.
"""

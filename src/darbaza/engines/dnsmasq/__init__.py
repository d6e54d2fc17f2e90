"""dnsmasq: which device gets which address. DHCP only (`port=0`); names are dnsdist's business.

`render` makes the configuration from `box.toml` and the list of reservations from the rulebook, `check` has dnsmasq
read both, `apply` hands the reservations over, `verify` asks the running server. DHCP needs rights over the network
that the agent must not have, so `python -m darbaza.engines.dnsmasq.server` runs it: a small process of root's that
renders the configuration itself, from a file that only root can write, and takes from the agent nothing but pairs of
MAC and address.
"""

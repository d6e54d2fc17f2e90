"""A whole invented school on one machine: `script/serve`.

Its students' PCs are loopback addresses, its Internet is a handful of small sites under `.test`, its people are
invented. Everything between them is the product itself: the portal, the agent, Squid and dnsdist. Nothing here is part
of an installation at a school.
"""

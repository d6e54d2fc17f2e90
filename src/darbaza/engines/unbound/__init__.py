"""unbound: the resolver behind dnsdist. It asks the internet itself, or one resolver that the school is given, and
believes only what DNSSEC proves where a zone is signed.

It listens on loopback, for dnsdist and nobody else, and answers search engines by their safe alias when dnsdist asks
from a certain address. `render → check → apply → verify` as for every engine; it runs unprivileged, as whoever
supervises it.
"""

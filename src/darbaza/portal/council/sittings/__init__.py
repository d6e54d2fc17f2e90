"""Proposals to a council, its sittings, votes and minutes (2.6)."""

"""How an acceptance reaches whoever must follow at once, inside the act's own transaction."""

from django.dispatch import Signal

acquaintances_changed = Signal()
"""Sent with `at`, and `narrows` where somebody's acceptance was withdrawn, before the act's transaction ends."""

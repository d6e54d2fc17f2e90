"""How a statement reaches whatever must follow at once, inside the act's own transaction."""

from django.dispatch import Signal

consents_changed = Signal()
"""Sent with `at` and `people`, a frozenset of the ids of those about whom something changed, before the act's
transaction ends. What begins and ends by the clock sends nothing: `known.changed_since` names it."""

"""A revision is made as soon as an act has committed; should that fail, the next look of a box makes it."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.gateways import publish


def connect() -> None:
    """Listen to the audit: every act writes exactly one entry."""
    post_save.connect(after_act, sender=AuditEntry, dispatch_uid="gateways-after-act")


def after_act(sender: object, instance: AuditEntry, **_more: Any) -> None:  # noqa: ARG001
    """Make the revision after the act's own transaction; a failure is logged and never undoes the act."""
    if publish.bears_on_rulebook(instance.act):
        transaction.on_commit(lambda: publish.refresh(instance.at), robust=True)

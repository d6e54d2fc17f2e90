"""Copies that nothing needs any more, of drafts and of what was public: deleted as soon as that is certain."""

import json
from collections.abc import Iterable
from functools import partial

from django.db import transaction

from darbaza.portal.audit.actions import locked_head
from darbaza.portal.publications import files
from darbaza.portal.publications.models import DraftFile, Placement


def forget_unused(gone: Iterable[DraftFile]) -> None:
    """When the transaction holds, delete the bytes of files that were taken out, unless another draft has them too."""
    for sha256 in {one.sha256 for one in gone}:
        in_use = DraftFile.objects.filter(
            sha256=sha256, removed_at__isnull=True, publication__discarded_at__isnull=True
        )
        if not in_use.exists():
            transaction.on_commit(partial(files.forget, files.WORKING, sha256))


def forget_placed(gone: Iterable[Placement]) -> None:
    """When the transaction holds, delete the bytes of what was taken down, unless what stands has them too."""
    every = {one["sha256"] for placement in gone for one in files_in(placement)}
    if every:
        transaction.on_commit(partial(forget_unless_standing, frozenset(every)), robust=True)


def files_in(placement: Placement) -> list[dict[str, str]]:
    """The files that a placement's record names; none of one that is not ours."""
    try:
        found: list[dict[str, str]] = json.loads(placement.record)["content"]["files"]
    except (ValueError, KeyError, TypeError):
        return []
    return found


@transaction.atomic
def forget_unless_standing(every: frozenset[str]) -> None:
    """Delete files that nothing needs which still stands. Whoever publishes waits for the audit's head."""
    locked_head()
    for sha256 in every:
        if not Placement.objects.filter(taken_down_at__isnull=True, record__contains=sha256).exists():
            files.forget(files.PLACED, sha256)

"""Working copies that no draft needs any more: they are deleted as soon as that is certain."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction

from darbaza.portal.publications import files
from darbaza.portal.publications.models import DraftFile


def forget_unused(gone: Iterable[DraftFile]) -> None:
    """When the transaction holds, delete the bytes of files that were taken out, unless another draft has them too."""
    for sha256 in {one.sha256 for one in gone}:
        in_use = DraftFile.objects.filter(
            sha256=sha256, removed_at__isnull=True, publication__discarded_at__isnull=True
        )
        if not in_use.exists():
            transaction.on_commit(partial(files.forget, files.WORKING, sha256))

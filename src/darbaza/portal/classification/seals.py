"""What is sealed of the officer's assignments, and of files of the state's register with their entries (2.11, 2.13)."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.seals import Content, Kind, columns, name_of, rows
from darbaza.portal.classification.models import Assignment, RegisterFile

ASSIGNMENT = (
    "year", "number", "categories", "reason", "order_number", "by_id", "at", "undone_at", "undone_by_id", "undo_reason",
)  # fmt: skip
RESOURCE = ("target_host", "target_path", "subdomains", "until")
FILE = ("name", "sha256", "rows", "by_id", "at", "applied_at", "undone_at")
ENTRY = (
    "number", "act", "act_date", "target_host", "target_path", "since", "until", "received_at", "lifted_at",
)  # fmt: skip


def of_assignment(key: str) -> Content | None:
    """An assignment and which of its resources still stand by it."""
    one = Assignment.objects.filter(pk=key).first()
    return columns(one, ASSIGNMENT) | {"resources": rows(one.resources.all(), RESOURCE)} if one else None


def of_register(key: str) -> Content | None:
    """A file of the state's register that was applied, and its entries."""
    file = RegisterFile.objects.filter(pk=key, applied_at__isnull=False).first()
    return columns(file, FILE) | {"entries": rows(file.entries.all(), ENTRY)} if file else None


def assignments() -> Iterator[str]:
    """All assignments."""
    return map(str, Assignment.objects.order_by("pk").values_list("pk", flat=True))


def files() -> Iterator[str]:
    """All files that were applied."""
    return map(str, RegisterFile.objects.exclude(applied_at=None).order_by("pk").values_list("pk", flat=True))


def names(kind: str, keys: Iterable[int]) -> list[str]:
    """Records of a kind by their keys."""
    return [name_of(kind, key) for key in keys]


KINDS = (
    Kind("assignment", _("assignment"), of_assignment, assignments),
    Kind("register", _("file of the state's register"), of_register, files),
)

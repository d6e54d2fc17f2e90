"""What is sealed of a permission that was given: to whom, for what, until when (3.2, 3.3)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from darbaza.portal.audit.seals import Content, Kind, columns, rows
from darbaza.portal.permits.models import Permit

PERMIT_COLUMNS = (
    "year", "number", "kind", "person_id", "asked_by_id", "file_kind", "file_size", "only_kind", "least_bytes",
    "most_bytes", "since", "until", "state", "decided_by_id", "decided_at", "ended_by_id", "ended_at",
)  # fmt: skip
RESOURCE = ("target_host", "target_path", "subdomains", "granted")


def of_permit(key: str) -> Content | None:
    """A permission that has a number, and so was given."""
    permit = Permit.objects.filter(pk=key, number__isnull=False).first()
    return columns(permit, PERMIT_COLUMNS) | {"resources": rows(permit.resources.all(), RESOURCE)} if permit else None


def keys() -> Iterator[str]:
    """All permissions that were given."""
    return map(str, Permit.objects.exclude(number=None).order_by("pk").values_list("pk", flat=True))


PERMIT = Kind("permit", _("permission"), of_permit, keys)

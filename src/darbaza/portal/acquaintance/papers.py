"""The sheet of signatures on paper: the rules as they are signed, and a line for each who has yet to accept them."""

from django.utils.translation import gettext_lazy as _

from darbaza.portal.acquaintance.models import Sheet
from darbaza.portal.papers.documents import Document, Kind, split_ref
from darbaza.portal.people.rights import Right
from darbaza.portal.school_time import school_day


def gather(ref: str) -> Document | None:
    """The sheet that people cite as `2026-3`."""
    key = split_ref(ref)
    found = (
        Sheet.objects.filter(year=key[0], number=key[1]).select_related("text", "school_class", "made_by")
        if key
        else None
    )
    sheet = found.first() if found is not None else None
    if sheet is None:
        return None
    day = school_day(sheet.made_at)
    facts = {
        "date": day.isoformat(),
        "group": sheet.group,
        "class": sheet.school_class.name if sheet.school_class else "",
        "regulation": sheet.text.regulation,
        "text": sheet.text.key,
        "screens": sheet.text.body,
        "people": [one["name"] for one in sheet.people],
        "collected_by": sheet.made_by.short_name,
    }
    return Document("acquaintance", sheet.ref, facts, sheet.ref, day)


SHEET = Kind(
    "acquaintance",
    _("Sheet of acquaintance"),
    Right.ACQUAINTANCE_SHEET_RECORD,
    gather,
    "papers/print/acquaintance.html",
    takes_scans=True,
)

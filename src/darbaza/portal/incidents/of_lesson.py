"""What the page of a lesson says of incidents in it: reports and notices, without names (2.7, 3.4).

An urgent report, of somebody who needs help, is nobody's business but of those who were told: it is not on the page.
"""

from darbaza.portal.incidents.models import Notice, ReportKind, StudentReport
from darbaza.portal.lessons.after import Facts
from darbaza.portal.lessons.models import SupervisedSession
from darbaza.portal.tags import clock_time


def reports(session: SupervisedSession) -> Facts:
    """What students reported in a lesson: when, which host, and what followed."""
    found = StudentReport.objects.filter(session=session).exclude(kind=ReportKind.URGENT).order_by("at", "pk")
    return [{"at": clock_time(one.at), "kind": one.kind, "host": one.host, "weight": one.weight} for one in found]


def notices(session: SupervisedSession) -> Facts:
    """Notices that stand: when and for which class; whom they are about stands in the notice alone."""
    found = (
        Notice.objects.filter(session=session, withdrawn_at__isnull=True)
        .select_related("school_class")
        .order_by("sent_at", "pk")
    )
    return [{"at": clock_time(one.sent_at), "class": one.school_class.name, "ref": one.public_id} for one in found]

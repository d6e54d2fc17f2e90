"""The application's registration with Django and with the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    """`darbaza.portal.incidents`."""

    name = "darbaza.portal.incidents"
    label = "incidents"

    def ready(self) -> None:
        """Enter the menu, and the home page with notices that nobody has seen."""
        from darbaza.portal.incidents import actions, console_orders, models, of_lesson, student_reports
        from darbaza.portal.incidents.home import home_part
        from darbaza.portal.lessons import after, console, orders
        from darbaza.portal.navigation import Entry, register
        from darbaza.portal.papers.templatetags import paper_tags
        from darbaza.portal.people.rights import Right
        from darbaza.portal.verdicts.log import FORGET

        after.PARTS["notices"] = after.Part(of_lesson.notices, "incidents/_lesson_notices.html")
        after.PARTS["reports"] = after.Part(of_lesson.reports, "incidents/_lesson_reports.html")
        paper_tags.name_choices(models.ReportKind, models.Weight)
        console.REPORTS[:] = [console_orders.cards]
        if student_reports.forget_before not in FORGET:
            FORGET.append(student_reports.forget_before)
        mine = {
            "note-report": console_orders.note,
            "close-report": console_orders.close,
            "report": console_orders.report,
            "confirm-attempt": console_orders.confirm_attempt,
            "dismiss-attempt": console_orders.dismiss_attempt,
        }
        orders.ORDERS.update(mine)
        if console_orders.suspicions not in console.ASKS:
            console.ASKS.append(console_orders.suspicions)
        if actions.forget_before not in FORGET:
            FORGET.append(actions.forget_before)
        register(Entry(_("Attempts"), "incidents:attempts", "alert", Right.INCIDENTS_NOTICE_SEND, 16))
        register(Entry(_("Notices"), "incidents:notices", "notice", Right.INCIDENTS_NOTICE_READ, 15), home=home_part)

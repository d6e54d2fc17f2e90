"""Classes, their students, and the sheet of PIN cards."""

from dataclasses import dataclass

import segno
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.people import actions
from darbaza.portal.people.actions import PinCard
from darbaza.portal.people.duties import Duty
from darbaza.portal.people.models import Appointment, SchoolClass
from darbaza.portal.people.rights import Right, actor_of, holds_for_class, requires
from darbaza.portal.people.terms import in_force_at
from darbaza.portal.school_time import school_day

CARD_ADDRESS = "http://darbaza/card/"
"""Where a card's QR code leads: the portal under the short name that the school's network answers for."""


@require_GET
@requires(Right.PEOPLE_PERSON_READ)
def class_list(request: HttpRequest) -> HttpResponseBase:
    """All classes with the number of their students."""
    day = school_day(clock.utc_now())
    now = Q(enrolments__since__lte=day) & (Q(enrolments__until__isnull=True) | Q(enrolments__until__gt=day))
    classes = SchoolClass.objects.annotate(
        students=Count("enrolments", filter=now & Q(enrolments__student__active=True))
    )
    return render(request, "people/classes.html", {"classes": classes})


@require_GET
@requires(Right.PEOPLE_PERSON_READ)
def class_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One class: its teacher, its students, and who has a PIN."""
    school_class, at = get_object_or_404(SchoolClass, pk=pk), clock.utc_now()
    day = school_day(at)
    context = {
        "school_class": school_class,
        "students": school_class.students_on(day),
        "teachers": Appointment.objects.filter(in_force_at(at), duty=Duty.CLASS_TEACHER, school_class=school_class),
        "may_issue": holds_for_class(actor_of(request), Right.PEOPLE_PIN_ISSUE, at, school_class),
    }
    return render(request, "people/class.html", context)


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card as it is printed: its QR code as SVG without any script or style."""

    card: PinCard
    code: SafeString


@require_POST
@requires(Right.PEOPLE_PIN_ISSUE)
def issue_pins(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Issue PINs to the chosen students, or to all without one, and show the cards to print: this once."""
    school_class, at = get_object_or_404(SchoolClass, pk=pk), clock.utc_now()
    students = school_class.students_on(school_day(at))
    chosen = request.POST.getlist("student")
    students = students.filter(public_id__in=chosen) if chosen else students.filter(pin_hash="")
    cards = attempt(
        request,
        lambda: actions.issue_pins(school_class=school_class, students=students, by=actor_of(request), at=at),
        _("PINs were issued. Print this page now: they are shown this once."),
    )
    if cards is None:
        return redirect("people:class", pk)
    printed = [PrintedCard(card, qr_code(CARD_ADDRESS + card.token)) for card in cards]
    return render(request, "people/cards.html", {"school_class": school_class, "cards": printed})


def qr_code(text: str) -> SafeString:
    """A QR code as inline SVG."""
    svg = segno.make(text, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(svg)  # noqa: S308 - drawn by segno from digits of a matrix; the text is not in it

"""Orders: the list, one order as it is printed, and signing."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from darbaza import clock
from darbaza.portal.attempts import attempt
from darbaza.portal.council import actions
from darbaza.portal.council.forms import ROWS_MORE, OrderForm, PointRows
from darbaza.portal.council.models import Order, OrderAct, OrderKind
from darbaza.portal.council.rows import MORE, with_more_rows
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, requires
from darbaza.portal.school_time import school_day

ON_A_PAGE = 30


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def order_list(request: HttpRequest) -> HttpResponseBase:
    """All orders, the latest first."""
    orders = Order.objects.select_related("signed_by", "repealed_by")
    page = Paginator(orders, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "council/orders.html", {"page": page, "day": school_day(clock.utc_now())})


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def order_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One order as it is printed and signed."""
    order = get_object_or_404(Order.objects.select_related("signed_by", "repealed_by"), pk=pk)
    points = order.points.select_related("person", "school_class", "room")
    context = {
        "order": order,
        "points": points,
        "repealed": order.repeals.all(),
        "acquainted": list(dict.fromkeys(point.person for point in points if point.person)),
        "day": school_day(clock.utc_now()),
    }
    return render(request, "council/order.html", context)


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def order_by_ref(_request: HttpRequest, ref: str) -> HttpResponseBase:
    """The order that people cite as `2026-14`."""
    year, _dash, number = ref.partition("-")
    if not (year.isdigit() and number.isdigit()):
        raise Http404(ref)
    return redirect("council:order", get_object_or_404(Order, year=int(year), number=int(number)).pk)


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_ORDER_SIGN)
def new_order(request: HttpRequest) -> HttpResponseBase:
    """Write an order and sign it."""
    if request.method == "POST" and MORE not in request.POST:
        form, rows = OrderForm(request.POST), PointRows(request.POST, prefix="p")
        if form.is_valid() and rows.is_valid():
            order = sign(request, form.cleaned_data, rows)
            if order is not None:
                return redirect("council:order", order.pk)
    elif request.method == "POST":
        data = with_more_rows(request.POST, "p", ROWS_MORE, PointRows.max_num)
        form, rows = OrderForm(data), PointRows(data, prefix="p")
    else:
        form, rows = OrderForm(initial=proposed(request)), PointRows(prefix="p", initial=proposed_points(request))
    status = 422 if request.method == "POST" and MORE not in request.POST else 200
    return render(request, "council/order_new.html", {"form": form, "rows": rows}, status=status)


def sign(request: HttpRequest, given: dict[str, Any], rows: Any) -> Order | None:
    """Sign what the forms hold, or say why it cannot be signed."""
    points = [point for point in (row.point() for row in rows) if point is not None]
    return attempt(
        request,
        lambda: actions.sign_order(
            kind=OrderKind(given["kind"]),
            text=given["text"],
            points=points,
            in_force_from=given["in_force_from"],
            in_force_until=given["in_force_until"],
            repeals=given["repeals"],
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The order is signed. Print it for the files."),
    )


def proposed(request: HttpRequest) -> dict[str, Any]:
    """What a new order proposes: today, and the order to repeal if the page named one."""
    asked = request.GET.get("repeals", "")
    kind = OrderKind.ROOMS if "room" in request.GET else OrderKind.STAFF
    return {"in_force_from": school_day(clock.utc_now()), "kind": kind, "repeals": asked if asked.isdigit() else None}


def proposed_points(request: HttpRequest) -> list[dict[str, Any]]:
    """The first point, where the page that led here named a person."""
    person = Person.objects.filter(public_id=request.GET.get("person", "")).first()
    return [{"act": OrderAct.APPOINT, "person": person.pk}] if person else []

"""Orders: the list, one order as it is printed, drafts, and signing."""

from datetime import datetime, time
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal import asked
from darbaza.portal.attempts import attempt
from darbaza.portal.council.forms import ROWS_MORE
from darbaza.portal.council.models import Emergency, Order, OrderAct, OrderDraft, OrderKind, Proposal
from darbaza.portal.council.orders import drafts
from darbaza.portal.council.orders.forms import OrderForm, PointRows
from darbaza.portal.council.orders.signing import Wording, sign_order
from darbaza.portal.council.regulation.in_force import ref_at
from darbaza.portal.council.rows import MORE, with_more_rows
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, holds, requires
from darbaza.portal.school_time import zone

ON_A_PAGE = 30
SIGN = "sign"


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def order_list(request: HttpRequest) -> HttpResponseBase:
    """Drafts that wait for a signature, for those who write them; then all orders, the latest first."""
    at = clock.utc_now()
    orders = Order.objects.select_related("signed_by", "repealed_by")
    writes = holds(actor_of(request), Right.COUNCIL_ORDER_DRAFT, at)
    waiting = OrderDraft.objects.filter(order=None, discarded_at=None).select_related("drafted_by") if writes else ()
    page = Paginator(orders, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "council/orders.html", {"page": page, "drafts": waiting, "at": at})


@require_GET
@requires(Right.COUNCIL_ORDER_READ)
def order_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One order as it is printed and signed."""
    order = get_object_or_404(Order.objects.select_related("signed_by", "repealed_by", "proposal"), pk=pk)
    points = order.points.select_related("person", "instead_of", "school_class", "room", "regulation")
    context = {
        "order": order,
        "points": points,
        "repealed": order.repeals.all(),
        "ratified": order.ratifies.all(),
        "acquainted": list(dict.fromkeys(point.person for point in points if point.person)),
        "at": clock.utc_now(),
        "regulation": ref_at(order.signed_at),
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
@requires(Right.COUNCIL_ORDER_DRAFT)
def new_order(request: HttpRequest) -> HttpResponseBase:
    """Write an order: keep it as a draft, or sign it at once."""
    if request.method == "POST" and MORE not in request.POST:
        form, rows = OrderForm(request.POST), PointRows(request.POST, prefix="p")
        if form.is_valid() and rows.is_valid():
            written = sign(request, form, rows) if SIGN in request.POST else keep(request, form, rows)
            if written is not None:
                return redirect("council:order" if SIGN in request.POST else "council:draft", written.pk)
        return order_form(request, form, rows, status=422)
    if request.method == "POST":
        data = with_more_rows(request.POST, "p", ROWS_MORE, PointRows.max_num)
        return order_form(request, OrderForm(data), PointRows(data, prefix="p"))
    rows = PointRows(prefix="p", initial=proposed_points(request))
    return order_form(request, OrderForm(initial=proposed(request)), rows)


def order_form(
    request: HttpRequest, form: OrderForm, rows: Any, *, draft: OrderDraft | None = None, status: int = 200
) -> HttpResponseBase:
    """The page on which an order is written."""
    return render(request, "council/order_new.html", {"form": form, "rows": rows, "draft": draft}, status=status)


def sign(request: HttpRequest, form: OrderForm, rows: Any) -> Order | None:
    """Sign what the forms hold, or say why it cannot be signed."""
    wording = wording_of(form, rows)
    return attempt(
        request,
        lambda: sign_order(
            kind=wording.kind,
            text=wording.text,
            points=wording.points,
            in_force_from=wording.in_force_from,
            in_force_until=wording.in_force_until,
            repeals=wording.repeals,
            by=actor_of(request),
            at=clock.utc_now(),
        ),
        _("The order is signed. Print it for the files."),
    )


def keep(request: HttpRequest, form: OrderForm, rows: Any) -> OrderDraft | None:
    """Keep what the forms hold as a draft."""
    wording = wording_of(form, rows)
    return attempt(
        request,
        lambda: drafts.draft_order(wording=wording, by=actor_of(request), at=clock.utc_now()),
        _("The draft waits for the director's signature."),
    )


def wording_of(form: OrderForm, rows: Any) -> Wording:
    """What the forms hold."""
    given = form.cleaned_data
    return Wording(
        kind=OrderKind(given["kind"]),
        text=given["text"],
        points=[point for point in (row.point() for row in rows) if point is not None],
        in_force_from=given["in_force_from"],
        in_force_until=given["in_force_until"],
        repeals=given["repeals"],
    )


def proposed(request: HttpRequest) -> dict[str, Any]:
    """What a new order proposes: the order to repeal if the page named one."""
    repeals = request.GET.get("repeals", "")
    kind = OrderKind.ROOMS if "room" in request.GET else OrderKind.STAFF
    return {"kind": kind, "repeals": repeals if repeals.isdigit() else None}


def proposed_points(request: HttpRequest) -> list[dict[str, Any]]:
    """The first point, where the page that led here named a person."""
    person = Person.objects.filter(public_id=asked.text(request.GET, "person")).first()
    return [{"act": OrderAct.APPOINT, "person": person.pk}] if person else []


@require_GET
@requires(Right.COUNCIL_ORDER_DRAFT)
def draft_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A draft as it would be signed."""
    draft = get_object_or_404(OrderDraft.objects.select_related("drafted_by", "proposal", "emergency", "order"), pk=pk)
    if draft.order is not None:
        return redirect("council:order", draft.order.pk)
    points = draft.points.select_related("person", "instead_of", "school_class", "room", "regulation")
    own = any(point.person == actor_of(request) for point in points)
    return render(request, "council/draft.html", {"draft": draft, "points": points, "own": own})


@require_http_methods(["GET", "POST"])
@requires(Right.COUNCIL_ORDER_DRAFT)
def edit_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Write a draft anew."""
    draft = get_object_or_404(OrderDraft, pk=pk, order=None, discarded_at=None)
    if request.method == "GET":
        form, rows = OrderForm(initial=initial_of(draft)), PointRows(prefix="p", initial=initial_points(draft))
        return order_form(request, form, rows, draft=draft)
    if MORE in request.POST:
        data = with_more_rows(request.POST, "p", ROWS_MORE, PointRows.max_num)
        return order_form(request, OrderForm(data), PointRows(data, prefix="p"), draft=draft)
    form, rows = OrderForm(request.POST), PointRows(request.POST, prefix="p")
    if form.is_valid() and rows.is_valid() and rewrite(request, draft, wording_of(form, rows)):
        return redirect("council:draft", draft.pk)
    return order_form(request, form, rows, draft=draft, status=422)


def rewrite(request: HttpRequest, draft: OrderDraft, wording: Wording) -> OrderDraft | None:
    """Change the draft, or say why not."""
    return attempt(
        request,
        lambda: drafts.change_draft(
            draft=draft, wording=wording, changes=seen_of(request), by=actor_of(request), at=clock.utc_now()
        ),
        _("The draft was changed."),
    )


def initial_of(draft: OrderDraft) -> dict[str, Any]:
    """A draft as its form shows it."""
    begins, ends = parts(draft.in_force_from), parts(draft.in_force_until)
    return {
        "kind": draft.kind,
        "text": draft.text,
        "in_force_from": begins[0],
        "from_hour": begins[1],
        "in_force_until": ends[0],
        "until_hour": ends[1],
        "repeals": draft.repeals_id,
    }


def parts(term: datetime | None) -> tuple[Any, Any]:
    """Day and hour of a term at the school; a day's first instant is shown without hour."""
    if term is None:
        return None, None
    local = term.astimezone(zone())
    return local.date(), local.time() if local.time() != time.min else None


def initial_points(draft: OrderDraft) -> list[dict[str, Any]]:
    """A draft's points as their rows show them."""
    names = ("act", "duty", "seat")
    keys = ("person_id", "instead_of_id", "school_class_id", "room_id", "regulation_id")
    return [
        {name: getattr(one, name) for name in names} | {key[:-3]: getattr(one, key) for key in keys}
        for one in draft.points.all()
    ]


def seen_of(request: HttpRequest) -> int:
    """The count of changes of the draft that the page showed; none that ever was, if the form does not say."""
    text = request.POST.get("changes", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


@require_POST
@requires(Right.COUNCIL_ORDER_SIGN)
def sign_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign a draft as it was shown."""
    draft = get_object_or_404(OrderDraft, pk=pk)
    order = attempt(
        request,
        lambda: drafts.sign_draft(draft=draft, changes=seen_of(request), by=actor_of(request), at=clock.utc_now()),
        _("The order is signed. Print it for the files."),
    )
    return redirect("council:order", order.pk) if order else redirect("council:draft", draft.pk)


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def discard_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Throw a draft away."""
    draft = get_object_or_404(OrderDraft, pk=pk)
    attempt(
        request,
        lambda: drafts.discard_draft(draft=draft, by=actor_of(request), at=clock.utc_now()),
        _("The draft was thrown away."),
    )
    return redirect("council:orders")


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def draft_from_proposal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draft the order that a council proposes."""
    proposal = get_object_or_404(Proposal, pk=pk)
    draft = attempt(
        request,
        lambda: drafts.draft_from_proposal(proposal=proposal, by=actor_of(request), at=clock.utc_now()),
        _("The draft waits for the director's signature."),
    )
    return redirect("council:draft", draft.pk) if draft else redirect("council:proposal", proposal.pk)


@require_POST
@requires(Right.COUNCIL_ORDER_DRAFT)
def draft_ratification(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Draft the order that ratifies what was done in an emergency."""
    emergency = get_object_or_404(Emergency, pk=pk)
    draft = attempt(
        request,
        lambda: drafts.draft_ratification(emergency=emergency, by=actor_of(request), at=clock.utc_now()),
        _("The draft waits for the director's signature."),
    )
    return redirect("council:draft", draft.pk) if draft else redirect("council:emergencies")

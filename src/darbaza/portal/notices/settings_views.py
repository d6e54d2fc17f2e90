"""Pages on which a person chooses what comes where, and the school sets its channels."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt
from darbaza.portal.notices import actions
from darbaza.portal.notices.concerns import kinds_for
from darbaza.portal.notices.forms import CHANNEL_FORMS, HoursForm, WishesForm, chosen
from darbaza.portal.notices.hours import hours_of
from darbaza.portal.notices.models import Channel, ChannelKind, Contact, Letter, LetterState, Purpose, Wish
from darbaza.portal.notices.views import by_a_person
from darbaza.portal.people.models import Person
from darbaza.portal.people.rights import Right, actor_of, requires, rights_of
from darbaza.portal.people.views.classes import qr_code

LONGEST = 254
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Reached:
    """A channel of the school as one person sees it."""

    channel: Channel
    contact: Contact | None
    latest: Letter | None

    @property
    def start_link(self) -> str:
        """The address that opens Telegram with the code ready to be said; empty while the bot's name is not known."""
        if self.contact is None or not self.channel.bot_name:
            return ""
        return f"https://t.me/{self.channel.bot_name}?start={self.contact.code}"

    @property
    def start_code(self) -> SafeString:
        """The same as a QR code."""
        return qr_code(self.start_link)


def reached(person: Person) -> list[Reached]:
    """The channels that the school has set, with the person's address and the latest message by each."""
    contacts = {one.channel: one for one in Contact.objects.filter(person=person)}
    letters = Letter.objects.filter(person=person)
    return [
        Reached(one, contacts.get(one.kind), letters.filter(channel=one.kind).first())
        for one in Channel.objects.filter(enabled=True)
    ]


@require_GET
@by_a_person
def choices(request: HttpRequest) -> HttpResponseBase:
    """One's addresses, what comes by which channel, and the quiet hours."""
    return choices_page(request, wishes_form(request), HoursForm(initial=HoursForm.filled(hours_of(actor_of(request)))))


def choices_page(request: HttpRequest, wishes: WishesForm, hours: HoursForm, status: int = 200) -> HttpResponse:
    """The page, with forms as they were filled in."""
    person = actor_of(request)
    letters = Letter.objects.filter(person=person)[:SHOWN]
    context = {"reached": reached(person), "wishes": wishes, "hours": hours, "letters": letters}
    return render(request, "notices/choices.html", context, status=status)


def wishes_form(request: HttpRequest) -> WishesForm:
    """The choices for the channels by which the person can be reached."""
    person = actor_of(request)
    open_kinds = Channel.objects.filter(enabled=True).values("kind")
    usable = Contact.objects.filter(person=person, confirmed_at__isnull=False, channel__in=open_kinds)
    channels = [ChannelKind(one) for one in usable.order_by("channel").values_list("channel", flat=True)]
    kinds = kinds_for(rights_of(person, clock.utc_now()))
    return WishesForm(request.POST or None, kinds, channels, chosen(Wish.objects.filter(person=person)))


@require_POST
@by_a_person
def choose_wishes(request: HttpRequest) -> HttpResponseBase:
    """Save what comes by which channel."""
    form, person = wishes_form(request), actor_of(request)
    if form.is_valid():
        wishes = form.wishes()
        attempt(request, lambda: actions.choose_wishes(wishes=wishes, by=person, at=clock.utc_now()), _("Saved."))
    return redirect("notifications:choices")


@require_POST
@by_a_person
def choose_hours(request: HttpRequest) -> HttpResponseBase:
    """Save the quiet hours."""
    form, person = HoursForm(request.POST), actor_of(request)
    if not form.is_valid():
        unbound = WishesForm(None, [], [], {})
        return choices_page(request, unbound, form, 422)
    attempt(
        request,
        lambda: actions.choose_hours(**form.cleaned_data, by=person, at=clock.utc_now()),
        _("Saved."),
    )
    return redirect("notifications:choices")


@require_POST
@by_a_person
def contact(request: HttpRequest, channel: str, act: str) -> HttpResponseBase:
    """Add, confirm or remove one's address for a channel."""
    by, at = actor_of(request), clock.utc_now()
    acts = {
        "add": lambda: actions.add_contact(
            channel=channel, address=text(request.POST, "address", LONGEST), by=by, at=at
        ),
        "confirm": lambda: actions.confirm_contact(channel=channel, code=text(request.POST, "code"), by=by, at=at),
        "remove": lambda: actions.remove_contact(channel=channel, by=by, at=at),
    }
    said = {
        "add": _("Now show that the address is yours."),
        "confirm": _("The address is yours. Choose below what comes there, and save."),
        "remove": _("The address is taken away; nothing leaves the portal for it."),
    }
    if act not in acts or channel not in ChannelKind.values:
        raise Http404
    attempt(request, acts[act], said[act])
    return redirect("notifications:choices")


@require_GET
@requires(Right.NOTICES_CHANNEL_SET)
def channels(request: HttpRequest) -> HttpResponseBase:
    """The channels of the school, with what waits and what could not be sent."""
    return channels_page(request)


def channels_page(request: HttpRequest, bound: object = None, bound_kind: str = "", status: int = 200) -> HttpResponse:
    """The page; a form that could not stand is shown as it was filled in."""
    set_up = {one.kind: one for one in Channel.objects.all()}
    person = actor_of(request)
    own = {one.channel: one for one in Contact.objects.filter(person=person)}
    tests = Letter.objects.filter(person=person, purpose=Purpose.TEST)
    parts = []
    for kind in ChannelKind:
        channel = set_up.get(kind)
        form = CHANNEL_FORMS[kind]
        initial = form.filled(channel) if channel else None
        waiting = Letter.objects.filter(channel=kind, state__in=[LetterState.QUEUED, LetterState.SENDING])
        parts.append(
            {
                "kind": kind,
                "channel": channel if channel and channel.enabled else None,
                "form": bound if bound_kind == kind else form(initial=initial, prefix=kind),
                "waiting": waiting.count(),
                "contact": own.get(kind),
                "test": tests.filter(channel=kind).first(),
            }
        )
    failed = Letter.objects.filter(state=LetterState.FAILED).select_related("person")[:SHOWN]
    return render(request, "notices/channels.html", {"parts": parts, "failed": failed}, status=status)


@require_POST
@requires(Right.NOTICES_CHANNEL_SET)
def set_channel(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Set a channel."""
    if kind not in CHANNEL_FORMS:
        raise Http404
    form = CHANNEL_FORMS[kind](request.POST, prefix=kind)
    if not form.is_valid():
        return channels_page(request, form, kind, 422)
    setting, by = form.setting(), actor_of(request)
    attempt(
        request,
        lambda: actions.set_channel(kind=kind, setting=setting, by=by, at=clock.utc_now()),
        _("The channel is set. Send yourself a test."),
    )
    return redirect("notifications:channels")


@require_POST
@requires(Right.NOTICES_CHANNEL_SET)
def channel_act(request: HttpRequest, kind: str, act: str) -> HttpResponseBase:
    """Close a channel, or test it."""
    by, at = actor_of(request), clock.utc_now()
    if act == "close":
        closed = _("The channel is closed: nothing leaves by it.")
        attempt(request, lambda: actions.close_channel(kind=kind, by=by, at=at), closed)
    elif act == "test":
        asked = _("The test is on its way; its state stands beside the button.")
        if attempt(request, lambda: actions.test_channel(kind=kind, by=by, at=at), asked) is None:
            messages.info(request, _("Your own address is given on the page of your notifications."))
    else:
        raise Http404
    return redirect("notifications:channels")


@require_GET
@requires(Right.NOTICES_CHANNEL_SET)
def test_state(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """How the latest test stands, asked for every two seconds until it has come to an end."""
    found = Letter.objects.filter(person=actor_of(request), public_id=public_id, purpose=Purpose.TEST).first()
    if found is None:
        raise Http404
    return render(request, "notices/_test.html", {"test": found})

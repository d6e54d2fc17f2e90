"""Pages of publications: drafts and their steps, working copies for who may read them, what has to come down."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from darbaza import clock
from darbaza.portal.asked import text
from darbaza.portal.attempts import attempt, sentence_of
from darbaza.portal.council.models import Channel
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import (
    Right,
    RightMissingError,
    actor_of,
    person_of,
    requires,
    right_missing,
    rights_of,
)
from darbaza.portal.publications import actions, kin
from darbaza.portal.publications.findings import Group, answers_from, by_part, groups_of, rests_of, shown_files
from darbaza.portal.publications.forms import DraftForm
from darbaza.portal.publications.markup import html_of
from darbaza.portal.publications.models import CheckKind, FileKind, Placement, Publication
from darbaza.portal.publications.outside import told_in
from darbaza.portal.publications.reading import (
    Judged,
    check_of,
    judged,
    readable_by,
    texts_of,
)
from darbaza.portal.publications.standing import is_as_placed, public_of
from darbaza.portal.publications.uploads import DOCUMENT_ENDINGS
from darbaza.portal.publications.words import GROUNDS, Told, names_of, quoted, sentences
from darbaza.portal.school_time import school_day
from darbaza.publication.clearing import cleared
from darbaza.publication.gate import Reason, Step, Why
from darbaza.publication.matter import Answer

MOST = 100


@require_GET
@requires(Right.PUBLICATIONS_DRAFT_WRITE)
def publications(request: HttpRequest) -> HttpResponseBase:
    """The drafts that a person may read, and how far each is."""
    person, at = actor_of(request), clock.utc_now()
    found = readable_by(person, at).filter(discarded_at__isnull=True)[:MOST]
    rows = [(one, judged(one, at).stage, public_of(one, at)) for one in found]
    return render(request, "publications/list.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@requires(Right.PUBLICATIONS_DRAFT_WRITE)
def new(request: HttpRequest) -> HttpResponseBase:
    """Write something."""
    person, at = actor_of(request), clock.utc_now()
    form = DraftForm(request.POST or None, initial={"language": person.language}, at=at)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            request,
            lambda: actions.write(written=form.written, by=person, at=at),
            _("Kept. Nobody outside sees it."),
        )
        if made is not None:
            return redirect("publications:publication", made.public_id)
    status = 422 if request.method == "POST" else 200
    return render(request, "publications/edit.html", {"form": form}, status=status)


def readable(request: HttpRequest, public_id: str) -> Publication:
    """A draft, if whoever asks may read it; as if there were none otherwise."""
    person = person_of(request)
    if person is None:
        raise Http404
    return get_object_or_404(readable_by(person, clock.utc_now()), public_id=public_id)


@require_http_methods(["GET", "POST"])
@login_required
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change a draft. If somebody else changed it meanwhile both texts are shown, and nothing is lost."""
    found, person, at = readable(request, public_id), actor_of(request), clock.utc_now()
    form = DraftForm(request.POST or None, initial=DraftForm.entered_in(found), at=at)
    context = {"form": form, "publication": found, "theirs": None, "refused": ""}
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["changes"] or 0
        try:
            actions.change(publication=found, written=form.written, changes=seen, by=person, at=at)
        except ActRefusedError as refused:
            context |= {"refused": sentence_of(refused), "theirs": found if found.changes != seen else None}
            if found.changes != seen:
                context["form"] = DraftForm(initial={**form.cleaned_data, "changes": found.changes}, at=at)
        else:
            return redirect("publications:publication", public_id)
    return render(request, "publications/edit.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@login_required
def publication(request: HttpRequest, public_id: str) -> HttpResponse:
    """One draft: its steps, what is in its way, and what whoever looks may do."""
    return page(request, readable(request, public_id))


def page(
    request: HttpRequest, found: Publication, nameless: Sequence[Group] = (), typed: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page of a draft; `nameless` are answers that were not kept, as they were entered, and `typed` the words of an
    act that was refused, by its name."""
    person, at = actor_of(request), clock.utc_now()
    rights = rights_of(person, at)
    state = judged(found, at, person)
    entered = {one.name: one for one in nameless}
    groups = [entered.get(one.name, one) for one in groups_of(state.matter)]
    context = {
        "publication": found,
        "stage": state.stage,
        "steps": steps_of(state),
        "reasons": reasons_of(state, knows_all=Right.CONSENTS_PERSON_PROTECT in rights),
        "groups": by_part([one for one in groups if not one.is_of_picture]),
        "rests": rests_of(groups),
        "body": html_of(cleared(found.body, "body", state.matter.findings, state.matter.answers)),
        "title": cleared(found.title, "title", state.matter.findings, state.matter.answers),
        "texts": texts_of(found),
        "files": shown_files(found, groups),
        "grounds": list(GROUNDS.items()),
        "outsiders": told_in(state.matter.answers.values()),
        "documents": DOCUMENT_ENDINGS,
        "facts": check_of(found, CheckKind.FACTS),
        "checked": check_of(found, CheckKind.PERSONAL_DATA),
        "typed": typed or {},
        "content": state.matter.content,
        "clearing": state.matter.clearing,
        "public": public_of(found, at),
        "kin": [one for one in kin.family(found) if one.pk != found.pk],
        "channels_left": kin.channels_left(found),
        "placements": found.placements.select_related("placed_by", "taken_down_by"),
        **may_do(found, person, rights, state, at),
    }
    return render(request, "publications/publication.html", context, status=422 if nameless or typed else 200)


def may_do(
    found: Publication, person: Person, rights: frozenset[Right], state: Judged, at: datetime
) -> Mapping[str, bool]:
    """What is offered; the acts themselves decide."""
    is_author, is_placed = found.author_id == person.pk, is_as_placed(found, state.matter, at)
    may_mask = found.channel == Channel.SITE and any(one.kind == FileKind.PICTURE for one in found.standing_files)
    checks_data = Right.PUBLICATIONS_DATA_CHECK in rights
    facts_there = state.verdict.clear_of(Step.FACTS)
    return {
        "may_edit": (is_author or checks_data) and found.discarded_at is None,
        "may_check_facts": Right.PUBLICATIONS_FACTS_CHECK in rights and not found.wrote(person) and not facts_there,
        "may_doubt": facts_there and (is_author or Right.PUBLICATIONS_FACTS_CHECK in rights),
        "may_check_data": checks_data and facts_there,
        "may_publish": Right.PUBLICATIONS_PLACEMENT_MAKE in rights
        and state.verdict.passes
        and (may_mask or not is_placed),
        "is_placed": is_placed,
        "may_mask": may_mask,
        "may_take_down": Right.PUBLICATIONS_PLACEMENT_MAKE in rights,
    }


def steps_of(state: Judged) -> list[tuple[str, bool]]:
    """The steps in words, and whether each is behind.

    Whose consent it takes follows from the answers, and these from the text that was confirmed: none of the three is
    behind before the one ahead of it. The council decides on kinds of publications, whatever one draft lacks.
    """
    verdict = state.verdict
    steps = (
        (_("facts confirmed"), _("facts not confirmed yet"), (Step.FACTS,)),
        (_("personal data checked"), _("personal data not checked yet"), (Step.FACTS, Step.PERSONAL_DATA)),
        (_("consents complete"), _("consents not complete"), (Step.FACTS, Step.PERSONAL_DATA, Step.CONSENTS)),
        (_("decided by the council"), _("not decided by the council"), (Step.COUNCIL,)),
    )
    return [
        (done if verdict.clear_of(*needed) else not_yet, verdict.clear_of(*needed)) for done, not_yet, needed in steps
    ]


def reasons_of(state: Judged, *, knows_all: bool) -> list[Told]:
    """What is in the way, each with its clause; that somebody else publishes is none for whoever reads.

    `knows_all` is whoever may see of whom nothing is published; see `without_why` for everybody else, to whom nobody's
    consent is offered to be asked for.
    """
    reasons = state.verdict.reasons if knows_all else without_why(state)
    shown = [one for one in reasons if one.why is not Why.NOT_RESPONSIBLE]
    return sentences(shown, names_of(shown))


def without_why(state: Judged) -> list[Reason]:
    """What is in the way, without why somebody's personal data is: refused, withdrawn, never asked for, or protected.

    So nobody learns from a draft of whom nothing may be known, nor who of the school refused.
    """
    verdict, guarded = state.verdict, state.matter.protected
    missing = {(one.person, one.kind) for one in verdict.reasons if one.why is Why.NO_CONSENT}
    held = [use for use in verdict.uses if use in missing or use[0] in guarded]
    told = [Reason(Why.CANNOT, "2.15", Step.CONSENTS, person=person, kind=kind) for person, kind in held]
    gone = {Why.NO_CONSENT} | ({Why.CANNOT} if any(person in guarded for person, _kind in held) else set())
    order = list(Step)
    left = [one for one in verdict.reasons if one.why not in gone]
    return sorted([*told, *left], key=lambda one: order.index(one.step))


Act = Callable[[HttpRequest, Publication, Person, datetime], object]


def facts(request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Confirm the facts."""
    source, digest = text(request.POST, "source", 300), text(request.POST, "content")
    return actions.check_facts(publication=found, source=source, digest=digest, by=by, at=at)


class NamelessError(ActRefusedError):
    """Something is to stay, and of `groups` it was not said whose it is, or on which ground."""

    def __init__(self, groups: Sequence[Group]) -> None:
        """Keep what was entered."""
        told = ", ".join(quoted(one.shown or one.kinds) for one in groups)
        whose = all(one.chosen == Answer.CONSENT for one in groups)
        words = _("Whose is %(told)s? Your other answers are kept.")
        missing = _("Something is missing of %(told)s: see below. Your other answers are kept.")
        super().__init__((words if whose else missing) % {"told": told}, "2.15")
        self.groups = groups


def answer(request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Answer findings."""
    sent = answers_from(request.POST, judged(found, at).matter, school_day(at))
    actions.answer(publication=found, answers=sent.given, by=by, at=at)
    if sent.contested:
        told = ", ".join(f"{quoted(one.shown or one.kinds)}: {one.said}" for one in sent.contested)
        message = _(
            "Somebody else answered meanwhile: %(told)s. That stands, and so do your other answers. Look again."
        )
        raise ActRefusedError(message % {"told": told}, "2.14")
    if sent.nameless:
        raise NamelessError(sent.nameless)
    if sent.left:
        told = ", ".join(quoted(one.shown or one.kinds) for one in sent.left[:5])
        message = _(
            "%(count)s have no answer still, since it is not known whose they are: %(told)s. Tick or name whose."
        )
        messages.warning(request, message % {"count": len(sent.left), "told": told})
    return found


def data(request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Confirm the check of personal data."""
    digest = text(request.POST, "clearing")
    return actions.check_personal_data(publication=found, digest=digest, by=by, at=at)


def doubt(request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Say that a fact is wrong."""
    return actions.doubt_facts(publication=found, doubt=text(request.POST, "doubt", 300), by=by, at=at)


def copy(request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Begin the same for another channel."""
    return kin.copy_to(publication=found, channel=text(request.POST, "channel"), by=by, at=at)


def discard(_request: HttpRequest, found: Publication, by: Person, at: datetime) -> object:
    """Throw it away."""
    actions.discard(publication=found, by=by, at=at)
    return found


ACTS: Mapping[str, tuple[Act, Callable[[], str | Promise]]] = {
    "facts": (facts, lambda: _("The facts are confirmed.")),
    "answer": (answer, lambda: _("The answers are kept.")),
    "data": (data, lambda: _("The check of personal data is confirmed.")),
    "doubt": (doubt, lambda: _("Noted. What was placed on it is closed.")),
    "discard": (discard, lambda: _("Thrown away.")),
    "copy": (copy, lambda: _("A draft for that channel is made. Its facts are confirmed for that place, too.")),
}


WORDS = {"facts": "source", "doubt": "doubt"}
"""The field of an act in which somebody types words: refused, it comes back with them."""


@require_POST
@login_required
def act(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """One of the acts on a draft."""
    if name not in ACTS:
        raise Http404
    found, (do, done) = readable(request, public_id), ACTS[name]
    refusals: list[ActRefusedError] = []

    def acted() -> object:
        try:
            return do(request, found, actor_of(request), clock.utc_now())
        except ActRefusedError as refused:
            refusals.append(refused)
            raise

    try:
        made = attempt(request, acted, done())
    except RightMissingError as missing:
        return right_missing(request, missing.right)
    for one in refusals:
        if isinstance(one, NamelessError):
            return page(request, readable(request, public_id), one.groups)
        if name in WORDS:
            return page(request, readable(request, public_id), typed={name: text(request.POST, WORDS[name], 300)})
    if name == "discard":
        return redirect("publications:list")
    return redirect("publications:publication", made.public_id if isinstance(made, Publication) else public_id)


def elsewhere_too() -> str:
    """What is said of a channel of others."""
    return _("A task was made: somebody takes it down there, and says how that can be seen.")


@require_POST
@requires(Right.PUBLICATIONS_PLACEMENT_MAKE)
def take_down(request: HttpRequest, placement: str) -> HttpResponseBase:
    """Take down what was placed."""
    found = get_object_or_404(Placement.objects.select_related("publication"), public_id=placement)
    reason = text(request.POST, "reason", 300)
    attempt(
        request,
        lambda: actions.take_down(placement=found, reason=reason, by=actor_of(request), at=clock.utc_now()),
        _("It is taken down.") if found.is_on_site else elsewhere_too(),
    )
    return redirect("publications:publication", found.publication.public_id)

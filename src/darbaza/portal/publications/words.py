"""What the gate says, in the reader's language: each reason with its remedy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from darbaza.portal.people.models import Person
from darbaza.publication.attachments import Notice
from darbaza.publication.consents import Standing
from darbaza.publication.findings import Cell
from darbaza.publication.gate import Reason, Step, Why
from darbaza.publication.kinds import DataKind
from darbaza.publication.matter import Answer, Ground

REASONS: dict[Why, Promise] = {
    Why.EMPTY: _("There is no text yet. Write one."),
    Why.FACTS_MISSING: _("The facts are not confirmed. Somebody else than the author confirms them and says by what."),
    Why.FACTS_CHANGED: _("The text or a file changed after the facts were confirmed. Have them confirmed again."),
    Why.FACTS_NO_SOURCE: _("It is not said by what the facts are known. Confirm them with a source."),
    Why.FACTS_BY_AUTHOR: _("The author confirmed the facts. Somebody else has to."),
    Why.FINDING_OPEN: _("“%(detail)s”: say what becomes of it."),
    Why.ANSWER_DOES_NOT_FIT: _("“%(detail)s”: that answer does not do away with it here. Choose another."),
    Why.CORRECT_THE_FILE: _("“%(detail)s”: take it out of the document and attach the corrected file instead."),
    Why.WHOSE: _("“%(detail)s”: name whose it is, so that the consent can be looked for."),
    Why.WHY_NOT: _("“%(detail)s” stands in the lists of the school: say in words why it is nobody of the school."),
    Why.WHY_NOBODYS: _("“%(detail)s” reads as somebody's personal data: say in words why it is nobody's."),
    Why.ON_THE_LISTS: _("“%(detail)s” may be somebody of the school's lists: only their own consent lets it stay."),
    Why.NO_GROUND: _("“%(detail)s”: say who of outside the lists it is, and on which ground."),
    Why.NEVER: _("“%(detail)s” is published of nobody. Remove it."),
    Why.PICTURE_UNSEEN: _(
        "Somebody has to look at a picture or document as it goes out, and say whether anyone is recognisable."
    ),
    Why.DATA_UNCHECKED: _("The check of personal data is not confirmed. Confirm it when everything is answered."),
    Why.DATA_CHANGED: _(
        "Something changed, or people of the school did, after personal data was checked. Check again."
    ),
    Why.NO_CONSENT: _("%(person)s, %(kind)s: %(detail)s. Ask for the consent, or take it out."),
    Why.CANNOT: _("This cannot be published."),
    Why.NO_PERMISSION: _("An own page needs the permission to place own information, in force now."),
    Why.NOT_THERE: _(
        "The permission to place own information does not name this address: %(detail)s. Ask for one that names it."
    ),
    Why.NOT_DECIDED: _("The council has not decided on publishing this here. Make a proposal to it."),
    Why.COUNCIL_DENIES: _("The council decided that this is not published here (decision № %(detail)s)."),
    Why.TOO_LONG: _(
        "It is longer than the council decided, its documents included (%(detail)s). "
        "Shorten it, or take a document out."
    ),
    Why.TOO_MANY_PICTURES: _(
        "It has more pictures than the council decided, each page of a document that shows some included "
        "(%(detail)s). Take some out."
    ),
    Why.TOO_OFTEN: _("More than the council decided was published within a week (%(detail)s). Wait some days."),
    Why.NOT_RESPONSIBLE: _("Only the person responsible for the internet publishes."),
    Why.EXPIRED: _("Its last day is over. Set a later one, or leave it."),
}
"""A sentence for each reason."""

FEW = 3
MANY_OPEN = _(
    "%(count)s places have no answer yet, the first is “%(detail)s”. "
    "Who checks personal data answers them on this page."
)
"""Instead of a sentence for each, of more than a few."""

HELD = _(
    "%(person)s, %(kind)s: this cannot be published here. Take it out, or ask the person responsible for the internet."
)
"""Of somebody whose consent is missing, whatever the reason, and of a protected person: the same (ADR 0081)."""

STANDINGS: dict[str, Promise] = {
    Standing.NEVER: _("is published of nobody"),
    Standing.REFUSED: _("consent was refused"),
    Standing.WITHDRAWN: _("consent was withdrawn"),
    Standing.NOT_EXPLAINED: _("the risks were not explained"),
    Standing.NOT_YET: _("consent begins later"),
    Standing.ENDED: _("consent has ended"),
    Standing.LEFT: _("is no longer at the school, and consent ended with that"),
    Standing.OWN_MISSING: _("the own consent is missing"),
    Standing.REPRESENTATIVE_MISSING: _("the consent of a parent or representative is missing"),
    Standing.MISSING: _("there is no consent"),
}
"""Why a consent does not cover."""

KINDS: dict[DataKind, Promise] = {
    DataKind.SURNAME: _("surname"),
    DataKind.GIVEN_NAME: _("given name"),
    DataKind.PATRONYMIC: _("patronymic"),
    DataKind.SCHOOL_CLASS: _("their class"),
    DataKind.AGE: _("age or birth date"),
    DataKind.PHOTO: _("photo"),
    DataKind.VIDEO: _("their video"),
    DataKind.VOICE: _("voice"),
    DataKind.RESIDENCE: _("address"),
    DataKind.PHONE: _("phone number"),
    DataKind.EMAIL: _("e-mail address"),
    DataKind.DOCUMENT_NUMBER: _("number of a document"),
    DataKind.WORKS: _("their works"),
    DataKind.ACHIEVEMENTS: _("achievements"),
    DataKind.OTHER: _("something else about a person"),
}
"""The kinds of personal data."""

ANSWERS: dict[Answer, Promise] = {
    Answer.CONSENT: _("stays, by consent"),
    Answer.INITIALS: _("initials only"),
    Answer.REMOVE: _("remove"),
    Answer.BLUR: _("is covered"),
    Answer.CROP: _("is cropped away"),
    Answer.NOT_A_PERSON: _("says nothing of a person"),
    Answer.NOT_OURS: _("nobody of the school nor a parent"),
    Answer.OUTSIDE: _("stays: somebody outside the lists"),
    Answer.SCHOOLS: _("stays: the school's own"),
}
"""What can be answered about a finding."""

GROUNDS: dict[Ground, Promise] = {
    Ground.CONSENT: _("there is their consent"),
    Ground.DECEASED: _("they are deceased"),
    Ground.PUBLIC: _("a public figure"),
}
"""On what somebody outside the lists is told of."""


WHICH = _(
    "“%(name)s” stands in no list, or several have that name. Write surname, given name and patronymic; several people "
    "are parted by commas."
)
WHOSE = _("What stays by consent is somebody's: tick whose it is, or write surname and given name as in the lists.")
"""What to do where a consent is nobody's."""

LEFT: dict[Notice, Promise] = {
    Notice.METADATA: _("authors and other notes of the file"),
    Notice.MARGINS: _("headers and footers"),
    Notice.COMMENTS: _("remarks"),
    Notice.TRACKED_CHANGES: _("earlier wordings"),
    Notice.HIDDEN: _("what is hidden"),
    Notice.FILES_INSIDE: _("files inside"),
    Notice.EARLIER_VERSIONS: _("earlier versions"),
}
"""What a document held and what goes out of it does not."""

PLACE = re.compile(r"(page|sheet|table):(.*?)(?:!([A-Z]+\d+))?", re.DOTALL)


def quoted(words: str) -> str:
    """Words in the quotation marks of the reader's language."""
    return str(_("“%(words)s”")) % {"words": words}


def place_of(where: object) -> str:
    """Where in a document something stands: its page, or its sheet and cell. Empty for the whole of its text."""
    found = PLACE.fullmatch(where.name) if isinstance(where, Cell) else None
    if found is None:
        return ""
    kind, name, cell = found.groups()
    words = {"page": _("page %(name)s"), "sheet": _("sheet %(name)s"), "table": _("table %(name)s")}
    place = str(words[kind]) % {"name": name}
    in_cell = _("cell %(cell)s")
    return f"{place}, {str(in_cell) % {'cell': cell}}" if cell else place


def sentence(reason: Reason, names: Mapping[str, str], kinds: Iterable[DataKind]) -> str:
    """A reason in words; `kinds` are those of which it is said."""
    detail = reason.detail
    if reason.why is Why.NO_CONSENT:
        detail = str(STANDINGS.get(reason.detail, reason.detail))
    words = HELD if reason.why is Why.CANNOT and reason.person else REASONS[reason.why]
    told = ", ".join(str(KINDS[kind]) for kind in sorted({*kinds}, key=list(DataKind).index))
    return str(words) % {
        "detail": detail or told or "—",
        "person": names.get(reason.person, ""),
        "kind": told,
    }


@dataclass(frozen=True, slots=True)
class Told:
    """A reason in words with its clause; `ask` is the key of whose consent may be asked for, empty for nobody."""

    words: str
    clause: str
    ask: str = ""


def sentences(reasons: Iterable[Reason], names: Mapping[str, str]) -> list[Told]:
    """Reasons in words: by steps, what is said of one person in one sentence, and of many places without an answer how
    many they are."""
    together: dict[Reason, list[DataKind]] = {}
    for one in reasons:
        same = replace(one, kind=None, part="", finding="") if one.person else one
        together.setdefault(same, []).extend([one.kind] if one.kind else [])
    unanswered = [one for one in together if one.why is Why.FINDING_OPEN]
    folded = frozenset(unanswered) if len(unanswered) > FEW else frozenset()
    many = str(MANY_OPEN) % {"count": len(folded), "detail": unanswered[0].detail} if folded else ""
    order = list(Step)
    in_turn = sorted(together.items(), key=lambda said: (order.index(said[0].step), names.get(said[0].person, "")))
    said = (
        Told(many, "2.15") if one in folded else Told(sentence(one, names, kinds), one.clause, asked_of(one))
        for one, kinds in in_turn
    )
    return list(dict.fromkeys(said))


def asked_of(reason: Reason) -> str:
    """Of whom a reason says that a consent may be asked for."""
    return reason.person if reason.why is Why.NO_CONSENT and reason.detail not in UNASKED else ""


UNASKED = frozenset({Standing.NEVER, Standing.LEFT})
"""What no consent helps against."""


def names_of(reasons: Sequence[Reason]) -> dict[str, str]:
    """The names of those whose consent is missing."""
    ids = {int(one.person) for one in reasons if one.person.isdecimal()}
    return {str(one.pk): one.full_name for one in Person.objects.filter(pk__in=ids)}


def refusal(reasons: Sequence[Reason]) -> str:
    """The first reasons as one text; the page shows all of them."""
    return " ".join(one.words for one in sentences(reasons, names_of(reasons))[:3])

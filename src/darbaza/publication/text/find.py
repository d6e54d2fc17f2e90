"""Everything in a text that says who somebody is."""

from collections.abc import Iterator

from darbaza.publication.findings import Certainty, Finding
from darbaza.publication.kinds import DataKind
from darbaza.publication.text.cleaning import Cleaned, clean
from darbaza.publication.text.names import Item, Mention, mentions, read
from darbaza.publication.text.roster import Roster


def find_in_text(text: str, roster: Roster, part: str) -> tuple[Finding, ...]:
    """The personal data in a text, in the order in which it stands there. Total: any string has an answer.

    Spans count code points of `text` as it was given; `shown` is what stands there, marks and soft hyphens included.
    """
    cleaned = clean(text)
    found = [
        finding
        for mention in mentions(read(cleaned, roster), roster)
        for finding in _of_mention(mention, cleaned, text, part)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.where.start, finding.where.end, finding.kind)))  # type: ignore[union-attr]


def _of_mention(mention: Mention, cleaned: Cleaned, text: str, part: str) -> Iterator[Finding]:
    certainty = Certainty.SURE if mention.surname and mention.given else Certainty.LIKELY
    people = tuple(sorted(mention.people))
    for kind, item in _kinds(mention):
        span = cleaned.span(item.start, item.end)
        yield Finding(kind, people, certainty, part, span, text[span.start : span.end])


def _kinds(mention: Mention) -> Iterator[tuple[DataKind, Item]]:
    if mention.surname is not None:
        yield DataKind.SURNAME, mention.surname
    if mention.given is not None:
        yield DataKind.GIVEN_NAME, mention.given
    if mention.patronymic is not None:
        yield DataKind.PATRONYMIC, mention.patronymic

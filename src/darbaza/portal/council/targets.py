"""What a council may rule on: one category of the classifier, or one resource that really is one.

A public suffix is everybody's and never a resource; a host shared by strangers is refused as a whole only by warning,
because the council may know what it does. Statutory categories cannot be opened by anybody (3.3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from publicsuffixlist import PublicSuffixList

from darbaza.catalogue import categories
from darbaza.catalogue.categories import Kind
from darbaza.policy import names
from darbaza.portal.council.breadth import KNOWN, Breadth, Opened, opened_by
from darbaza.portal.council.models import CategoryKind, Proposal, RulingEffect, UserCategory
from darbaza.portal.people.refusals import ActRefusedError

MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class RulingDraft:
    """A ruling as it is entered: exactly one of `host` (with an optional `path`) and `category`."""

    user_category: UserCategory
    effect: str
    host: str = ""
    path: str = ""
    subdomains: bool = True
    category: str = ""
    until: date | None = None
    review_date: date | None = None

    @classmethod
    def typed(cls, given: Mapping[str, Any]) -> "RulingDraft":
        """The ruling of a form's cleaned fields; those that the form has not are empty."""
        return cls(
            user_category=given["user_category"],
            effect=given["effect"],
            host=given.get("host", ""),
            subdomains=given["subdomains"],
            category=given.get("category", ""),
            until=given.get("until"),
            review_date=given.get("review_date"),
        )


def asked_by(
    proposal: Proposal,
    user_category: UserCategory,
    effect: str,
    *,
    until: date | None = None,
    review_date: date | None = None,
) -> RulingDraft:
    """The ruling to which a proposal on access comes for a user category and an effect, its own or others."""
    return RulingDraft(
        user_category=user_category,
        effect=effect,
        host=proposal.target_host,
        path=proposal.target_path,
        subdomains=proposal.subdomains,
        category=proposal.category,
        until=until,
        review_date=review_date,
    )


def check_draft(draft: RulingDraft) -> RulingDraft:
    """The draft in canonical form. Raises `ActRefusedError` saying what cannot stand."""
    if bool(draft.host) == bool(draft.category):
        raise ActRefusedError(_("Name either a resource or a category, one of both."), "2.6")
    return check_category(draft) if draft.category else check_resource(draft)


def check_category(draft: RulingDraft) -> RulingDraft:
    """A category must be one of the classifier's, and the statutory ones stay closed."""
    known = categories.load().by_id.get(draft.category)
    if known is None:
        raise ActRefusedError(_("There is no such category of resources."), "2.13")
    opens = draft.effect in {RulingEffect.ALLOW, RulingEffect.DELEGATE}
    if known.kind is Kind.STATUTORY and opens and draft.user_category.kind != CategoryKind.STAFF:
        raise ActRefusedError(_("Law closes this category; no decision of the council can open it."), "3.3")
    return draft


def check_resource(draft: RulingDraft) -> RulingDraft:
    """A resource's host in canonical form; a public suffix and a bare top-level name are refused."""
    host, path = read_target(draft.host, draft.path)
    return RulingDraft(
        user_category=draft.user_category,
        effect=draft.effect,
        host=host,
        path=path,
        subdomains=draft.subdomains and not path,
        until=draft.until,
        review_date=draft.review_date,
    )


def read_target(typed: str, path: str = "") -> tuple[str, str]:
    """Canonical host and path of one resource; what everybody publishes under is none."""
    host, path = read_resource(typed, path)
    is_suffix = suffixes().is_public(host.name) or "." not in host.name
    if is_suffix and not host.is_address and host.name not in own_names():
        message = _("%(host)s is a public suffix: everybody publishes under it. Name one resource below it.")
        raise ActRefusedError(message % {"host": host.name}, "2.6")
    return host.name, path


def own_names() -> frozenset[str]:
    """The names of the portal and of the school's site, though one of the school's own network may have no dot."""
    return frozenset(urlsplit(one).hostname or "" for one in (settings.ADDRESS, settings.SITE_ADDRESS))


def read_resource(typed: str, path: str = "") -> tuple[names.Host, str]:
    """Host and path from what a person typed: a host, or a whole address with its scheme."""
    typed = typed.strip()
    try:
        if "://" in typed or "/" in typed:
            url = names.split_url(typed if "://" in typed else f"https://{typed}")
            return url.host, path.strip() or ("" if url.path == "/" else url.path)
        return names.canonical_host(typed), names.normal_path(path.strip()) if path.strip() else ""
    except names.InvalidHost as error:
        raise ActRefusedError(_("`%(typed)s` cannot be read as a resource.") % {"typed": typed[:80]}, "2.6") from error


def warnings_of(draft: RulingDraft) -> list[Promise | str]:
    """What a council should know before it adopts a ruling that can stand all the same."""
    found: list[Promise | str] = []
    broad = opens_more(draft)
    if broad:
        named = ", ".join(f"{one.host} ({one.word})" for one in broad[:MOST_NAMED])
        more = "…" if len(broad) > MOST_NAMED else ""
        found.append(
            _("A ruling on %(host)s opens also what nobody looked at: %(hosts)s%(more)s")
            % {"host": draft.host, "hosts": named, "more": more}
        )
    if draft.host and names.canonical_host(draft.host).is_mixed:
        found.append(
            _("%(host)s mixes scripts, as look-alike names do. Check it letter by letter.") % {"host": draft.host}
        )
    return found


def opens_more(draft: RulingDraft) -> list[Opened]:
    """What a ruling opens besides what the council looked at; nothing for one that closes."""
    if not draft.host or draft.effect not in {RulingEffect.ALLOW, RulingEffect.DELEGATE}:
        return []
    return opened_by(draft.host, subdomains=draft.subdomains)


def shared_host(host: str) -> bool:
    """Whether strangers publish on a host."""
    return KNOWN.get(host) is Breadth.USERS


def demand_end(draft: RulingDraft) -> None:
    """Refuse to open for ever what opens more than itself."""
    found = opens_more(draft)
    if found and draft.until is None:
        message = _("%(host)s opens more than itself (%(why)s): give the ruling a day until which it holds.")
        why = ", ".join(dict.fromkeys(one.word for one in found))
        raise ActRefusedError(message % {"host": draft.host, "why": why}, "2.6")


@lru_cache(maxsize=1)
def suffixes() -> PublicSuffixList:
    """The public suffix list that ships with its package."""
    return PublicSuffixList()


def category_choices() -> list[tuple[str, str]]:
    """All categories of the classifier with their names in the reader's language, by name."""
    language = (get_language() or "ky")[:2]
    return sorted(((one.id, one.names[language]) for one in categories.load().by_id.values()), key=lambda pair: pair[1])

"""The council decides on the nature and volume of what is published (2.6); the gate reads it, a later one ends it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.council.models import Decision, PublicationRule
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules, rules_at, standing_rules
from darbaza.portal.gateways.publish import bears_on_rulebook
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.school_time import school_day
from darbaza.publication.kinds import Channel, Purpose
from tests.people import Cast, signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SITE = RuleDraft(channel="site", purpose="news", most_words=300)


def adopted(cast: Cast, at: datetime, **changes: Any) -> Decision:
    day = school_day(at)
    given = {"text": "Сайтка кабар", "minutes_number": "3", "date": day, "in_force_from": day, "rules": [SITE]}
    return adopt_publication_rules(**(given | {"by": cast.nurlan, "at": at} | changes))


def test_a_rule_is_in_force_from_its_day_until_a_later_decision_ends_it(
    cast: Cast, at: datetime, last_entry: Callable[[], AuditEntry]
) -> None:
    decision = adopted(cast, at)
    assert (last_entry().act, last_entry().subject) == ("council:publishing:rule", decision.ref)
    assert not bears_on_rulebook(last_entry().act)
    [rule] = rules_at(at)
    assert (rule.ref, rule.most_words, rule.allows) == (decision.ref, 300, True)
    assert rule.speaks_of(Channel.SITE, Purpose.NEWS)
    assert not rule.speaks_of(Channel.TELEGRAM, Purpose.NEWS)
    assert rules_at(at - DAY) == ()
    ends = list(standing_rules(at))
    later = adopted(cast, at, rules=[RuleDraft(allows=False)], ends=ends, in_force_from=school_day(at + DAY))
    assert [one.ref for one in rules_at(at)] == [decision.ref]
    assert [(one.ref, one.allows) for one in rules_at(at + DAY)] == [(later.ref, False)]
    with pytest.raises(ActRefusedError, match="ended already"):
        adopted(cast, at, ends=ends)


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": []},
        {"rules": [RuleDraft(allows=False, most_words=5)]},
        {"date": school_day(datetime.fromisoformat("2026-11-24T04:00:00+00:00"))},
    ],
)
def test_what_cannot_stand_is_refused_whole(cast: Cast, at: datetime, changes: dict[str, Any]) -> None:
    with pytest.raises(ActRefusedError):
        adopted(cast, at, **changes)
    assert not PublicationRule.objects.exists()


def test_only_the_council_enters_it(cast: Cast, at: datetime) -> None:
    for person in (cast.gulnara, cast.ermek, cast.jyldyz, cast.aida, cast.saltanat, cast.zarina, cast.timur):
        with pytest.raises(RightMissingError):
            adopted(cast, at, by=person)
    for path in ("/council/publishing/new",):
        assert signed_in(cast.aida).get(path).status_code == 403


def test_it_is_entered_and_read_on_its_pages(cast: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at)
    member, day = signed_in(cast.nurlan), school_day(at).isoformat()
    assert 'class="empty"' in member.get("/council/publishing/").content.decode(), "nothing can be published yet"
    assert member.get("/council/publishing/new").status_code == 200
    form = {"text": "Сайтка кабар", "minutes_number": "3", "date": day, "in_force_from": day, "form-TOTAL_FORMS": 3}
    rows = {"form-INITIAL_FORMS": 0, "form-0-allows": "yes", "form-0-channel": "site", "form-0-most_pictures": 4}
    assert member.post("/council/publishing/new", form | rows | {"form-0-most_words": "x"}).status_code == 422
    assert member.post("/council/publishing/new", form | rows).status_code == 302
    page = signed_in(cast.aida).get("/council/publishing/").content.decode()
    assert 'class="empty"' not in page
    [rule] = PublicationRule.objects.all()
    assert (rule.most_pictures, rule.most_words) == (4, None)
    assert ": 4" in member.get(f"/council/decisions/{rule.decision_id}/").content.decode()

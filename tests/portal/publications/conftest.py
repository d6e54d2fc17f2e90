"""What the tests of publications share: a council that decided, Bek's mother who agreed, and a draft on its way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.consents.models import Statement
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules
from darbaza.portal.people.models import Person
from darbaza.portal.publications import actions
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.school_time import school_day
from darbaza.publication.matter import Answer, Answered
from tests.people import Cast

TITLE = "Олимпиаданын жыйынтыгы"
BODY = "Мектебибиздин командасы экинчи орунду алды. Асанов Бек эң көп упай топтоду."
SOURCE = "Район боюнча калыстардын протоколу"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and files of this test only, and the clock at its instant."""
    settings.STATE = tmp_path
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: at)


@dataclass
class Desk:
    """The school's desk of publications at an instant: short ways to what the tests need."""

    cast: Cast
    at: datetime
    statements: dict[int, Statement] = field(default_factory=dict)

    def agree(
        self, person: Person, at: datetime | None = None, ticks: str = "+", term: consents.Term | None = None
    ) -> Statement:
        """The mother of a student agrees to what is asked, on paper."""
        when = at or self.at
        term = term or consents.Term(date(2026, 9, 1), date(2027, 8, 31))
        found = ticks_of(ticks)
        assert found is not None
        told = consents.Told(risks.current(when), self.cast.jyldyz, when, "ky")
        paper = consents.Paper(
            person=person,
            who=consents.Who("mother", f"{person.surname} Нургүл"),
            ticks=found,
            signed_on=school_day(when),
        )
        form: dict[str, Any] = {"told_": told, "term": term, "paper_set": None, "by": self.cast.jyldyz, "at": when}
        [made] = consents.record_papers(papers=[paper], **form)
        self.statements[person.pk] = made
        return made

    def withdraw(self, person: Person, at: datetime | None = None) -> None:
        """That consent is withdrawn."""
        consents.withdraw(statement=self.statements[person.pk], by=None, at=at or self.at)

    def draft(self, **changes: Any) -> Publication:
        """Aida writes."""
        return actions.write(written=Written(**{"title": TITLE, "body": BODY} | changes), by=self.cast.aida, at=self.at)

    def confirm_facts(self, draft: Publication) -> None:
        """The director confirms."""
        content = matter_of_draft(draft, self.at).content
        actions.check_facts(publication=draft, source=SOURCE, digest=content, by=self.cast.gulnara, at=self.at)

    def answer(self, draft: Publication, answer: Answer = Answer.CONSENT) -> None:
        """Every finding gets one answer; by consent it is whoever it may be first."""
        for group in groups_of(matter_of_draft(draft, self.at)):
            people = tuple(str(one.pk) for one in group.people[:1]) if answer is Answer.CONSENT else ()
            given = {key: Answered(answer, people, "көчөнүн аты") for key in group.keys}
            actions.answer(publication=draft, answers=given, by=self.cast.jyldyz, at=self.at)

    def confirm_data(self, draft: Publication) -> None:
        """The check of personal data is confirmed."""
        clearing = matter_of_draft(draft, self.at).clearing
        actions.check_personal_data(publication=draft, digest=clearing, by=self.cast.jyldyz, at=self.at)

    def ready(self, answer: Answer = Answer.CONSENT, **changes: Any) -> Publication:
        """A draft with nothing in its way."""
        draft = self.draft(**changes)
        self.confirm_facts(draft)
        self.answer(draft, answer)
        self.confirm_data(draft)
        return Publication.objects.get(pk=draft.pk)

    def publish(self, draft: Publication) -> Placement:
        """The person responsible publishes."""
        return actions.publish(publication=draft, by=self.cast.jyldyz, at=self.at)


@pytest.fixture
def desk(cast: Cast, at: datetime) -> Desk:
    """A school whose council decided on news; nobody has consented yet."""
    adopt_publication_rules(
        text="Сайтка жана Telegram каналына кабар жарыяланат.",
        minutes_number="3",
        date=school_day(at),
        in_force_from=school_day(at),
        rules=[RuleDraft(channel="site", most_words=2000, most_pictures=3), RuleDraft(channel="telegram")],
        by=cast.nurlan,
        at=at,
    )
    return Desk(cast, at)


Outside = Callable[[str], str]

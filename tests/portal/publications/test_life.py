"""The life of publications as a state machine: people write, check, consent, withdraw and decide in any order, and the
clock goes on and back. Kept beside the code is what clauses 2.14-2.17 ask of whatever somebody outside can read.

A few lives in each run; `DARBAZA_LIVES=500 script/test tests/portal/publications/test_life.py` tries more.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from darbaza.portal.consents import actions as consents
from darbaza.portal.consents import risks
from darbaza.portal.consents.asked import ticks_of
from darbaza.portal.consents.models import Protection, Statement
from darbaza.portal.council.publishing import RuleDraft, adopt_publication_rules, standing_rules
from darbaza.portal.people import actions as people
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from darbaza.portal.people.rights import RightMissingError
from darbaza.portal.publications import actions
from darbaza.portal.publications.actions import Written
from darbaza.portal.publications.findings import groups_of
from darbaza.portal.publications.models import Placement, Publication
from darbaza.portal.publications.reading import matter_of_draft
from darbaza.portal.school_time import school_day
from darbaza.publication import gate
from darbaza.publication.matter import Answer, Answered
from tests.people import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

TITLE = "Мелдеш жөнүндө"
LIVES, STEPS = int(os.environ.get("DARBAZA_LIVES", "6")), 25
BEGIN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
STEMS = {"bek": ("Асанов", "Бек "), "cholpon": ("Үсөнов", "Чолпон")}
NAMED = {"bek": "Асанов Бек алдыга чыкты.", "cholpon": "Үсөнова Чолпонго сыйлык берилди."}
EVERYTHING, NOT_UNDERSTOOD, NOTHING = "+", "1-24", "-"
SURNAME_ONLY, TELEGRAM_ONLY, ACHIEVEMENTS_ONLY = "1 15 20 25", "1-14 16 20 25", "1-15 21 25"
FORMS = [EVERYTHING, EVERYTHING, NOT_UNDERSTOOD, NOTHING, SURNAME_ONLY, TELEGRAM_ONLY, ACHIEVEMENTS_ONLY]
"""What is typed of a form: only the first covers a full name in news on our site, and all but the second count."""


@dataclass
class Said:
    """One form as the school has it, in plain words."""

    giver: str
    typed: str
    recorded_at: datetime
    first_day: date
    last_day: date
    statement: Statement
    withdrawn: bool = False

    @property
    def agrees(self) -> bool:
        """Whether it is an agreement to a full name in news on our site that stands."""
        return self.typed == EVERYTHING and not self.withdrawn


@dataclass
class Draft:
    """A draft as the school has it: which version was written by whom, checked by whom, and placed.

    `names` stand in its present version, `answered` are those of whom it was ever said what becomes of them.
    """

    publication: Publication
    writers: set[int]
    version: str
    names: tuple[str, ...] = ()
    facts: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    placed: str = ""


class PublicLife(RuleBasedStateMachine):
    """One school, two children of one class, some drafts; `cast` is the school's people, made once for all lives."""

    cast: Cast
    now = BEGIN
    seen_in_public = 0

    def __init__(self) -> None:
        """Each life is rolled back at its end."""
        super().__init__()
        self.life = transaction.atomic()
        self.life.__enter__()
        type(self).now = BEGIN
        self.drafts: list[Draft] = []
        self.said: dict[str, list[Said]] = {name: [] for name in NAMED}
        self.versions = 0

    def teardown(self) -> None:
        """Nothing is left."""
        transaction.set_rollback(True)
        self.life.__exit__(None, None, None)

    def person(self, name: str) -> Person:
        """As the tables have them now."""
        return Person.objects.get(pk=getattr(self.cast, name).pk)

    def tried(self, act: Any, /, **arguments: Any) -> Any:
        """An act by whoever may or may not; None if it was refused."""
        with suppress(ActRefusedError, RightMissingError), transaction.atomic():
            return act(**arguments, at=self.now)

    def text(self, names: list[str]) -> str:
        """A text of its own words, with some names."""
        self.versions += 1
        word = "белги" + "абвгдежзик"[self.versions % 10] + "лмнопрстуф"[self.versions // 10 % 10]
        self.word = word
        return " ".join(["Мектепте мелдеш болду.", *(NAMED[one] for one in names), f"Бул жерде {word} турат."])

    @initialize(name=st.sampled_from(list(NAMED)))
    def a_school_that_published(self, name: str) -> None:
        self.council(allows=True)
        self.agree(name, "mother", EVERYTHING, 300)
        self.write("aida", [name])
        self.straight(0)

    @rule(step=st.sampled_from([timedelta(minutes=5), timedelta(hours=20), timedelta(days=30), timedelta(hours=-1)]))
    def time_moves(self, step: timedelta) -> None:
        type(self).now += step

    @rule(
        by=st.sampled_from(["aida", "jyldyz", "saltanat", "timur"]),
        names=st.lists(st.sampled_from(list(NAMED)), unique=True),
    )
    def write(self, by: str, names: list[str]) -> None:
        made = self.tried(actions.write, written=Written(title=TITLE, body=self.text(names)), by=self.person(by))
        if made is not None:
            self.drafts.append(Draft(made, {made.author_id}, self.word, tuple(names)))

    @rule(
        place=st.integers(0, 3),
        by=st.sampled_from(["aida", "jyldyz", "saltanat"]),
        names=st.lists(st.sampled_from(list(NAMED)), unique=True),
    )
    def edit(self, place: int, by: str, names: list[str]) -> None:
        for one in self.chosen(place):
            written = Written(title=TITLE, body=self.text(names))
            changes = Publication.objects.get(pk=one.publication.pk).changes
            if self.tried(
                actions.change, publication=one.publication, written=written, changes=changes, by=self.person(by)
            ):
                one.version, one.names = self.word, tuple(names)
                one.writers.add(self.person(by).pk)

    def chosen(self, place: int) -> Iterator[Draft]:
        """One of the drafts, if there are any."""
        if self.drafts:
            yield self.drafts[place % len(self.drafts)]

    @rule(place=st.integers(0, 3), by=st.sampled_from(["gulnara", "aida", "jyldyz", "saltanat"]))
    def confirm_facts(self, place: int, by: str) -> None:
        for one in self.chosen(place):
            digest = matter_of_draft(self.current(one), self.now).content
            if self.tried(
                actions.check_facts, publication=one.publication, source="протокол", digest=digest, by=self.person(by)
            ):
                assert self.person(by).pk not in one.writers, "2.14: by somebody who wrote nothing of it"
                one.facts.add(one.version)

    def current(self, one: Draft) -> Publication:
        """The draft as the tables have it now."""
        return Publication.objects.get(pk=one.publication.pk)

    @rule(
        place=st.integers(0, 3),
        answer=st.sampled_from([Answer.CONSENT, Answer.CONSENT, Answer.INITIALS, Answer.REMOVE]),
        whose=st.sampled_from(["", "bek", "cholpon"]),
    )
    def answer(self, place: int, answer: Answer, whose: str) -> None:
        for one in self.chosen(place):
            for group in groups_of(matter_of_draft(self.current(one), self.now)):
                named = (str(self.person(whose).pk),) if whose else tuple(str(who.pk) for who in group.people[:1])
                given = {key: Answered(answer, named if answer is Answer.CONSENT else ()) for key in group.keys}
                self.tried(actions.answer, publication=one.publication, answers=given, by=self.person("jyldyz"))
            one.answered |= set(one.names)

    @rule(place=st.integers(0, 3), by=st.sampled_from(["jyldyz", "saltanat", "aida"]))
    def clear(self, place: int, by: str) -> None:
        for one in self.chosen(place):
            digest = matter_of_draft(self.current(one), self.now).clearing
            if self.tried(actions.check_personal_data, publication=one.publication, digest=digest, by=self.person(by)):
                assert set(one.names) <= one.answered, "2.15: somebody stands in it for whom nobody answered"
                one.cleared.add(one.version)

    @rule(place=st.integers(0, 3), by=st.sampled_from(["jyldyz", "jyldyz", "gulnara", "aida"]))
    def publish(self, place: int, by: str) -> None:
        for one in self.chosen(place):
            if self.tried(actions.publish, publication=one.publication, by=self.person(by)):
                assert by == "jyldyz", "2.15: the person responsible only"
                assert any(rule.allows for rule in standing_rules(self.now)), "2.6"
                assert not standing_rules(self.now).filter(allows=False).exists(), "2.6"
                one.placed = one.version

    @rule(
        place=st.integers(0, 3),
        left_out=st.sampled_from(["facts", "answer", "data"]),
        names=st.lists(st.sampled_from(list(NAMED)), unique=True),
    )
    def hastily(self, place: int, left_out: str, names: list[str]) -> None:
        """A text that is written anew, and all steps but one."""
        self.edit(place, "aida", names)
        if left_out != "facts":
            self.confirm_facts(place, "gulnara")
        if left_out != "answer":
            self.answer(place, Answer.CONSENT, "")
        if left_out != "data":
            self.clear(place, "jyldyz")
        self.publish(place, "jyldyz")

    @rule(place=st.integers(0, 3))
    def straight(self, place: int) -> None:
        """All steps as they should be taken, with whatever consents there are."""
        self.confirm_facts(place, "gulnara")
        self.answer(place, Answer.CONSENT, "")
        self.clear(place, "jyldyz")
        self.publish(place, "jyldyz")

    @rule(place=st.integers(0, 3), by=st.sampled_from(["jyldyz", "aida"]))
    def take_down(self, place: int, by: str) -> None:
        for one in self.chosen(place):
            latest = Placement.objects.filter(publication=one.publication).first()
            if latest and self.tried(actions.take_down, placement=latest, reason="ката бар", by=self.person(by)):
                one.placed = ""

    @rule(place=st.integers(0, 3), by=st.sampled_from(["aida", "gulnara", "timur"]))
    def doubt(self, place: int, by: str) -> None:
        for one in self.chosen(place):
            with suppress(ActRefusedError, RightMissingError), transaction.atomic():
                actions.doubt_facts(publication=one.publication, doubt="туура эмес", by=self.person(by), at=self.now)
                one.facts.clear()

    @rule(
        name=st.sampled_from(list(NAMED)),
        giver=st.sampled_from(["mother", "father"]),
        typed=st.sampled_from(FORMS),
        days=st.sampled_from([0, 1, 40, 300]),
        signed_days_ago=st.sampled_from([0, 60]),
    )
    def agree(self, name: str, giver: str, typed: str, days: int, signed_days_ago: int = 0) -> None:
        ticks, today = ticks_of(typed), school_day(self.now)
        assert ticks is not None
        told = consents.Told(risks.current(self.now), self.cast.jyldyz, self.now, "ky")
        who, signed_on = consents.Who(giver, f"{giver} of {name}"), today - timedelta(days=signed_days_ago)
        paper = consents.Paper(person=self.person(name), who=who, ticks=ticks, signed_on=signed_on)
        term = consents.Term(today, today + timedelta(days=days))
        made = self.tried(
            consents.record_papers, papers=[paper], told_=told, term=term, paper_set=None, by=self.person("jyldyz")
        )
        if made:
            self.said[name].append(Said(giver, typed, self.now, term.first_day, term.last_day, made[0]))

    @rule(name=st.sampled_from(list(NAMED)), place=st.integers(0, 5))
    def withdraw(self, name: str, place: int) -> None:
        said = self.said[name]
        if said:
            one = said[place % len(said)]
            with suppress(ActRefusedError), transaction.atomic():
                consents.withdraw(statement=one.statement, by=None, at=self.now)
                one.withdrawn = True

    @rule(name=st.sampled_from(list(NAMED)))
    def protect_or_not(self, name: str) -> None:
        found = Protection.objects.filter(person=self.person(name), until__isnull=True).first()
        if found is None:
            self.tried(consents.protect, person=self.person(name), by=self.person("gulnara"))
        else:
            self.tried(consents.end_protection, protection=found, by=self.person("gulnara"))

    @rule(name=st.sampled_from(list(NAMED)))
    def leave_or_return(self, name: str) -> None:
        person = self.person(name)
        act = people.let_leave if person.active else people.let_return
        self.tried(act, person=person, by=self.person("zarina"))
        if not person.active:
            today = school_day(self.now)
            self.tried(
                people.enrol_student,
                student=self.person(name),
                school_class=self.cast.seven,
                since=today,
                by=self.person("zarina"),
            )

    @rule(allows=st.booleans())
    def council(self, allows: bool) -> None:
        today = school_day(self.now)
        self.tried(
            adopt_publication_rules, text="Сайт жөнүндө", minutes_number="3", date=today, in_force_from=today,
            rules=[RuleDraft(allows=allows, channel="site")], ends=list(standing_rules(self.now)),
            by=self.person("nurlan"),
        )  # fmt: skip

    @invariant()
    def what_somebody_outside_reads_is_checked_and_consented(self) -> None:
        client = Client()
        pages = {
            one.publication.pk: client.get(f"/site/ky/p/{one.publication.public_id}/").content.decode()
            for one in self.drafts
        }
        everywhere = [
            client.get(path).content.decode() for path in ("/site/ky/", "/site/ru/list/news/", "/site/ky/rss.xml")
        ]
        for name, stems in STEMS.items():
            if any(stem in page for stem in stems for page in (*pages.values(), *everywhere)):
                type(self).seen_in_public += 1
                self.must_be_covered(name)
        for one in self.drafts:
            page = pages[one.publication.pk]
            if TITLE in page:
                assert one.placed, "nobody placed it"
                assert one.placed in page, "another version than the one that was placed"
                assert one.placed in one.facts, "2.14: its facts are not confirmed"
                assert one.placed in one.cleared, "2.14: its personal data were not checked"

    def must_be_covered(self, name: str) -> None:
        """2.15-2.17, as a person would say it."""
        person, today = self.person(name), school_day(self.now)
        assert person.active, "whoever left leaves the publications"
        assert not Protection.objects.filter(person=person, until__isnull=True).exists()
        last = {one.giver: one for one in self.said[name] if one.typed != NOT_UNDERSTOOD}
        assert all(one.agrees for one in last.values()), "the stricter parent counts"
        live = [one for one in self.said[name] if one.agrees and one.first_day <= today <= one.last_day]
        assert any(one.recorded_at <= self.now for one in live), "a consent for this day"


def test_whatever_is_public_is_checked_by_another_and_consented_to(
    cast: Cast, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    PublicLife.cast = cast
    PublicLife.seen_in_public = 0
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: PublicLife.now)
    run_state_machine_as_test(PublicLife, settings=FEW)
    assert PublicLife.seen_in_public > LIVES, "no name was ever public: nothing was proved"


def hasty_life() -> None:
    """A life in which one step after another is left out; what must hold is looked at after each act."""
    life = PublicLife()
    try:
        life.a_school_that_published("bek")
        for act in (
            lambda: life.hastily(0, "facts", ["bek"]),
            lambda: life.hastily(0, "data", ["bek"]),
            lambda: life.hastily(0, "answer", list(NAMED)),
            lambda: life.straight(0),
            lambda: life.edit(0, "aida", ["bek"]),
            lambda: life.council(allows=False),
            lambda: life.straight(0),
        ):
            act()
            life.what_somebody_outside_reads_is_checked_and_consented()
    finally:
        life.teardown()


@pytest.mark.parametrize("removed", ["", "facts", "personal_data", "answered", "consents", "council"])
def test_a_gate_that_lost_one_of_its_checks_does_not_pass_here(
    removed: str, cast: Cast, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each check is taken out of `gate` in turn; a life in which each step is left out once must tell."""
    PublicLife.cast = cast
    monkeypatch.setattr("darbaza.clock.utc_now", lambda: PublicLife.now)
    if not removed:
        hasty_life()
        return
    monkeypatch.setattr(gate, removed, lambda *_arguments: iter(()))
    with pytest.raises(AssertionError, match=r"2\.\d+|a consent|stricter"):
        hasty_life()


FEW = settings(max_examples=LIVES, stateful_step_count=STEPS, deadline=None)

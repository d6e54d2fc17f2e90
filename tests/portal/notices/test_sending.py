"""Messages leave by real servers, of mail and of one that speaks as Telegram and ntfy do; line down and back."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from darbaza.portal.audit.models import AuditEntry
from darbaza.portal.notices import actions, delivery, linking
from darbaza.portal.notices.actions import Setting
from darbaza.portal.notices.models import (
    Channel,
    ChannelKind,
    Contact,
    Delivery,
    Fault,
    How,
    Kind,
    Letter,
    LetterState,
    Notification,
    Security,
)
from darbaza.portal.notices.sending import apprised, routes
from darbaza.portal.people.models import Person
from darbaza.portal.people.refusals import ActRefusedError
from tests.portal.live import NOW, School, clock, make_school
from tests.portal.notices.servers import PASSWORD, TOKEN, USER, MailServer, Messenger, mail_server, messenger
from tests.portal.notices.test_outbox import ask

pytestmark = [
    pytest.mark.django_db,
    # The mail server of the tests takes a password without TLS, on loopback, and says so at every connection.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]

MINUTE = timedelta(minutes=1)
ADDRESS = "roza@school.test"


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture(scope="module")
def listening() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def mail(listening: MailServer) -> Iterator[MailServer]:
    listening.letters.clear()
    yield listening
    listening.for_now.clear()
    listening.for_good.clear()
    if listening.controller is None:
        listening.start()


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Messenger]:
    from apprise.plugins.telegram import NotifyTelegram

    with messenger() as made:
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{made.url}/bot")
        yield made


@pytest.fixture(autouse=True)
def no_secret_stays() -> Iterator[None]:
    yield
    for one in Path(settings.STATE).glob("channel-*.secret"):
        one.unlink()


def set_mail(school: School, mail: MailServer, secret: str = PASSWORD, at: datetime = NOW) -> Channel:
    setting = Setting("127.0.0.1", mail.port, Security.NONE, USER, "mektep@school.test", secret)
    return actions.set_channel(kind=ChannelKind.E_MAIL, setting=setting, by=school.ict, at=at)


def wants(person: Person, how: How, channel: ChannelKind = ChannelKind.E_MAIL, address: str = ADDRESS) -> None:
    Contact.objects.create(person=person, channel=channel, address=address, code="x", added_at=NOW, confirmed_at=NOW)
    actions.choose_wishes(wishes={(Kind.PERMIT_ASKED, channel): how}, by=person, at=NOW)


def run(at: datetime = NOW) -> int:
    return delivery.run(routes.send, lambda: at)


# E-mail


def test_what_is_wanted_at_once_arrives_and_names_nobody(school: School, mail: MailServer) -> None:
    set_mail(school, mail)
    wants(school.responsible, How.AT_ONCE)
    ask(school, school.aida, school.bek)
    assert run() == 1
    [letter] = mail.letters
    assert letter["To"] == ADDRESS
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].startswith(f"<{Letter.objects.get().public_id}@")
    text = letter.get_body().get_content()  # type: ignore[union-attr] # a letter of ours has one
    assert "Уруксат суралды" in text
    assert f"{settings.ADDRESS}/notifications/" in text
    assert not re.search("Бек|Аида|pochta|Олимпиада", f"{letter['Subject']}{text}")
    assert run() == 0
    assert len(mail.letters) == 1


def test_nothing_leaves_without_a_wish_without_an_address_or_without_a_channel(
    school: School, mail: MailServer
) -> None:
    set_mail(school, mail)
    ask(school, school.aida)
    Contact.objects.create(person=school.responsible, channel="e-mail", address=ADDRESS, code="x", added_at=NOW)
    actions.choose_wishes(wishes={(Kind.PERMIT_ASKED, "e-mail"): How.AT_ONCE}, by=school.responsible, at=NOW)
    ask(school, school.bakyt)
    assert not Delivery.objects.exists(), "an address that nobody has confirmed is none"
    Contact.objects.update(confirmed_at=NOW)
    actions.close_channel(kind=ChannelKind.E_MAIL, by=school.ict, at=NOW)
    ask(school, school.class_teacher)
    assert run() == 0
    assert Delivery.objects.get().letter is None, "it waits for the channel"
    set_mail(school, mail)
    assert run() == 1


def test_a_digest_comes_once_a_day_and_leaves_out_what_was_read(school: School, mail: MailServer) -> None:
    set_mail(school, mail)
    wants(school.responsible, How.DIGEST)
    for person in (school.aida, school.bakyt, school.ict):
        ask(school, person)
    assert run(clock(14, 59)) == 0
    actions.mark_read(by=school.responsible, at=NOW, public_id=Notification.objects.all()[0].public_id)
    assert run(clock(15)) == 1
    [letter] = mail.letters
    assert "Уруксат суралды (2)" in letter.get_body().get_content()  # type: ignore[union-attr]
    assert Delivery.objects.filter(needless=True).count() == 1


def test_the_line_is_down_and_everything_leaves_once_when_it_is_back(school: School, mail: MailServer) -> None:
    set_mail(school, mail)
    wants(school.responsible, How.AT_ONCE)
    mail.stop()
    for person in (school.aida, school.bakyt, school.ict):
        ask(school, person)
        assert run() == 0
    channel = Channel.objects.get()
    assert (channel.fault, channel.faults) == (Fault.LINE, 1), "one letter was tried for all"
    assert channel.rests_until == NOW + MINUTE
    assert run(NOW + MINUTE) == 0
    assert Channel.objects.get().rests_until == NOW + 3 * MINUTE
    mail.start()
    assert run(NOW + 2 * MINUTE) == 0, "it rests"
    sent = run(NOW + 3 * MINUTE)
    assert sent == len(mail.letters) == Letter.objects.filter(state=LetterState.SENT).count()
    assert Notification.objects.filter(deliveries__letter__state=LetterState.SENT).count() == 3
    assert Channel.objects.get().fault == ""
    assert run(NOW + timedelta(days=2)) == 0


def test_a_server_that_puts_off_is_asked_again_and_one_that_refuses_for_good_is_not(
    school: School, mail: MailServer
) -> None:
    set_mail(school, mail)
    wants(school.responsible, How.AT_ONCE)
    mail.for_now.add(ADDRESS)
    ask(school, school.aida)
    assert run() == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.fault, letter.fault_detail) == ("queued", "busy", "450 4.2.0 greylisted, come later")
    assert Channel.objects.get().fault == "", "other letters may go"
    assert run(NOW + timedelta(seconds=59)) == 0
    assert Letter.objects.get().tries == 1
    mail.for_now.clear()
    mail.for_good.add(ADDRESS)
    assert run(NOW + MINUTE) == 0
    letter = Letter.objects.get()
    assert (letter.state, letter.fault, letter.tries) == ("failed", "address", 2)
    assert Contact.objects.get().fault == "address"
    ask(school, school.bakyt)
    assert run(NOW + timedelta(days=3)) == 0
    assert Letter.objects.count() == 1, "nothing more is sent to an address that takes nothing"


def test_a_wrong_password_is_told_to_whoever_can_mend_it_and_all_leaves_then(school: School, mail: MailServer) -> None:
    set_mail(school, mail, "wrong")
    wants(school.responsible, How.AT_ONCE)
    ask(school, school.aida)
    assert run() == 0
    channel = Channel.objects.get()
    assert channel.fault == Fault.SIGN_IN
    set_mail(school, mail)
    assert run() == 1
    assert len(list(Path(settings.STATE).glob("channel-*.secret"))) == 2, "deleted when the transaction stands"


def test_a_stop_between_handing_over_and_writing_down_sends_twice_with_one_number(
    school: School, mail: MailServer
) -> None:
    set_mail(school, mail)
    wants(school.responsible, How.AT_ONCE)
    ask(school, school.aida)

    def power_cut(channel: Channel, message: delivery.Message) -> delivery.Outcome:
        assert routes.send(channel, message).is_sent
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delivery.run(power_cut, lambda: NOW)
    assert run(NOW + timedelta(minutes=4)) == 0, "somebody else may still be at it"
    assert run(NOW + delivery.CLAIM) == 1
    assert len({one["Message-ID"] for one in mail.letters}) == 1
    assert len(mail.letters) == 2


def test_an_address_counts_once_its_code_was_given_back(school: School, mail: MailServer) -> None:
    set_mail(school, mail)
    made = actions.add_contact(channel="e-mail", address=ADDRESS, by=school.responsible, at=NOW)
    assert run() == 1
    [code] = re.findall(r"Код: (\d{6})", mail.letters[0].get_body().get_content())  # type: ignore[union-attr]
    for _try in range(2):
        with pytest.raises(ActRefusedError, match="not the code"):
            actions.confirm_contact(channel="e-mail", code="000000", by=school.responsible, at=NOW)
    actions.confirm_contact(channel="e-mail", code=f" {code[:3]} {code[3:]}", by=school.responsible, at=NOW)
    assert Contact.objects.get(pk=made.pk).confirmed_at == NOW
    assert ADDRESS not in "".join(AuditEntry.objects.values_list("detail_text", flat=True))
    other = actions.add_contact(channel="e-mail", address=ADDRESS, by=school.aida, at=NOW)
    for _try in range(actions.MOST_TRIES):
        with pytest.raises(ActRefusedError, match="not the code"):
            actions.confirm_contact(channel="e-mail", code=code, by=school.aida, at=NOW)
    with pytest.raises(ActRefusedError, match="Too many"):
        actions.confirm_contact(channel="e-mail", code=code, by=school.aida, at=NOW)
    assert Contact.objects.get(pk=other.pk).confirmed_at is None


@pytest.mark.django_db(transaction=True)
def test_the_command_that_systemd_runs_sends_what_waits(mail: MailServer) -> None:
    school = make_school()
    set_mail(school, mail)
    wants(school.responsible, How.AT_ONCE)
    ask(school, school.aida)
    call_command("deliver_notices", once=True)
    assert len(mail.letters) == 1


# Telegram and others


def set_telegram(school: School, token: str = TOKEN) -> Channel:
    setting = Setting("api.telegram.org", secret=token)
    return actions.set_channel(kind=ChannelKind.TELEGRAM, setting=setting, by=school.ict, at=NOW)


def test_a_person_is_known_by_the_code_that_they_say_to_the_bot(school: School, telegram: Messenger) -> None:
    set_telegram(school)
    linking.look(NOW)
    assert Channel.objects.get().bot_name == "mektep_bot"
    linking.look(NOW)
    assert telegram.asked == ["getMe"], "while nobody waits nothing is asked"
    contact = actions.add_contact(channel="telegram", address="", by=school.responsible, at=NOW)
    telegram.say(5, "/start zzzzzzzz", chat=1)
    telegram.say(6, f"/start {contact.code}", chat=-100, kind="group")
    linking.look(NOW)
    assert Contact.objects.get().confirmed_at is None, "neither a stranger's code nor a group"
    telegram.say(7, f"/start {contact.code}")
    linking.look(NOW + linking.OPEN_FOR)
    assert Contact.objects.get().confirmed_at is None, "too late"
    linking.look(NOW)
    assert (Contact.objects.get().address, Contact.objects.get().confirmed_at) == ("77001122", NOW)
    assert Channel.objects.get().updates_read == 8


def test_telegram_gets_the_same_words(school: School, telegram: Messenger) -> None:
    set_telegram(school)
    wants(school.responsible, How.AT_ONCE, ChannelKind.TELEGRAM, "77001122")
    ask(school, school.aida, school.bek)
    assert run() == 1
    [sent] = telegram.sent
    assert str(sent["chat_id"]) == "77001122"
    assert "Уруксат суралды" in sent["text"]
    assert "/notifications/" in sent["text"]
    assert "Бек" not in sent["text"]


@pytest.mark.parametrize(
    ("code", "description", "fault", "of_channel"),
    [
        (403, "Forbidden: bot was blocked by the user", Fault.ADDRESS, False),
        (400, "Bad Request: chat not found", Fault.ADDRESS, False),
        (401, "Unauthorized", Fault.SIGN_IN, True),
        (429, "Too Many Requests: retry after 5", Fault.BUSY, False),
        (502, "Bad Gateway", Fault.BUSY, False),
    ],
)
def test_what_telegram_refuses_is_said_in_words(
    school: School, telegram: Messenger, code: int, description: str, fault: Fault, of_channel: bool
) -> None:
    set_telegram(school)
    wants(school.responsible, How.AT_ONCE, ChannelKind.TELEGRAM, "77001122")
    telegram.answer = (code, {"ok": False, "error_code": code, "description": description})
    ask(school, school.aida)
    assert run() == 0
    letter, channel = Letter.objects.get(), Channel.objects.get()
    assert (letter.fault, letter.fault_detail) == (fault, f"{code} {description}")
    assert (channel.fault == fault) is of_channel
    telegram.answer = None
    assert run(NOW + MINUTE) == (0 if fault == Fault.ADDRESS else 1)


def test_no_line_to_telegram_is_a_dead_line_and_says_no_token(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.telegram import NotifyTelegram

    monkeypatch.setattr(NotifyTelegram, "notify_url", "http://127.0.0.1:9/bot")
    set_telegram(school)
    linking.look(NOW)
    channel = Channel.objects.get()
    assert (channel.fault, channel.rests_until) == (Fault.LINE, NOW + MINUTE)
    assert TOKEN[12:] not in channel.fault_detail
    wants(school.responsible, How.AT_ONCE, ChannelKind.TELEGRAM, "77001122")
    ask(school, school.aida)
    assert run(NOW + MINUTE) == 0
    assert Letter.objects.get().fault == Fault.LINE


def test_another_service_is_reached_by_its_address(school: School, telegram: Messenger) -> None:
    template = telegram.url.replace("http://", "ntfy://") + "/{address}"
    assert apprised.is_possible(template)
    setting = Setting(host="ntfy://127.0.0.1", secret=template)
    actions.set_channel(kind=ChannelKind.OTHER, setting=setting, by=school.ict, at=NOW)
    wants(school.responsible, How.AT_ONCE, ChannelKind.OTHER, "roza-kabar")
    ask(school, school.aida)
    assert run() == 1
    assert "Уруксат суралды" in str(telegram.sent[0])


@pytest.mark.parametrize(
    "template",
    [
        "file:///etc/passwd",
        "syslog://{address}",
        "dbus://{address}",
        "ntfys://ntfy.school.test/own",
        "json://x/{address}",
        "x",
    ],
)
def test_what_is_no_messenger_is_no_channel(template: str) -> None:
    assert not apprised.is_possible(template)


# Secrets and rights


def test_a_secret_lies_in_a_file_for_its_owner_and_not_in_the_database(school: School, mail: MailServer) -> None:
    channel = set_mail(school, mail)
    path = Path(settings.STATE) / channel.secret_file
    assert path.read_text() == PASSWORD
    assert path.stat().st_mode & 0o777 == 0o600
    kept = "".join(str(value) for value in Channel.objects.values_list()[0])
    assert PASSWORD not in kept + "".join(AuditEntry.objects.values_list("detail_text", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_was_replaced_is_deleted(mail: MailServer) -> None:
    school = make_school()
    first = set_mail(school, mail, "one").secret_file
    second = set_mail(school, mail, "two").secret_file
    assert not (Path(settings.STATE) / first).exists()
    assert set_mail(school, mail, "").secret_file == second, "an empty one keeps what is set"
    actions.close_channel(kind=ChannelKind.E_MAIL, by=school.ict, at=NOW)
    assert not list(Path(settings.STATE).glob("channel-*.secret"))

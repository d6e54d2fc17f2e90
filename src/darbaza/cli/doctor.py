"""`darbaza doctor`: plain checks, one line each, with what to do about what is wrong."""

import argparse
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from darbaza.agent import settings as box_settings
from darbaza.agent.engines import Wiring, is_listening, wired
from darbaza.agent.settings import CATALOGUE, LISTS, PEER_SECRET, TOKEN, BoxSettings, SettingsError
from darbaza.agent.situation import signs_with
from darbaza.catalogue.sources import SourceError
from darbaza.catalogue.update import read_report
from darbaza.catalogue.wording import ListsError
from darbaza.cli import control, promises
from darbaza.cli.apply import rulebook_in_force
from darbaza.cli.lists import library
from darbaza.cli.words import CommandError, say, text
from darbaza.clock import utc_now
from darbaza.engines.base import EngineError
from darbaza.engines.squid.authority import LATEST_SWITCH, NEXT_AHEAD, certificate_in, next_of
from darbaza.policy.inspection import inspection_of, under
from darbaza.policy.rulebook import Inspection, Rulebook
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.store import SNAPSHOT_FILE

OLD_LISTS_DAYS = 7
OLD_RULEBOOK_DAYS = 30
LOW_DISK = 500 * 1024**2
LONG_BACKLOG = 10 * 1024**2
CLOCK_SECONDS = 30
PORTAL_SECONDS = 3.0
DAY = 86400


class Mark(StrEnum):
    """How a check came out."""

    WELL = "well"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it came out, and what was found or is to be done."""

    subject: str
    mark: Mark
    said: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks look at."""

    run: Path
    language: str
    settings: BoxSettings
    health: Mapping[str, Any] | None
    now: datetime

    def finding(self, subject: str, mark: Mark, key: str = "", **values: object) -> Finding:
        """A finding in the reader's language."""
        said = text("doctor", key, self.language, **values) if key else ""
        return Finding(text("doctor", subject, self.language), mark, said)

    def well(self, subject: str, said: object = "") -> Finding:
        """A finding that needs nothing."""
        return Finding(text("doctor", subject, self.language), Mark.WELL, str(said))


def command(options: argparse.Namespace) -> int:
    """0 if everything is well or only worth a look, 1 if something is wrong."""
    findings = list(examine(options))
    if options.json:
        say(json.dumps([{"subject": f.subject, "mark": f.mark, "said": f.said} for f in findings], ensure_ascii=False))
    else:
        say(line(finding, options.lang) for finding in findings)
    return 1 if any(finding.mark is Mark.BAD for finding in findings) else 0


def line(finding: Finding, language: str) -> str:
    """A finding as a line."""
    said = f": {finding.said}" if finding.said else ""
    return f"[{text('doctor', finding.mark, language)}] {finding.subject}{said}"


def examine(options: argparse.Namespace) -> Iterator[Finding]:
    """All checks. Without readable settings there is nothing else to look at."""
    path = options.run / "box.toml"
    try:
        settings = box_settings.load(path)
    except (SettingsError, EngineError, ValueError) as error:
        yield Finding(text("doctor", "settings", options.lang), Mark.BAD, str(error))
        return
    health, complaint = agent_health(options.run)
    patient = Patient(options.run, options.lang, settings, health, utc_now())
    yield patient.well("settings", path)
    if complaint:
        yield Finding(text("doctor", "agent", options.lang), Mark.BAD, complaint)
    for check in CHECKS:
        yield from check(patient)


def agent_health(run: Path) -> tuple[Mapping[str, Any] | None, str]:
    """What the agent says of itself, or why it can't be asked."""
    try:
        return control.ask(run, "GET", "/status"), ""
    except CommandError as error:
        return None, str(error)


def check_keys(patient: Patient) -> Iterator[Finding]:
    """Secrets are there, and nobody else can read them."""
    try:
        _ = patient.settings.token
    except SettingsError as error:
        yield Finding(text("doctor", "keys", patient.language), Mark.BAD, str(error))
        return
    secrets = [path for path in (patient.run / TOKEN, patient.run / PEER_SECRET) if path.exists()]
    open_ones = [path for path in secrets if path.stat().st_mode & 0o007]
    for path in open_ones:
        yield patient.finding("keys", Mark.BAD, "keys-open", path=path)
    if not open_ones:
        yield patient.well("keys")


def check_rulebook(patient: Patient) -> Iterator[Finding]:
    """There is a rulebook, signed and sound, and not strangely old."""
    try:
        rulebook = rulebook_in_force(patient.run)
    except (SnapshotError, OSError) as error:
        yield Finding(text("doctor", "rulebook", patient.language), Mark.BAD, str(error))
        return
    if rulebook is None:
        yield patient.finding("rulebook", Mark.BAD, "rulebook-none")
        return
    days = age_in_days(patient.run / SNAPSHOT_FILE, patient.now)
    if days > OLD_RULEBOOK_DAYS:
        yield patient.finding("rulebook", Mark.WARNING, "rulebook-old", revision=rulebook.revision, days=days)
    else:
        yield patient.well("rulebook", f"r{rulebook.revision}")


def age_in_days(path: Path, now: datetime) -> int:
    """Whole days since a file was written."""
    return int((now.timestamp() - path.stat().st_mtime) // DAY)


def check_portal_and_clock(patient: Patient) -> Iterator[Finding]:
    """The portal answers, and its clock agrees with ours."""
    url = patient.settings.box.portal
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - settings take http and https only
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=PORTAL_SECONDS) as answer:
            shown = answer.headers.get("Date", "")
    except urllib.error.HTTPError as error:
        shown = error.headers.get("Date", "")
    except OSError as error:
        yield patient.finding("portal", Mark.WARNING, "portal-away", complaint=error)
        return
    yield patient.well("portal", url)
    if shown:
        yield check_clock(patient, parsedate_to_datetime(shown))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Any answer tells that the portal is there; where it leads to is no matter here."""

    def redirect_request(self, *_given: Any) -> None:
        """Follow nothing."""


def check_clock(patient: Patient, portal_clock: datetime) -> Finding:
    """Lessons end by the clock, so it must be right."""
    seconds = round(abs((utc_now() - portal_clock).total_seconds()))
    if seconds > CLOCK_SECONDS:
        return patient.finding("clock", Mark.BAD, "clock-off", seconds=seconds)
    return patient.well("clock")


def check_agent(patient: Patient) -> Iterator[Finding]:
    """The agent runs."""
    if patient.health is None:
        yield patient.finding("agent", Mark.BAD, "agent-down")
    else:
        yield patient.well("agent", patient.health["pid"])


def check_engines(patient: Patient) -> Iterator[Finding]:
    """Each engine is installed in a version we know, runs, and listens."""
    for wiring in wired(patient.settings):
        yield check_engine(patient, wiring)


def check_engine(patient: Patient, wiring: Wiring) -> Finding:
    """One engine."""
    try:
        version = ".".join(map(str, wiring.version()))
    except EngineError as error:
        return Finding(wiring.name, Mark.BAD, str(error))
    engine = patient.health["engines"].get(wiring.name) if patient.health else None
    if engine is not None and not engine["pid"]:
        said = text("doctor", "engine-down", patient.language, version=version, complaint=engine["complaint"])
        return Finding(wiring.name, Mark.BAD, said)
    silent = [endpoint for endpoint in wiring.endpoints if not is_listening(endpoint)]
    if silent:
        log = patient.run / "log" / f"{wiring.name}.log"
        said = text("doctor", "engine-silent", patient.language, endpoint=silent[0], log=log)
        return Finding(wiring.name, Mark.BAD, said)
    return Finding(wiring.name, Mark.WELL, version)


def check_helper(patient: Patient) -> Iterator[Finding]:
    """Squid's helper gives verdicts, and connections can be cut."""
    squid = next((wiring for wiring in wired(patient.settings) if wiring.name == "squid"), None)
    if squid is None or not all(map(is_listening, squid.endpoints)):
        return
    if squid.verify().facts.get("judges"):
        yield patient.well("helper")
    else:
        yield patient.finding("helper", Mark.BAD, "helper-silent")
    if patient.health is not None and not patient.health["cuts"]["able"]:
        yield patient.finding("cutting", Mark.BAD, "cutting-unable")
    elif patient.health is not None:
        yield patient.well("cutting")


def check_lists(patient: Patient) -> Iterator[Finding]:
    """There is a catalogue, it is fresh, and nothing waits for a person."""
    path = patient.run / CATALOGUE
    if not path.exists():
        yield patient.finding("lists", Mark.BAD, "lists-none")
        return
    findings = [*_age_of_lists(patient), *_trouble_of_lists(patient)]
    yield from findings or [patient.well("lists")]


def _age_of_lists(patient: Patient) -> Iterator[Finding]:
    """A database is as old as the last update that found nothing newer."""
    report = read_report(patient.run / LISTS)
    days = age_in_days(patient.run / CATALOGUE, patient.now)
    if report and report.reached:
        days = min(days, (patient.now - report.at).days)
    if days > OLD_LISTS_DAYS:
        yield patient.finding("lists", Mark.WARNING, "lists-old", days=days)
        if patient.settings.lists is None:
            yield patient.finding("lists", Mark.WARNING, "lists-by-hand")


def _trouble_of_lists(patient: Patient) -> Iterator[Finding]:
    """What waits for a person, what was refused last, what kept all of it from taking effect."""
    report = read_report(patient.run / LISTS)
    if report and report.problem:
        problem = report.problem.told(patient.language)
        yield patient.finding("lists", Mark.BAD, "lists-problem", problem=problem)
    try:
        states = library(argparse.Namespace(run=patient.run)).states()
    except (ListsError, SourceError, OSError) as error:
        said = error.said.told(patient.language) if isinstance(error, ListsError) else str(error)
        yield Finding(text("doctor", "lists", patient.language), Mark.BAD, said)
        return
    held = sum(1 for state in states if state.held)
    if held:
        yield patient.finding("lists", Mark.WARNING, "lists-held", count=held)
    troubled = [(state.id, state.trouble.told(patient.language)) for state in states if state.trouble]
    if troubled:
        name, reason = troubled[0]
        yield patient.finding("lists", Mark.WARNING, "lists-refused", count=len(troubled), list=name, reason=reason)


def check_disk(patient: Patient) -> Iterator[Finding]:
    """There is room for the verdict log: what can't be logged is refused."""
    free = shutil.disk_usage(patient.run).free
    if free < LOW_DISK:
        yield patient.finding("disk", Mark.BAD, "disk-full", free=free // 1024**2)
    else:
        yield patient.well("disk", f"{free // 1024**2} MB")


def check_spool(patient: Patient) -> Iterator[Finding]:
    """Verdicts reach the portal."""
    if patient.health is None:
        return
    spool = patient.health["spool"]
    if spool["backlog"] > LONG_BACKLOG or (spool["complaint"] and spool["backlog"]):
        megabytes = round(spool["backlog"] / 1024**2, 1)
        yield patient.finding("spool", Mark.WARNING, "spool-waits", backlog=megabytes, complaint=spool["complaint"])
    else:
        yield patient.well("spool")


def check_authority(patient: Patient) -> Iterator[Finding]:
    """The school's certificate does not end soon, and its next one is installed in time."""
    if patient.settings.squid is None:
        return
    shown = patient.settings.squid.certificate.with_suffix(".crt")
    try:
        ends = certificate_in(shown).not_valid_after_utc
    except (OSError, ValueError):
        yield patient.finding("authority", Mark.BAD, "authority-none", path=shown)
        return
    day, left = f"{ends:%d.%m.%Y}", ends - patient.now
    if left <= LATEST_SWITCH:
        yield patient.finding("authority", Mark.BAD, "authority-ends", day=day)
    elif left <= NEXT_AHEAD or next_of(shown).with_suffix(".crt").exists():
        yield patient.finding("authority", Mark.WARNING, "authority-followed", day=day)
    else:
        yield patient.well("authority", day)


def check_inspection(patient: Patient) -> Iterator[Finding]:
    """Where encrypted pages are looked into, by which decision and until when."""
    try:
        rulebook = rulebook_in_force(patient.run)
    except (SnapshotError, OSError):
        return  # told above
    if rulebook is None or patient.settings.squid is None:
        return
    rulebook = under(rulebook, signs_with(patient.run))
    standing = [one for one in rulebook.inspections if one.since <= patient.now < one.until]
    if not standing:
        yield patient.finding("inspection", Mark.WELL, "inspection-none")
    for one in standing:
        yield from decision_findings(patient, rulebook, one)


def decision_findings(patient: Patient, rulebook: Rulebook, decision: Inspection) -> Iterator[Finding]:
    """The computers that a decision names: those looked into, and those that lack the certificate in use."""
    looked = [one for one in decision.devices if inspection_of(rulebook, one, patient.now) is not None]
    lacking = [one for one in decision.devices if one not in looked]
    ends = decision.until.astimezone(ZoneInfo(rulebook.zone) if rulebook.zone else UTC)
    said = {"ref": decision.ground.ref, "ends": f"{ends:%d.%m.%Y %H:%M}"}
    if looked:
        yield patient.finding("inspection", Mark.WELL, "inspection-stands", devices=", ".join(looked), **said)
    if lacking:
        yield patient.finding("inspection", Mark.WARNING, "inspection-lacks", devices=", ".join(lacking), **said)


def check_promises(patient: Patient) -> Iterator[Finding]:
    """What the school may rely on, as this box stands: a limit of the mode is told, and is no fault."""
    language, mode = patient.language, patient.settings.box.mode
    yield Finding(promises.text("mode", mode, language), Mark.WELL, "docs/operate")
    for one in promises.standings(patient.settings, patient.health, language):
        subject = f"{one.clauses} · {one.promise}"
        said = promises.text("level", one.level, language) + (f": {one.reason}" if one.reason else "")
        yield Finding(subject, Mark.WELL if one.level is promises.Level.KEPT else Mark.WARNING, said)


CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    check_keys,
    check_agent,
    check_portal_and_clock,
    check_rulebook,
    check_engines,
    check_helper,
    check_lists,
    check_disk,
    check_spool,
    check_authority,
    check_inspection,
    check_promises,
)

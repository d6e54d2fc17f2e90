"""The other commands without an agent: what they say, and with which exit code they end."""

import io
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from darbaza.cli import control, doctor, main, status
from darbaza.cli.main import language_in
from darbaza.cli.words import locale_language, say, texts
from darbaza.clock import utc_now
from darbaza.engines.squid.authority import fingerprint_of, make_authority
from darbaza.policy.rulebook import Device, Inspection
from darbaza.snapshot import codec, envelope
from darbaza.snapshot.envelope import SNAPSHOT, seal
from tests.agent.box import KEY
from tests.migrated import lay_migrated_database
from tests.snapshot.strategies import ORDER, school

HEALTH = {
    "box": "box-1",
    "version": "0.1.0",
    "pid": 1,
    "revision": 7,
    "sequence": 3,
    "portal": {"cut_off": False, "complaint": "", "refused": {}},
    "engines": {"squid": {"pid": 10, "starts": 1, "complaint": "", "version": "5.7", "failing": []}},
    "cuts": {"able": True},
    "spool": {"backlog": 0, "gaps": 0, "complaint": ""},
    "catalogue": {"names": 3},
    "lists": {
        "automatic": True,
        "good": "2026-11-24T20:30:00+00:00",
        "next": "2026-11-25T20:41:00+00:00",
        "held": [],
        "refused": [],
        "complaint": "",
    },
}


def test_without_an_agent_the_status_says_so(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--run", str(run), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "The agent does not run." in said
    assert "Rulebook: r7" in said


@pytest.mark.parametrize(
    ("change", "is_well"),
    [
        ({}, True),
        ({"revision": 0}, False),
        ({"portal": {"cut_off": True, "complaint": "no line", "refused": {}}}, False),
        ({"portal": {"cut_off": False, "complaint": "", "refused": {"snapshot": "too old"}}}, False),
        ({"engines": {"squid": {**HEALTH["engines"]["squid"], "pid": 0, "complaint": "gone"}}}, False),
        ({"engines": {"squid": {**HEALTH["engines"]["squid"], "failing": ["judges"]}}}, False),
        ({"lists": {**HEALTH["lists"], "held": ["ut1/games"], "refused": ["ut1/vpn"]}}, True),
        ({"lists": {**HEALTH["lists"], "complaint": "the update of lists ended with status 9"}}, False),
    ],
)
def test_a_status_with_any_complaint_ends_with_one(
    run: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, object],
    is_well: bool,
) -> None:
    monkeypatch.setattr(status.control, "ask", lambda *_: {**HEALTH, **change})
    assert main(["status", "--run", str(run), "--lang", "ky"]) == (0 if is_well else 1)
    assert "Шлюз box-1" in capsys.readouterr().out


def test_a_status_names_the_lists_that_wait(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = {**HEALTH["lists"], "held": ["ut1/games"], "refused": ["ut1/vpn"], "complaint": "no line"}
    monkeypatch.setattr(status.control, "ask", lambda *_: {**HEALTH, "lists": lists})
    for language, words in (("ky", "чечимин күткөн"), ("ru", "Ждут решения"), ("en", "wait for a person")):
        main(["status", "--run", str(run), "--lang", language])
        said = capsys.readouterr().out
        assert words in said
        assert "ut1/games" in said
        assert "no line" in said


def test_a_plan_without_engines_changes_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--run", str(run), "--lang", "en"]) == 0
    assert "Nothing would change." in capsys.readouterr().out
    assert main(["plan", "--run", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"revision": 7, "lists": {}, "engines": {}}


def test_lists_are_imported_planned_and_applied(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(__file__).parents[2] / "src/darbaza/catalogue/demo_lists"
    assert main(["lists", "import", str(folder), "--run", str(run)]) == 0
    assert main(["plan", "--run", str(run), "--lang", "en"]) == 1
    assert "list demo/" in capsys.readouterr().out
    assert main(["apply", "--run", str(run), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "lists compiled" in said
    assert "takes effect at its next start" in said
    assert main(["plan", "--run", str(run)]) == 0
    assert main(["lists", "show", "--run", str(run)]) == 0
    assert main(["lists", "--run", str(run)]) == 0
    assert main(["lists", "which", "kumar.test", "--run", str(run)]) == 0
    assert "kumar.test" in capsys.readouterr().out


def test_a_list_nobody_knows_ends_with_two(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", "accept", "no/such", "--by", "Aida", "--run", str(run), "--lang", "en"]) == 2
    assert "no/such" in capsys.readouterr().err


def test_a_key_is_made_once_and_its_public_line_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "signing.pem"
    assert main(["keygen", str(path)]) == 0
    line = capsys.readouterr().out.strip()
    key = envelope.read_private_key(path)
    assert line == envelope.public_line(key.public_key())
    before = path.read_bytes()
    assert main(["keygen", str(path), "--lang", "ru"]) == 2
    assert path.read_bytes() == before
    assert capsys.readouterr().err.startswith("darbaza: ошибка:")


def test_the_doctor_names_what_is_wrong_and_what_to_do(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--run", str(run), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "[wrong] Agent: does not run: `darbaza agent`" in said
    assert "[look] Portal: does not answer" in said
    assert "[well] Rulebook: r7" in said
    (run / "keys/token").chmod(0o644)
    (run / "snapshot.dzb").write_bytes(b"junk")
    (run / "catalogue.cdb").unlink()
    main(["doctor", "--run", str(run), "--lang", "en", "--json"])
    findings = {f["subject"]: f for f in json.loads(capsys.readouterr().out)}
    assert "chmod o-rwx" in findings["Keys"]["said"]
    assert findings["Rulebook"]["mark"] == "bad"
    assert "darbaza lists update" in findings["Lists"]["said"]


def test_old_lists_and_an_old_rulebook_are_worth_a_look(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("snapshot.dzb", "catalogue.cdb"):
        os.utime(run / name, (1_700_000_000, 1_700_000_000))
    main(["doctor", "--run", str(run), "--lang", "en"])
    said = capsys.readouterr().out
    assert "[look] Rulebook: r7," in said
    assert "[look] Lists: compiled" in said


def test_the_doctor_looks_at_the_lists(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "lists"
    (folder / "ut1").mkdir(parents=True)
    (folder / "ut1/games.domains").write_text("".join(f"n{number}.test\n" for number in range(300)))
    main(["lists", "update", "--folder", str(folder), "--run", str(run)])
    (folder / "ut1/games.domains").write_text("")
    (folder / "ut1/vpn.domains").write_text("<html>")
    main(["lists", "update", "--folder", str(folder), "--run", str(run)])
    capsys.readouterr()
    main(["doctor", "--run", str(run), "--lang", "en"])
    said = capsys.readouterr().out
    assert "[look] Lists: 1 updates wait for a person" in said
    assert "[look] Lists: 1 lists could not be updated last time, the ones before stay: ut1/vpn – `vpn.domains`" in said
    (run / "lists/ut1/games/state.json").write_text("{")
    main(["lists", "update", "--folder", str(folder), "--run", str(run)])
    capsys.readouterr()
    main(["doctor", "--run", str(run), "--lang", "ru"])
    assert "[неверно] Списки: последнее обновление не вступило в силу" in capsys.readouterr().out


def test_a_full_disk_is_wrong(run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOW_DISK", 2**63)
    main(["doctor", "--run", str(run), "--lang", "en"])
    assert "[wrong] Disk: only" in capsys.readouterr().out


def test_settings_that_cannot_be_read_end_the_examination(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "box.toml").write_text("[bxo]\n")
    assert main(["doctor", "--run", str(run), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "`bxo` is no table" in said
    assert len(said.splitlines()) == 1
    assert main(["plan", "--run", str(run), "--lang", "en"]) == 2


def test_an_agent_that_answers_nonsense_is_an_error(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (run / "agent.sock").write_text("no socket")
    assert main(["status", "--run", str(run)]) in (1, 2)
    assert control.ask(run / "nowhere", "GET", "/status") is None


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ky_KG.UTF-8"}, "ky"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LC_ALL": "C.UTF-8", "LANG": "ky_KG.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert locale_language(environment) == language


def test_the_language_is_known_before_the_arguments_are_read() -> None:
    assert language_in(["plan", "--lang", "ru"]) == "ru"
    assert language_in(["--lang=ky"]) == "ky"
    assert language_in(["--lang"]) == language_in(["--lang", "xx"]) == locale_language()


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_help_is_in_the_reader_s_language(capsys: pytest.CaptureFixture[str], language: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help", "--lang", language])
    assert ended.value.code == 0
    assert texts()["help"]["status"][language] in " ".join(capsys.readouterr().out.split())


def test_a_terminal_that_knows_no_kyrgyz_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", plain)
    say("өкүм")
    plain.flush()
    assert plain.buffer.getvalue() == b"\\u04e9\\u043a\\u04af\\u043c\n"


def test_the_audit_is_checked_by_the_portal_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DARBAZA_STATE", str(tmp_path))
    monkeypatch.delenv("DARBAZA_DATABASE_URL", raising=False)
    (tmp_path / "secret_key").write_text("invented-key-" * 5)
    lay_migrated_database(tmp_path / "portal.sqlite3")
    assert main(["audit", "verify"]) == 0
    assert "0 entries hold" in capfd.readouterr().out
    assert main(["audit", "verify", "--checkpoint", "1-nonsense"]) == 1
    assert "`1-nonsense` is no checkpoint" in capfd.readouterr().err


def test_where_there_is_no_portal_the_audit_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DARBAZA_STATE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "--lang", "en", "verify"]) == 2
    assert "no portal on this machine" in capsys.readouterr().err


def test_the_doctor_tells_where_encrypted_pages_are_looked_into_and_when_the_certificate_ends(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(at: datetime = utc_now()) -> dict[str, list[str]]:  # noqa: B008 - one instant for all
        path.unlink(missing_ok=True)
        make_authority(path, "Invented school", at)
        has = (fingerprint_of(path.with_suffix(".crt").read_bytes()),)
        inspection = Inspection(("10.50.1.11", "10.50.1.12"), ORDER, began, began + timedelta(days=2))
        named = (Device("10.50.1.11", trusts=True, authorities=has), Device("10.50.1.12"))
        book = replace(school(), devices=named, inspections=(inspection,) if stands else ())
        (run / "snapshot.dzb").write_bytes(seal(SNAPSHOT, codec.encode(book), KEY))
        main(["doctor", "--run", str(run), "--lang", "en", "--json"])
        found: dict[str, list[str]] = {}
        for one in json.loads(capsys.readouterr().out):
            found.setdefault(one["subject"], []).append(f"{one['mark']} {one['said']}")
        return found

    path, began, stands = run / "squid/authority.pem", utc_now() - timedelta(days=1), True
    path.parent.mkdir()
    with (run / "box.toml").open("a") as file:
        file.write("[squid]\n")
    looked, lacking = said()["Looking into encrypted pages"]
    assert looked.startswith(f"well 10.50.1.11: by decision {ORDER.ref}, until ")
    assert lacking.startswith("warning 10.50.1.12: named by decision ")
    stands = False
    assert said()["Looking into encrypted pages"][0].startswith("well nowhere")
    marks = [said(utc_now() - timedelta(days=365 * 5 - left))["The school's certificate"][0] for left in (181, 179, 13)]
    assert [one.partition(" ")[0] for one in marks] == ["well", "warning", "bad"]

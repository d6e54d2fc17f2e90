"""What systemd is told: units that it understands and that gave up what they don't need; and the installer."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ANALYZE = "/usr/bin/systemd-analyze"
ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
LIVING = [unit for unit in UNITS if "\nType=oneshot\n" not in unit.read_text()]
EXPOSURE = {
    "darbaza-closed": 2.5,
    "darbaza-night": 1.5,
    "darbaza-notices": 1.5,
    "darbaza-portal": 1.5,
    "darbaza-agent": 2.0,
    "darbaza-gate": 2.5,
    "darbaza-dhcp": 3.5,
}
"""The most that `systemd-analyze security` may find open, of 10."""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_understands_the_unit(unit: Path, tmp_path: Path) -> None:
    """As on an installed machine, but for the interpreter, which lies elsewhere here."""
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/darbaza/.venv/bin/python", sys.executable))
    command = [ANALYZE, "verify", "--man=no", copy]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60)
    own = [line for line in said.stderr.splitlines() if unit.name in line]
    assert own == []


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_unit_gave_up_what_it_does_not_need(unit: Path) -> None:
    command = [ANALYZE, "security", "--offline=true", "--no-pager", unit]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", said.stdout)
    assert found, said.stderr
    assert float(found[1]) <= EXPOSURE[unit.stem]


@pytest.mark.parametrize("unit", LIVING, ids=lambda unit: unit.stem)
def test_what_died_is_started_again_within_seconds_however_often_it_dies(unit: Path) -> None:
    text = unit.read_text()
    assert "\nRestart=always\n" in text
    assert "\nStartLimitIntervalSec=0\n" in text
    assert float(re.findall(r"^RestartSec=([\d.]+)$", text, re.MULTILINE)[0]) <= 5
    assert "ExecStartPre" not in text


def directives(unit: str) -> dict[str, list[str]]:
    """What a unit says, its words by name."""
    text = (ROOT / "deploy/systemd" / unit).read_text().replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).extend(value.split())
    return found


@pytest.mark.bypass("S18")
def test_the_closed_table_stands_before_any_network_and_needs_nothing_that_can_be_lost() -> None:
    closed, gate = directives("darbaza-closed.service"), directives("darbaza-gate.service")
    assert {"network-pre.target", "networking.service", "darbaza-gate.service"} <= set(closed["Before"])
    assert closed["DefaultDependencies"] == ["no"]
    assert "systemd-sysctl.service" in closed["After"], "what turns forwarding on by itself has had its turn"
    assert closed["WantedBy"] == ["sysinit.target"]
    assert not [name for name in closed if name.startswith(("Condition", "Assert", "Requires"))]
    assert "python" not in " ".join(closed["ExecStart"])
    assert "darbaza-closed.service" in gate["After"]
    assert "darbaza-closed.service" in gate["Also"]
    assert {one[0] for one in gate["ConditionPathExists"]} == {"|"}, "one of them is enough"


@pytest.mark.bypass("S18")
def test_the_closed_table_is_what_the_gatekeeper_knows_as_closed() -> None:
    from darbaza.engines.nftables.render import closed, text_of

    lines = (ROOT / "deploy/nftables/closed.nft").read_text().splitlines(keepends=True)
    assert "".join(line for line in lines if not line.startswith("#")) == text_of(closed())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_what_the_unit_runs_is_in_this_repository(unit: Path) -> None:
    modules = re.findall(r"-m (darbaza[\w.]*)", unit.read_text())
    for module in modules:
        path = ROOT / "src" / Path(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
    settings = re.findall(r"/etc/darbaza/([\w.]+)", unit.read_text())
    assert settings


def test_every_unit_is_installed_and_the_scripts_are_shell() -> None:
    installer = (ROOT / "script/install").read_text()
    assert {unit.name for unit in UNITS} == set(re.findall(r"darbaza-\w+\.service", installer))
    for script in ("script/install", "deploy/bin/darbaza", "deploy/bin/darbaza-portal"):
        shell = "bash" if script.startswith("script") else "sh"
        subprocess.run([shell, "-n", ROOT / script], check=True, timeout=10)


def test_the_box_s_first_settings_can_be_read(tmp_path: Path) -> None:
    from darbaza.agent import settings

    text = (ROOT / "deploy/box.toml").read_text().replace("@ADDRESS@", "10.1.0.1").replace("@RESOLVER@", "10.1.0.254")
    (tmp_path / "box.toml").write_text(text)
    read = settings.load(tmp_path / "box.toml")
    assert read.box.name == "school-1"
    assert read.lists.own_hosts == ("darbaza", "why")
    assert read.squid.listen == ("127.0.0.1:3128", "10.1.0.1:3128")


def test_the_installer_brings_every_engine_that_bootstrap_brings_and_keeps_debians_own_from_starting() -> None:
    installer = (ROOT / "script/install").read_text()
    brought = set(re.findall(r"[\w-]+", installer.split("packages+=(squid-openssl", 1)[1].split(")", 1)[0]))
    assert {"dnsdist", "unbound", "dns-root-data", "nftables", "dnsmasq-base"} <= brought
    assert {"squid", "dnsdist", "unbound"} <= set(installer.split("for service in ", 1)[1].split(";", 1)[0].split())
    assert "DARBAZA_ADDRESS=http://darbaza" in (ROOT / "deploy/portal.env").read_text().splitlines()


def test_the_installer_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    said = subprocess.run([ROOT / "script/install", "gate"], capture_output=True, text=True, timeout=30)
    assert said.returncode == 1
    assert "`gate` is none of: portal, box" in said.stderr
    if os.geteuid() != 0:
        said = subprocess.run([ROOT / "script/install"], capture_output=True, text=True, timeout=30)
        assert "sudo script/install all" in said.stderr


def test_the_log_keeps_its_terms_by_itself() -> None:
    """A timer that catches up calls what deletes days past their term; each command it names exists."""
    timer, night = directives("darbaza-night.timer"), directives("darbaza-night.service")
    assert timer["Persistent"] == ["true"]
    assert timer["OnCalendar"]
    assert "darbaza-night.timer" in (ROOT / "script/install").read_text()
    commands = night["ExecStart"][3::4]
    assert commands == ["archive_log", "read_chain", "clearsessions"]
    ours = {path.stem for path in (ROOT / "src/darbaza/portal").glob("*/management/commands/*.py")}
    assert set(commands) - ours == {"clearsessions"}

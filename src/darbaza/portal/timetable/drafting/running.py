"""Runs of the solver in processes of their own: started, looked after, and read when they are done."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import msgspec
from django.conf import settings

from darbaza.portal.timetable.drafting.faults import faults
from darbaza.portal.timetable.drafting.problem import Drafted, Problem
from darbaza.portal.timetable.models import DraftingRun

logger = logging.getLogger(__name__)

PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "LC_ALL", "LANG")
"""The solver needs no secret of the portal, so it is given none."""
_children: list["subprocess.Popen[bytes]"] = []


def folder() -> Path:
    """Where questions and answers lie while a run lasts; for the portal's account only."""
    place = Path(settings.STATE) / "drafting"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def start(run: DraftingRun, seconds: int) -> None:
    """Start the solver on a run's problem. Raises OSError if the machine can't."""
    _reap()
    question, answer = _paths(run)
    question.write_bytes(msgspec.json.encode(problem_of(run)))
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "darbaza.portal.timetable.drafting", str(question), str(answer), str(seconds)]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
    )
    _children.append(child)


def collect(run: DraftingRun) -> Drafted | None:
    """What a run found, kept with it from the first look on; None while it still thinks or if it found nothing."""
    _reap()
    if run.result is None:
        drafted = _read(run)
        if drafted is None:
            return None
        run.result = msgspec.to_builtins(drafted)
        run.save(update_fields=["result"])
        for path in _paths(run):
            path.unlink(missing_ok=True)
    return msgspec.convert(run.result, Drafted)


def problem_of(run: DraftingRun) -> Problem:
    """The problem of a run."""
    return msgspec.convert(run.problem, Problem)


def _read(run: DraftingRun) -> Drafted | None:
    """The answer on disk, if there is one and it breaks no check."""
    try:
        drafted = msgspec.json.decode(_paths(run)[1].read_bytes(), type=Drafted)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, OSError):
        logger.exception("drafting run %s left an answer that can't be read", run.pk)
        return None
    broken = list(faults(problem_of(run), drafted))
    if broken:
        logger.error("drafting run %s broke its checks: %s", run.pk, broken[:5])
        return None
    return drafted


def _paths(run: DraftingRun) -> tuple[Path, Path]:
    return folder() / f"{run.pk}.problem.json", folder() / f"{run.pk}.result.json"


def _reap() -> None:
    """Take note of those that ended, so that none of them stays behind as a zombie."""
    _children[:] = [child for child in _children if child.poll() is None]

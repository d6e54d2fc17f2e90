"""`darbaza clock`: whether this box trusts its wall clock; with `--accept` it does from now on."""

import argparse
import json
from datetime import UTC, datetime

from darbaza import clock
from darbaza.cli.words import CommandError, say, text
from darbaza.snapshot.timekeeping import CLOCK_FILE, Timekeeper, TimeNote, read_note


def command(options: argparse.Namespace) -> int:
    """0 if time is trusted, 1 if not."""
    note = read_note(options.run / CLOCK_FILE)
    if note is None:
        raise CommandError(f"no agent has told the time in `{options.run}` since this machine was switched on")
    if options.accept:
        keeper = Timekeeper(options.run)
        keeper.accept()
        note = keeper.note
    told = {
        "trusted": note.is_trusted,
        "jump": round(note.jump),
        "wall": shown(clock.wall()),
        "ours": shown(ours(note)),
    }
    say(json.dumps(told) if options.json else lines(note, options.lang))
    return 0 if note.is_trusted else 1


def ours(note: TimeNote) -> float:
    """The time that lessons are kept by, in seconds since 1970."""
    return clock.since_boot() + note.offset


def shown(seconds: float) -> str:
    """An instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def lines(note: TimeNote, language: str) -> list[str]:
    """The state in words."""
    key = "trusted" if note.is_trusted else "jumped"
    return [text("clock", key, language, wall=shown(clock.wall()), ours=shown(ours(note)), seconds=f"{note.jump:+.0f}")]

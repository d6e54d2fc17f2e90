"""Arguments in, exit code out. Each command is one function from its arguments to an exit code."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from darbaza import __version__
from darbaza.agent import daemon
from darbaza.agent.settings import SettingsError
from darbaza.catalogue.database import CatalogueError
from darbaza.catalogue.sources import SourceError
from darbaza.catalogue.wording import ListsError
from darbaza.cli import apply, audit, authority, doctor, explain, lists, status, timekeeping
from darbaza.cli.words import CommandError, complain, locale_language, say, text
from darbaza.engines.base import EngineError
from darbaza.policy.names import InvalidHost
from darbaza.snapshot import envelope
from darbaza.snapshot.errors import SnapshotError
from darbaza.snapshot.wording import LANGUAGES

DONE, NO, IMPOSSIBLE = 0, 1, 2
"""The exit codes; see the package."""

FAULTS = (
    CommandError,
    SettingsError,
    SnapshotError,
    EngineError,
    CatalogueError,
    ListsError,
    SourceError,
    InvalidHost,
    OSError,
)

SYSTEM_RUN = Path("/var/lib/darbaza")
DEMO_RUN = Path("var/box")


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = make_parser(language_in(given))
    options = parser.parse_args(given)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except FAULTS as error:
        said = error.said.told(options.lang) if isinstance(error, ListsError) else error
        complain(f"darbaza: {text('error', 'prefix', options.lang)}: {said}")
        return IMPOSSIBLE
    except BrokenPipeError:
        return DONE
    except KeyboardInterrupt:
        return 130


def language_in(arguments: Sequence[str]) -> str:
    """The language that `--lang` asks for, wanted before anything is parsed: help is translated as well."""
    for position, argument in enumerate(arguments):
        name, _, value = argument.partition("=")
        if name == "--lang":
            wanted = value or (arguments[position + 1] if position + 1 < len(arguments) else "")
            if wanted in LANGUAGES:
                return wanted
    return locale_language()


def default_run() -> Path:
    """The run directory if none is given: the environment's, the demo's, or the system's."""
    named = os.environ.get("DARBAZA_RUN")
    if named:
        return Path(named)
    return DEMO_RUN if (DEMO_RUN / "box.toml").exists() else SYSTEM_RUN


def make_parser(language: str) -> argparse.ArgumentParser:
    """The parser with its help in a language."""

    def words(key: str) -> str:
        return text("help", key, language)

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--run", type=Path, default=default_run(), metavar="DIR", help=words("run-directory"))
    shared.add_argument("--lang", choices=LANGUAGES, default=language, help=words("language"))
    shared.add_argument("--json", action="store_true", help=words("json"))
    parser = argparse.ArgumentParser(prog="darbaza", description=words("description"), epilog=words("exit-codes"))
    parser.add_argument("--version", action="version", version=f"darbaza {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=words(name), epilog=words("exit-codes"))
        made.set_defaults(command=command)
        return made

    _explain_options(add("explain", explain.command), words)
    add("plan", apply.plan)
    add("apply", apply.apply)
    add("status", status.command)
    add("doctor", doctor.command)
    add("clock", timekeeping.command).add_argument("--accept", action="store_true", help=words("clock-accept"))
    renewed = add("authority", authority.command).add_mutually_exclusive_group()
    renewed.add_argument("--next", action="store_true", help=words("authority-next"))
    renewed.add_argument("--switch", action="store_true", help=words("authority-switch"))
    add("agent", run_agent)
    add("keygen", keygen).add_argument("path", type=Path)
    add("audit", audit.command).add_argument("arguments", nargs=argparse.REMAINDER, metavar="verify | checkpoint")
    _lists_options(add("lists", lists.show), shared, words)
    return parser


def _explain_options(parser: argparse.ArgumentParser, words: Callable[[str], str]) -> None:
    parser.add_argument("host", metavar="HOST", help=words("resource"))
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--device", default="", metavar="ADDRESS", help=words("device"))
    who.add_argument("--person", default="", metavar="ID", help=words("person"))
    parser.add_argument("--at", default="", metavar="INSTANT", help=words("at"))


def _lists_options(
    parser: argparse.ArgumentParser, shared: argparse.ArgumentParser, words: Callable[[str], str]
) -> None:
    commands = parser.add_subparsers(metavar="ACTION")

    def add(name: str, command: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=words(f"lists-{name}"))
        made.set_defaults(command=command)
        return made

    parser.set_defaults(list="", all=False)
    update = add("update", lists.bring_up_to_date)
    update.add_argument("--folder", type=Path, metavar="FOLDER", help=words("lists-folder"))
    update.add_argument("--minutes", type=float, default=180, metavar="N", help=words("lists-minutes"))
    add("import", lists.take_in).add_argument("folder", type=Path, metavar="FOLDER")
    add("fetch", lists.fetch).add_argument("lists", nargs="*", metavar="LIST")
    show = add("show", lists.show)
    show.add_argument("list", nargs="?", default="", metavar="LIST")
    show.add_argument("--all", action="store_true", help=words("lists-all"))
    accept = add("accept", lists.accept)
    release = add("release", lists.release)
    for one in (accept, release):
        one.add_argument("list", metavar="LIST")
        one.add_argument("--by", required=True, metavar="NAME", help=words("by"))
    release.add_argument("entry", metavar="ENTRY")
    add("compile", lists.compile_all)
    add("which", lists.which).add_argument("host", metavar="HOST", help=words("resource"))


def keygen(options: argparse.Namespace) -> int:
    """Make a signing key; the public line goes to stdout."""
    key = envelope.generate_key()
    try:
        envelope.write_private_key(options.path, key)
    except FileExistsError:
        raise CommandError(f"`{options.path}` exists; a key is never written over another, choose a new name") from None
    say(envelope.public_line(key.public_key()))
    return DONE


def run_agent(options: argparse.Namespace) -> int:
    """Run the agent in the foreground."""
    return daemon.main(["--settings", str(options.run / "box.toml")])

"""What every engine adapter is made of: render, check, apply, verify, and the words they answer in.

`render` is pure text from settings. `check` lets the engine's own parser judge it and trusts no exit status alone,
since Squid skips a line it does not understand and still reports success. `apply` puts a checked text in force in one
step and keeps the last good one. `verify` asks the live engine. A refused text is a result (`Check`), a text that
could not be put in force is an `EngineError`; either way the engine goes on with what it had.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


class EngineError(RuntimeError):
    """An engine is missing, refused what it was given, or does not answer; what was in force before stays."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of one engine's configuration by relative path, and which of them the engine is started with."""

    main: str
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Twelve hex digits that differ whenever any byte differs."""
        whole = hashlib.sha256()
        for name, text in sorted(self.files.items()):
            whole.update(f"{name}\0{len(text.encode())}\0{text}".encode())
        return whole.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Check:
    """What an engine's parser and our own preflight say about a configuration: good if nothing was found."""

    complaints: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the configuration may be put in force."""
        return not self.complaints


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` did: whether the text differed, and whether a running engine was told."""

    digest: str
    changed: bool
    told: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """What a live engine answered: its version, and in `facts` each question with whether it went as it must."""

    version: tuple[int, ...]
    facts: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether every question went as it must."""
        return all(self.facts.values())


def run(command: Sequence[str], timeout: float = 20.0) -> tuple[int, str]:
    """Exit status and all output of a short command. Raises EngineError if it is missing or takes too long."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=timeout
        )
    except FileNotFoundError:
        raise EngineError(f"`{command[0]}` is not installed; install the engine's package") from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"`{' '.join(command)}` gave no answer in {timeout:g} s; stop it by hand") from None
    return done.returncode, done.stdout.decode("utf-8", "replace")


def version_of(command: Sequence[str], pattern: str) -> tuple[int, ...]:
    """The version that a command prints, found by a pattern with one group. Raises EngineError if there is none."""
    _, output = run(command)
    found = re.search(pattern, output)
    if found is None:
        raise EngineError(f"`{' '.join(command)}` names no version; is it the engine?")
    return tuple(int(part) for part in re.findall(r"\d+", found[1]))


class Generations:
    """The checked configurations of one engine: `current` is a link to the one in force, `last-good` to the one before.

    An engine is always started with files below `current`, so the whole set changes with one rename.
    """

    def __init__(self, directory: Path, owner: str = "") -> None:
        """Keep generations in `directory`, which need not exist yet, readable for the system user `owner`."""
        self.directory = directory
        self.owner = owner
        self.current = directory / "current"
        self.last_good = directory / "last-good"

    def in_force(self) -> str:
        """The digest of the generation in force, or empty."""
        return self.current.readlink().name if self.current.is_symlink() else ""

    def holds(self, rendered: Rendered) -> bool:
        """Whether this is in force and lies on the disk as it was written: a power cut may have left anything there."""
        if self.in_force() != rendered.digest:
            return False
        try:
            return all((self.current / name).read_bytes() == text.encode() for name, text in rendered.files.items())
        except OSError:
            return False

    def write(self, rendered: Rendered) -> Path:
        """Write a generation beside the one in force; nothing reads it yet. Returns its folder."""
        folder = self.directory / rendered.digest
        for name, text in rendered.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o640)
        give(folder, self.owner)
        return folder

    def switch(self, digest: str) -> None:
        """Put a generation in force; the one before becomes the last good one, all others go."""
        before = self.in_force()
        if before and before != digest:
            _link(self.last_good, before)
        _link(self.current, digest)
        kept = {digest, before, self.last_good.readlink().name if self.last_good.is_symlink() else ""}
        for folder in self.directory.iterdir():
            if folder.is_dir() and not folder.is_symlink() and folder.name not in kept:
                shutil.rmtree(folder)

    def restore(self, digest: str) -> None:
        """Put an earlier generation back after the newer one failed; with no earlier one nothing stays in force."""
        failed = self.in_force()
        if digest:
            _link(self.current, digest)
        else:
            self.current.unlink(missing_ok=True)
        if failed and failed != digest:
            self.drop(failed)

    def begin(self, digest: str, restart: Callable[[], None]) -> None:
        """Put a generation in force and start its engine anew; the one before is taken up again if that fails.

        `restart` raises EngineError if the engine does not come up, and so does this then.
        """
        before = self.in_force()
        self.switch(digest)
        try:
            restart()
        except EngineError:
            self.restore(before)
            if before:
                restart()
            raise

    def drop(self, digest: str) -> None:
        """Remove a generation that was refused, unless it is in force."""
        if digest != self.in_force():
            shutil.rmtree(self.directory / digest, ignore_errors=True)


def give(folder: Path, owner: str) -> None:
    """Hand a folder and all in it to the user an engine runs as; only root has to, and only root can."""
    if not owner or os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, owner)


def _link(link: Path, name: str) -> None:
    """Point a link at a sibling in one step."""
    beside = link.with_name(f".{link.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(name)
    beside.replace(link)

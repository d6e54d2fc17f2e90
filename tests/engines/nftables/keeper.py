"""A gatekeeper as its own process on the street's box, from a copy that an account without special powers can read."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec

from darbaza.engines.base import EngineError
from darbaza.engines.nftables.client import GateClient
from tests.engines.nftables.bed import Street
from tests.engines.nftables.test_layout import TEXT

SOURCE = Path(__file__).parents[3] / "src" / "darbaza"


class Keeper:
    """The process, its files and a client."""

    def __init__(self, street: Street, agent: str = "proxy") -> None:
        """Prepare; nothing runs yet."""
        self.street = street
        self.folder = Path(tempfile.mkdtemp(prefix="darbaza-gate-"))
        self._copy()
        self.layout, self.socket = self.folder / "gate.toml", self.folder / "gate.sock"
        self.layout.write_text(f'agent = "{agent}"\n{TEXT}')
        self.layout.chmod(0o644)
        self.process: subprocess.Popen[bytes] | None = None
        self.client = GateClient(self.socket)

    def _copy(self) -> None:
        code = self.folder / "code"
        ours = code / "darbaza" / "engines"
        ours.mkdir(parents=True)
        shutil.copyfile(SOURCE / "__init__.py", code / "darbaza" / "__init__.py")
        for name in ("__init__.py", "base.py"):
            shutil.copyfile(SOURCE / "engines" / name, ours / name)
        shutil.copytree(
            SOURCE / "engines" / "nftables", ours / "nftables", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(Path(msgspec.__file__).parent, code / "msgspec")

    def start(self) -> "Keeper":
        """Start it, and wait until it answers."""
        self.launch()
        deadline = time.monotonic() + 15
        while True:
            with contextlib.suppress(EngineError):
                self.client.verify()
                return self
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.01)

    def launch(self) -> None:
        """Start it."""
        command = ["-m", "darbaza.engines.nftables.gatekeeper", f"--layout={self.layout}", f"--socket={self.socket}"]
        with (self.folder / "log").open("ab") as log:
            self.process = self.street.box.popen(
                "env", f"PYTHONPATH={self.folder / 'code'}", "/usr/bin/python3", "-B", *command,
                f"--state={self.folder}", stdout=log, stderr=log, cwd="/",
            )  # fmt: skip

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(5)

    def said(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text("utf-8")

    def close(self) -> None:
        """Away with it."""
        self.client.close()
        self.kill()
        shutil.rmtree(self.folder)

"""Where the files of a lab lie, below `var/lab` of the checkout; `DARBAZA_LAB_VAR` names another folder."""

import os
from dataclasses import dataclass
from pathlib import Path

from darbaza.demo.places import Folders


@dataclass(frozen=True, slots=True)
class LabFolders(Folders):
    """The demo's folders, and the lab's own besides."""

    @property
    def internet(self) -> Path:
        """The internet's book, its certificate and authority."""
        return self.var / "internet"

    @property
    def book(self) -> Path:
        """What reached the internet."""
        return self.internet / "book"

    @property
    def authority(self) -> Path:
        """The certificate of the authority behind the invented sites."""
        return self.internet / "authority.pem"

    @property
    def running(self) -> Path:
        """What `script/lab shell` needs to find a running lab."""
        return self.var / "lab.json"

    @property
    def hold(self) -> Path:
        """While it lies there, a kept lab starts nothing again that has ended."""
        return self.var / "hold"

    @property
    def clock(self) -> Path:
        """The clock of the box's programs, as libfaketime reads it, in a lab that was started with one."""
        return self.var / "clock"


def folders() -> LabFolders:
    """The folders of this checkout's lab, or of a second one."""
    named = os.environ.get("DARBAZA_LAB_VAR")
    return LabFolders(Path(named) if named else Path(__file__).resolve().parents[3] / "var" / "lab")

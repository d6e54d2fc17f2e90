"""The box's side of the portal's HTTP interface."""

import base64
import binascii
from typing import Any

import aiohttp
import msgspec

from darbaza.snapshot.spool import Batch

BASE = "/api/gateway/v1/"
WAIT_SECONDS = 10
"""How long the portal may hold a question for news. Short, so that a silent line is noticed within 15 seconds."""

ANSWER_SECONDS = 5
UNKNOWN = "it does not know this box's token; enrol the box anew and put its token into `keys/token`"

MAX_ANSWER = 100 * 1024 * 1024


class PortalError(RuntimeError):
    """The portal can't be reached, or refuses this box. The text says which; trying again later is right either way."""


class OutOfStepError(PortalError):
    """The portal has other events of a file than this box thinks; `expected` is the number it wants next."""

    def __init__(self, file: str, expected: int) -> None:
        """Keep the number."""
        super().__init__(f"the portal wants event {expected} of `{file}` next")
        self.expected = expected


class State(msgspec.Struct, frozen=True):
    """What the portal answers to `state`: numbers, and in sealed form whatever is newer than what the box has.

    With `keyrings`, the changes of keys that the box has not, rulebook and presence come in any case, signed anew.
    """

    revision: int
    sequence: int
    snapshot: str | None = None
    presence: str | None = None
    keyrings: list[str] = []


class Portal:
    """One portal, asked over one connection pool."""

    def __init__(self, url: str, token: str) -> None:
        """Use the portal at `url`; must be made within a running event loop."""
        self._session = aiohttp.ClientSession(
            url.rstrip("/"), headers={"Authorization": f"Bearer {token}"}, auto_decompress=True
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._session.close()

    async def state(self, revision: int, sequence: int, keys: int, wait: int) -> State:
        """What is newer than these numbers, at once or within `wait` seconds. Raises PortalError."""
        query = {"revision": str(revision), "sequence": str(sequence), "keys": str(keys), "wait": str(wait)}
        state: State = await self._ask("GET", "state", State, wait + ANSWER_SECONDS, params=query)
        return state

    async def ship(self, batch: Batch) -> int:
        """Hand over events; the number up to which the portal has them. Raises PortalError, OutOfStepError."""
        body = {"file": batch.file, "first": batch.first, "lines": batch.lines}
        answer: dict[str, Any] = await self._ask("POST", "verdicts", dict, 4 * ANSWER_SECONDS, json=body)
        acked = answer.get("acked")
        if not isinstance(acked, int):
            raise PortalError("the portal's answer to verdicts names no `acked` number")
        return acked

    async def report(self, health: dict[str, Any]) -> None:
        """Tell the portal how the box is. Raises PortalError."""
        await self._ask("POST", "health", None, 2 * ANSWER_SECONDS, json=health)

    async def sightings(self, devices: list[dict[str, str]], void: list[dict[str, str]]) -> None:
        """Tell the portal which devices have no identity, and which sign-ins are void for it. Raises PortalError."""
        await self._ask("POST", "sightings", None, 2 * ANSWER_SECONDS, json={"devices": devices, "void": void})

    async def _ask(self, method: str, name: str, kind: Any, seconds: float, **given: Any) -> Any:
        try:
            async with self._session.request(
                method, BASE + name, timeout=aiohttp.ClientTimeout(total=seconds), allow_redirects=False, **given
            ) as answer:
                if answer.status == 409 and method == "POST":
                    raise _out_of_step(given["json"]["file"], await answer.read())
                if answer.status == 401:
                    raise PortalError(f"the portal answers {name} with 401: {UNKNOWN}")
                if answer.status not in (200, 201, 202, 204):
                    raise PortalError(f"the portal answers {name} with {answer.status} {answer.reason}")
                return _decoded(await answer.read(), kind) if kind is not None else None
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            said = str(error) or type(error).__name__
            raise PortalError(f"the portal can't be reached: {said}") from error


def _decoded(body: bytes, kind: Any) -> Any:
    if len(body) > MAX_ANSWER:
        raise PortalError(f"the portal's answer has {len(body)} bytes; at most {MAX_ANSWER} are read")
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise PortalError(f"the portal's answer can't be read: {error}") from error


def _out_of_step(file: str, body: bytes) -> PortalError:
    expected = _decoded(body, dict).get("expected")
    return OutOfStepError(file, expected) if isinstance(expected, int) else PortalError("the portal refuses the events")


def unpacked(sealed: str) -> bytes:
    """A sealed state from its base64. Raises PortalError."""
    try:
        return base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PortalError(f"the portal's state is no base64: {error}") from error

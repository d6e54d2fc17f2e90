"""Asking the gatekeeper: one question, one answer, over its socket."""

import contextlib
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from darbaza.engines.base import EngineError
from darbaza.engines.nftables import protocol
from darbaza.engines.nftables.attempts import Attempt
from darbaza.engines.nftables.protocol import LENGTH_BYTES, AnyRequest, Pass, ProtocolError

ANSWER_SECONDS = 10.0

A = TypeVar("A", bound=protocol.Answer)


class GateClient:
    """The gatekeeper behind a socket. Connects when first asked, and anew after it was away. For one thread."""

    def __init__(self, path: Path) -> None:
        """Ask at the socket `path`."""
        self.path = path
        self._link: socket.socket | None = None

    def __enter__(self) -> Self:
        """Nothing is asked yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def load(self) -> None:
        """Put the layout's file in force. Raises EngineError, as all of these do."""
        self._asked(protocol.Load(), protocol.Done)

    def grant(self, passes: Iterable[Pass]) -> None:
        """Let these pass."""
        self._asked(protocol.Give(tuple(passes)), protocol.Done)

    def revoke(self, addresses: Iterable[str]) -> int:
        """Let these pass no more; how many did."""
        return self._asked(protocol.Revoke(tuple(map(IPv4Address, addresses))), protocol.Done).count

    def revoke_all(self) -> int:
        """Let nobody pass; how many did."""
        return self._asked(protocol.RevokeAll(), protocol.Done).count

    def passing(self) -> tuple[Pass, ...]:
        """Who may pass."""
        return self._asked(protocol.List(), protocol.Passing).passes

    def attempts(self) -> tuple[Attempt, ...]:
        """Who was refused what within the last minute."""
        return self._asked(protocol.Attempts(), protocol.Attempted).attempts

    def counters(self) -> dict[str, int]:
        """Packets refused, by door."""
        return self._asked(protocol.Counters(), protocol.Counted).packets

    def verify(self) -> protocol.Standing:
        """Whether everything stands as it should."""
        return self._asked(protocol.Verify(), protocol.Standing)

    def _asked(self, request: AnyRequest, kind: type[A]) -> A:
        answer = self._answer(request)
        if isinstance(answer, kind):
            return answer
        why = answer.why if isinstance(answer, protocol.Refused) else f"it answered `{type(answer).__name__}`"
        raise EngineError(f"the gatekeeper refuses: {why}")

    def _answer(self, request: AnyRequest) -> protocol.Answer:
        """A link that was made before may have died with the gatekeeper's last life; a new one is tried once."""
        had_link = self._link is not None
        try:
            try:
                return self._exchange(request)
            except (OSError, EOFError):
                if not had_link:
                    raise
                self.close()
                return self._exchange(request)
        except (OSError, EOFError, ProtocolError) as error:
            self.close()
            raise EngineError(f"the gatekeeper does not answer on `{self.path}`: {error}; is it running?") from error

    def _exchange(self, request: AnyRequest) -> protocol.Answer:
        if self._link is None:
            self._link = _connected(self.path)
        self._link.sendall(protocol.frame(request))
        length = protocol.body_length(self._receive(LENGTH_BYTES))
        return protocol.read_answer(self._receive(length))

    def _receive(self, count: int) -> bytes:
        assert self._link is not None  # noqa: S101 - for the type checker
        data = b""
        while len(data) < count:
            more = self._link.recv(count - len(data))
            if not more:
                raise EOFError("it hung up; this account may not ask")
            data += more
        return data


def _connected(path: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.settimeout(ANSWER_SECONDS)
    try:
        link.connect(str(path))
    except OSError:
        with contextlib.suppress(OSError):
            link.close()
        raise
    return link

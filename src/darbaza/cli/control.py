"""Talking to the agent of this box over its control socket."""

import http.client
import json
import socket
from pathlib import Path
from typing import Any

from darbaza.agent.settings import CONTROL_SOCKET
from darbaza.cli.words import CommandError

SECONDS = 60.0


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("agent", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(run: Path, method: str, path: str) -> dict[str, Any] | None:
    """The agent's answer, or None if no agent runs here. Raises CommandError if it refuses."""
    connection = _Connection(run / CONTROL_SOCKET)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except PermissionError as error:
        raise CommandError(f"`{run / CONTROL_SOCKET}` is another account's; run this as the agent's user") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise CommandError(f"the agent does not answer: {error}; see its log") from error
    finally:
        connection.close()
    if not isinstance(body, dict):
        raise CommandError("the agent's answer can't be read; is it of this version?")
    if answer.status != http.client.OK:
        raise CommandError(str(body.get("error", f"the agent answers {answer.status}")))
    return body

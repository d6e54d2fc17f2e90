"""Servers of our own: a mail server, and one that speaks as much of Telegram's Bot API as a school uses; and ntfy's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

USER, PASSWORD = "mektep@school.test", "kupuya-soz"
TOKEN = "123456789:AAFabcdefghijklmnopqrstuvwxyz012345"


@dataclass
class MailServer:
    """What came, and how it answers: `for_now` and `for_good` name addresses that it puts off and refuses."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    for_now: set[str] = field(default_factory=set)
    for_good: set[str] = field(default_factory=set)
    controller: Controller | None = None

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take an address, or not."""
        if address in self.for_now:
            return "450 4.2.0 greylisted, come later"
        if address in self.for_good:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Keep a letter."""
        assert isinstance(envelope.content, bytes)
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.letters.append(made)
        return "250 OK"

    def start(self) -> None:
        """Listen, at the same port as before."""
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, auth_require_tls=False, auth_required=True, authenticator=known
        )
        self.controller.start()
        self.port = self.controller.server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """The line is down."""
        if self.controller is not None:
            self.controller.stop()
        self.controller = None


def known(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    """Whether somebody signs in as the school."""
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A mail server that listens."""
    made = MailServer(port=free_port())
    made.start()
    try:
        yield made
    finally:
        made.stop()


@dataclass
class Messenger:
    """The Bot API as far as it is used, and ntfy's one call; `answer` is what it says instead, if anything."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: tuple[int, dict[str, Any]] | None = None

    def take(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer a call."""
        method = path.rpartition("/")[2]
        self.asked.append(method)
        if self.answer is not None:
            return self.answer
        if path.startswith("/bot") and not path.startswith(f"/bot{TOKEN}/"):
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if method == "getMe":
            return 200, {"ok": True, "result": {"id": 1, "is_bot": True, "username": "mektep_bot"}}
        if method == "getUpdates":
            waiting = [one for one in self.updates if one["update_id"] >= body.get("offset", 0)]
            return 200, {"ok": True, "result": waiting}
        self.sent.append(body)
        return 200, {"ok": True, "result": {"message_id": len(self.sent)}}

    def say(self, number: int, text: str, chat: int = 77001122, kind: str = "private") -> None:
        """Somebody says something to the bot."""
        self.updates.append({"update_id": number, "message": {"text": text, "chat": {"id": chat, "type": kind}}})


@contextmanager
def messenger() -> Iterator[Messenger]:
    """A messenger's server that listens."""
    made = Messenger()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
            code, answer = made.take(self.path, said)
            data = json.dumps(answer).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

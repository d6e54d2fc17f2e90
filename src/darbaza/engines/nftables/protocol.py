"""What the agent may ask of the gatekeeper, and what it answers: a handful of typed messages over a local socket.

A frame is a length of four bytes, the most significant first, and a JSON object of so many bytes; `do` or `is` says
which message it is. Nothing here is a path, a name of an interface or a word of nft's language: whoever holds the
agent's account can open and close the gate for devices of this school for minutes, and nothing else.
"""

from ipaddress import IPv4Address
from typing import Annotated, Any, Literal

import msgspec

from darbaza.engines.nftables.attempts import Attempt

LONGEST = 256 * 1024
"""Bytes of one frame: more than a whole school's grants need."""

LONGEST_GRANT = 300
"""Seconds. A grant is renewed while a lesson lasts, so it need not be long; when everything else is dead it ends."""

LENGTH_BYTES = 4

Mac = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f][02468ace](:[0-9a-f]{2}){5}\Z")]
"""A card's address in small letters; the second digit is even, for a group of cards can't be granted anything."""

Seconds = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_GRANT)]
Group = Literal["students", "staff"]

Given = Annotated[tuple["Pass", ...], msgspec.Meta(max_length=1024)]
Addresses = Annotated[tuple[IPv4Address, ...], msgspec.Meta(max_length=1024)]


class ProtocolError(ValueError):
    """A frame that is no message of ours."""


class Pass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """This card at this address may pass for so long."""

    mac: Mac
    address: IPv4Address
    group: Group
    seconds: Seconds


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """Anything that may be asked."""


class Load(Request, frozen=True, tag="load"):
    """Read the layout's file again and put it in force."""


class Give(Request, frozen=True, tag="grant"):
    """Let these pass; who passes already is granted anew."""

    passes: Given


class Revoke(Request, frozen=True, tag="revoke"):
    """Let these pass no more."""

    addresses: Addresses


class RevokeAll(Request, frozen=True, tag="revoke-all"):
    """Let nobody pass."""


class List(Request, frozen=True, tag="list"):
    """Who may pass."""


class Attempts(Request, frozen=True, tag="attempts"):
    """Who was refused what within the last minute."""


class Counters(Request, frozen=True, tag="counters"):
    """How many packets were refused at which door."""


class Verify(Request, frozen=True, tag="verify"):
    """Whether everything stands as it should."""


class Answer(msgspec.Struct, frozen=True, tag_field="is"):
    """Anything that may be answered."""


class Done(Answer, frozen=True, tag="done"):
    """It was carried out; `count` is how many were concerned."""

    count: int = 0


class Refused(Answer, frozen=True, tag="refused"):
    """It was not carried out, and why; everything is as before."""

    why: str


class Passing(Answer, frozen=True, tag="passing"):
    """Who may pass, with the seconds that are left."""

    passes: tuple[Pass, ...]


class Attempted(Answer, frozen=True, tag="attempted"):
    """Who was refused what."""

    attempts: tuple[Attempt, ...]


class Counted(Answer, frozen=True, tag="counted"):
    """Packets by the name of a door."""

    packets: dict[str, int]


class Standing(Answer, frozen=True, tag="standing"):
    """Each question with whether it went as it must; `life` differs after each start of the gatekeeper.

    `healed` counts how often somebody else's change was undone; `complaint` is the latest, or empty.
    """

    version: tuple[int, ...]
    mode: str
    life: int
    facts: dict[str, bool]
    healed: int = 0
    complaint: str = ""


AnyRequest = Load | Give | Revoke | RevokeAll | List | Attempts | Counters | Verify
AnyAnswer = Done | Refused | Passing | Attempted | Counted | Standing


def _plain(value: Any) -> str:
    """An address as text."""
    return str(value)


def _address(kind: type[Any], value: Any) -> Any:
    """An address from text in its one spelling; numbers and other spellings are none."""
    if kind is not IPv4Address or not isinstance(value, str):
        raise ValueError(f"`{value}` is no IPv4 address")
    return IPv4Address(value)


_encoder = msgspec.json.Encoder(enc_hook=_plain)
_requests = msgspec.json.Decoder(AnyRequest, dec_hook=_address)
_answers = msgspec.json.Decoder(AnyAnswer, dec_hook=_address)

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def frame(message: AnyRequest | AnyAnswer) -> bytes:
    """A message with its length. Raises ProtocolError if it is too long."""
    body = _encoder.encode(message)
    return length_of(body) + body


def length_of(body: bytes) -> bytes:
    """The head of a frame."""
    if len(body) > LONGEST:
        raise ProtocolError(f"a message of {len(body)} bytes is longer than {LONGEST}; ask for less at once")
    return len(body).to_bytes(LENGTH_BYTES, "big")


def body_length(head: bytes) -> int:
    """How long the body is. Raises ProtocolError for a length that no message has."""
    length = int.from_bytes(head, "big")
    if not 0 < length <= LONGEST:
        raise ProtocolError(f"a frame of {length} bytes is none of ours")
    return length


def read_request(body: bytes) -> AnyRequest:
    """What is asked. Raises ProtocolError, naming what is wrong."""
    try:
        request: AnyRequest = _requests.decode(body)
    except _UNREADABLE as error:
        raise ProtocolError(f"no request of ours: {error}") from error
    return request


def read_answer(body: bytes) -> AnyAnswer:
    """What was answered. Raises ProtocolError."""
    try:
        answer: AnyAnswer = _answers.decode(body)
    except _UNREADABLE as error:
        raise ProtocolError(f"no answer of ours: {error}") from error
    return answer

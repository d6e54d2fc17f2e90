"""What may be asked of the gatekeeper: every field is checked, and nothing else gets through."""

import contextlib
import json
from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.engines.nftables import protocol
from darbaza.engines.nftables.protocol import LONGEST, LONGEST_GRANT, Give, Pass, ProtocolError, Revoke

GOOD = {"mac": "00:00:5e:00:53:11", "address": "10.50.1.11", "group": "students", "seconds": 30}


def test_a_request_survives_the_way() -> None:
    request = Give((Pass("00:00:5e:00:53:11", IPv4Address("10.50.1.11"), "students", 30),))
    data = protocol.frame(request)
    assert protocol.body_length(data[:4]) == len(data) - 4
    assert protocol.read_request(data[4:]) == request


@pytest.mark.parametrize(
    "changes",
    [
        {"mac": "00:00:5E:00:53:11"},
        {"mac": "01:00:5e:00:53:11"},
        {"mac": "00:00:5e:00:53:11\n"},
        {"mac": "00:00:5e:00:53:11 . 10.50.1.12 }; flush ruleset"},
        {"mac": "00-00-5e-00-53-11"},
        {"mac": 5},
        {"address": "10.50.1.11/24"},
        {"address": "10.50.1.011"},
        {"address": "10.50.1"},
        {"address": " 10.50.1.11"},
        {"address": "::1"},
        {"address": 171049227},
        {"address": "10.50.1.11 }; flush ruleset"},
        {"group": "everybody"},
        {"group": "students_addresses"},
        {"seconds": 0},
        {"seconds": -5},
        {"seconds": LONGEST_GRANT + 1},
        {"seconds": 1.5},
        {"seconds": "30"},
        {"seconds": True},
        {"seconds": 1e400},
        {"path": "/etc/shadow"},
    ],
)
def test_a_field_that_is_not_as_it_must_be_is_refused(changes: dict[str, Any]) -> None:
    assert protocol.read_request(json.dumps({"do": "grant", "passes": [GOOD]}).encode())
    with pytest.raises(ProtocolError, match="no request of ours"):
        protocol.read_request(json.dumps({"do": "grant", "passes": [GOOD | changes]}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"do": "run"}',
        b'{"do": "load", "path": "/tmp/layout"}',
        b'{"do": "list", "do": "revoke-all", "x": 1}',
        b'{"do": "grant"}',
        b'{"do": "grant", "passes": "all"}',
        b'{"do": "revoke", "addresses": ["10.50.1.0/24"]}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"do": "grant", "passes": [' + b",".join([json.dumps(GOOD).encode()] * 1025) + b"]}",
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        protocol.read_request(body)


@pytest.mark.parametrize("head", [b"\0\0\0\0", b"\xff\xff\xff\xff", (LONGEST + 1).to_bytes(4, "big")])
def test_a_length_that_no_message_has_is_refused(head: bytes) -> None:
    with pytest.raises(ProtocolError, match="is none of ours"):
        protocol.body_length(head)


def test_a_message_too_long_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="ask for less at once"):
        protocol.frame(protocol.Refused("x" * LONGEST))


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_a_request_or_be_refused(body: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert isinstance(protocol.read_request(body), protocol.Request)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(list(GOOD.values())),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from([*GOOD, "do", "passes", "addresses"]), inner, max_size=6)
    ),
)


@given(JSON, st.sampled_from(["grant", "revoke", "list", "load", "verify"]))
def test_what_gets_through_is_typed_to_the_last_field(value: Any, verb: str) -> None:
    whole = {**value, "do": verb} if isinstance(value, dict) else {"do": verb, "passes": value}
    try:
        request = protocol.read_request(json.dumps(whole).encode())
    except ProtocolError:
        return
    if isinstance(request, Give):
        assert all(isinstance(one.address, IPv4Address) and 1 <= one.seconds <= LONGEST_GRANT for one in request.passes)
    if isinstance(request, Revoke):
        assert all(isinstance(address, IPv4Address) for address in request.addresses)

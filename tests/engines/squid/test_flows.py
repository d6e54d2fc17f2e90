"""The kernel's count of what goes over open connections, by client, while they are open."""

import contextlib
import socket

import pytest

from darbaza.engines.squid.flows import open_bytes

pytestmark = pytest.mark.bypass("X06")


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_bytes_of_both_directions_count_while_the_connection_is_open(family: int, address: str) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server((address, 0), family=family))
        port = server.getsockname()[1]
        client = stack.enter_context(socket.create_connection((address, port)))
        there, _ = server.accept()
        stack.enter_context(there)
        there.sendall(bytes(70_000))
        client.sendall(bytes(5_000))
        for end, size in ((client, 70_000), (there, 5_000)):
            while size:
                size -= len(end.recv(size))
        assert 75_000 <= open_bytes({port})[address] <= 75_010
        assert address not in open_bytes({port + 1})
    assert open_bytes({port}) == {}


def test_a_kernel_that_does_not_tell_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darbaza.engines.squid.flows.SOCK_DIAG_BY_FAMILY", 99)
    with pytest.raises(OSError, match="tells no connections"):
        open_bytes({80})

"""Networks of one's own: named network namespaces with cables between them, and sockets inside each.

Made with `ip netns`, so `ip netns exec NAME bash` serves a person as well. Names begin with a prefix that tells two
labs apart. Whoever makes them needs CAP_NET_ADMIN and CAP_SYS_ADMIN over its own network, as `in_own_network` in
`script/lib.sh` gives them; then nothing reaches the machine's real network, and nothing is left behind.
"""

import contextlib
import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)


class NetworkError(RuntimeError):
    """A network can't be made or a command in it failed; the text says what was tried and how it ended."""


class Node:
    """One machine: a network namespace with its own interfaces, addresses and packet filter."""

    def __init__(self, name: str) -> None:
        """Stand for the existing namespace `name`."""
        self.name = name
        self.path = Path("/run/netns", name)

    def command(self, *arguments: str) -> list[str]:
        """The same command, run in this network."""
        return ["nsenter", f"--net={self.path}", "--", *arguments]

    def run(self, *arguments: str, given: str = "", timeout: float = 20.0) -> str:
        """Run a command with `given` as its input; what it printed. Raises NetworkError if it fails."""
        return _run(self.command(*arguments), given, timeout)

    def ip(self, *lines: str) -> None:
        """Several `ip` commands in one process, each as a line, for example `link set lo up`."""
        self.run("ip", "-batch", "-", given="".join(f"{line}\n" for line in lines))

    def popen(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start a program in this network; `options` as for `subprocess.Popen`."""
        return subprocess.Popen(self.command(*arguments), **options)

    def socket(self, family: int = socket.AF_INET, kind: int = socket.SOCK_STREAM, protocol: int = 0) -> socket.socket:
        """A socket of this network, to be used from anywhere."""
        with self.within():
            return socket.socket(family, kind, protocol)

    @contextlib.contextmanager
    def within(self) -> Iterator[None]:
        """The calling thread is in this network: sockets and processes that it makes belong here."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        here = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _enter(here)
            yield
        finally:
            _enter(home)
            os.close(here)
            os.close(home)

    def sysctl(self, **values: int | str) -> None:
        """Set values below `net`, with `__` for the dot: `ipv4__ip_forward=1`."""
        lines = [f"echo {value} > /proc/sys/net/{key.replace('__', '/')}" for key, value in values.items()]
        self.run("sh", "-ec", "\n".join(lines))


class Namespaces:
    """A set of nodes, removed with the block. Names must be short: an interface's has at most fifteen characters."""

    def __init__(self, prefix: str) -> None:
        """Name each node `<prefix>-<name>`."""
        self.prefix = prefix
        self.nodes: dict[str, Node] = {}

    def __enter__(self) -> Self:
        """Begin without nodes."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove all."""
        self.close()

    def __getitem__(self, name: str) -> Node:
        """The node of that name."""
        return self.nodes[name]

    def add(self, name: str) -> Node:
        """A new node with nothing but its loopback, which is up. Raises NetworkError."""
        node = Node(f"{self.prefix}-{name}")
        _run(["ip", "netns", "add", node.name])
        self.nodes[name] = node
        node.sysctl(ipv6__conf__all__accept_dad=0, ipv6__conf__default__accept_dad=0)
        node.ip("link set lo up")
        return node

    def cable(self, one: str, interface: str, other: str, its_interface: str, *, mac: str = "") -> None:
        """A cable between two nodes, both ends up; `mac` is the first end's."""
        first, second = self.nodes[one], self.nodes[other]
        address = ["address", mac] if mac else []
        peer = ["peer", "name", its_interface, "netns", second.name]
        _run(["ip", "link", "add", interface, "netns", first.name, *address, "type", "veth", *peer])
        first.ip(f"link set dev {interface} up")
        second.ip(f"link set dev {its_interface} up")

    def close(self) -> None:
        """Remove all nodes, interfaces included; programs that still run in them go on without a network's name."""
        for name in list(self.nodes):
            node = self.nodes.pop(name)
            _run(["ip", "netns", "delete", node.name])


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET):
        code = ctypes.get_errno()
        raise NetworkError(f"a network can't be entered: {os.strerror(code)}; start through script/test")


def _run(command: Sequence[str], given: str = "", timeout: float = 20.0) -> str:
    done = subprocess.run(
        command, input=given.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout
    )
    said = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        hint = "; start through script/test" if "ermi" in said else ""
        raise NetworkError(f"`{' '.join(command)}` ended with {done.returncode}: {said.strip()}{hint}")
    return said

"""dnsdist in front of unbound in front of a signed internet: what a student's device is told in the end."""

from collections.abc import Iterator

import pytest

from darbaza.engines.dnsdist.settings import DnsdistSettings
from darbaza.engines.unbound.engine import Unbound
from tests.engines.dnsdist import conftest as dnsdist
from tests.engines.dnsdist.conftest import POLICY, STAFF, STUDENT, Running
from tests.engines.unbound.conftest import BINARY, Resolver, settings_in
from tests.engines.unbound.internet import served
from tests.ports import free_port

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both engines, wired as the agent wires them."""
    folder = tmp_path_factory.mktemp("names")
    with served() as internet:
        behind = Resolver(Unbound(settings_in(folder, internet), folder / "unbound", binary=BINARY), folder / "log")
        behind.engine.apply(behind.engine.render(), behind.start)
        settings = DnsdistSettings(
            listen=(f"127.0.0.1:{free_port()}",),
            upstreams=behind.engine.settings.listen,
            safe_source=behind.engine.settings.safe_client,
            catalogue=folder / "catalogue.cdb",
            box="127.0.0.77",
            queries_per_second=5000,
        )
        before = dnsdist.begin(settings, folder, POLICY, ready=False)
        yield before
        before.stop()
        behind.stop()


@pytest.mark.parametrize("source", [STUDENT, STAFF, "127.0.0.1"])
@pytest.mark.parametrize(
    ("host", "address"),
    [("www.google.kg", "203.0.113.38"), ("www.bing.com", "203.0.113.39"), ("duckduckgo.com", "203.0.113.40")],
)
def test_search_is_answered_by_the_vendors_safe_alias(names: Running, host: str, address: str, source: str) -> None:
    for _ in range(2):  # the second answer comes from memory
        assert names.addresses(host, source=source)[-1] == address
    assert not [one for one in names.addresses(host, "AAAA", source=source) if ":" in one]


def test_a_forged_answer_reaches_nobody_and_a_sound_one_everybody(names: Running) -> None:
    assert names.rcode("bogus.test") == "SERVFAIL"
    assert names.addresses("kitep.test") == ["203.0.113.10"]
    assert names.addresses("alias.test")[-1] == "203.0.113.10"
    assert names.rcode("nope.test") == "NXDOMAIN"


@pytest.mark.bypass("D11")
def test_a_private_answer_is_stopped_by_either(names: Running) -> None:
    assert names.ask("rebind.test").answer == []
    assert names.addresses("mapped.com", "AAAA") == []


def test_a_closed_name_is_not_even_asked_for(names: Running) -> None:
    assert names.rcode("kumar.test") == "NXDOMAIN"

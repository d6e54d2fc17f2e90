"""Every spelling of a host is one host, and what is no host is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.policy.names import (
    InvalidHost,
    canonical_host,
    looks_like,
    normal_path,
    skeleton,
    split_authority,
    split_url,
    wire_host,
)


@pytest.mark.parametrize(
    "spelled", ["kitep.test", "KITEP.Test", "kitep.test.", b"kitep.test", "ki%74ep.test", "ｋitep。test"]
)
def test_every_spelling_of_a_name_is_one_name(spelled: str | bytes) -> None:
    assert canonical_host(spelled).name == "kitep.test"


@pytest.mark.parametrize(
    "spelled",
    ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "[::ffff:127.0.0.1]",
     "::ffff:7f00:1", "127.0.0.1."],
)  # fmt: skip
def test_every_notation_of_an_address_is_one_address(spelled: str) -> None:
    host = canonical_host(spelled)
    assert (host.name, host.is_address) == ("127.0.0.1", True)


def test_an_international_name_is_its_a_label() -> None:
    assert canonical_host("Китеп.test").name == "xn--" + "китеп".encode("punycode").decode() + ".test"
    assert canonical_host(canonical_host("китеп.test").name).name == canonical_host("КИТЕП.test").name


def test_a_zone_is_no_part_of_an_address() -> None:
    assert canonical_host("[fe80::1%25eth0]").name == "fe80::1"


@pytest.mark.parametrize(
    "spelled",
    ["", ".", "a..b", ".a", "a b", "a\x00b", "a\nb", b"\xff.test", "1.2.3.4.5", "256.1.1.1", "0x", "09.1",
     "a" * 64 + ".test", ".".join(["a" * 60] * 5), "kitep.test/", "a@b", "[::1", "[kitep.test]", "%zz", "%",
     "☃.test", "\ud800.test"],
)  # fmt: skip
def test_what_is_no_host_is_refused(spelled: str | bytes) -> None:
    with pytest.raises(InvalidHost, match="`"):
        canonical_host(spelled)


def test_an_underscore_is_legal() -> None:
    assert canonical_host("_dmarc.kitep_1.test").name == "_dmarc.kitep_1.test"


@pytest.mark.parametrize("spelled", ["ki%74ep.test", "ｋitep.test", "kitep%2etest", "китеп.test"])
def test_an_engine_gets_no_host_that_it_would_resolve_otherwise(spelled: str) -> None:
    with pytest.raises(InvalidHost):
        wire_host(spelled)


def test_mixed_scripts_are_told() -> None:
    assert canonical_host("раураl.test").is_mixed
    assert not canonical_host("китеп.test").is_mixed
    assert not canonical_host("bücher.test").is_mixed


def test_a_look_alike_is_never_the_name_it_looks_like() -> None:
    alike = canonical_host("kіtep.test").name
    assert alike != "kitep.test"
    assert skeleton(alike) == skeleton("kitep.test")
    assert looks_like(alike, ["kitep.test"]) == "kitep.test"
    assert looks_like("www.kitep.test", ["kitep.test"]) == ""


def test_a_url_loses_its_user_query_and_fragment() -> None:
    url = split_url("http://aida:secret@KITEP.test:8080/a/./b/../c//%7ex%2fy?q=1#z")
    assert (url.scheme, url.host.name, url.port, url.path) == ("http", "kitep.test", 8080, "/a/c/~x%2Fy")


def test_a_backslash_in_an_authority_is_refused() -> None:
    # Browsers end the host there, Squid does not.
    with pytest.raises(InvalidHost):
        split_url("http://kitep.test\\@proksi.test/")


@pytest.mark.parametrize("port", ["0", "65536", "8o", "-1", "٨"])
def test_a_port_out_of_range_is_refused(port: str) -> None:
    with pytest.raises(InvalidHost):
        split_authority(f"kitep.test:{port}")


@pytest.mark.parametrize("path", ["/%252e", "/a%00", "/a\x07", "/a b", "/a\\b", "/100%", "/%2"])
def test_a_path_with_two_readings_is_refused(path: str) -> None:
    with pytest.raises(InvalidHost):
        normal_path(path)


@pytest.mark.parametrize(
    ("path", "normal"), [("", "/"), ("/../..", "/"), ("/%2E%2e/a", "/a"), ("//a///b/", "/a/b/"), ("/ж", "/%D0%B6")]
)
def test_a_path_is_normal_by_rfc_3986(path: str, normal: str) -> None:
    assert normal_path(path) == normal


TEXT = st.one_of(
    st.text(),
    st.text("0123456789abcdefx.:[]%", max_size=24),
    st.text("aкı。.-_%@:/\\[] \x00é", max_size=24),
    st.binary(max_size=24),
)


@given(TEXT)
def test_a_host_is_read_or_refused_and_reading_twice_changes_nothing(raw: str | bytes) -> None:
    try:
        host = canonical_host(raw)
    except InvalidHost:
        return
    again = canonical_host(host.name)
    assert (again.name, again.is_address) == (host.name, host.is_address)
    assert again.verbatim


@given(TEXT)
def test_a_url_is_read_or_refused_and_reading_twice_changes_nothing(raw: str | bytes) -> None:
    try:
        url = split_url(raw if isinstance(raw, bytes) else "http://kitep.test/" + raw)
    except InvalidHost:
        return
    assert normal_path(url.path) == url.path


@given(st.text("/.%2eEfF5ab", max_size=16))
def test_a_normal_path_stays_normal(path: str) -> None:
    try:
        normal = normal_path("/" + path)
    except InvalidHost:
        return
    assert normal_path(normal) == normal
    assert "/../" not in normal

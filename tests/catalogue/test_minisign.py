"""Signatures that minisign 0.10 made with a key of these tests' own, and what must not pass for one."""

import base64
from pathlib import Path

import pytest

from darbaza.catalogue.minisign import SignatureError, Signed, read_key, verify
from darbaza.catalogue.sources import load_sources

KEY = "RWQ5T1SK9+3zwIj8XoSNJpqbfW8JRdi43XMbvfi9vbq37L5SDIYmUelf"
HASHED = """untrusted comment: signature from minisign secret key
RUQ5T1SK9+3zwBrxequRddIJTQlhmoqx40fh3IlpkSeDx7cy1Iqu3554G7nkzY7sEk3nyWmonXVbsKtFi/zwh44BTHhbmSGH4AE=
trusted comment: timestamp:1776513246\tfile:list.txt
bfzeO4c/TGfB0vACEiluu57buH9pGuByRHNaAD2mmKBLc2JqUV6aXTpZNvUxtPnVjvb7PHm2pK533qOIR7qvDw==
"""
PLAIN = """untrusted comment: signature from minisign secret key
RWQ5T1SK9+3zwCNify6gS3QzKq0uK+ZS/HHO1rQiQkh5QNbGRn/jVzWn2suWdQOJoeBfB+c9lryIzSkxj1vKZ+Akn6CZaPluvwE=
trusted comment: timestamp:1795480780\tfile:list.txt
NpyGAQKCBa1L5W3HnV+s+zSc+s+wABMU9SVDK3BVdNceOgVPulRj2e9PPt9KAwklZeUIwgCrEgSFwx7Bmf5vDw==
"""


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("a.test\nb.test\n")
    return path


def test_both_kinds_of_signature_are_understood(signed: Path) -> None:
    assert verify(signed, HASHED, read_key(KEY)) == Signed(1776513246, "list.txt")
    assert verify(signed, PLAIN, read_key(KEY)) == Signed(1795480780, "list.txt")


@pytest.mark.parametrize("signature", [HASHED, PLAIN])
def test_another_octet_another_comment_another_key_do_not_pass(signed: Path, signature: str) -> None:
    key = read_key(KEY)
    other = base64.b64encode(base64.b64decode(KEY)[:-1] + b"\x01").decode()
    with pytest.raises(SignatureError, match="wrong"):
        verify(signed, signature.replace("file:list.txt", "file:lost.txt"), key)
    with pytest.raises((SignatureError, ValueError)):
        verify(signed, signature, read_key(other))
    theirs = read_key("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3")
    with pytest.raises(SignatureError, match="another key"):
        verify(signed, signature, theirs)
    signed.write_text("a.test\nc.test\n")
    with pytest.raises(SignatureError, match="wrong"):
        verify(signed, signature, key)


@pytest.mark.parametrize(
    "text", ["", "<html>", "a\nb\nc\nd\n", HASHED.replace("trusted comment: t", "t"), HASHED.replace("RUQ5", "RXQ5")]
)
def test_what_is_no_signature_is_told(signed: Path, text: str) -> None:
    with pytest.raises(SignatureError):
        verify(signed, text, read_key(KEY))


@pytest.mark.parametrize("text", ["", "RWQ5", "hello", KEY[:-4]])
def test_what_is_no_key_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"minisign public key|padding|base64"):
        read_key(text)


def test_the_shipped_sources_hold_readable_keys() -> None:
    assert load_sources()["dnscrypt/public-resolvers"].online.key is not None

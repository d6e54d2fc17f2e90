"""One list from its publisher: asked with the tag of the version in force, bounded in size and time.

What a publisher sends is believed to be a list only after it was read (see `files`); here only the transport is
judged: its status, its length, its kind, and where a checksum is published beside it, that.
"""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

MAX_OCTETS = 256 << 20
TIMEOUT = 20.0
"""How long a publisher may stay silent, in seconds."""

DEADLINE = 600.0
"""How long a whole transfer may take, in seconds."""

AGENT = "darbaza (school gateway; list update)"


class FetchError(OSError):
    """A list could not be fetched. The message names the address and the reason."""


@dataclass(frozen=True, slots=True)
class Download:
    """What came: nothing if `unchanged`; else the publisher's tag and its date of change as the version's name."""

    unchanged: bool
    etag: str = ""
    version: str = ""


def download(
    url: str, target: Path, *, etag: str = "", sha256: str = "", limit: int = MAX_OCTETS, timeout: float = TIMEOUT
) -> Download:
    """Fetch `url` into the file `target`, unless the publisher says that `etag` still stands. Raises `FetchError`."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FetchError(f"list address `{url}` is neither http nor https; correct sources.toml")
    headers = {"User-Agent": AGENT, **({"If-None-Match": etag} if etag else {})}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  # the scheme was checked above
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310  # as above
            _check_kind(url, answer)
            with target.open("wb") as file:
                digest = _copy(url, answer, file, limit)
            _check_whole(url, answer, target)
            _check_sum(url, digest, sha256)
            return Download(False, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.NOT_MODIFIED:
            return Download(unchanged=True, etag=etag)
        raise FetchError(f"list `{url}` was not sent: status {error.code}; try later") from error
    except FetchError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"list `{url}` could not be fetched: {error}; try later") from error


def _check_kind(url: str, answer: http.client.HTTPResponse) -> None:
    if answer.headers.get_content_type() in {"text/html", "application/xhtml+xml"}:
        raise FetchError(f"list `{url}` came as a web page; perhaps a sign-in or a notice stands before the publisher")


def _copy(url: str, answer: http.client.HTTPResponse, file: IO[bytes], limit: int) -> str:
    """Copy within the limits of size and time; returns the SHA-256."""
    digest, total, end = hashlib.sha256(), 0, time.monotonic() + DEADLINE
    while octets := answer.read(1 << 18):
        total += len(octets)
        if total > limit:
            raise FetchError(f"list `{url}` is over {limit} octets; it is refused")
        if time.monotonic() > end:
            raise FetchError(f"list `{url}` takes over {DEADLINE:.0f} s; try later")
        digest.update(octets)
        file.write(octets)
    return digest.hexdigest()


def _check_whole(url: str, answer: http.client.HTTPResponse, target: Path) -> None:
    declared = answer.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) != target.stat().st_size:
        raise FetchError(f"list `{url}` broke off: {target.stat().st_size} of {declared} octets came; try later")


def _check_sum(url: str, digest: str, sha256: str) -> None:
    if sha256 and digest != sha256.lower():
        raise FetchError(f"list `{url}` differs from its published checksum; it is refused")

"""`darbaza authority`: the certificate this box signs with, and the next; `--next` makes it, `--switch` uses it now."""

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from darbaza.cli import control
from darbaza.cli.words import CommandError, say, text

KEYS = ("authority", "next_authority")


def command(options: argparse.Namespace) -> int:
    """0 when it is shown or done. Raises CommandError if no agent runs, or if it refuses."""
    act = "switch" if options.switch else "next" if options.next else ""
    said = control.ask(options.run, "POST", f"/authority/{act}") if act else control.ask(options.run, "GET", "/status")
    if said is None:
        raise CommandError(text("authority", "no-agent", options.lang))
    if options.json:
        say(json.dumps({key: said.get(key, "") for key in KEYS}))
    else:
        say(lines(said, options.lang))
    return 0


def lines(said: Mapping[str, Any], language: str) -> Iterator[str]:
    """Each certificate with its last day and fingerprint."""
    for key in KEYS:
        pem = said.get(key) or ""
        if not pem:
            yield text("authority", f"{key}-none", language)
            continue
        found = x509.load_pem_x509_certificate(pem.encode())
        ends = found.not_valid_after_utc.strftime("%d.%m.%Y")
        yield text("authority", key, language, ends=ends, fingerprint=found.fingerprint(SHA256()).hex(":").upper())

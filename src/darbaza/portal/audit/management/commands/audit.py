"""`manage.py audit verify` checks the chain and the records that it seals, and names the first bad one.

`audit checkpoint` prints what to note on paper; `audit seal` seals once what a portal held before records had seals.
"""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from darbaza import clock
from darbaza.portal.audit import checkpoint, seals
from darbaza.portal.audit.actions import SealedBeforeError, seal_what_was_before
from darbaza.portal.audit.chain import ChainCheck, Fault, Mark
from darbaza.portal.audit.models import AuditEntry

MESSAGES = {
    Fault.CHANGED: "is changed: its content is not what its digest was made of",
    Fault.MISSING: "is missing",
    Fault.UNLINKED: "does not follow the one before it: one of the two was made anew",
    Fault.CUT: "and all after it are cut off",
    Fault.ADDED: "was added past the head of the chain",
    Fault.REWRITTEN: "is rewritten: it is not the one on paper",
}

OF_RECORDS = {
    Fault.ALTERED: "was changed past the acts: it is not as audit entry `{number}` sealed it",
    Fault.GONE: "has gone: audit entry `{number}` sealed it",
    Fault.UNSEALED: "rests on no act: no audit entry seals it",
}


class Command(BaseCommand):
    """Check the audit chain with its records, print a checkpoint of it, or seal what was there before."""

    help = "Check the audit chain and the records that it seals, or print a checkpoint of its head."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to do, and entries noted elsewhere that must still stand."""
        parser.add_argument("act", choices=["verify", "checkpoint", "seal"])
        parser.add_argument(
            "--checkpoint", action="append", default=[], metavar="CODE", help="a checkpoint on paper, in either form"
        )
        parser.add_argument("--expect", action="append", default=[], metavar="NUMBER:DIGEST", help="an entry on paper")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the head, or fail naming the first bad entry."""
        if options["act"] == "checkpoint":
            return self.print_checkpoint()
        if options["act"] == "seal":
            return self.seal()
        marks = [noted(code) for code in options["checkpoint"]] + [expected(text) for text in options["expect"]]
        check = seals.verify(marks)
        if not check.intact:
            raise CommandError(told(check))
        held = f"; {len(marks)} noted on paper stand" if marks else ""
        records = f"; {check.sealed} records are as they were sealed"
        self.stdout.write(f"{check.checked} entries hold; head {check.number}:{check.digest}{records}{held}")
        return None

    def seal(self) -> None:
        """Seal, once in a portal's life, what was there before records had seals."""
        try:
            names = seal_what_was_before(at=clock.utc_now())
        except SealedBeforeError as error:
            raise CommandError(
                f"records that no act sealed: {', '.join(error.names[:10])}; what was there before was sealed by audit"
                f" entry `{error.number}` already, so these were made past the acts; find out by whom"
            ) from error
        self.stdout.write(f"{len(names)} records sealed")

    def print_checkpoint(self) -> None:
        """The head in both forms."""
        entry = AuditEntry.objects.order_by("-number").first()
        if entry is None:
            raise CommandError("the audit has no entry yet; there is nothing to note")
        made = checkpoint.of_entry(entry)
        self.stdout.write(f"{made.short()}\n{made.signed()}\nkey {checkpoint.key_name()}")


def noted(code: str) -> Mark:
    """A checkpoint from paper; one that this portal's key did not sign is refused."""
    try:
        found = checkpoint.read(code)
    except checkpoint.CheckpointError as error:
        raise CommandError(f"`{code}` is no checkpoint, or a character is wrong; compare it with the paper") from error
    if found.genuine is False:
        raise CommandError(f"`{code}` is not signed by the key of this portal, `{checkpoint.key_name()}`")
    return found.mark


def expected(text: str) -> Mark:
    """`NUMBER:DIGEST` as the command printed it."""
    number, _, digest = text.partition(":")
    if not (number.isascii() and number.isdigit() and digest):
        raise CommandError(f"`{text}` is no entry; write its number, a colon and its digest")
    return Mark(int(number), digest)


def told(check: ChainCheck) -> str:
    """The first bad entry or record, what is wrong with it, and how far the chain holds."""
    if check.fault in OF_RECORDS:
        said = OF_RECORDS[check.fault].format(number=check.number)
        return f"record `{check.record}` {said}; all {check.checked} entries hold"
    message = (
        f"audit entry `{check.number}` {MESSAGES[check.fault or Fault.CHANGED]}; entries up to {check.checked} hold"
    )
    if check.fault is Fault.REWRITTEN:
        message += f" among themselves, on paper those up to {check.held}"
    return message

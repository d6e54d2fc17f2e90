"""The audit chain: 10,000 random damages, all found, and how long a million entries take: `bench/audit.py [entries]`.

The chain is written to a SQLite database of its own below `var/`, by the same digests as the portal's. The walk is
shown beside merely reading the rows and merely hashing them, in one run, so that the machine's load falls out of the
ratio.
"""

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
STATE = ROOT / "var" / "bench-audit"
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
os.environ |= {"DJANGO_SETTINGS_MODULE": "darbaza.portal.settings", "DARBAZA_STATE": str(STATE)}

DAMAGES = 10_000
LENGTH = 200


def prepare() -> None:
    """An empty portal."""
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    (STATE / "secret_key").write_text("bench-only-" * 6)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", "audit", verbosity=0)


def damage_all() -> None:
    """Every kind of damage, each as often, the hidden ones against two checkpoints."""
    from tests.portal.audit import damages

    from darbaza.portal.audit.chain import Mark

    random, rows, found = Random(1), damages.chain_of(LENGTH), Counter[str]()
    paper = tuple(Mark(number, rows[number - 1].digest[:20]) for number in (LENGTH // 2, LENGTH))
    kinds = damages.PLAIN + damages.HIDDEN
    for turn in range(DAMAGES):
        damage = kinds[turn % len(kinds)]
        found[damage.__name__] += damages.is_found(damage(rows, random), paper if damage in damages.HIDDEN else ())
    print(f"damages found: {sum(found.values())} of {DAMAGES}  {dict(found)}")
    assert sum(found.values()) == DAMAGES


def fill(entries: int) -> None:
    """A chain like a school's: acts with a detail of about 120 characters."""
    from tests.portal.audit.damages import AT, timedelta

    from darbaza.portal.audit import canonical
    from darbaza.portal.audit.models import AuditEntry, ChainHead

    def made() -> Iterator[AuditEntry]:
        previous = canonical.GENESIS
        for number in range(1, entries + 1):
            detail = canonical.detail_text({"lesson": f"l{number:012}", "student": "k7qf3m9txa2d", "why": "сабак" * 4})
            entry = AuditEntry(
                number=number,
                at=AT + timedelta(seconds=number),
                act="lessons:student:pause",
                by="a7qf3m9txa2d",
                subject=f"it-{number % 9}",
                detail_text=detail,
                previous=previous,
            )
            previous = entry.digest = entry.expected_digest()
            yield entry

    AuditEntry.objects.bulk_create(made(), batch_size=2000)
    last = AuditEntry.objects.order_by("-number")[0]
    ChainHead.objects.update_or_create(pk=1, defaults={"number": last.number, "digest": last.digest})


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Damages, then the million."""
    from darbaza.portal.audit import chain

    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    damage_all()
    print(f"writing {entries:,} entries: {seconds(lambda: fill(entries)):.1f} s")
    load = os.getloadavg()[0]
    read = seconds(lambda: sum(1 for _ in chain.stored_rows(chain.stored_head())))
    row = next(iter(chain.stored_rows(chain.stored_head())))
    hashed = seconds(lambda: [chain.digest_of(row) for _ in range(entries)])
    checked: list[chain.ChainCheck] = []
    walked = seconds(lambda: checked.append(chain.verify()))
    assert checked[0].intact
    assert checked[0].checked == entries
    print(f"read {read:.1f} s, hash {hashed:.1f} s, verify {walked:.1f} s ({walked / (read + hashed):.2f} of both)")
    print(f"{entries / walked:,.0f} entries a second; load {load:.1f}")


if __name__ == "__main__":
    prepare()
    main()
    shutil.rmtree(STATE)

"""A school of ordinary size for benches and engine tests: 100 devices, 4 classes at their lessons, about 60 rulings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from darbaza.policy.request import Attribution, SupervisedSession
from darbaza.policy.resource import Target
from darbaza.policy.rulebook import (
    Assignment,
    DefaultRule,
    Device,
    Effect,
    LessonException,
    Permit,
    PermitKind,
    PermitRule,
    Room,
    Rulebook,
    Ruling,
    StatutoryCategory,
    StatutoryScope,
    UserCategory,
    UserKind,
)
from darbaza.policy.verdict import Ground, GroundKind
from darbaza.snapshot import codec
from darbaza.snapshot.envelope import PRESENCE, SNAPSHOT, PrivateKey, public_line, seal
from darbaza.snapshot.files import write_atomically
from darbaza.snapshot.presence import Binding, Presence

DECISION = Ground(GroundKind.DECISION, "2026-14", "2026-09-01")
ORDER = Ground(GroundKind.ORDER, "37", "2026-08-28")
REGULATION_3_3 = Ground(GroundKind.REGULATION, "3.3")

STATUTORY = ("porn", "violence", "extremism", "drugs", "gambling")
ALLOWED = ("education", "government", "reference", "translation", "search")
DENIED = ("games", "social", "video", "shopping", "circumvention", "doh", "malware", "phishing")
ROOMS = 4


def addresses(count: int = 100) -> list[str]:
    """Loopback addresses of the students' PCs, 25 a room."""
    return [f"127.0.{1 + number // 25}.{1 + number % 25}" for number in range(count)]


def rulebook(revision: int, at: datetime, devices: list[str], allowed: tuple[str, ...] = ()) -> Rulebook:
    """What is in force at the school around the instant `at`; `allowed` are further hosts that the council allowed."""
    hosts = tuple(f"site{number}.kitep.test" for number in range(30))
    rulings = [
        *(_ruling("students", Effect.ALLOW, category=category) for category in ALLOWED),
        *(_ruling("students", Effect.DENY, category=category) for category in DENIED),
        *(_ruling("students-5-9", Effect.DENY, target=Target(host)) for host in hosts[:15]),
        *(_ruling("students", Effect.ALLOW, target=Target(host)) for host in (*hosts, *allowed)),
    ]
    rooms = tuple(Room(f"room-{number}", ORDER) for number in range(ROOMS))
    day = timedelta(days=1)
    return Rulebook(
        revision=revision,
        school="Invented school",
        regulation="2020-09-15",
        user_categories=(
            UserCategory("students", UserKind.STUDENT, "", DefaultRule.ALLOW_LIST, DECISION),
            UserCategory("students-5-9", UserKind.STUDENT, "students"),
            UserCategory("students-10-11", UserKind.STUDENT, "students"),
            UserCategory("staff", UserKind.STAFF, "", DefaultRule.BLOCK_LIST, DECISION),
        ),
        rooms=rooms,
        devices=tuple(Device(address, f"room-{int(address.split('.')[2]) - 1}") for address in devices),
        exceptions=tuple(LessonException(f"event-{r.id}", r.id, at - day, at + day, DECISION) for r in rooms),
        statutory=tuple(StatutoryCategory(c, StatutoryScope.STUDENTS, "3.3", REGULATION_3_3) for c in STATUTORY),
        permit_rules=(
            PermitRule("webmail", PermitKind.EMAIL, "3.2", frozenset(UserKind)),
            PermitRule("downloads", PermitKind.DOWNLOAD, "3.3", frozenset({UserKind.STUDENT})),
        ),
        permits=(Permit("p-1", "student-1", PermitKind.EMAIL, at - day, at + day, DECISION),),
        rulings=tuple(rulings),
        assignments=(Assignment(Target("assigned.test"), frozenset({"education"}), DECISION),),
        download_suffixes=(".exe", ".msi", ".zip", ".mp4", ".apk"),
    )


def _ruling(group: str, effect: Effect, target: Target | None = None, category: str = "") -> Ruling:
    return Ruling(group, effect, DECISION, target, category)


def presence(sequence: int, at: datetime, devices: list[str], *, is_open: bool = True) -> Presence:
    """A supervised session in each room with a student at each PC, or nobody anywhere."""
    sessions = tuple(
        SupervisedSession(
            id=f"session-{number}",
            room=f"room-{number}",
            supervisor="teacher-1",
            opened=at - timedelta(minutes=10),
            ends=at + timedelta(hours=8),
            lease_until=at + timedelta(hours=8),
            exception=f"event-room-{number}",
            school_class="7-A",
        )
        for number in range(ROOMS)
    )
    bindings = tuple(
        Binding(
            device=address,
            person=f"student-{number}",
            category="students-5-9" if number % 2 else "students-10-11",
            attribution=Attribution.SIGN_IN,
            since=at,
            session=f"session-{int(address.split('.')[2]) - 1}",
        )
        for number, address in enumerate(devices)
    )
    return Presence(sequence, sequence, at, sessions if is_open else (), bindings if is_open else ())


def write_key(run: Path, key: PrivateKey) -> None:
    """Let the box trust `key`."""
    (run / "keys").mkdir(parents=True, exist_ok=True)
    (run / "keys" / "portal.pub").write_text(public_line(key.public_key()) + "\n")


def write_snapshot(run: Path, book: Rulebook, key: PrivateKey) -> None:
    """Put a rulebook in force."""
    write_atomically(run / "snapshot.dzb", seal(SNAPSHOT, codec.encode(book), key), 0o644)


def write_presence(run: Path, who: Presence, key: PrivateKey) -> None:
    """Put a presence in force."""
    write_atomically(run / "presence.dzp", seal(PRESENCE, codec.encode_presence(who), key), 0o644)


def now() -> datetime:
    """The instant around which the school's lessons lie."""
    return datetime.now(UTC)  # noqa: TID251 - a bench is an entry point

"""What one version of the schedule has otherwise than another: lessons that came, went, moved; days off."""

from collections import defaultdict
from dataclasses import dataclass

from darbaza.portal.timetable.models import ScheduleVersion
from darbaza.portal.timetable.models.calendars import Span
from darbaza.portal.timetable.values import Lesson, lessons_of


@dataclass(frozen=True, slots=True)
class Differences:
    """From an older version to a newer one. `changed` pairs a lesson with what became of it."""

    added: tuple[Lesson, ...]
    removed: tuple[Lesson, ...]
    changed: tuple[tuple[Lesson, Lesson], ...]
    unchanged: int
    days_off_added: tuple[Span, ...]
    days_off_removed: tuple[Span, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed or self.days_off_added or self.days_off_removed)


def differences(before: ScheduleVersion, after: ScheduleVersion) -> Differences:
    """Compare two versions. A lesson of the same class, subject and teacher elsewhere counts as moved, in order."""
    old, new = list(lessons_of(before)), list(lessons_of(after))
    same = 0
    for lesson in list(old):
        if lesson in new:
            old.remove(lesson)
            new.remove(lesson)
            same += 1
    changed = _paired(old, new)
    off_before, off_after = _spans(before), _spans(after)
    return Differences(
        added=tuple(new),
        removed=tuple(old),
        changed=changed,
        unchanged=same,
        days_off_added=tuple(span for span in off_after if span not in off_before),
        days_off_removed=tuple(span for span in off_before if span not in off_after),
    )


def _paired(old: list[Lesson], new: list[Lesson]) -> tuple[tuple[Lesson, Lesson], ...]:
    """Take pairs out of both lists."""
    waiting: defaultdict[tuple[str, str, str], list[Lesson]] = defaultdict(list)
    for lesson in new:
        waiting[lesson.school_class, lesson.subject, lesson.teacher].append(lesson)
    pairs = []
    for lesson in list(old):
        if found := waiting[lesson.school_class, lesson.subject, lesson.teacher]:
            pairs.append((lesson, found.pop(0)))
            old.remove(lesson)
            new.remove(pairs[-1][1])
    return tuple(pairs)


def _spans(version: ScheduleVersion) -> list[Span]:
    return sorted(version.calendar.spans_off(), key=lambda span: span.first) if version.calendar else []

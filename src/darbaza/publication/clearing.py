"""A text as it goes out: what was to be removed is gone, names that were to be shortened are initials."""

from collections.abc import Iterable, Mapping

from darbaza.publication.findings import Finding, Span
from darbaza.publication.matter import Answer, Answered, finding_keys

LEFT_OUT = "…"
"""What stands where something was removed."""


def cleared(text: str, part: str, findings: Iterable[Finding], answers: Mapping[str, Answered]) -> str:
    """A text of one part without what its findings' answers take out. Spans that overlap are taken out as one."""
    kept = list(findings)
    changes = []
    for key, finding in zip(finding_keys(kept), kept, strict=True):
        given = answers.get(key)
        if finding.part != part or not isinstance(finding.where, Span) or given is None:
            continue
        if given.answer is Answer.REMOVE:
            changes.append((finding.where, left_out(text, finding.where)))
        elif given.answer is Answer.INITIALS:
            changes.append((finding.where, initials(text[finding.where.start : finding.where.end])))
    return replaced(text, changes)


def left_out(text: str, span: Span) -> str:
    """What stands in place of some characters: of a table's cells in each, so that none gets into another column."""
    return "\t".join([LEFT_OUT] * (1 + text.count("\t", span.start, span.end)))


def initials(name: str) -> str:
    """`А. Б.` of `Асанов Бек`: of each word its first letter, in whichever cell of a table it stands."""
    if "\t" in name:
        return "\t".join(map(initials, name.split("\t")))
    words = [word.strip('.,;:«»"()') for word in name.replace("-", " ").split()]
    return " ".join(f"{word[0].upper()}." for word in words if word)


def replaced(text: str, changes: Iterable[tuple[Span, str]]) -> str:
    """A text with its changes, the last first. Of changes that overlap all is removed."""
    merged: list[tuple[Span, str]] = []
    for span, new in sorted(changes, key=lambda change: (change[0].start, change[0].end)):
        if merged and span.start < merged[-1][0].end:
            before, same = merged[-1]
            whole = Span(before.start, max(before.end, span.end))
            merged[-1] = (whole, same if whole == before == span else left_out(text, whole))
        else:
            merged.append((span, new))
    for span, new in reversed(merged):
        text = text[: span.start] + new + text[span.end :]
    return text

"""A text as plain HTML: paragraphs, headings, lists and addresses. All is escaped; nothing that was typed runs."""

import re
from collections.abc import Iterator
from textwrap import shorten

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

ADDRESS = re.compile(r"https?://[^\s<>\"'()]+[^\s<>\"'().,;:!?]")


def html_of(text: str) -> SafeString:
    """The text, escaped, with the marks that an author may use turned into elements."""
    return format_html_join("\n", "{}", ((block,) for block in blocks(text)))


def beginning_of(text: str, length: int) -> str:
    """How a text begins, in at most `length` characters and with no word cut: its paragraphs, without headings and
    lists; these where it has nothing else."""
    lines = text.split("\n")
    plain = [line for line in lines if not line.startswith(("#", "- "))]
    chosen = plain if any(map(str.strip, plain)) else [line.removeprefix("- ").lstrip("# ") for line in lines]
    return shorten(" ".join(chosen)[: 4 * length], length, placeholder=" …")


def blocks(text: str) -> Iterator[SafeString]:
    """Each paragraph, heading and list."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        while lines:
            if lines[0].startswith("#"):
                yield element("h2", line_of(lines.pop(0).lstrip("# ")))
            elif lines[0].startswith("- "):
                items = taken(lines, is_item=True)
                yield element("ul", "".join(element("li", line_of(one[2:])) for one in items))
            else:
                yield element("p", "<br>".join(line_of(one) for one in taken(lines, is_item=False)))


def taken(lines: list[str], *, is_item: bool) -> list[str]:
    """Take the lines off the beginning that are of one kind."""
    found = []
    while lines and lines[0].startswith("- ") is is_item and not lines[0].startswith("#"):
        found.append(lines.pop(0))
    return found


def line_of(line: str) -> str:
    """A line, escaped, with addresses as links that tell the other side nothing."""
    parts, end = [], 0
    for match in ADDRESS.finditer(line):
        parts += [escape(line[end : match.start()]), link(match.group())]
        end = match.end()
    return "".join([*parts, escape(line[end:])])


def link(address: str) -> str:
    """An address as a link."""
    safe = escape(address)
    return f'<a href="{safe}" rel="noopener noreferrer nofollow">{safe}</a>'


def element(name: str, inner: str) -> SafeString:
    """An element around what is escaped already."""
    return mark_safe(f"<{name}>{inner}</{name}>")  # noqa: S308 - `inner` was escaped by `line_of`

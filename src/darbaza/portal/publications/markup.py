"""A text as plain HTML: paragraphs, headings, lists, tables and addresses. All is escaped; nothing typed runs."""

import re
from collections.abc import Iterable, Iterator
from textwrap import shorten

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

ADDRESS = re.compile(r"https?://[^\s<>\"'()]+[^\s<>\"'().,;:!?]")


def html_of(text: str) -> SafeString:
    """The text, escaped, with the marks that an author may use turned into elements."""
    return format_html_join("\n", "{}", ((block,) for block in blocks(text)))


def beginning_of(text: str, length: int) -> str:
    """How a text begins, in at most `length` characters and with no word cut: its paragraphs, without headings, lists
    and tables; these where it has nothing else."""
    lines = text.split("\n")
    plain = [line for line in lines if not mark_of(line)]
    chosen = plain if any(map(str.strip, plain)) else [line.removeprefix("- ").lstrip("# ") for line in lines]
    return shorten(" ".join(chosen)[: 4 * length], length, placeholder=" …")


def blocks(text: str) -> Iterator[SafeString]:
    """Each paragraph, heading, list and table."""
    for paragraph in re.split(r"\n\s*\n", text.strip("\n ")):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        while lines:
            mark = mark_of(lines[0])
            if mark == "#":
                yield element("h2", line_of(lines.pop(0).lstrip("# ")))
            elif mark == "- ":
                yield element("ul", "".join(element("li", line_of(one[2:])) for one in taken(lines, mark)))
            elif mark == "\t":
                yield table_of([one.split("\t") for one in taken(lines, mark)])
            else:
                yield element("p", "<br>".join(line_of(one) for one in taken(lines, mark)))


def mark_of(line: str) -> str:
    """What makes a line more than one of a paragraph: a heading's or an item's beginning, or a tab between cells."""
    if "\t" in line and not line.startswith(("# ", "##", "- ")):
        return "\t"
    return "#" if line.startswith("#") else "- " if line.startswith("- ") else ""


def taken(lines: list[str], mark: str) -> list[str]:
    """Take the lines off the beginning that are of one kind."""
    found = []
    while lines and mark_of(lines[0]) == mark:
        found.append(lines.pop(0))
    return found


def table_of(rows: list[list[str]]) -> SafeString:
    """A table, each row as wide as the widest, in a frame that is scrolled sideways, by keyboard as well."""
    width = max(map(len, rows))
    full = [[*row, *[""] * (width - len(row))] for row in rows]
    head = element("thead", row_of(full.pop(0), '<th scope="col">', "</th>")) if has_headings(full) else ""
    body = element("tbody", "".join(row_of(row, "<td>", "</td>") for row in full))
    inner = f'<div class="scroll" tabindex="0"><table class="table typed">{head}{body}</table></div>'
    return mark_safe(inner)  # noqa: S308 - each cell was escaped by `line_of`


def row_of(cells: Iterable[str], begin: str, end: str) -> SafeString:
    """A row of a table."""
    return element("tr", "".join(f"{begin}{line_of(cell.strip())}{end}" for cell in cells))


def has_headings(rows: list[list[str]]) -> bool:
    """Whether a first row is taken for headings: words in each cell and no figure, above rows that hold figures."""
    first, *rest = rows
    words = all(cell.strip() and not any(map(str.isdigit, cell)) for cell in first)
    return words and any(char.isdigit() for row in rest for cell in row for char in cell)


def line_of(line: str) -> str:
    """A line, escaped, with addresses as links that tell the other side nothing. Tabs in it stay to be seen."""
    line, parts, end = line.replace("\t", "\u2003"), [], 0
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

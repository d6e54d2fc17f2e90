"""Text as authors hand it in, out of word processors and messengers: plain lines and nothing else.

Markup is never kept: of pasted HTML the words stay. Whatever is shown is escaped as text, so this is for
readers and for the finders of names, which must see each word as people read it. A table stays one: a line for each
row, a tab between two cells, as spreadsheets and word processors hand it over.
"""

import re
import unicodedata
from html import unescape
from itertools import groupby

TAG = re.compile(r"<(?:!--.*?--|[!/?]?[A-Za-z][^<>]*)>", re.DOTALL)
LETTER = re.compile(r"&#?\w{1,32};", re.ASCII)
SILENT = re.compile(r"<(script|style|head|xml|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
CELL = re.compile(r"<\s*(/?)\s*t[dh]\b", re.IGNORECASE)
BETWEEN_CELLS = re.compile(r">\s+(?=<\s*/?\s*t(?:able|body|d|foot|h|head|r)\b)", re.IGNORECASE)
QUOTED_CELL = re.compile(r'(?:(?<=\t)"((?:[^"\t]|""){1,2000})"(?=\t|$)|^"((?:[^"\t]|""){1,2000})"(?=\t))', re.MULTILINE)
"""A cell as spreadsheets put it on the clipboard if it holds several lines."""
ITEM = re.compile(r"^[ \t]*(?:[•·▪◦‣●○■➢\uf0b7\uf0a7\uf0d8\uf0fco][ \t]+|[–—-] *\t[ \t]*(?=[^\t\n]*$))", re.MULTILINE)
"""How word processors begin an item of a list; those of private use are signs of the fonts Symbol and Wingdings. A dash
with several cells after it is a cell."""
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
"""Soft hyphens, zero-width characters and direction marks: they hide a name from a reader's search and from ours."""


def unmarked(text: str) -> str:
    """A text without markup, and with no letter written as its number or by its name in markup (`&#1089;`): no finder
    reads such a one, and some reader shows the letter."""
    while (plain := LETTER.sub(lambda found: unescape(found[0]), without_tags(text))) != text:
        text = plain
    return text


def without_tags(text: str) -> str:
    """The words of HTML, as its reader sees them; a text that is none as it is."""
    return unescape(_words_of(BETWEEN_CELLS.sub(">", SILENT.sub("", text)))) if TAG.search(text) else text


def plain_text(text: str) -> str:
    """Lines of visible characters in composed form, with at most one empty line between paragraphs.

    A tab stands between the cells of a table, and nowhere else.
    """
    text = unmarked(text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE))
    text = text.replace("\u00a0", " ").replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x0b", "\n")
    text = QUOTED_CELL.sub(_in_one_line, ITEM.sub("- ", text))
    text = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Co", "Cn", "Cs")
    )
    lines = [line for is_table, run in groupby(text.split("\n"), _has_cells) for line in _tidied(list(run), is_table)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").rstrip()


def _words_of(markup: str) -> str:
    """What pasted HTML says: a line for each paragraph and each row, a tab after each cell."""
    said, end, in_cell = [], 0, False
    for tag in TAG.finditer(markup):
        words = markup[end : tag.start()]
        said.append(words.replace("\n", " ") if in_cell else words)
        end = tag.end()
        if cell := CELL.match(tag[0]):
            in_cell = not cell[1]
            said.append("" if in_cell else "\t")
        elif BREAK.match(tag[0]):
            said.append(" " if in_cell else "\n")
    return "".join([*said, markup[end:]])


def _in_one_line(found: re.Match[str]) -> str:
    """A quoted cell without its quotes if it is one of several lines; else as it stands, for people quote as well."""
    inner = found[1] or found[2]
    return " ".join(inner.replace('""', '"').split()) if "\n" in inner else found[0]


def _has_cells(line: str) -> bool:
    """Whether a line may be a row of a table."""
    return "\t" in line


def _tidied(lines: list[str], may_be_table: bool) -> list[str]:
    """Lines without spaces that nobody sees. Tabs stay if one of these lines has two cells: else they only indent."""
    rows = [[" ".join(cell.split()) for cell in line.split("\t")] for line in lines]
    if may_be_table and any(sum(map(bool, row)) > 1 for row in rows):
        return ["\t".join(row).rstrip("\t") for row in rows]
    return [" ".join(filter(None, row)) for row in rows]

"""Text as authors hand it in, out of word processors and messengers: plain lines and nothing else.

Markup is never kept: of pasted HTML the words stay. Whatever is shown is escaped as text, so this is for
readers and for the finders of names, which must see each word as people read it.
"""

import re
import unicodedata
from html import unescape

TAG = re.compile(r"<(?:!--.*?--|[!/?]?[A-Za-z][^<>]*)>", re.DOTALL)
SILENT = re.compile(r"<(script|style|head|xml|title)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
ITEM = re.compile(r"^[ \t]*(?:[•·▪◦‣●○■➢\uf0b7\uf0a7\uf0d8\uf0fco][ \t]+|[–—-] *\t[ \t]*)", re.MULTILINE)
"""How word processors begin an item of a list; those of private use are signs of the fonts Symbol and Wingdings."""
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
"""Soft hyphens, zero-width characters and direction marks: they hide a name from a reader's search and from ours."""


def plain_text(text: str) -> str:
    """Lines of visible characters in composed form, with at most one empty line between paragraphs."""
    if TAG.search(text):
        text = unescape(TAG.sub("", BREAK.sub("\n", SILENT.sub("", text))))
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE))
    text = text.replace("\u00a0", " ").replace("\u2028", "\n").replace("\u2029", "\n\n").replace("\x0b", "\n")
    text = ITEM.sub("- ", text)
    text = "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Co", "Cn", "Cs")
    )
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

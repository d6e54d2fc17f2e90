"""Spellings that are one name: other keyboards, look-alike letters, Kyrgyz and Russian ways, Latin transliteration.

Folded Cyrillic has no ө, ү, ң, ё, й, ы, э, ь, ъ (but о, у, н, е, и, и, е and nothing) and writes дж as ж, because
"Джылдыз", "Жылдыз" and "Жилдиз" are one child. A Latin skeleton does the same for passports and file names.
"""

import re
import unicodedata

SAME_LETTER = str.maketrans("өүңыэӊҥұқҝғәієһѳ", "оуниеннуккгаиехо", "ьъ")
LOOKS_CYRILLIC = str.maketrans("aceopxykmthvɵuiıŋƴ03αορθνγυχκητεμβι", "асеорхукмтнуоииинуозаороууухкнтемви", "b")
LOOKS_LATIN = str.maketrans("асеорхукмтнвіѕј", "aceopxykmthbisj")
ONLY_LOOK_ALIKE = re.compile(r"[aceopxykmthABCEHKMOPTXYv03]+")
HAS_CYRILLIC = re.compile(r"[\u0400-\u052f]")
HAS_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f\u0275\u0370-\u03ff]")
TO_LATIN = {
    **dict(zip("абвгдежзиклмнопрстуфх", "abvgdejziklmnoprstufh", strict=True)),
    "ц": "c",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "я": "ia",
    "ю": "iu",
}
SAME_SOUND = (
    ("shch", "sh"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("ph", "f"),
    ("ts", "c"), ("tz", "c"), ("yo", "e"), ("ya", "ia"), ("yu", "iu"), ("ye", "e"),
    ("ng", "n"), ("y", "i"), ("q", "k"), ("w", "v"), ("x", "ks"),
)  # fmt: skip
KOREAN = {"lee": "li", "rhee": "li", "park": "pak", "choi": "coi", "choy": "coi", "yoo": "iu"}
"""Surnames that have spellings of their own abroad."""
TURKIC = str.maketrans({"ş": "sh", "ç": "ch", "ı": "i", "ğ": "g", "ñ": "n", "ö": "o", "ü": "u", "ə": "a", "ɵ": "o"})
SINGLE_LETTERS = tuple((latin, letter) for letter, latin in TO_LATIN.items() if len(latin) == 1)
FROM_LATIN = (("ch", "ч"), ("sh", "ш"), ("ia", "я"), ("iu", "ю"), *SINGLE_LETTERS)


def fold(word: str) -> str:
    """A word as its Cyrillic spellings have in common; look-alikes become Cyrillic if anything in it is. Idempotent."""
    if HAS_CYRILLIC.search(word):
        return _folded_cyrillic(word)
    return word.lower()


def _folded_cyrillic(word: str) -> str:
    if HAS_LATIN.search(word) or "0" in word or "3" in word:
        word = word.replace("B", "в").replace("H", "н").lower().translate(LOOKS_CYRILLIC)
    plain = "".join(c for c in unicodedata.normalize("NFD", _composed(word.lower())) if not unicodedata.combining(c))
    return re.sub("д+ж", "ж", plain.translate(SAME_LETTER))


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def folded_look_alike(word: str) -> str:
    """A word of Latin letters that all look Cyrillic ("ACAH"), folded as if they were; empty for any other word."""
    return fold("а" + word)[1:] if ONLY_LOOK_ALIKE.fullmatch(word) else ""


def skeleton(word: str) -> str:
    """A Latin word as its transliterations have in common, look-alike Cyrillic letters taken for Latin; else empty."""
    latin = _in_latin(word.lower().replace("'", "")).translate(TURKIC)
    latin = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    if not latin.isascii() or not latin:
        return ""
    latin = KOREAN.get(latin, latin)
    if latin.startswith("x") and not latin.startswith("xe"):
        latin = "h" + latin[1:]
    for written, sound in SAME_SOUND:
        latin = latin.replace(written, sound)
    return _single(latin)


def _in_latin(word: str) -> str:
    """Cyrillic letters among Latin ones by their look, or, if one of them looks like none, all by their sound."""
    looks = word.translate(LOOKS_LATIN)
    if not HAS_CYRILLIC.search(looks):
        return looks
    return "".join(TO_LATIN.get(letter, letter) for letter in word.translate(SAME_LETTER))


def transliterated(folded: str) -> str:
    """The skeleton of a folded Cyrillic word."""
    return _single("".join(TO_LATIN.get(letter, letter) for letter in folded).replace("ng", "n"))


def from_skeleton(latin: str) -> str:
    """A skeleton's ending in folded Cyrillic."""
    for written, letter in FROM_LATIN:
        latin = latin.replace(written, letter)
    return latin


def _single(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)

"""Personal data in text: how much of the measured set is found, and how long 1,000 words take.

    .venv/bin/python bench/findings.py [-v]

`-v` prints what was missed and what was reported though it is not there. Seconds are the process's own (CPU), the best
of five, side by side for rosters of three sizes and for reading the text alone.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.publication.findings_set.reading import Score, declined, measure, roster, sentences

from darbaza.publication.text import Named, Roster, find_in_text
from darbaza.publication.text.cleaning import clean
from darbaza.publication.text.vocabulary import GIVEN_NAMES

ROUNDS = 5
WORDS = 1_000


def seconds(act: Callable[[], object]) -> float:
    """The best of five, in the process's own time."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return min(times)


def invented(count: int) -> list[Named]:
    """So many people with names of the list of common ones."""
    chance = random.Random(1)
    surnames = [f"{name}{'ев' if name[-1] in 'аяйеиь' else 'ов'}" for name in GIVEN_NAMES]
    return [
        Named(str(number), chance.choice(surnames) + chance.choice(["", "а"]), chance.choice(GIVEN_NAMES))
        for number in range(count)
    ]


def show(name: str, score: Score, texts: int) -> None:
    """One set's line for each kind, and with `-v` what went wrong."""
    for kind in sorted(set(score.there) | set(score.false)):
        recall = f"{score.found[kind]}/{score.there[kind]} = {score.recall(kind):.3f}" if score.there[kind] else "–"
        precision = f"{score.right[kind]}/{score.right[kind] + score.false[kind]} = {score.precision(kind):.3f}"
        print(f"| {name} ({texts}) | {kind} | {recall} | {precision} |")
    if "-v" in sys.argv and score.notes:
        print(*score.notes, sep="\n")


CONTACTS = (
    *("", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
    *(
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twentyfirst",
    ),
)
"""The sets of days, addresses and numbers, each by a writer of its own."""


def quality() -> None:
    """Every set of the measured ones."""
    school, others, third = roster(), roster("held_out_people.tsv"), roster("tried_people.tsv")
    sets = {
        "every case form": (declined(), school),
        "as a school writes": (sentences("sentences.txt"), school),
        "ordinary news": (sentences("negatives.txt"), school),
        "held out": (sentences("held_out.txt"), others),
        "held out, second": (sentences("held_out_second.txt"), others),
        "written against the finder": (sentences("tried.txt"), third),
        "the same, held out": (sentences("tried_held_out.txt"), third),
        "blind": (sentences("blind.txt"), roster("blind_people.tsv")),
        "blind, second": (sentences("blind_second.txt"), roster("blind_second_people.tsv")),
        "blind, third": (sentences("blind_third.txt"), roster("blind_third_people.tsv")),
        "blind, fourth": (sentences("blind_fourth.txt"), roster("blind_fourth_people.tsv")),
        "blind, fifth": (sentences("blind_fifth.txt"), roster("blind_fifth_people.tsv")),
        "blind, sixth": (sentences("blind_sixth.txt"), roster("blind_sixth_people.tsv")),
    }
    for which in CONTACTS:
        file = f"contacts_{which}" if which else "contacts"
        name = f"numbers and days, {which}" if which else "numbers and days"
        sets[name] = sentences(f"{file}.txt"), roster(f"{file}_people.tsv")
    print("| set (texts) | kind | recall | precision |\n|---|---|---|---|")
    for name, (texts, people) in sets.items():
        show(name, measure(texts, people), len(texts))


def speed() -> None:
    """1,000 words of the set against rosters of three sizes."""
    everything = [*sentences("negatives.txt"), *sentences("sentences.txt"), *sentences("held_out.txt")]
    text = " ".join(" ".join(sentence.text for sentence in everything).split(" ")[:WORDS])
    alone = seconds(lambda: clean(text))
    print(f"\n| {WORDS} words | seconds | times reading alone |\n|---|---|---|\n| reading alone | {alone:.3f} | 1 |")
    for count in (15, 150, 1_500):
        people = Roster.of(invented(count))
        taken = seconds(lambda people=people: find_in_text(text, people, "body"))
        print(f"| against {count} people | {taken:.3f} | {taken / alone:.0f} |")
    made = seconds(lambda: Roster.of(invented(1_500)))
    print(f"| making a roster of 1500 people | {made:.3f} | {made / alone:.0f} |")


HOSTILE = {
    "one letter": "а",
    "one digit": "1",
    "open brackets": "(",
    "broken words": "ас-\n",
    "a name": "Асанов Айбек ",
    "a misspelt name": "Асаноа Айбек ",
    "a surname": "Асанов ",
    "a word that is a name": "Нур ",
    "a name and a class": "Айбек 9-А ",
    "a year with a dash": "2012 - ",
    "the word for a street": "көчө ",
    "a street with a number": "Ибраимова 1 ",
    "a street without its word": "Достук 48, ",
    "a zero with a blank": "0 ",
    "look-alike digits": "З0",
    "a month": "туулган май ",
}
LONG = 100_000


def hostile() -> None:
    """Texts that repeat what the rules look for."""
    people = Roster.of(invented(150))
    print(f"\n| {LONG} characters of | seconds |\n|---|---|")
    for name, piece in HOSTILE.items():
        began = time.process_time()
        find_in_text(piece * (LONG // len(piece)), people, "body")
        print(f"| {name} | {time.process_time() - began:.1f} |")


quality()
speed()
hostile()

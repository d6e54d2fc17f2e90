"""The table of an OCR program becomes a text, and each of its words keeps its place."""

from darbaza.publication.findings import Box, Span
from darbaza.publication.pictures import Written, joined, written
from darbaza.publication.pictures.words import Word


def test_what_was_read_is_put_into_lines_with_places() -> None:
    rows = ["level\tblock_num\tpar_num\tline_num\tleft\ttop\twidth\theight\tconf\ttext"]
    rows += ["5\t1\t1\t1\t20\t40\t60\t20\t91.5\tАйгүл", "5\t1\t1\t1\t90\t40\t60\t20\t90\tҮсөнова"]
    rows += [
        '5\t1\t1\t2\t20\t80\t60\t20\t88\t"9-А',
        "5\t1\t1\t2\t99\t80\t60\t20\t3\t~~",
        "4\t1\t1\t3\t0\t0\t9\t9\t-1\t",
    ]
    read = written("\n".join(rows), scale=2.0)
    assert read.text == 'Айгүл Үсөнова\n"9-А'
    assert read.boxes(Span(6, 13)) == (Box(45, 20, 30, 10),)
    assert len(read.boxes(Span(0, 13))) == 2


def test_of_a_second_reading_only_the_lines_that_the_first_did_not_see_are_added() -> None:
    first = Written("Айгүл", (Word(Span(0, 5), Box(10, 10, 50, 10)),))
    second = Written(
        "Айгул\nБек Асанов",
        (
            Word(Span(0, 5), Box(11, 9, 50, 12)),
            Word(Span(6, 9), Box(10, 90, 30, 10)),
            Word(Span(10, 16), Box(45, 90, 60, 10)),
        ),
    )
    both = joined(first, second)
    assert both.text == "Айгүл\nБек Асанов"
    assert both.boxes(Span(10, 16)) == (Box(45, 90, 60, 10),)
    assert joined(Written("", ()), second) == second

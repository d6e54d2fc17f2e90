"""The table of an OCR program becomes a text, and each of its words keeps its place."""

from darbaza.publication.findings import Box, Span
from darbaza.publication.pictures import written


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

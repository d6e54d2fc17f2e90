"""What authors paste becomes plain lines: the words stay, nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darbaza.publication.pasted import plain_text

WORD = (
    "<html xmlns:o='urn:x'><head><style>p.MsoNormal{margin:0}</style></head><body><!--StartFragment-->"
    "<p class=MsoNormal>Үмүт&nbsp;Сатарова<o:p></o:p></p><p>2-саптагы <b>сөз</b></p><!--EndFragment--></body></html>"
)
TABLE = (
    "<table>\n <tr>\n  <th>Аты</th>\n  <th>Класс</th>\n </tr>\n <tr>\n  <td><p>Бек<br>\nАсанов</p></td>\n"
    "  <td>7-Б</td>\n </tr>\n</table><p>Аяктады</p>"
)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (WORD, "Үмүт Сатарова\n2-саптагы сөз"),
        ("<script>alert(1)</script>Кабар", "Кабар"),
        ("Аса&#1085;ов Б&amp;#1077;к, Ө&lt;b&gt;мүр", "Асанов Бек, Өмүр"),
        ("https://mektep.test/?a=1&copy=2", "https://mektep.test/?a=1&copy=2"),
        ("5 < 7 жана 9 > 8", "5 < 7 жана 9 > 8"),
        ("Аса\u00adнов Бе\u200bк", "Асанов Бек"),
        ("и\u0306од", "йод"),
        ("•\tбир\n·  эки", "- бир\n- эки"),
        ("\uf0b7\tбир\n–\tэки\n— Салам!", "- бир\n- эки\n— Салам!"),
        (TABLE, "Аты\tКласс\nБек Асанов\t7-Б\nАяктады"),
        ("№\tАты \t Упай\t\n1\tБек\t\n\t\tжалпы", "№\tАты\tУпай\n1\tБек\n\t\tжалпы"),
        ("\tДүйшөмбү\tШейшемби\n1\tтил\tкүч", "\tДүйшөмбү\tШейшемби\n1\tтил\tкүч"),
        ('Дареги\t"Ош шаары\nЛенин 5, ""А"""\t7', 'Дареги\tОш шаары Ленин 5, "А"\t7'),
        ('"Нур" ийрими\n"Жаз"\t5', '"Нур" ийрими\n"Жаз"\t5'),
        ("–\tБек\t5\n–\tбир", "–\tБек\t5\n- бир"),
        ("\tБүгүн мектепте\n\tмайрам болду.", "Бүгүн мектепте\nмайрам болду."),
        ("бир\r\n\r\n\r\n\r\nэки\x0bүч\x00", "бир\n\nэки\nүч"),
    ],
)
def test_the_words_and_columns_of_a_pasted_text_stay_and_its_markup_goes(pasted: str, kept: str) -> None:
    assert plain_text(pasted) == kept


@given(st.text(alphabet="<>/abс \n\u200b&;script", max_size=60))
def test_a_text_that_was_cleaned_holds_nothing_invisible(text: str) -> None:
    cleaned = plain_text(text)
    assert "\u200b" not in cleaned
    assert "\n\n\n" not in cleaned
    assert cleaned == cleaned.strip()

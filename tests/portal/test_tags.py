"""What every template has: dates as documents of each language write them."""

from datetime import date

import pytest
from django.utils import translation

from darbaza.portal.tags import long_date


@pytest.mark.parametrize(
    ("language", "written"),
    [("ky", "2026-ж. 1-сентябрь"), ("ru", "1 сентября 2026\u202fг."), ("en", "1 September 2026")],
)
def test_a_long_date_is_written_by_the_day_in_every_language(language: str, written: str) -> None:
    with translation.override(language):
        assert long_date(date(2026, 9, 1)) == written

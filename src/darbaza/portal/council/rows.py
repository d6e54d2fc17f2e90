"""Rows of a form that grow by a button, without scripts."""

from django.http import QueryDict

MORE = "more"
"""The name of the button that asks for more rows."""


def with_more_rows(posted: QueryDict, prefix: str, more: int, most: int) -> QueryDict:
    """What was posted, with more empty rows than before."""
    data = posted.copy()
    name = f"{prefix}-TOTAL_FORMS"
    known = data.get(name, "0")
    data[name] = str(min((int(known) if str(known).isdigit() else 0) + more, most))
    return data

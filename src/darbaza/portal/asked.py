"""Texts that came with a request, as far as a database can be asked for them."""

from django.http import QueryDict

LONGEST = 64
"""Characters of an id, a code or an address; whatever is longer is none."""


def text(form: QueryDict, name: str, longest: int = LONGEST) -> str:
    """A field's text, cut and without NUL, which PostgreSQL refuses; empty if the field is missing."""
    return form.get(name, "").replace("\x00", "")[:longest]

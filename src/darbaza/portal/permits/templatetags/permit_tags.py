"""How pages and sheets say for which files a permission to download is."""

from collections.abc import Mapping
from typing import Any

from django import template

from darbaza.policy.rulebook import FileScope
from darbaza.portal.permits.files import words_of

register = template.Library()


@register.filter
def in_words(files: FileScope | Mapping[str, Any] | None) -> str:
    """`{{ permit.files|in_words }}`: kind and size, of a permission or of the facts of its sheet."""
    return words_of(FileScope(**files) if isinstance(files, Mapping) else files)

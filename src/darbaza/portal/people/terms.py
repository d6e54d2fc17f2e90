"""Terms of duties and acts: instants, of which a day stands for its first. Closed at the start, open at the end."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q

from darbaza.portal.school_time import day_begins, instant_of


class TermField(models.DateTimeField):  # type: ignore[type-arg] # at run time it takes no arguments
    """An instant at which something begins or ends; a day that is given stands for its first instant at the school."""

    def to_python(self, value: Any) -> Any:
        """A day becomes an instant; everything else is as Django reads it."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return day_begins(value)
        return super().to_python(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The object itself bears the instant from then on, as if it had been read."""
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, instant_of(value) if value is not None else None)
        return value


def in_force_at(at: date) -> Q:
    """What has begun by an instant and not ended, by the columns `since` and `until`."""
    instant = instant_of(at)
    return Q(since__lte=instant) & (Q(until__isnull=True) | Q(until__gt=instant))

"""One audit entry, and the head of the chain that all writers queue for."""

import json
from typing import Any, NoReturn

from django.db import models

from darbaza.portal.audit import canonical


class AppendOnly(models.QuerySet["AuditEntry"]):
    """A query set through which nothing can be changed or removed."""

    def update(self, **_fields: object) -> NoReturn:
        """Refused: entries are never changed."""
        raise PermissionError("audit entries are never changed; record a new act instead")

    def delete(self) -> NoReturn:
        """Refused: entries are never removed."""
        raise PermissionError("audit entries are never removed")

    def bulk_update(self, *_args: object, **_fields: object) -> NoReturn:
        """Refused: entries are never changed."""
        raise PermissionError("audit entries are never changed; record a new act instead")


class AuditEntry(models.Model):
    """One act: `act` in the grammar of rights, `by` the actor's opaque id or empty for installation."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    act = models.CharField(max_length=64, db_index=True)
    by = models.CharField(max_length=32, blank=True, db_index=True)
    subject = models.CharField(max_length=200, db_index=True)
    detail_text = models.TextField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        """`№ 12 council:order:sign`."""
        return f"№ {self.number} {self.act}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry; an entry that is stored already is never changed."""
        if not self._state.adding:
            raise PermissionError(f"audit entry `{self.number}` is never changed; record a new act instead")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refused: entries are never removed."""
        raise PermissionError(f"audit entry `{self.number}` is never removed")

    @property
    def detail(self) -> dict[str, Any]:
        """What the act adds to its subject."""
        value: dict[str, Any] = json.loads(self.detail_text)
        return value

    @property
    def told(self) -> dict[str, Any]:
        """The detail as people read it: without the seals, which are for machines."""
        return {key: value for key, value in self.detail.items() if key != "seals"}

    def expected_digest(self) -> str:
        """The digest that this entry's content must have."""
        return canonical.digest(
            number=self.number,
            at=self.at,
            act=self.act,
            by=self.by,
            subject=self.subject,
            detail=self.detail_text,
            previous=self.previous,
        )


class ChainHead(models.Model):
    """The last entry's number and digest. Writers lock this row, so concurrent acts take their numbers one by one."""

    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=canonical.GENESIS)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head")]

    def __str__(self) -> str:
        """The head as people compare it: number and digest."""
        return f"{self.number}:{self.digest}"

"""Fields that are written once, kept so by the database itself, whoever writes: a query, a script, a person.

An app names its models with `keep`. Triggers are set after each run of migrations and taken away before the next, so
that no migration meets them. They refuse changes, not removals: a test, or a school that closes, empties its tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import AppConfig
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate

PREFIX = "kept_"


@dataclass(frozen=True, slots=True)
class Kept:
    """A model's fields: `fixed` never change, `once` change while they are NULL, `emptied` to the empty text only."""

    model: type[models.Model]
    fixed: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table."""
        return self.model._meta.db_table

    @property
    def name(self) -> str:
        """The name of the trigger."""
        return f"{PREFIX}{self.table}"

    def broken(self, differs: str) -> str:
        """The condition in SQL under which a change is refused; `differs` is the operator that knows NULL."""

        def changed(column: str) -> str:
            return f'NEW."{column}" {differs} OLD."{column}"'

        fixed = [changed(one) for one in self.columns(self.fixed)]
        once = [f'(OLD."{one}" IS NOT NULL AND {changed(one)})' for one in self.columns(self.once)]
        emptied = [f"(NEW.\"{one}\" <> '' AND {changed(one)})" for one in self.columns(self.emptied)]
        return " OR ".join([*fixed, *once, *emptied])

    def columns(self, names: Iterable[str]) -> list[str]:
        """The columns of some fields."""
        columns = {one.name: str(one.column) for one in self.model._meta.concrete_fields}
        return [columns[name] for name in names]


_kept: list[Kept] = []


def keep(app: AppConfig, *kept: Kept) -> None:
    """Have the database refuse changes of these from the next run of migrations on."""
    _kept.extend(one for one in kept if one not in _kept)
    pre_migrate.connect(_take_away, sender=app, dispatch_uid=f"{PREFIX}{app.label}-before")
    post_migrate.connect(_set, sender=app, dispatch_uid=f"{PREFIX}{app.label}-after")


def _of(app: AppConfig, connection: BaseDatabaseWrapper) -> list[Kept]:
    there = set(connection.introspection.table_names())
    return [one for one in _kept if one.model._meta.app_label == app.label and one.table in there]


def _take_away(sender: AppConfig, using: str, **_signal: object) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        for one in _of(sender, connection):
            cursor.execute(taken_away(one, connection.vendor))


def _set(sender: AppConfig, using: str, **_signal: object) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        for one in _of(sender, connection):
            cursor.execute(taken_away(one, connection.vendor))
            for statement in statements(one, connection.vendor):
                cursor.execute(statement)


def taken_away(one: Kept, vendor: str) -> str:
    """The statement that removes a trigger, if it is there."""
    on = f' ON "{one.table}"' if vendor == "postgresql" else ""
    return f'DROP TRIGGER IF EXISTS "{one.name}"{on}'


def statements(one: Kept, vendor: str) -> list[str]:
    """The statements that set a trigger."""
    said = f"what is kept in {one.table} is never changed; record a new act instead"
    if vendor != "postgresql":
        when = f'BEFORE UPDATE ON "{one.table}" FOR EACH ROW WHEN {one.broken("IS NOT")}'
        return [f"CREATE TRIGGER \"{one.name}\" {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"]
    refuses = f"BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END"
    when = f'BEFORE UPDATE ON "{one.table}" FOR EACH ROW WHEN ({one.broken("IS DISTINCT FROM")})'
    return [
        f'CREATE OR REPLACE FUNCTION "{one.name}"() RETURNS trigger LANGUAGE plpgsql AS $$ {refuses} $$',
        f'CREATE TRIGGER "{one.name}" {when} EXECUTE FUNCTION "{one.name}"()',
    ]

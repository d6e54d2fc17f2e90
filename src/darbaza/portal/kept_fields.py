"""Fields that are written once, kept so by the database itself, whoever writes: a query, a script, a person.

An app names its models with `keep`. Triggers are set after each run of migrations and taken away before the next, so
that no migration meets them. Of some models rows are not removed either; a school that closes, and a test, empties its
tables by the command `flush`, which takes the triggers away and sets them again.
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
    """A model's fields: `fixed` never change, `once` change while they are NULL, `emptied` to the empty text only.

    `for_good`: no row of it is ever removed.
    """

    model: type[models.Model]
    fixed: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    for_good: bool = False

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
    take_away(_of(sender, connections[using]), connections[using])


def _set(sender: AppConfig, using: str, **_signal: object) -> None:
    set_again(_of(sender, connections[using]), connections[using])


def every(connection: BaseDatabaseWrapper) -> list[Kept]:
    """All that is kept of a database, as far as its tables are there."""
    there = set(connection.introspection.table_names())
    return [one for one in _kept if one.table in there]


def take_away(kept: Iterable[Kept], connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers of some models."""
    with connection.cursor() as cursor:
        for one in kept:
            for statement in taken_away(one, connection.vendor):
                cursor.execute(statement)


def set_again(kept: Iterable[Kept], connection: BaseDatabaseWrapper) -> None:
    """Set the triggers of some models, in place of what is there."""
    made = list(kept)
    take_away(made, connection)
    with connection.cursor() as cursor:
        for one in made:
            for statement in statements(one, connection.vendor):
                cursor.execute(statement)


def taken_away(one: Kept, vendor: str) -> list[str]:
    """The statements that remove its triggers, if they are there."""
    on = f' ON "{one.table}"' if vendor == "postgresql" else ""
    return [f'DROP TRIGGER IF EXISTS "{name}"{on}' for name in (one.name, f"{one.name}_rows", f"{one.name}_all")]


def statements(one: Kept, vendor: str) -> list[str]:
    """The statements that set a trigger."""
    said = f"what is kept in {one.table} is never changed; record a new act instead"
    if vendor != "postgresql":
        when = f'BEFORE UPDATE ON "{one.table}" FOR EACH ROW WHEN {one.broken("IS NOT")}'
        refused = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        rows = f'CREATE TRIGGER "{one.name}_rows" BEFORE DELETE ON "{one.table}" FOR EACH ROW {refused}'
        return [f'CREATE TRIGGER "{one.name}" {when} {refused}', *([rows] if one.for_good else [])]
    refuses = f"BEGIN RAISE EXCEPTION '{said}' USING ERRCODE = 'check_violation'; END"
    when = f'BEFORE UPDATE ON "{one.table}" FOR EACH ROW WHEN ({one.broken("IS DISTINCT FROM")})'
    calls = f'EXECUTE FUNCTION "{one.name}"()'
    removed = [
        f'CREATE TRIGGER "{one.name}_{of}" BEFORE {act} ON "{one.table}" FOR EACH {each} {calls}'
        for of, act, each in (("rows", "DELETE", "ROW"), ("all", "TRUNCATE", "STATEMENT"))
        if one.for_good
    ]
    return [
        f'CREATE OR REPLACE FUNCTION "{one.name}"() RETURNS trigger LANGUAGE plpgsql AS $$ {refuses} $$',
        f'CREATE TRIGGER "{one.name}" {when} {calls}',
        *removed,
    ]

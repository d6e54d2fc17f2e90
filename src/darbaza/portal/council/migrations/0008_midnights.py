from datetime import UTC

from django.db import migrations

from darbaza.portal.school_time import day_begins

TERMS = (("Order", "in_force_from", "in_force_until"), ("Decision", "in_force_from"), ("Ruling", "since", "until"))


def plant_midnights(apps, _schema_editor):
    """What was a day, and now reads as midnight in UTC, becomes the first instant of that day at the school."""
    for model, *fields in TERMS:
        for one in apps.get_model("council", model).objects.all():
            for field in fields:
                setattr(one, field, midnight(getattr(one, field)))
            one.save(update_fields=fields)


def midnight(term):
    """The first instant of the school day that an instant names in UTC."""
    return term if term is None else day_begins(term.astimezone(UTC).date())


def plant_defaults(apps, _schema_editor):
    """A default that a decision gave stands under that decision, from its term on."""
    defaults = apps.get_model("council", "CategoryDefault").objects
    for one in apps.get_model("council", "UserCategory").objects.filter(decision__isnull=False):
        since = one.decision.in_force_from
        defaults.create(user_category=one, default_rule=one.default_rule, decision=one.decision, since=since)


class Migration(migrations.Migration):

    dependencies = [
        ('council', '0007_terms_are_instants'),
    ]

    operations = [
        migrations.RunPython(plant_midnights, migrations.RunPython.noop),
        migrations.RunPython(plant_defaults, migrations.RunPython.noop),
    ]

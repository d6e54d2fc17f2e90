from datetime import UTC

from django.db import migrations

from darbaza.portal.school_time import day_begins


def plant_midnights(apps, _schema_editor):
    """What was a day, and now reads as midnight in UTC, becomes the first instant of that day at the school."""
    for one in apps.get_model("people", "Appointment").objects.all():
        one.since, one.until = midnight(one.since), midnight(one.until)
        one.save(update_fields=["since", "until"])


def midnight(term):
    """The first instant of the school day that an instant names in UTC."""
    return term if term is None else day_begins(term.astimezone(UTC).date())


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_terms_are_instants'),
    ]

    operations = [
        migrations.RunPython(plant_midnights, migrations.RunPython.noop),
    ]

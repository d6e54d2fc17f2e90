from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from darbaza.portal.consents.sealing import seal_of, seal_of_end


def seal_what_was_said(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What was recorded before there were seals was recorded by acts: it gets its seal once."""
    statements, protections = (apps.get_model("consents", name) for name in ("Statement", "Protection"))
    for one in statements.objects.select_related("representative"):
        statements.objects.filter(pk=one.pk).update(seal=seal_of(one))
    for one in protections.objects.filter(until__isnull=False):
        protections.objects.filter(pk=one.pk).update(seal=seal_of_end(one))


class Migration(migrations.Migration):
    dependencies = [
        ("consents", "0002_page_of_another_set"),
    ]

    operations = [
        migrations.AddField(
            model_name="protection",
            name="seal",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="statement",
            name="seal",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.RunPython(seal_what_was_said, migrations.RunPython.noop),
    ]

"""The head of the chain: one row, before any entry."""

from django.db import migrations


def plant(apps, _schema_editor):
    apps.get_model("audit", "ChainHead").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(plant, migrations.RunPython.noop)]

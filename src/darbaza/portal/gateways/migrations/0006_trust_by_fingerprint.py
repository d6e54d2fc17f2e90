"""Notes of trust name their certificate: those of old are of the certificates that boxes reported last."""

import django.db.models.deletion
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from django.db import migrations, models


def name_certificates(apps, _schema_editor):
    box, trust = apps.get_model("gateways", "Box"), apps.get_model("gateways", "Trust")
    prints = sorted(set(filter(None, (_print(one.health) for one in box.objects.filter(retired_at__isnull=True)))))
    for note in trust.objects.filter(fingerprint="") if prints else ():
        note.fingerprint = prints[0]
        note.save(update_fields=["fingerprint"])
        for other in prints[1:]:
            trust.objects.create(device_id=note.device_id, fingerprint=other, since=note.since, by_id=note.by_id)


def _print(health):
    text = health.get("authority", "") if isinstance(health, dict) else ""
    try:
        return x509.load_pem_x509_certificate(text.encode()).fingerprint(SHA256()).hex()
    except (ValueError, AttributeError):
        return ""


class Migration(migrations.Migration):
    dependencies = [
        ("gateways", "0005_keyring"),
        ("rooms", "0002_cards"),
    ]

    operations = [
        migrations.AlterModelOptions(name="trust", options={"ordering": ["device", "since"]}),
        migrations.AlterField(
            model_name="trust",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="trusts", to="rooms.device"
            ),
        ),
        migrations.AddField(
            model_name="trust",
            name="fingerprint",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(name_certificates, migrations.RunPython.noop, elidable=True),
    ]

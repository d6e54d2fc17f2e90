"""One note for each computer and certificate."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gateways", "0006_trust_by_fingerprint")]

    operations = [
        migrations.AddConstraint(
            model_name="trust",
            constraint=models.UniqueConstraint(fields=("device", "fingerprint"), name="trust_noted_once"),
        ),
    ]

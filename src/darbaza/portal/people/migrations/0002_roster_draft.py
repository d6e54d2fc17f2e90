import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RemoveField("rosterchange", "created"),
        migrations.RemoveField("rosterchange", "ended_until"),
        migrations.AddField("rosterchange", "activated", models.BooleanField(default=False)),
        migrations.AddField("rosterchange", "deactivated", models.BooleanField(default=False)),
        migrations.CreateModel(
            name="RosterDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("file_name", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.JSONField()),
                ("whole_school", models.BooleanField(default=False)),
                ("letters_lost", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={"ordering": ["-at"]},
        ),
    ]

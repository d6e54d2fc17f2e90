"""The user categories of every school, before its council adds its own (2.6). Without a decision 2.11 applies."""

from django.db import migrations

CATEGORIES = [
    # code, kind, parent, grades, Kyrgyz, Russian, English
    ("students", "student", "", (None, None), "Окуучулар", "Ученики", "Students"),
    ("students-1-4", "student", "students", (0, 4), "1–4-класстардын окуучулары", "Ученики 1–4 классов", "Students of grades 1–4"),
    ("students-5-9", "student", "students", (5, 9), "5–9-класстардын окуучулары", "Ученики 5–9 классов", "Students of grades 5–9"),
    ("students-10-11", "student", "students", (10, 12), "10–11-класстардын окуучулары", "Ученики 10–11 классов", "Students of grades 10–11"),
    ("staff", "staff", "", (None, None), "Кызматкерлер", "Сотрудники", "Staff"),
    ("teachers", "staff", "staff", (None, None), "Мугалимдер", "Учителя", "Teachers"),
    ("administration", "staff", "staff", (None, None), "Администрация", "Администрация", "Administration"),
    ("guests", "guest", "", (None, None), "Коноктор", "Гости", "Guests"),
]


def plant(apps, _schema_editor):
    model = apps.get_model("council", "UserCategory")
    made = {}
    for code, kind, parent, (first, last), ky, ru, en in CATEGORIES:
        made[code], _ = model.objects.get_or_create(
            code=code,
            defaults={
                "kind": kind,
                "parent": made.get(parent),
                "grade_from": first,
                "grade_to": last,
                "name_ky": ky,
                "name_ru": ru,
                "name_en": en,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("council", "0002_initial")]
    operations = [migrations.RunPython(plant, migrations.RunPython.noop)]

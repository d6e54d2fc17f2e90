from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('council', '0008_midnights'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='usercategory',
            name='decision',
        ),
    ]

"""Up to when residents were told that a banner began or ceased to show."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0002_relations"),
    ]

    operations = [
        migrations.AddField(
            model_name="emergencybanner",
            name="told_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]

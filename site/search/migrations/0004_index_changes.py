import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a search server has to be told of is kept until it knows."""

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("search", "0003_district_rights"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndexChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.CharField(max_length=50)),
                ("sent_at", models.DateTimeField(db_index=True, null=True)),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "verbose_name": "索引变更",
                "verbose_name_plural": "索引变更",
            },
        ),
    ]

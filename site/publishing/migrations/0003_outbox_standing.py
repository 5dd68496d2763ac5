from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("publishing", "0002_numbered_at_the_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxentry",
            name="standing",
            field=models.CharField(
                blank=True,
                choices=[("public", "公开"), ("gone", "不再公开"), ("hidden", "不公开")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("standing", "")), fields=["sequence"], name="publishing_outbox_unjudged"
            ),
        ),
    ]

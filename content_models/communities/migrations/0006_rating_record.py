import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0005_duties"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="rating",
            name="notice",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailcore.page",
                verbose_name="公示",
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="objections",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                max_length=200,
                verbose_name="异议受理方式",
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="shown_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="亮星日期"),
        ),
        migrations.AddField(
            model_name="rating",
            name="steps",
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name="评定过程"),
        ),
        migrations.AddField(
            model_name="rating",
            name="themes",
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name="主题星"),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("publishing", "0004_bundles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trouble",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "work",
                    models.CharField(
                        choices=[("publish", "定时发布"), ("expire", "到期撤下"), ("bundle", "定时成批发布")],
                        max_length=10,
                        verbose_name="做什么",
                    ),
                ),
                ("object_id", models.CharField(max_length=64)),
                ("label", models.CharField(blank=True, max_length=300, verbose_name="标题")),
                ("due_at", models.DateTimeField(verbose_name="定在")),
                ("tries", models.PositiveIntegerField(default=0, verbose_name="试过几次")),
                ("first_at", models.DateTimeField(verbose_name="第一次失败")),
                ("last_at", models.DateTimeField(verbose_name="最近一次失败")),
                ("next_try_at", models.DateTimeField(null=True, verbose_name="下次再试")),
                ("problems", models.JSONField(default=list, verbose_name="为什么")),
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
                "verbose_name": "定时失败",
                "verbose_name_plural": "定时失败",
                "ordering": ["due_at", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="trouble",
            constraint=models.UniqueConstraint(
                fields=("work", "content_type", "object_id"), name="publishing_trouble_once"
            ),
        ),
    ]

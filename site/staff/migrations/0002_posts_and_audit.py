import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("staff", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="时间"
                    ),
                ),
                ("by_name", models.CharField(blank=True, max_length=150, verbose_name="姓名")),
                ("action", models.CharField(max_length=40, verbose_name="操作")),
                ("object_id", models.CharField(blank=True, max_length=64)),
                ("label", models.CharField(max_length=300, verbose_name="对象")),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="详情")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
                (
                    "content_type",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "verbose_name": "操作记录",
                "verbose_name_plural": "操作记录",
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "管理员"),
                            ("district_editor", "区编辑"),
                            ("street_editor", "街道编辑"),
                            ("community_editor", "社区编辑"),
                            ("importer", "导入员"),
                            ("reviewer", "审核员"),
                            ("auditor", "审计员"),
                        ],
                        max_length=20,
                        verbose_name="角色",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        help_text="区、街道或社区。管理员和审计员不用选。",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="负责范围",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "岗位",
                "verbose_name_plural": "岗位",
                "ordering": ["user", "role"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "role", "place"),
                        name="staff_post_once",
                        violation_error_message="这个人已有同样的岗位。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("place__isnull", True)),
                        fields=("user", "role"),
                        name="staff_post_without_place_once",
                        violation_error_message="这个人已有同样的岗位。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("place__isnull", False),
                            ("role__in", ["administrator", "auditor"]),
                            _connector="OR",
                        ),
                        name="staff_post_has_place",
                        violation_error_message="请选择“负责范围”。",
                    ),
                ],
            },
        ),
    ]

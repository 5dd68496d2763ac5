import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import modelcluster.fields
from django.conf import settings
from django.db import migrations, models

import procedures.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("notices", "0004_duties"),
        ("places", "0005_duties"),
        ("policy_lists", "0006_duties"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StepTask",
            fields=[
                (
                    "task_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="wagtailcore.task",
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
                        default="reviewer",
                        max_length=20,
                        verbose_name="由谁办理",
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[(2, "区（市）"), (3, "街道（乡镇）"), (4, "社区")],
                        default=2,
                        help_text="由这件事所在的街道、社区往上找。编辑岗位本来就分级，请选对应的一级。",
                        verbose_name="哪一级",
                    ),
                ),
                (
                    "sets_stars",
                    models.BooleanField(
                        default=False,
                        help_text="星级评定用：办理人同意时可以调整申报的星。",
                        verbose_name="可以改各颗主题星",
                    ),
                ),
                (
                    "is_publicity",
                    models.BooleanField(
                        default=False,
                        help_text="星级评定用：到这一步时自动起草一条公示，公示期满才能完成这一步。",
                        verbose_name="这一步是公示",
                    ),
                ),
            ],
            options={
                "verbose_name": "评定与准入的一步",
                "verbose_name_plural": "评定与准入的步骤",
            },
            bases=("wagtailcore.task",),
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("live", models.BooleanField(default=True, editable=False, verbose_name="live")),
                (
                    "has_unpublished_changes",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="has unpublished changes"
                    ),
                ),
                (
                    "first_published_at",
                    models.DateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="first published at"
                    ),
                ),
                (
                    "last_published_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last published at"),
                ),
                ("go_live_at", models.DateTimeField(blank=True, null=True, verbose_name="go live date/time")),
                ("expire_at", models.DateTimeField(blank=True, null=True, verbose_name="expiry date/time")),
                ("expired", models.BooleanField(default=False, editable=False, verbose_name="expired")),
                ("title", models.CharField(max_length=200, verbose_name="事项")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("running", "办理中"),
                            ("returned", "退回修改"),
                            ("agreed", "已同意"),
                            ("refused", "不同意"),
                            ("withdrawn", "已撤回"),
                            ("exited", "已退出"),
                        ],
                        db_index=True,
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间"),
                ),
                ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="办结日期")),
                ("reason", models.TextField(blank=True, verbose_name="原因")),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1950),
                            django.core.validators.MaxValueValidator(2200),
                        ],
                        verbose_name="年度",
                    ),
                ),
                ("category", models.CharField(blank=True, max_length=60, verbose_name="类别")),
                ("basis", models.TextField(blank=True, verbose_name="依据")),
                ("funding", models.CharField(blank=True, max_length=200, verbose_name="经费保障")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="计划开始日期")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="有效期到")),
                ("entry_key", models.CharField(blank=True, max_length=100)),
                ("exited_on", models.DateField(blank=True, null=True, verbose_name="退出日期")),
                ("exit_reason", models.TextField(blank=True, verbose_name="退出原因")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="填写人",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.department",
                        verbose_name="申请部门",
                    ),
                ),
                (
                    "latest_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="latest revision",
                    ),
                ),
                (
                    "live_revision",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.revision",
                        verbose_name="live revision",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="公示",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtailcore.page",
                        verbose_name="社区或街道",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="policy_lists.policylistpage",
                        verbose_name="进入清单",
                    ),
                ),
            ],
            options={
                "verbose_name": "评定与准入",
                "verbose_name_plural": "评定与准入",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file", models.FileField(upload_to=procedures.models.private_name, verbose_name="文件")),
                ("name", models.CharField(max_length=200, verbose_name="名称")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="procedures.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "材料",
                "verbose_name_plural": "材料",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("text", models.TextField(verbose_name="意见")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="procedures.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "意见",
                "verbose_name_plural": "意见",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Procedure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("rating", "社区星级评定"), ("admission", "社区工作事项准入")],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
                ("is_open", models.BooleanField(default=True, verbose_name="受理新的申请")),
                (
                    "is_public",
                    models.BooleanField(
                        default=True,
                        help_text="不勾选则只有工作人员看得到，公开网站一个字也不出现。",
                        verbose_name="对外公开",
                    ),
                ),
                (
                    "working_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="从提交的第二天起，按节假日日历计算。留空则不限。",
                        null=True,
                        verbose_name="办理期限（工作日）",
                    ),
                ),
                (
                    "ahead_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="准入用：不足时提醒，不阻止提交。",
                        null=True,
                        verbose_name="提前申请（工作日）",
                    ),
                ),
                (
                    "notice_days",
                    models.PositiveSmallIntegerField(
                        default=5, help_text="评定用。", verbose_name="公示期（工作日）"
                    ),
                ),
                (
                    "objections",
                    models.CharField(
                        blank=True,
                        help_text="评定用：写进公示和社区页面，例如：拨打 12345。",
                        max_length=200,
                        verbose_name="异议受理方式",
                    ),
                ),
                (
                    "recheck_months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="评定用：3 就是每季度。留空则不复核。",
                        null=True,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="几个月复核一次",
                    ),
                ),
                ("intro", models.TextField(blank=True, verbose_name="公开说明")),
                ("source", models.CharField(blank=True, max_length=300, verbose_name="来源")),
                (
                    "list_type",
                    models.ForeignKey(
                        blank=True,
                        help_text="准入用：申请时在这一类的清单里选。",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy_lists.listtype",
                        verbose_name="进入哪类清单",
                    ),
                ),
                (
                    "notice_channel",
                    models.ForeignKey(
                        blank=True,
                        help_text="评定用：留空则放在社区、街道或区里最近的公告栏目。",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="notices.noticechannel",
                        verbose_name="公示放在哪个栏目",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        help_text="步骤、先后和由谁办理，在“设置 - 工作流”里修改。",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="wagtailcore.workflow",
                        verbose_name="步骤",
                    ),
                ),
            ],
            options={
                "verbose_name": "评定与准入程序",
                "verbose_name_plural": "评定与准入程序",
                "ordering": ["kind", "name"],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="procedure",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="procedures.procedure",
                verbose_name="程序",
            ),
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sort_order", models.IntegerField(blank=True, editable=False, null=True)),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                (
                    "excludes",
                    models.CharField(
                        blank=True,
                        help_text="例如：文明社区。",
                        max_length=40,
                        verbose_name="没有这颗星不能参评",
                    ),
                ),
                (
                    "is_used",
                    models.BooleanField(
                        default=True, help_text="不再评的主题请取消勾选，不要删除。", verbose_name="使用"
                    ),
                ),
                (
                    "procedure",
                    modelcluster.fields.ParentalKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="themes",
                        to="procedures.procedure",
                    ),
                ),
            ],
            options={
                "verbose_name": "主题星",
                "verbose_name_plural": "主题星",
                "ordering": ["sort_order"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Recheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "done_on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="复核日期"),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="情况与原因")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核人",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rechecks",
                        to="procedures.case",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="procedures.theme",
                        verbose_name="摘掉的主题星",
                    ),
                ),
            ],
            options={
                "verbose_name": "复核",
                "verbose_name_plural": "复核",
                "ordering": ["done_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ThemeResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("has_star", models.BooleanField(default=False, verbose_name="得星")),
                (
                    "score",
                    models.DecimalField(
                        blank=True,
                        decimal_places=1,
                        max_digits=5,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="得分",
                    ),
                ),
                ("evidence", models.CharField(blank=True, max_length=300, verbose_name="说明与依据")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="procedures.case",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="procedures.theme",
                        verbose_name="主题星",
                    ),
                ),
            ],
            options={
                "verbose_name": "主题星结果",
                "verbose_name_plural": "主题星结果",
            },
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("year__isnull", False), models.Q(("state__in", ["refused", "withdrawn"]), _negated=True)
                ),
                fields=("procedure", "place", "year"),
                name="procedures_one_rating_a_year",
                violation_error_message="这个社区这一年已经有一次评定了。",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.UniqueConstraint(
                fields=("procedure", "name"),
                name="procedures_theme_once",
                violation_error_message="两颗主题星不能用同样的名称。",
            ),
        ),
        migrations.AddConstraint(
            model_name="recheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("theme__isnull", False)),
                fields=("case", "theme"),
                name="procedures_star_taken_once",
                violation_error_message="这颗星已经摘掉了。",
            ),
        ),
        migrations.AddConstraint(
            model_name="recheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("theme__isnull", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="procedures_star_taken_for_a_reason",
                violation_error_message="摘星要写明原因。",
            ),
        ),
        migrations.AddConstraint(
            model_name="themeresult",
            constraint=models.UniqueConstraint(fields=("case", "theme"), name="procedures_result_once"),
        ),
    ]

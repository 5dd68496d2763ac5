import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("staff", "0004_review_workflow"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditChain",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(default=0)),
                (
                    "hash",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("key_name", models.CharField(blank=True, max_length=8)),
                ("seal", models.CharField(blank=True, max_length=64)),
                ("removed_number", models.PositiveBigIntegerField(default=0)),
                ("removed_hash", models.CharField(blank=True, max_length=64)),
                ("removed_key_name", models.CharField(blank=True, max_length=8)),
                ("removed_seal", models.CharField(blank=True, max_length=64)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "操作记录",
                "verbose_name_plural": "操作记录",
            },
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("number", models.PositiveBigIntegerField(verbose_name="序号")),
                ("problem", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "操作记录核验",
                "verbose_name_plural": "操作记录核验",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="auditentry",
            name="hash",
            field=models.CharField(
                blank=True, db_default="", editable=False, max_length=64, verbose_name="校验值"
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="key_name",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=8),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(blank=True, db_default="", max_length=201, verbose_name="对象类型"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="person",
            field=models.CharField(blank=True, db_default="", max_length=64, verbose_name="人员编号"),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="previous_hash",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="sequence",
            field=models.PositiveBigIntegerField(editable=False, null=True, unique=True, verbose_name="序号"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["by", "at"], name="staff_audit_by"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["action", "at"], name="staff_audit_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["content_type", "at"], name="staff_audit_kind"),
        ),
        migrations.AddConstraint(
            model_name="auditchain",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="staff_audit_one_chain"),
        ),
    ]

"""An import from upload to undo: the run, the rows it staged, what it changed, and remembered headers."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.utils import timezone
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from live import announce
from live.versions import Version

KEPT_DAYS = 30  # an uploaded file
PROGRESS = "imports"  # the kind of topic under which progress is told


@deconstructible
class PrivateStorage(FileSystemStorage):
    """Uploaded spreadsheets: beside the database, never below MEDIA."""

    def __init__(self) -> None:
        super().__init__(location=settings.DATA_DIR / "imports", base_url=None)

    def _save(self, name: str, content: Any) -> str:
        """What did not fit on the disk leaves no half file behind."""
        try:
            return super()._save(name, content)  # type: ignore[misc]  # Django's types leave it out
        except OSError:
            Path(self.path(name)).unlink(missing_ok=True)
            raise


def private_name(run: "ImportRun", name: str) -> str:
    """Where a file is kept: the uploader's name never becomes a path."""
    return f"{uuid.uuid4().hex}{Path(name).suffix.lower()[:5]}"


class ImportRun(models.Model):
    """One spreadsheet on its way into the site. Nothing outside these tables changes before ``confirm``."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("待对应列")
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", _("待确认")
        CONFIRMING = "confirming", _("正在写入")
        DONE = "done", _("已完成")
        UNDOING = "undoing", _("正在撤销")
        UNDONE = "undone", _("已撤销")
        FAILED = "failed", _("未完成")

    class Missing(models.TextChoices):
        KEEP = "keep", _("保留")
        RETIRE = "retire", _("移除")

    class Accept(models.TextChoices):
        ALL = "all", _("全部正确才写入")
        SOUND = "sound", _("只写入没有错误的行")

    class Outcome(models.TextChoices):
        DRAFT = "draft", _("存为草稿")
        REVIEW = "review", _("提交审核")
        PUBLISH = "publish", _("直接发布")

    kind = models.CharField(_("内容"), max_length=20)
    into = models.ForeignKey(
        Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("导入到")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="import_runs",
        verbose_name=_("导入人"),
    )
    created_at = models.DateTimeField(_("上传时间"), default=timezone.now)
    file = models.FileField(upload_to=private_name, storage=PrivateStorage(), blank=True)
    file_name = models.CharField(_("文件"), max_length=200)
    file_hash = models.CharField(_("文件指纹"), max_length=64)
    file_size = models.PositiveBigIntegerField(_("大小"))
    sheet = models.CharField(_("工作表"), max_length=200, blank=True)
    # What the reading process found in the file when it came: its format, encoding and sheets
    survey = models.JSONField(default=dict, blank=True)
    # {"sheets": {part: {"sheet": its name, "places": {column: place from 1}}}, "new_list": {...}}
    header = models.JSONField(default=dict, blank=True)
    # {label: name of the resource's field, "" to leave the column out}
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.UPLOADED)
    message = models.TextField(_("说明"), blank=True)
    missing = models.CharField(_("文件里没有的"), max_length=8, choices=Missing.choices, default=Missing.KEEP)
    accept = models.CharField(_("有错误时"), max_length=8, choices=Accept.choices, default=Accept.ALL)
    masks = models.BooleanField(
        _("个人信息打码"), default=False, help_text=_("公开的列里发现的身份证号、手机号等，打码后写入。")
    )
    outcome = models.CharField(_("写入后"), max_length=8, choices=Outcome.choices, default=Outcome.DRAFT)
    title = models.CharField(_("版本名称"), max_length=100, blank=True)
    effective_on = models.DateField(_("施行日期"), null=True, blank=True)
    # {"new": 3, "changed": 1, "same": 40, "refused": 2, "missing": 1, "skipped": 4, "warnings": 0}
    counts = models.JSONField(default=dict, blank=True)
    # The edition each owner had when the rows were compared: {owner id: edition id or null}
    bases = models.JSONField(default=dict, blank=True)
    # Rows left out with the reason: [[number, reason, text]]
    skipped = models.JSONField(default=list, blank=True)
    # Sentences about the file as a whole
    remarks = models.JSONField(default=list, blank=True)
    rows_read = models.PositiveIntegerField(_("已读行数"), default=0)
    rows_expected = models.PositiveIntegerField(_("总行数"), default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(_("写入时间"), null=True, blank=True)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    # What confirm and undo did: {"links": [...], "left": [...], ...}
    result = models.JSONField(default=dict, blank=True)

    # Called at each beat by whoever runs this in the foreground.
    on_beat: "Callable[[ImportRun], None] | None" = None

    class Meta:
        verbose_name = _("导入")
        verbose_name_plural = _("导入记录")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "heartbeat"])]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.CONFIRMING, self.State.UNDOING)

    @property
    def is_open(self) -> bool:
        """Whether columns, answers and rows may still change."""
        return self.state in (self.State.UPLOADED, self.State.CHECKED, self.State.FAILED)

    def count(self, name: str) -> int:
        return int(self.counts.get(name, 0))

    @property
    def staged_count(self) -> int:
        """How many rows its check staged."""
        return sum(self.count(status) for status in StagedRow.Status.values)

    def beat(self, **fields: Any) -> None:
        """Note progress, for whoever looks and for the sweeper of lost runs."""
        self.heartbeat = timezone.now()
        for name, value in fields.items():
            setattr(self, name, value)
        type(self).objects.filter(pk=self.pk).update(heartbeat=self.heartbeat, **fields)
        announce.hint({self.topic: self.version})
        if self.on_beat is not None:
            self.on_beat(self)

    @property
    def topic(self) -> str:
        """The name under which its progress is told to those who may see it."""
        return f"{PROGRESS}:{self.pk}"

    @property
    def version(self) -> Version:
        """How far it is: rows of the job that is under way."""
        return Version(f"{self.state}{self.started_at or ''}", self.rows_read)


class StagedRow(models.Model):
    """A row of the file as it was understood; what the preview shows and confirm writes."""

    class Status(models.TextChoices):
        NEW = "new", _("新增")
        CHANGED = "changed", _("有变化")
        SAME = "same", _("没有变化")
        REFUSED = "refused", _("有错误")

    # One index, which also finds a run's rows: a large file is written at the speed of its indexes.
    pk = models.CompositePrimaryKey("run", "part", "number")
    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField(_("行号"))
    part = models.CharField(max_length=30, blank=True)  # the further sheet it stands on
    owner = models.PositiveBigIntegerField(default=0)  # id of the page whose edition it belongs to
    key = models.CharField(_("标识"), max_length=200)
    digest = models.CharField(max_length=32, blank=True)
    status = models.CharField(_("结果"), max_length=8, choices=Status.choices)
    # What confirm writes, by field of the model
    data = models.JSONField(default=dict)
    # [[column, value, sentence]]: errors of a refused row, warnings of any other
    problems = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("导入的行")
        verbose_name_plural = _("导入的行")
        ordering = ["part", "number"]

    def __str__(self) -> str:
        return f"{self.number} {self.key}"


class ImportChange(models.Model):
    """A page or edition that a run made or altered, with what undo needs to bring back what was before."""

    class What(models.TextChoices):
        CREATED = "created", _("新建")
        CHANGED = "changed", _("修改")
        RETIRED = "retired", _("下线")
        EDITION = "edition", _("新版本")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    what = models.CharField(_("变化"), max_length=8, choices=What.choices)
    page = models.ForeignKey(Page, on_delete=models.SET_NULL, null=True, related_name="+")
    edition_model = models.CharField(max_length=80, blank=True)
    edition_id = models.PositiveBigIntegerField(null=True)
    label = models.CharField(_("名称"), max_length=300)
    # Ids of revisions: the newest and the live one before, the one this run made
    latest_before = models.PositiveBigIntegerField(null=True)
    live_before = models.PositiveBigIntegerField(null=True)
    revision_made = models.PositiveBigIntegerField(null=True)
    was_live = models.BooleanField(default=False)
    undone = models.BooleanField(_("已撤销"), default=False)

    class Meta:
        verbose_name = _("导入的变化")
        verbose_name_plural = _("导入的变化")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.label}"


class HeaderChoice(models.Model):
    """What a person said a column of their files means."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=80)  # a kind, or a kind and its list
    label = models.CharField(max_length=120)  # folded
    field = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("记住的列")
        verbose_name_plural = _("记住的列")
        constraints = [
            models.UniqueConstraint(fields=["by", "scope", "label"], name="imports_header_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} → {self.field}"

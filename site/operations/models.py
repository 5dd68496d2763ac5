"""Signs of life of the processes that make up the site."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """A process, what it does for the site, and when it was last heard of."""

    class Work(models.TextChoices):
        WEB = "web", _("网页服务")
        WORKER = "worker", _("后台任务")
        SCHEDULE = "schedule", _("定时发布")

    work = models.CharField(_("工作"), max_length=10, choices=Work.choices)
    host = models.CharField(_("主机"), max_length=100)
    process = models.PositiveIntegerField(_("进程号"))
    started_at = models.DateTimeField(_("开始时间"))
    at = models.DateTimeField(_("时间"), db_index=True)

    class Meta:
        verbose_name = _("进程心跳")
        verbose_name_plural = _("进程心跳")
        constraints = [
            models.UniqueConstraint(fields=["work", "host", "process"], name="operations_heartbeat_once")
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.host} {self.process}"

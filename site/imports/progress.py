"""How far a run is: for the page, which loads itself again, and pushed to the browser that listens."""

from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.models import PROGRESS, ImportRun, StagedRow
from live.hub import Hub, Watcher
from live.versions import NEVER, Version

State = ImportRun.State


@dataclass(frozen=True)
class Progress:
    """A run's progress in numbers and words."""

    is_working: bool
    title: str
    read: int
    expected: int
    errors: int
    left: str

    @property
    def percent(self) -> int:
        return min(100, self.read * 100 // self.expected) if self.expected else 0


def progress_of(run: ImportRun) -> Progress:
    is_checking = run.state == State.CHECKING
    errors = run.rows.filter(status=StagedRow.Status.REFUSED).count() if is_checking else 0
    title = run.get_state_display()
    if run.is_working and run.started_at is None:
        title = _("正在排队，马上开始")
    return Progress(run.is_working, title, run.rows_read, run.rows_expected, errors, _time_left(run))


def _time_left(run: ImportRun) -> str:
    if not (run.is_working and run.started_at and run.rows_read and run.rows_expected > run.rows_read):
        return ""
    passed = (timezone.now() - run.started_at).total_seconds()
    seconds = int(passed * (run.rows_expected - run.rows_read) / run.rows_read) + 1
    if seconds < 60:
        return ngettext("大约还要 %(count)d 秒", "大约还要 %(count)d 秒", seconds) % {"count": seconds}
    minutes = (seconds + 59) // 60
    return ngettext("大约还要 %(count)d 分钟", "大约还要 %(count)d 分钟", minutes) % {"count": minutes}


def runs_seen_by(user: Any) -> Any:
    """One's own runs; administrators and auditors see everybody's."""
    if not user.is_authenticated or not user.has_perm("wagtailadmin.access_admin"):
        return ImportRun.objects.none()
    runs = ImportRun.objects.select_related("by", "into")
    return runs if user.has_perm("staff.view_auditentry") else runs.filter(by=user)


def versions_of(topics: list[str]) -> dict[str, Version]:
    """How far the runs behind ``topics`` are, as far as there are such runs."""
    keys = {int(topic.partition(":")[2]): topic for topic in topics}
    return {keys[run.pk]: run.version for run in ImportRun.objects.filter(pk__in=keys)}


class ProgressConsumer(AsyncJsonWebsocketConsumer):
    """Sends ``{"html": the page's region}`` whenever it changes, and at the end ``{"next": address}``."""

    sent = ""

    async def connect(self) -> None:
        self.pk, self.watcher = int(self.scope["url_route"]["kwargs"]["pk"]), Watcher(self._push)
        if await self._look() is None:
            await self.close()
            return
        await self.accept()
        hub, name = Hub.here(), f"{PROGRESS}:{self.pk}"
        await hub.follow(self.watcher, {name: NEVER})
        self.watcher.notify(hub.topics[name])

    async def disconnect(self, code: int) -> None:
        Hub.here().leave(self.watcher)

    async def receive(self, *arguments: Any, **more: Any) -> None:
        """Nothing is asked of the browser, so nothing it says is read."""

    async def _push(self, *_news: Any) -> None:
        found = await self._look()
        html, is_working = found or ("", False)
        if found is not None and html != self.sent:
            await self.send_json({"html": html})
            self.sent = html
        if found is not None and not is_working:
            await self.send_json({"next": reverse("imports:run", args=[self.pk])})
        if not is_working:
            Hub.here().leave(self.watcher)
            await self.close()

    @database_sync_to_async
    def _look(self) -> tuple[str, bool] | None:
        """The region as it is now; None for a run that this user may not see."""
        run = runs_seen_by(self.scope["user"]).filter(pk=self.pk).first()
        if run is None:
            return None
        progress = progress_of(run)
        return render_to_string("imports/_progress.html", {"progress": progress}), progress.is_working

"""The whole public site as plain files, for when the site itself cannot be reached.

The first copy renders every page; later ones only those made from what the outbox has told of since, and
those that are nearly a day old. Each file is replaced at once: the folder can be served all the while.
"""

import fcntl
import io
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.models import Page, Site

from appearance.joined import served_file
from content_models.base import memo
from content_models.certificates.models import CertificateItem
from content_models.communities.models import CommunityChannel
from content_models.guides.models import GuidePage
from content_models.home.models import SiteSettings
from content_models.policy_lists.models import PolicyListPage
from delivery.changes import changes_after
from delivery.copied import NAME, Copied
from delivery.offline import SEARCH, PlainFile, file_of, imported, inside, make_plain
from delivery.pages import Slip
from delivery.shelf import release
from publishing import outbox

logger = logging.getLogger("delivery")
OLDEST = 20 * 3600.0  # seconds; with a round every few hours nothing gets older than a day
MOST_CHANGES = 5_000  # after which all is copied anew
SCRIPT = "delivery/find.js"


class NotOurs(Exception):
    """The folder holds other things than a copy of a site."""


class Busy(Exception):
    """Another export writes there just now."""


@dataclass
class Exported:
    """What an export did: numbers of pages and files, and addresses that could not be made."""

    written: int = 0
    removed: int = 0
    files: int = 0
    pages: int = 0
    failed: tuple[str, ...] = ()


def export(folder: Path, *, whole: bool = False) -> Exported:
    """Bring the copy in ``folder`` up to date, or make it. Raises NotOurs and Busy."""
    folder.mkdir(parents=True, exist_ok=True)
    others = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
    if others and not (folder / NAME).exists():
        raise NotOurs(folder)
    with _alone(folder):
        copied = Copied(folder)
        try:
            return _Export(folder, copied).run(whole=whole)
        finally:
            copied.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".copy.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(folder) from None
        yield


class _Export:
    def __init__(self, folder: Path, copied: Copied) -> None:
        self.folder, self.copied = folder, copied
        self.handler = BaseHandler()
        self.handler.load_middleware()
        self.base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
        self.started = timezone.localtime()
        self.instead = _instead()
        self.failed: list[str] = []
        self.done = Exported()
        self.seen_files: set[str] = set()

    def run(self, *, whole: bool) -> Exported:
        newest = outbox.newest()  # before anything is read: what comes later is for the next round
        public = self._public_addresses()
        known = self.copied.addresses()
        todo = self._outdated(known, whole=whole) | (public - known)
        waiting, asked = sorted(todo), set(todo)
        while waiting:
            address = waiting.pop()
            for found in self._copy(address):
                if found not in asked and (found not in known):
                    asked.add(found)
                    waiting.append(found)
        if asked or whole:
            self._copy_search()
        self.copied.set_fact("sequence", newest)
        self.copied.set_fact("release", release())
        self.copied.set_fact("made_at", self.started.isoformat(timespec="seconds"))
        self.copied.save()
        self.done.pages = len(self.copied.addresses())
        self.done.failed = tuple(self.failed)
        return self.done

    def _public_addresses(self) -> set[str]:
        site = Site.objects.get(is_default_site=True)
        pages = Page.objects.live().public().descendant_of(site.root_page, inclusive=True)
        roots = len(site.root_page.url_path)
        return {f"/{path[roots:]}" for path in pages.values_list("url_path", flat=True)}

    def _outdated(self, known: set[str], *, whole: bool) -> set[str]:
        since = self.copied.fact("sequence")
        if whole or not since or self.copied.fact("release") != release() or int(since) > outbox.newest():
            return set(known)
        changes = changes_after(int(since), limit=MOST_CHANGES)
        if len(changes) == MOST_CHANGES or any(change.is_sweeping for change in changes):
            return set(known)
        keys = {key for change in changes for key in change.keys}
        return self.copied.made_from(keys) | self.copied.older_than(time.time() - OLDEST)

    # Pages

    def _copy(self, address: str) -> set[str]:
        """Write the file for one address; returns the pages it refers to."""
        file, slip = file_of(address), Slip()
        if file is None:
            return set()
        try:
            with memo.kept():
                response: Any = self.handler.get_response(self._request(address, slip))
                html = response.content.decode() if response.status_code == 200 else ""
        except Exception:
            logger.exception("Could not copy %s", address)
            self.failed.append(address)
            return set()
        if response.status_code >= 500:
            self.failed.append(address)
            return set()
        if not slip.keys:  # gone, moved, or not for everybody
            self._remove(address)
            return set()
        plain = self._plain(html, address)
        self._write(file, plain.html.encode())
        self.copied.note(address, file=file, keys=slip.keys, made_at=time.time())
        self.copied.save()
        self.done.written += 1
        for each in plain.files:
            self._copy_file(each)
        return plain.pages

    def _request(self, address: str, slip: Slip | None) -> ASGIRequest:
        parts = urlsplit(address)
        scheme, prefix = self.base.scheme or "http", get_script_prefix().rstrip("/")
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "scheme": scheme, "path": prefix + unquote(parts.path),
            "root_path": prefix, "raw_path": parts.path.encode(), "http_version": "1.1",
            "query_string": parts.query.encode(),
            "headers": [
                (b"host", self.base.netloc.encode()), (b"x-forwarded-proto", scheme.encode())
            ],
        }  # fmt: skip
        if slip is not None:
            scope["delivery.slip"] = slip
        request = ASGIRequest(scope, io.BytesIO())
        request.user = AnonymousUser()
        return request

    def _note(self) -> str:
        return _(
            "这是 %(time)s 保存的副本，网站暂时打不开时供查看。办公状态和筛选要等网站恢复；急事请打 12345。"
        ) % {"time": f"{self.started:%Y-%m-%d %H:%M}"}

    def _plain(self, html: str, address: str) -> PlainFile:
        return make_plain(
            html, address=address, host=self.base.netloc, note=self._note(), instead=self.instead
        )

    def _remove(self, address: str) -> None:
        file = self.copied.forget(address)
        if file is not None:
            (self.folder / file).unlink(missing_ok=True)
            self.done.removed += 1
        self.copied.save()

    def _write(self, file: str, content: bytes) -> None:
        """Replace a file at once."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(content)
        os.replace(aside, path)

    # Files

    def _copy_file(self, address: str) -> None:
        file = file_of(address)
        if file is None or file in self.seen_files:
            return
        self.seen_files.add(file)
        content = self._content_of(file, address)
        if content is None:
            return
        self._write(file, content)
        self.done.files += 1
        if file.endswith(".css"):
            for each in imported(content.decode(), file=file):
                self._copy_file(f"/{each}")

    def _content_of(self, file: str, address: str) -> bytes | None:
        static, media = (inside(url).lstrip("/") for url in (settings.STATIC_URL, settings.MEDIA_URL))
        try:
            if file.startswith(static):
                return served_file(file.removeprefix(static)).read_bytes()
            if file.startswith(media):
                with default_storage.open(file.removeprefix(media)) as opened:
                    return bytes(opened.read())
            if file.startswith("documents/"):
                return _document(file)
        except OSError as error:
            logger.warning("Not in the copy: %s (%s)", file, error)
            return None
        return self._download(address)

    def _download(self, address: str) -> bytes | None:
        """What a reader gets who follows a link to a file."""
        for _hop in range(3):
            response: Any = self.handler.get_response(self._request(address, None))
            if response.status_code == 200:  # not closed: that would end the connection to the database too
                return _content(response)
            address = inside(response.headers.get("Location", ""))
            if not address.startswith("/"):
                return None
        return None

    # Search

    def _copy_search(self) -> None:
        site_name = SiteSettings.for_site(Site.objects.get(is_default_site=True)).site_name
        context = {"groups": _find_groups(self.copied.addresses()), "site_name": site_name}
        html = render_to_string("delivery/search.html", context)
        address = "/" + SEARCH.removesuffix("index.html")
        plain = self._plain(html, address)
        script = '<script src="../static/delivery/find.js" defer></script></body>'
        self._write(SEARCH, plain.html.replace("</body>", script).encode())
        for each in [*plain.files, f"{settings.STATIC_URL}{SCRIPT}"]:
            self._copy_file(each)
        not_found = render_to_string("delivery/not_copied.html")
        self._write("404.html", not_found.encode())


def _instead() -> dict[str, str]:
    """Choosing a community is remembered by a server; a copy leads to the list of them."""
    communities = CommunityChannel.objects.live().order_by("depth", "path").first()
    return {inside(reverse("choose_community")): inside(communities.get_url())} if communities else {}


def _content(response: Any) -> bytes:
    if not response.streaming:
        return bytes(response.content)
    return async_to_sync(_gathered)(response) if response.is_async else b"".join(response)


async def _gathered(response: Any) -> bytes:
    return b"".join([part async for part in response])


def _document(file: str) -> bytes | None:
    number = file.split("/")[1]
    document: Any = get_document_model().objects.filter(pk=int(number)).first() if number.isdigit() else None
    if document is None or document.collection.get_view_restrictions().exists():
        return None
    with document.file.open("rb") as opened:
        return bytes(opened.read())


def _find_groups(copied: set[str]) -> list[dict[str, Any]]:
    """What can be found by its name in a copy: ``[{"title", "items": [{"title", "url", "words"}]}]``."""
    guides = [
        {"title": guide.title, "url": guide.get_url(), "words": " ".join(guide.everyday_names)}
        for guide in GuidePage.objects.live().public().order_by("sort_name", "path")
    ]
    lists = [
        {"title": page.title, "url": page.get_url(), "words": ""}
        for page in PolicyListPage.objects.live()
        .public()
        .filter(is_internal=False)
        .order_by("sort_name", "path")
    ]
    current = CertificateItem.objects.filter(edition__is_current=True, edition__live=True)
    certificates = [
        {"title": item.name, "url": item.url, "words": ""}
        for item in current.select_related("edition__owner").order_by("order")
    ]
    others = [
        {"title": page.title, "url": page.get_url(), "words": ""}
        for page in Page.objects.live().public().specific(defer=True).order_by("title", "path")
        if getattr(page, "kind", "") in ("communities", "offices")
    ]
    groups: list[dict[str, Any]] = [
        {"title": _("办事指南"), "items": guides},
        {"title": _("证明事项"), "items": certificates},
        {"title": _("政策清单"), "items": lists},
        {"title": _("社区和办事场所"), "items": others},
    ]
    for group in groups:
        group["items"] = [item for item in group["items"] if inside(item["url"]) in copied]
    return [group for group in groups if group["items"]]

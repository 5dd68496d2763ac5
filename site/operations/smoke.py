"""Whether a site that was just put back works: asked as residents, programs and editors ask it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from content_models.catalogue import FURTHER_APIS, KINDS
from operations import databases
from operations.manifest import Manifest
from search.models import Document
from staff import verification

SHOWN = 5  # names in a sentence


def counts(made: Manifest) -> list[str]:
    """Tables that do not hold what the manifest says; before anything else is done with them."""
    found = databases.counts()
    return [
        _("表 %(table)s 应有 %(there)d 行，现在有 %(here)s 行。")
        % {"table": table, "there": number, "here": found.get(table, 0)}
        for table, number in made.counts.items()
        if found.get(table) != number
    ]


def check() -> list[str]:
    """Sentences on everything that does not work; none where all does."""
    visitor = Client(raise_request_exception=False, headers={"host": _host()})
    return [
        *_tree(),
        *_pages(visitor),
        *_search(visitor),
        *_api(visitor),
        *_answers(visitor, reverse("wagtailadmin_login")),
        *_audit(),
    ]


def _host() -> str:
    """A name that this site is called by."""
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0].lstrip(".") if named else "localhost"


def _get(visitor: Client, address: str, **query: str) -> Any:
    return visitor.get(address, query, secure=True)


def _answers(visitor: Client, address: str) -> Iterator[str]:
    status = _get(visitor, address).status_code
    if status != 200:
        yield _("%(address)s 回答 %(status)d。") % {"address": address, "status": status}


def _tree() -> Iterator[str]:
    if any(Page.find_problems()):
        yield _("页面树不完整，请运行 manage.py fixtree。")


def _pages(visitor: Client) -> Iterator[str]:
    """One public page of each kind."""
    models: list[Any] = [model for model in apps.get_models() if issubclass(model, Page)]
    for model in models:
        if model is not Page:
            page = model.objects.live().public().order_by("-last_published_at", "pk").first()
            if page is not None and page.url is not None and not getattr(page, "is_internal", False):
                yield from _answers(visitor, page.relative_url(None) or page.url)


def _search(visitor: Client) -> Iterator[str]:
    document = Document.objects.filter(key="").order_by("pk").first()
    if document is None:
        return
    answer = _get(visitor, reverse("search"), q=document.title)
    if answer.status_code != 200 or document.title not in answer.content.decode():
        yield _("搜索“%(title)s”没有找到它。") % {"title": document.title}


def _api(visitor: Client) -> Iterator[str]:
    for api in [*(kind.api for kind in KINDS.values()), *FURTHER_APIS]:
        address = f"/api/v1/{api.name}/"
        answer = _get(visitor, address)
        try:
            is_sound = answer.status_code == 200 and isinstance(json.loads(answer.content), dict)
        except ValueError:
            is_sound = False
        if not is_sound:
            yield _("%(address)s 回答 %(status)d。") % {"address": address, "status": answer.status_code}


def _audit() -> Iterator[str]:
    verdict = verification.verify()
    # Without its key nobody can tell; that the keys differ is among the remarks.
    if not verdict.is_whole and not verdict.lacks_key:
        yield _("操作记录没有通过核对：%(error)s") % {"error": verdict.problem}


def missing_files() -> list[str]:
    """Pictures and documents whose row is there and whose file is not: deleted while the backup was made."""
    missing = []
    models: list[Any] = [get_image_model(), get_document_model()]
    for model in models:
        for name in model.objects.values_list("file", flat=True).iterator():
            if not Path(settings.MEDIA_ROOT, name).exists():
                missing.append(name)
    if not missing:
        return []
    names = "、".join(missing[:SHOWN]) + ("……" if len(missing) > SHOWN else "")
    return [_("%(number)d 个图片或文件缺少文件：%(names)s。") % {"number": len(missing), "names": names}]

"""The names under which changes are told (``guides:12``), and which of them residents may know of."""

import re
from collections.abc import Iterable
from typing import Any

from wagtail.models import Page

from content_models.certificates.models import CertificateListPage
from content_models.guides.models import GuidePage
from content_models.notices.models import NoticeChannel
from content_models.places.models import OfficePage, RegionPage
from content_models.policy_lists.models import PolicyListPage

MOST = 20  # topics that one page or one socket follows
BANNER = "banner:0"
# The page that stands behind a topic of each kind.
MODELS: dict[str, Any] = {
    "guides": GuidePage,
    "provisions": RegionPage,
    "notices": NoticeChannel,
    "certificates": CertificateListPage,
    "lists": PolicyListPage,
    "communities": RegionPage,
    "offices": OfficePage,
    "pages": Page,
}
_NAME = re.compile(rf"(?:{'|'.join(MODELS)}):[1-9]\d{{0,8}}|{BANNER}", re.ASCII)


def is_topic(name: str) -> bool:
    """Whether ``name`` could be a topic; nothing is asked of the database."""
    return bool(_NAME.fullmatch(name))


def split(name: str) -> tuple[str, int]:
    """Kind and number of a topic."""
    kind, _colon, number = name.partition(":")
    return kind, int(number)


def public_among(names: Iterable[str]) -> set[str]:
    """Those of ``names`` behind which there is something that residents may see now."""
    keys: dict[str, list[int]] = {}
    found = set()
    for name in names:
        kind, key = split(name)
        if name == BANNER:
            found.add(name)
        else:
            keys.setdefault(kind, []).append(key)
    for kind, some in keys.items():
        found |= {f"{kind}:{key}" for key in public_pages(kind, some).values_list("pk", flat=True)}
    return found


def public_pages(kind: str, keys: Iterable[int]) -> Any:
    """The pages behind topics of ``kind`` that residents may see."""
    pages = MODELS[kind].objects.filter(pk__in=keys).live().public()
    return pages.filter(is_internal=False) if kind == "lists" else pages

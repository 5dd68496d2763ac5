"""What many data sets depend on, read at most once for all of them."""

import hashlib
import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.http import HttpRequest
from django.urls import reverse
from wagtail.models import Page, Site

from content_models.base import codes
from content_models.base.managers import restricted_paths
from content_models.base.models import Audience, Topic
from content_models.guides.models import GuidePage
from content_models.home.models import SiteSettings
from content_models.places.models import Department, RegionPage
from publishing.models import TopicVersion

# Another number has every file made anew, after a change of what files look like.
FORMAT = 1


class Facts:
    """The site's settings, titles and labels as they stand now."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        site = Site.find_for_request(request) if request is not None else None
        self.site = site or Site.objects.select_related("root_page").get(is_default_site=True)

    @cached_property
    def about(self) -> Any:
        return SiteSettings.for_site(self.site)

    @property
    def publisher(self) -> str:
        return str(self.about.organiser or self.about.site_name)

    @property
    def licence(self) -> str:
        return str(self.about.open_data_licence)

    @cached_property
    def guide_titles(self) -> dict[str, str]:
        """Titles of the guides that residents can read, by page id as text."""
        guides = GuidePage.objects.live().public().order_by("sort_name", "path")
        return {str(pk): title for pk, title in guides.values_list("pk", "title")}

    @cached_property
    def guides_digest(self) -> str:
        return digest(self.guide_titles)

    @cached_property
    def labels_digest(self) -> str:
        """A mark of the names that cells are written in: of codes, departments, topics and audiences."""
        names = [list(model.objects.order_by("pk").values_list("pk", *said)) for model, said in NAMED]
        lists = [codes.choices(code_list) for code_list in CODE_LISTS]
        return digest([*names, *lists])

    @cached_property
    def regions(self) -> dict[str, tuple[str, str]]:
        """Code and title of each region that residents can read, by its place in the tree."""
        regions = RegionPage.objects.live().public()
        return {
            path: (code, title) for path, code, title in regions.values_list("path", "region_code", "title")
        }

    def region_of(self, path: str) -> tuple[str, str]:
        """Code and title of the nearest region at or above a place in the tree."""
        above = (path[:end] for end in range(len(path), 0, -Page.steplen))
        return next((self.regions[place] for place in above if place in self.regions), ("", ""))

    @cached_property
    def _prefix(self) -> tuple[int, str]:
        root = len(self.site.root_page.url_path)
        return root, reverse("wagtail_serve", args=[""])

    def path_to(self, url_path: str) -> str:
        """The address of a page on this site."""
        root, prefix = self._prefix
        return prefix + url_path[root:]

    def address_of(self, url_path: str) -> str:
        """The full address of a page."""
        return base_url() + self.path_to(url_path)

    def state_of(self, pages: Any, *kinds: str) -> list[Any]:
        """What changes whenever one of ``pages``, or anything told under these kinds of topics, does."""
        counted = pages.order_by().aggregate(
            number=Count("pk"), newest=Max("last_published_at"), last=Max("pk")
        )
        return [
            counted["number"],
            counted["last"],
            counted["newest"].isoformat() if counted["newest"] else "",
            [self._version(kind) for kind in kinds],
            self.labels_digest,
            sorted(restricted_paths()),
        ]

    def _version(self, kind: str) -> int:
        """Versions only grow, and so does their sum."""
        topics = TopicVersion.objects.filter(topic__startswith=f"{kind}:")
        return topics.aggregate(sum=Sum("version"))["sum"] or 0


NAMED: list[tuple[Any, tuple[str, ...]]] = [
    (Department, ("name", "uscc")),
    (Topic, ("name",)),
    (Audience, ("name",)),
]
CODE_LISTS = [
    "item_type", "power_source", "level", "service_object", "case_type", "handle_form", "common_scope",
    "online_depth", "result_type", "delivery", "necessity", "material_source", "alternative_kind",
    "cancel_reason", "metric",
]  # fmt: skip


def base_url() -> str:
    """Where the site says it is. Never what a request calls it, for files are kept for everyone."""
    return str(settings.WAGTAILADMIN_BASE_URL).rstrip("/")


def digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]

"""The theme of the site, and of streets that have one of their own."""

from typing import Any

from content_models.base import memo
from content_models.home.models import SiteSettings, StreetPage


def theme_of_site(request: Any) -> str:
    """The theme the district has chosen."""
    return str(SiteSettings.for_request(request).theme)


def theme_of_page(page: Any) -> str:
    """The theme of the street in which a page stands; empty where the site's holds."""
    path = getattr(page, "path", "") or ""
    own = memo.remember("appearance.street_themes", _themes_of_streets)
    return next((theme for street, theme in own.items() if path.startswith(street)), "")


def _themes_of_streets() -> dict[str, str]:
    return dict(StreetPage.objects.exclude(theme="").values_list("path", "theme"))

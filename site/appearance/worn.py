"""The theme of the site, and of streets that have one of their own."""

from typing import Any

from content_models.base import memo
from content_models.home.models import SiteSettings, StreetPage


def theme_of_site(request: Any) -> str:
    """The theme the district has chosen."""
    return str(SiteSettings.for_request(request).theme)


def themed_street_of(page: Any) -> StreetPage | None:
    """The street in which a page stands, if it has a theme of its own."""
    path = getattr(page, "path", "") or ""
    themed = memo.remember("appearance.themed_streets", _themed_streets)
    found = next((street for street in themed if path.startswith(street.path)), None)
    # A draft of the street itself shows the theme that it would have.
    return page if found is None and getattr(page, "theme", "") else found


def _themed_streets() -> list[StreetPage]:
    return list(StreetPage.objects.exclude(theme=""))

"""The theme of the site, and of streets that have one of their own."""

from typing import Any

from content_models.base import memo
from content_models.home.models import SiteSettings, StreetPage


def theme_of_site(request: Any) -> str:
    """The theme the district has chosen."""
    return str(SiteSettings.for_request(request).theme)


def themed_street_of(page: Any) -> StreetPage | None:
    """The street in which a page stands, if it has a theme of its own."""
    if isinstance(page, StreetPage):  # a draft has the theme that it would have
        return page if page.theme else None
    path = getattr(page, "path", "") or ""
    themed = memo.remember("appearance.themed_streets", _themed_streets)
    return next((street for street in themed if path.startswith(street.path)), None)


def _themed_streets() -> list[StreetPage]:
    return list(StreetPage.objects.exclude(theme=""))

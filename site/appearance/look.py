"""The district's own look: its two colours as a style sheet, its logo and its picture.

The address of the style sheet holds the colours and a digest of the content (``/look/0e4a50-94400c-….css``):
browsers may keep it for good, and a page that was kept somewhere finds the colours it was made with.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe
from wagtail.models import Site

from appearance import themes
from appearance.colours import tokens_of
from appearance.languages import SIMPLIFIED, root_of
from appearance.models import FAULTS, DistrictLook
from appearance.worn import theme_of_site
from content_models.base import memo
from content_models.home.models import StreetPage
from content_models.home.themes import top_colours

ADDRESS = "look/{name}.css"
NAME = re.compile(r"(?P<brand>[0-9a-f]{6}|)-(?P<accent>[0-9a-f]{6}|)-(?P<digest>[0-9a-f]{12})")
FOR_GOOD = "public, max-age=31536000, immutable"
SOON_AGAIN = "public, max-age=300"  # colours of another release
LINES = """@layer tokens {{
:root {{ {light} }}
@media screen and (prefers-color-scheme: dark) {{ :root:not([data-colours]) {{ {dark} }} }}
@media screen {{ :root[data-colours="dark"] {{ {dark} }} }}
}}
"""


@lru_cache(64)
def sheet(brand: str, accent: str) -> str:
    """The style sheet of a look: its tokens for day and night, after those of the theme."""
    tokens = tokens_of(brand, accent)
    return LINES.format(**{mode: _declared(colours) for mode, colours in tokens.items()})


def _declared(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


@lru_cache(64)
def name_of(brand: str, accent: str) -> str:
    """The file name of a look's style sheet, without its ending; "" where no colour is chosen."""
    if not brand and not accent:
        return ""
    digest = hashlib.blake2b(sheet(brand, accent).encode(), digest_size=6).hexdigest()
    return f"{brand[1:]}-{accent[1:]}-{digest}"


@require_safe
def give_sheet(request: HttpRequest, name: str) -> HttpResponse:
    """The style sheet that ``name`` says; colours that nobody could have chosen are not found."""
    found = NAME.fullmatch(name)
    if found is None:
        raise Http404
    brand, accent = (f"#{value}" if value else "" for value in (found["brand"], found["accent"]))
    if not (brand or accent) or FAULTS["brand"](brand) or FAULTS["accent"](accent):
        raise Http404
    response = HttpResponse(sheet(brand, accent), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = FOR_GOOD if name_of(brand, accent) == name else SOON_AGAIN
    return response


class Shown:
    """What templates know of the look; each read when one asks."""

    def __init__(self, request: Any) -> None:
        self.request = request

    @cached_property
    def chosen(self) -> DistrictLook:
        """What the district has chosen, or is trying out."""
        tried: DistrictLook | None = getattr(self.request, "tried_look", None)
        return tried or memo.remember("appearance.look", lambda: _stored(self.request))

    @property
    def street(self) -> StreetPage | None:
        """The street whose own theme the page wears."""
        return getattr(self.request, "themed_street", None)

    @property
    def is_own(self) -> bool:
        """Whether the district's colours hold here, and not those of a street with a theme of its own."""
        return self.street is None or themes.present().theme == theme_of_site(self.request)

    @property
    def sheet(self) -> str:
        """The address of the district's style sheet, "" where there is none."""
        name = name_of(self.chosen.brand, self.chosen.accent) if self.is_own else ""
        language = getattr(self.request, "language", SIMPLIFIED)
        return root_of(SIMPLIFIED, present=language) + ADDRESS.format(name=name) if name else ""

    @property
    def top(self) -> dict[str, str]:
        """``{"light": …, "dark": …}``: the colours of the page's upper edge, for the browser's own bars."""
        own = top_colours(themes.present().theme)
        if self.chosen.brand and self.is_own and own["follows_brand"]:
            tokens = tokens_of(self.chosen.brand, "")
            return {mode: tokens[mode]["band-deep"] for mode in ("light", "dark")}
        return own


def _stored(request: HttpRequest) -> DistrictLook:
    site = Site.find_for_request(request)
    found = DistrictLook.objects.filter(site=site).select_related("logo", "header_picture").first()
    return found or DistrictLook(site=site)

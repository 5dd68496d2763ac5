"""The languages in which the site can be read, each at an address of its own: ``/zh-hant/guides/…``.

The prefix is a script prefix, so that every link on a page stays in its language. Traditional characters
are made of the finished page; in English the words of the site are translated and content stays as written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix
from django.utils.encoding import escape_uri_path, iri_to_uri

from appearance.marking import in_english
from appearance.traditional import convert, in_traditional


@dataclass(frozen=True)
class Language:
    """One way to read the site: ``tag`` is for ``lang``, ``translation`` for gettext, ``name`` in itself."""

    code: str
    tag: str
    name: str
    prefix: str = ""
    translation: str = "zh-hans"
    rewrite: Callable[[str], str] | None = None  # of the whole page
    write: Callable[[list[str]], list[str]] = list  # of single texts that are no part of a page

    @property
    def is_english(self) -> bool:
        return self.translation == "en"


SIMPLIFIED = Language("zh-hans", "zh-Hans", "简体中文")
TRADITIONAL = Language("zh-hant", "zh-Hant", "繁體中文", "zh-hant", rewrite=in_traditional, write=convert)
ENGLISH = Language("en", "en", "English", "en", "en", rewrite=in_english)
LANGUAGES = (SIMPLIFIED, TRADITIONAL, ENGLISH)
BY_PREFIX = {language.prefix: language for language in LANGUAGES if language.prefix}
# What is the same in every language, or not for residents.
ALONE = {
    "admin",
    "api",
    "documents",
    "media",
    "static",
    "embed",
    "live",
    "_util",
    "healthz",
    "readyz",
    "metrics",
    "sw.js",
    "robots.txt",
    "sitemap.xml",
}


def language_of(path: str) -> tuple[Language, str]:
    """The language of a path below the site's own prefix, and the path without it."""
    first, slash, rest = path.lstrip("/").partition("/")
    language = BY_PREFIX.get(first)
    if language is None or not path.startswith("/"):
        return SIMPLIFIED, path
    return language, f"/{rest}" if slash else "/"


def address_below_root(request: Any) -> str:
    """The address of ``request`` with its query, as it is below the root of each language."""
    path, query = escape_uri_path(request.path_info).lstrip("/"), request.META.get("QUERY_STRING", "")
    return f"{path}?{iri_to_uri(query)}" if query else path


def address_in(language: Language, request: Any) -> str:
    """The address of ``request`` in a language; links on its page begin with what it has now."""
    present = getattr(request, "language", SIMPLIFIED)
    return root_of(language, present=present) + address_below_root(request)


def same_in_every_language(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For files and feeds, of which there is one: other addresses lead there."""

    @wraps(view)
    def only_once(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "language", SIMPLIFIED) is not SIMPLIFIED:
            return HttpResponseRedirect(address_in(SIMPLIFIED, request))
        return view(request, *args, **kwargs)

    return only_once


def root_of(language: Language, *, present: Language = SIMPLIFIED) -> str:
    """The path of the site in a language, ending with a slash; ``present``: whose the script prefix is."""
    own = get_script_prefix()
    if present.prefix:
        own = own.removesuffix(f"{present.prefix}/")
    return f"{own}{language.prefix}/" if language.prefix else own

"""Reads from address and cookie how a page is wanted, and has it made like that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation

from appearance import themes
from appearance.choices import COOKIE, Choices
from appearance.languages import ALONE, SIMPLIFIED, address_in, language_of
from appearance.markup import HEAD, language_said
from appearance.worn import theme_of_site, themed_street_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@contextmanager
def read_in_its_language(request: Any) -> Iterator[None]:
    """Take the language off the address of ``request``, which says it from now on; links keep it."""
    language, path = language_of(request.path_info)
    request.language = language
    if language is SIMPLIFIED:
        yield
        return
    before = get_script_prefix()
    request.path_info = request.META["PATH_INFO"] = path
    request.META["SCRIPT_NAME"] = f"{request.META.get('SCRIPT_NAME', '')}/{language.prefix}"
    set_script_prefix(f"{before}{language.prefix}/")
    try:
        with translation.override(language.translation):
            yield
    finally:
        set_script_prefix(before)


def rewritten(request: Any, html: str) -> str:
    """A finished page or a part of one, as its language has it; a page that is in another stays."""
    rewrite = request.language.rewrite
    if rewrite is None or language_said(html) not in ("", request.language.tag):
        return html
    return rewrite(html)


class Languages:
    """Addresses below ``/zh-hant/`` and ``/en/`` are the same pages in other languages; outermost."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        language, path = language_of(request.path_info)
        is_bare = language is not SIMPLIFIED and request.path_info == f"/{language.prefix}"
        is_alone = language is not SIMPLIFIED and path.split("/")[1] in ALONE
        with read_in_its_language(request):
            if is_alone:
                return HttpResponseRedirect(address_in(SIMPLIFIED, request))
            if is_bare:
                return HttpResponseRedirect(address_in(language, request))
            return self.get_response(request)


class Rewritten:
    """Has pages rewritten for their language; inside of what notes what a page was made from."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_html(response):
            said = language_said(response.content[:HEAD].decode(errors="ignore"))
            if request.language is not SIMPLIFIED:
                response.content = rewritten(request, response.text).encode()
                if "Content-Length" in response.headers:
                    response.headers["Content-Length"] = str(len(response.content))
            response.headers.setdefault("Content-Language", said or request.language.tag)
        return response


def _is_html(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


@contextmanager
def worn(request: Any) -> Iterator[None]:
    """Choose templates by how the reader of ``request`` wants to read, and by the site's theme."""
    request.reading_choices = Choices.read(request.COOKIES.get(COOKIE, ""))
    before = themes.wear(lambda: themes.Look(theme_of_site(request), request.reading_choices.is_elder))
    try:
        yield
    finally:
        themes.wear(before)


def wear_theme_of(request: Any, page: Any) -> None:
    """Choose templates by the theme of the street that ``page`` belongs to."""
    request.themed_street = street = themed_street_of(page)
    if street is not None:
        themes.wear(themes.Look(street.theme, request.reading_choices.is_elder))


def wear_theme_in_preview(sender: Any, page: Any, request: Any, **kwargs: Any) -> None:
    """A preview is made without the step at which public pages learn whose theme they wear."""
    if hasattr(request, "reading_choices"):
        wear_theme_of(request, page)


class Looks:
    """Wears the theme and mode in which a page is wanted, until it is finished."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        if _stands_alone(request):
            request.reading_choices = Choices()
            return self.get_response(request)
        with worn(request):
            return self.get_response(request)

    def process_template_response(self, request: Any, response: TemplateResponse) -> TemplateResponse:
        page = (response.context_data or {}).get("page")
        if page is not None and not _stands_alone(request):
            wear_theme_of(request, page)
        return response


def _stands_alone(request: Any) -> bool:
    return language_of(request.path_info)[1].split("/")[1] in ALONE

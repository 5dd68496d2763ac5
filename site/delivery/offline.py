"""A page as a plain file: relative links, no scripts, nothing that needs a server."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.urls import Resolver404, get_script_prefix, resolve, reverse

SEARCH = "search/index.html"
# Pages of a list that differ by one number; what else stands in a query is for a server to answer.
NUMBERED = re.compile(r"(page|edition)=(\d{1,6})")
DOWNLOAD = re.compile(r"(?P<list>.*/)download/(?P<format>xlsx|csv|json)/")
_IMPORTED = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')]+)""")
# What asks a server while the page is open, or holds only now: whether an office is open cannot be copied.
_ALIVE = "script, template, #live-status, link[rel=alternate], .open, [data-needs-server]"


@dataclass
class PlainFile:
    """A page of the copy with what it refers to, as addresses of the site."""

    html: str
    pages: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


def inside(address: str) -> str:
    """An address without the path of a parent portal, below which the site may stand."""
    prefix = get_script_prefix().rstrip("/")
    return address.removeprefix(prefix) if prefix and f"{address}/".startswith(f"{prefix}/") else address


def file_of(address: str) -> str | None:
    """The file that stands for an address of the site (path and query), or None where there is none."""
    parts = urlsplit(inside(address))
    path = unquote(parts.path).lstrip("/")
    if ".." in path.split("/") or "\0" in path:
        return None
    if path.startswith(_files()):
        return path
    if found := DOWNLOAD.fullmatch(path):
        return None if parts.query else f"{found['list']}download/data.{found['format']}"
    if path == _search():
        return SEARCH
    if not _is_page(f"/{path}"):
        return None
    number = NUMBERED.fullmatch(parts.query)
    ending = f"{number[1]}-{number[2]}/" if number else ""
    return f"{path.rstrip('/') + '/' if path else ''}{ending}index.html"


def is_file(address: str) -> bool:
    """Whether an address is of a file rather than a page: a picture, a document, a download."""
    path = unquote(urlsplit(inside(address)).path).lstrip("/")
    return path.startswith(_files()) or bool(DOWNLOAD.fullmatch(path))


def make_plain(
    html: str, *, address: str, host: str, note: str, instead: Mapping[str, str] | None = None
) -> PlainFile:
    """Turn a page of the site into one that can be read from a folder.

    ``note`` says when it was copied; ``instead`` names the pages that stand for those that need a server.
    """
    soup = BeautifulSoup(html, "html.parser")
    plain = PlainFile("")
    here = posixpath.dirname(file_of(address) or "")
    for tag in soup.select(_ALIVE):
        if not tag.decomposed and tag.get("type") != "application/ld+json":
            tag.decompose()
    for form in soup.find_all("form"):
        if form.get("role") == "search":
            form["action"] = posixpath.relpath(SEARCH, here or ".")
        else:
            form.decompose()
    for tag in soup.find_all(["a", "link", "img", "source", "area"]):
        _point(tag, plain, here=here, address=address, host=host, instead=instead or {})
    for tag in soup.select("[data-suggest]"):
        del tag["data-suggest"]
    _add_note(soup, note)
    plain.html = str(soup)
    return plain


def _point(
    tag: Tag, plain: PlainFile, *, here: str, address: str, host: str, instead: Mapping[str, str]
) -> None:
    """Make a link relative, or take it away where nothing stands behind it."""
    name = "href" if tag.name in ("a", "link", "area") else "src"
    target = tag.get(name)
    if not isinstance(target, str) or target.startswith("#") or tag.get("rel") == ["canonical"]:
        return
    parts = urlsplit(target)
    if parts.scheme in ("http", "https") and parts.netloc != host:
        return
    if parts.scheme not in ("", "http", "https"):
        return
    path = parts.path or urlsplit(address).path
    if not path.startswith("/"):
        path = posixpath.normpath(posixpath.join(urlsplit(address).path, path)) + "/" * path.endswith("/")
    path = inside(path)
    path = instead.get(path, path)
    wanted = path + (f"?{parts.query}" if NUMBERED.fullmatch(parts.query) else "")
    file = file_of(wanted)
    if file is None:
        if tag.name == "a":
            del tag["href"]
        else:
            tag.decompose()
        return
    ending = f"#{parts.fragment}" if parts.fragment else ""
    if file == SEARCH:
        ending = f"?{parts.query}" if parts.query else ""
    else:
        (plain.files if is_file(wanted) else plain.pages).add(wanted)
    tag[name] = posixpath.relpath(file, here or ".") + ending
    if tag.has_attr("srcset"):
        del tag["srcset"]


def _add_note(soup: BeautifulSoup, note: str) -> None:
    if soup.body is not None and note:
        line = soup.new_tag("p", attrs={"class": "wrap small", "role": "note"})
        line.string = note
        soup.body.insert(0, line)


def imported(css: str, *, file: str) -> set[str]:
    """The files that a style sheet at ``file`` refers to."""
    found = {each.strip() for each in _IMPORTED.findall(css)}
    return {
        posixpath.normpath(posixpath.join(posixpath.dirname(file), urlsplit(each).path))
        for each in found
        if each and not each.startswith(("data:", "http:", "https:", "//", "#"))
    }


def _files() -> tuple[str, ...]:
    kept = (settings.STATIC_URL, settings.MEDIA_URL)
    return (*(inside(each).lstrip("/") for each in kept), "documents/", "look/")


def _search() -> str:
    return inside(reverse("search")).lstrip("/")


def _is_page(path: str) -> bool:
    try:
        return resolve(path).url_name == "wagtail_serve"
    except Resolver404:
        return False

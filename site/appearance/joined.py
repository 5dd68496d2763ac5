"""Style sheets and scripts that are made of many files, served as one each: no waiting for one after another.

The files stay as they are written and there is no build. A sheet of a theme that imports others, and a script
of ours that imports others and exports nothing, is found with what it imports already in it. Comments stay
behind.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_join

_SHEET_IMPORT = re.compile(
    r"""@import\s+(?:url\(\s*)?["']?(?P<name>[^"')\s]+)["']?\s*\)?"""
    r"""\s*(?:layer\((?P<layer>[\w.-]+)\))?\s*(?P<media>[^;]*);\s*"""
)
_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<name>[^"')]+)(?P=quote)\s*\)""")
_SHEET_COMMENT = re.compile(r"/\*.*?\*/\s*", re.S)
_ELSEWHERE = ("data:", "http:", "https:", "/", "#")

_SCRIPT_IMPORT = re.compile(
    r"""^import\s*\{(?P<names>[^}]*)\}\s*from\s*["'](?P<name>\.[^"']+)["'];?\n""", re.M
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const|let) (?P<name>\w+))", re.M)
_EXPORTS = re.compile(r"^export\b", re.M)
_SCRIPT_COMMENT = re.compile(
    r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.M | re.S
)  # only whole lines
_OWN_ADDRESS = "import.meta.url"


class JoinedFiles(BaseFinder):
    """Finds such files made whole, before the others find what they are made of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.JOINED_ROOT)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = _source(path) if path.endswith((".css", ".js")) else None
        made = self._make(path, source) if source is not None else None
        return ([made] if made else []) if find_all else made

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for folder in _folders():
            for source in sorted([*folder.rglob("*.css"), *folder.rglob("*.js")]):
                name = source.relative_to(folder).as_posix()
                if self._make(name, source):
                    yield name, self.storage

    def _make(self, name: str, source: Path) -> str | None:
        """Where ``name`` lies made whole; None where it is whole as it is."""
        text = source.read_text(encoding="utf-8")
        if name.endswith(".css") and _is_entry_sheet(text):
            whole = whole_sheet(name)
        elif name.endswith(".js") and _is_entry_script(text):
            whole = whole_script(name)
        else:
            return None
        made = Path(safe_join(settings.JOINED_ROOT, name))
        if not made.exists() or made.read_text(encoding="utf-8") != whole:
            made.parent.mkdir(parents=True, exist_ok=True)
            aside = made.with_name(f".{made.name}.{os.getpid()}")
            aside.write_text(whole, encoding="utf-8")
            os.replace(aside, made)  # others may be reading it
        return str(made)


def _is_entry_sheet(text: str) -> bool:
    return _SHEET_IMPORT.search(_SHEET_COMMENT.sub("", text)) is not None


def _is_entry_script(text: str) -> bool:
    return _SCRIPT_IMPORT.search(text) is not None and _EXPORTS.search(text) is None


def _folders() -> list[Path]:
    """Where our own static files lie: those of other packages are served as they come."""
    rooms = (settings.ROOT / "site").glob("*/static")
    return [Path(folder) for folder in settings.STATICFILES_DIRS] + sorted(rooms)


def _source(name: str) -> Path | None:
    for folder in _folders():
        try:
            path = Path(safe_join(folder, name))
        except SuspiciousFileOperation:
            return None
        if path.is_file():
            return path
    return None


def _read(name: str, *, wanted_by: str) -> str:
    source = _source(name)
    if source is None:
        raise FileNotFoundError(f"{wanted_by} imports {name}, which is not there.")
    return source.read_text(encoding="utf-8")


def _beside(name: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), other))


# Style sheets


def whole_sheet(name: str, *, into: str = "") -> str:
    """The sheet with every ``@import`` replaced by what it names, in its layer and for its medium.

    ``into``: the sheet it becomes a part of, from which addresses of pictures are written.
    """
    into = into or name
    text = _SHEET_COMMENT.sub("", _read(name, wanted_by=into))
    whole, at = [], 0
    for found in _SHEET_IMPORT.finditer(text):
        whole += [_addressed(text[at : found.start()], name, into), _imported(found, name, into)]
        at = found.end()
    return "".join([*whole, _addressed(text[at:], name, into)])


def _imported(found: re.Match[str], name: str, into: str) -> str:
    inner = whole_sheet(_beside(name, found["name"]), into=into).rstrip()
    if found["layer"]:
        inner = f"@layer {found['layer']} {{\n{inner}\n}}"
    if media := found["media"].strip():
        if media.startswith("supports"):
            raise ValueError(f"{name}: cannot make one file of {found[0]!r}")
        inner = f"@media {media} {{\n{inner}\n}}"
    return f"{inner}\n"


def _addressed(text: str, name: str, into: str) -> str:
    """The addresses in a piece of ``name``, as they are from where ``into`` lies."""
    here, there = posixpath.dirname(name), posixpath.dirname(into) or "."

    def moved(found: re.Match[str]) -> str:
        if found["name"].startswith(_ELSEWHERE):
            return found[0]
        path = posixpath.relpath(posixpath.normpath(posixpath.join(here, found["name"])), there)
        return f'url("{path}")'

    return _URL.sub(moved, text)


# Scripts


def whole_script(name: str) -> str:
    """The module with those it imports before it, each in a scope of its own that hands on its exports."""
    parts: dict[str, str] = {}
    _gather(name, parts, wanted_by=name, entry=name)
    *modules, last = parts
    texts = [f"const {_scope(module)} = (() => {{\n{parts[module]}}})();\n" for module in modules]
    return "".join([*texts, parts[last]])


def _gather(name: str, parts: dict[str, str], *, wanted_by: str, entry: str) -> None:
    text = _SCRIPT_COMMENT.sub("", _read(name, wanted_by=wanted_by))
    for found in _SCRIPT_IMPORT.finditer(text):
        other = _beside(name, found["name"])
        if other not in parts:
            _gather(other, parts, wanted_by=name, entry=entry)

    def imported(found: re.Match[str]) -> str:
        names = re.sub(r"\bas\b", ":", found["names"])
        return f"const {{{names}}} = {_scope(_beside(name, found['name']))};\n"

    exported = [found["name"] for found in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", _SCRIPT_IMPORT.sub(imported, text))
    if left := re.search(r"^(?:export\b|import\b(?!\()).*", text, re.M):
        raise ValueError(f"{name}: cannot make one file of {left[0]!r}")
    # A module asks where it lies to find the site's root: what it is put into may lie elsewhere.
    depth = posixpath.relpath(name, posixpath.dirname(entry) or ".")
    text = text.replace(_OWN_ADDRESS, f'new URL("{depth}", {_OWN_ADDRESS}).href')
    parts[name] = f"{text.rstrip()}\n" + (f"return {{{', '.join(exported)}}};\n" if exported else "")


def _scope(name: str) -> str:
    return "_" + re.sub(r"\W", "_", name.removesuffix(".js"))


def served_file(name: str) -> Path:
    """The file that is served as ``name``: one that was collected, or the one a finder knows."""
    collected = Path(settings.STATIC_ROOT) / name
    path = collected if collected.is_file() else finders.find(name)
    if not path:
        raise FileNotFoundError(name)
    return Path(str(path))

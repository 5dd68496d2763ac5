"""A backup: the database as it stood at one moment, the files beside it, a manifest that vouches for both.

It is written beside its place and renamed when whole, so what is called ``doorstep-…`` can be put back.

The site goes on meanwhile. The database comes first: a file that its rows name was there before they were.
What is uploaded afterwards is copied too, which costs space and nothing else; of what is deleted in those
minutes a row may remain without its file, as a picture that is missing.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from operations import databases, files, manifest
from operations.manifest import Manifest

PREFIX = "doorstep-"
UNFINISHED = ".unfinished-"
LOCK = ".backup.lock"


class Refused(Exception):
    """A backup or restore that cannot be, with the reasons in sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("".join(reasons))
        self.reasons = reasons


def folders() -> dict[str, Path]:
    """What is kept beside the database: published files, and spreadsheets on their way in."""
    return {"media": Path(settings.MEDIA_ROOT), "imports": Path(settings.DATA_DIR) / "imports"}


def make(place: Path, *, keep: int = 0) -> tuple[Path, Manifest]:
    """Write a whole backup below ``place``, then remove all but the ``keep`` newest (0: none is removed).

    Raises Refused; whatever goes wrong, nothing is left that looks like a backup.
    """
    _make_private(place)
    with _alone(place):
        _forget_unfinished(place)
        last = newest(place)
        now = datetime.now(UTC)
        part = place / f"{UNFINISHED}{os.getpid()}"
        part.mkdir(mode=0o700)
        try:
            made = _write(part, now, last)
            target = _free_name(place, now)
            part.rename(target)
            files.write_through(place)
        except BaseException as error:
            shutil.rmtree(part, ignore_errors=True)
            if isinstance(error, OSError):
                raise Refused(said_of(error)) from error
            if isinstance(error, databases.Failed):
                raise Refused(str(error)) from error
            raise
        if keep:
            prune(place, keep=keep)
    return target, made


def _write(part: Path, now: datetime, last: Path | None) -> Manifest:
    counts, migrations = databases.here().dump(part)
    before = manifest.read(last) if last is not None else None
    kept: dict[str, files.Kept] = {name: files.kept(part / name) for name in databases.here().files}
    for name, folder in folders().items():
        earlier = files.Earlier(last, before.files if before is not None else {})
        kept |= files.copy_tree(folder, part / name, under=name, earlier=earlier)
    made = manifest.describe(now=now, counts=counts, migrations=migrations, files=kept)
    manifest.write(part, made)
    files.write_through(part)
    return made


def _make_private(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refused(said_of(error)) from error


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    """One backup at a time into a folder; the system lets go of a lock whose process died."""
    try:
        lock = (place / LOCK).open("a")
    except OSError as error:
        raise Refused(said_of(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(_("另一个备份正在写入“%(place)s”，请等它结束。") % {"place": place}) from None
        yield


def _forget_unfinished(place: Path) -> None:
    """What killed processes left: while we hold the lock nobody writes there."""
    for left in place.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)


def _free_name(place: Path, now: datetime) -> Path:
    """A name by the moment; two in one second are told apart."""
    name = f"{PREFIX}{now:%Y%m%dT%H%M%SZ}"
    target, number = place / name, 2
    while target.exists():
        target, number = place / f"{name}-{number}", number + 1
    return target


def all_of(place: Path) -> list[Path]:
    """The whole backups below ``place``, oldest first."""
    found = [folder for folder in place.glob(f"{PREFIX}*") if (folder / manifest.NAME).is_file()]
    return sorted(found, key=lambda folder: _moment(folder.name))


def _moment(name: str) -> tuple[str, int]:
    moment, _dash, number = name.removeprefix(PREFIX).partition("-")
    return moment, int(number) if number.isdecimal() else 1


def newest(place: Path) -> Path | None:
    """The newest whole backup: ``place`` itself where it is one."""
    if (place / manifest.NAME).is_file():
        return place
    found = all_of(place)
    return found[-1] if found else None


def prune(place: Path, *, keep: int) -> list[str]:
    """Remove all but the ``keep`` newest; each is renamed first, so that no half of one looks whole."""
    removed = []
    for folder in all_of(place)[:-keep]:
        gone = place / f"{UNFINISHED}{folder.name}"
        folder.rename(gone)
        shutil.rmtree(gone)
        removed.append(folder.name)
    return removed


def said_of(error: OSError) -> str:
    """What an error of the file system means to an operator."""
    where = f"（{error.filename}）" if error.filename else ""
    if error.errno in files.FULL:
        return _("磁盘空间不够%(where)s。请腾出空间再试，已有的备份没有动。") % {"where": where}
    return _("读写文件失败%(where)s：%(error)s。") % {"where": where, "error": error.strerror or error}


def as_json(folder: Path, made: Manifest) -> str:
    """What a program that asked for a backup reads."""
    facts: dict[str, Any] = {
        "backup": str(folder),
        "made_at": made.made_at,
        "database": made.database,
        "files": len(made.files),
        "bytes": sum(kept.size for kept in made.files.values()),
        "rows": sum(made.counts.values()),
    }
    return json.dumps(facts, ensure_ascii=False)

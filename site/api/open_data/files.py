"""Files of data sets: made once for each content and form, kept below DATA_DIR, and removed when outdated.

A file is written beside its place and put there when it is whole, so a process that dies leaves nothing that
is ever given out, and two that make the same file at once do no harm. Its name is the stamp of its content.
"""

import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from api.open_data import datasets
from api.open_data.datasets import DataEdition, DataSet
from api.open_data.facts import Facts
from content_models.base import memo

logger = logging.getLogger("api")
PART = ".part"  # what a file that is being written ends in
TURN = ".turn"  # who holds its lock makes the files of a data set
TRIES = 3
GRACE = 3600.0  # seconds for which an outdated file may still be on its way to somebody


class Found(NamedTuple):
    """A file and what it is of."""

    path: Path
    data_set: DataSet
    edition: DataEdition
    stamp: str


class Changing(Exception):
    """The content changed each time its file was made."""


class NotThere(Exception):
    """No public data set, edition or form is called so."""


def root() -> Path:
    return Path(settings.OPEN_DATA_ROOT)


def find(name: str, number: str, form: str) -> Found:
    """The file as the content stands now, made if need be; NotThere where there is nothing public.
    Changing asks for patience.

    While it is made the content may change: then it is made anew, so that a file never holds what its stamp
    does not stand for.
    """
    found = look(name, number, form)
    for _try in range(TRIES):
        if found.path.exists():
            return found
        with turn(found.path.parent):
            if found.path.exists():
                return found
            part = write(found, form)
            try:
                now = look(name, number, form)
                if now.stamp == found.stamp:
                    os.replace(part, found.path)
                    return found
                found = now
            finally:
                part.unlink(missing_ok=True)
    raise Changing(name)


def look(name: str, number: str, form: str) -> Found:
    """Where the file belongs, by what the database says at this moment."""
    for remembered in ("restricted paths", "codes"):
        memo.forget(remembered)
    data_set = datasets.find(name, Facts())
    edition = data_set.edition(number) if data_set is not None else None
    if data_set is None or edition is None or form not in data_set.forms:
        raise NotThere
    stamp = data_set.stamp(edition)
    return Found(root() / name / f"{stamp}.{form}", data_set, edition, stamp)


def write(found: Found, form: str) -> Path:
    """The whole file, beside its place."""
    handle, name = tempfile.mkstemp(suffix=PART, dir=found.path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            found.data_set.write(found.edition, form, file)
        part.chmod(0o644)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Wait for whoever makes files of this data set; the system lets go of a lock whose process died."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / TURN, "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def size_of(data_set: DataSet, stamp: str, form: str) -> int | None:
    """How many bytes the file has; None where nobody has asked for it yet."""
    with suppress(OSError):
        return (root() / data_set.name / f"{stamp}.{form}").stat().st_size
    return None


def remove_outdated_files() -> int:
    """Delete files that no longer stand for anything public, and what a killed process left behind."""
    removed = 0
    folders = [folder for folder in root().iterdir() if folder.is_dir()] if root().is_dir() else []
    facts = Facts() if folders else None
    for folder in folders:
        assert facts is not None, "read where there is any folder"
        data_set = datasets.find(folder.name, facts)
        stamps = {data_set.stamp(edition) for edition in data_set.editions} if data_set else set()
        for path in folder.iterdir():
            if path.name == TURN or (path.stem in stamps and path.suffix != PART):
                continue
            if is_old(path):
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def is_old(path: Path) -> bool:
    """Whether nobody can be waiting for it any more; by the file system's own clock."""
    try:
        return time.time() - path.stat().st_mtime > GRACE
    except OSError:
        return False

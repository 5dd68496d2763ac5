"""Copying files with their checksums, and checking them; each is private and on the disk before it counts."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
PIECE = 1 << 20


class Kept(NamedTuple):
    """A file as it was copied; ``moment`` is when it was last written, in nanoseconds."""

    sha256: str
    size: int
    moment: int


class Earlier(NamedTuple):
    """The last backup, whose unchanged files are linked instead of copied."""

    folder: Path | None
    files: Mapping[str, Kept]


def copy_tree(source: Path, target: Path, *, under: str, earlier: Earlier) -> dict[str, Kept]:
    """Copy what is in ``source``; returns the files by their names, which begin with ``under``.

    Files here are written once under a name of their own, so one of the same size and moment is the same
    file: it is linked to the last backup's, and pictures cost their space once however many backups are kept.
    """
    target.mkdir(mode=0o700, exist_ok=True)
    found: dict[str, Kept] = {}
    for path, status in walk(source):
        name = f"{under}/{path.relative_to(source)}"
        copied = target.parent / name
        copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = earlier.files.get(name)
        if known and earlier.folder and (known.size, known.moment) == (status.st_size, status.st_mtime_ns):
            try:
                os.link(earlier.folder / name, copied)
            except OSError:  # gone, too many links, another file system
                pass
            else:
                found[name] = known
                continue
        try:
            found[name] = copy(path, copied)
        except FileNotFoundError:  # deleted while we walked
            copied.unlink(missing_ok=True)
    return found


def walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The files below a folder, without following links out of it."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(base, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield path, status


def copy(source: Path, target: Path, *, mode: int = 0o600) -> Kept:
    """Copy one file with its moment, and count its checksum on the way."""
    with source.open("rb") as read:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as written:
            status = os.fstat(read.fileno())
            digest, size = hashlib.sha256(), 0
            for piece in _pieces(read):
                digest.update(piece)
                size += len(piece)
                written.write(piece)
            written.flush()
            os.fsync(written.fileno())
    os.utime(target, ns=(status.st_mtime_ns, status.st_mtime_ns))
    return Kept(digest.hexdigest(), size, status.st_mtime_ns)


def kept(path: Path) -> Kept:
    """A file as it stands."""
    with path.open("rb") as read:
        status = os.fstat(read.fileno())
        digest = hashlib.sha256()
        for piece in _pieces(read):
            digest.update(piece)
    return Kept(digest.hexdigest(), status.st_size, status.st_mtime_ns)


def _pieces(read: BinaryIO) -> Iterator[bytes]:
    while piece := read.read(PIECE):
        yield piece


def damaged(folder: Path, files: Mapping[str, Kept]) -> list[str]:
    """Names of the files that are missing or not what they were when they were copied."""
    wrong = []
    for name, expected in files.items():
        path = folder / name
        try:
            is_same = path.stat().st_size == expected.size and kept(path).sha256 == expected.sha256
        except OSError:
            is_same = False
        if not is_same:
            wrong.append(name)
    return wrong


def write_through(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""A finished page as bytes: compressed once, with every answer to it made beforehand."""

import gzip
import hashlib
from dataclasses import dataclass, field
from typing import Any

import brotli  # type: ignore[import-untyped]  # carries no types
import msgpack  # type: ignore[import-untyped]  # carries no types

Headers = list[tuple[bytes, bytes]]
BROTLI_QUALITY = 5  # 11 takes fifty times as long and saves a tenth
# Said anew of every answer, or true of the first one only.
_OWN = {b"content-length", b"content-encoding", b"etag", b"vary", b"date", b"server", b"x-request-id"}


@dataclass
class Slip:
    """Laid beside a request for Django to say what the page was made from; empty where it is not for all.

    ``keys``: see ``reading``; ``read_at``: how far the outbox stood before; ``until``: seconds since 1970.
    """

    keys: frozenset[str] = frozenset()
    read_at: int = 0
    until: float = 0.0
    refused: str = ""


@dataclass
class Answer:
    """What is sent: status line with headers, and the content."""

    start: dict[str, Any]
    body: dict[str, Any]


@dataclass
class StoredPage:
    """A page that everybody gets, and when it stops being right.

    ``stale_since``: seconds since 1970 from which it is out of date; it may be sent for a moment longer.
    """

    headers: Headers
    etag: bytes
    zipped: bytes  # by gzip, in which form it is kept; other readers are few
    shrunk: bytes  # by brotli
    keys: frozenset[str]
    read_at: int
    until: float
    stale_since: float | None = None
    excused_until: float = 0.0  # while nothing better can be had
    answers: dict[tuple[bytes, bool], Answer] = field(default_factory=dict, repr=False)

    @classmethod
    def make(cls, slip: Slip, headers: Headers, content: bytes) -> "StoredPage":
        """Compress ``content``; some milliseconds of work, better done beside the event loop."""
        kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
        return cls(
            kept,
            b'W/"%s"' % hashlib.blake2b(content, digest_size=12).hexdigest().encode(),
            gzip.compress(content, 6, mtime=0),
            brotli.compress(content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY),
            slip.keys,
            slip.read_at,
            slip.until,
        )

    def is_fresh(self, now: float) -> bool:
        """Whether it is right at ``now``, in seconds since 1970."""
        return self.stale_since is None and now < self.until

    @property
    def wrong_since(self) -> float:
        """When it ceased, or will cease, to be right."""
        return self.until if self.stale_since is None else min(self.stale_since, self.until)

    @property
    def size(self) -> int:
        """Bytes in memory, roughly."""
        return len(self.zipped) + len(self.shrunk) + sum(map(len, self.keys)) + 4000

    def answer(self, accepted: bytes, known: bytes) -> Answer:
        """The answer for what a browser accepts and already has (the values of its headers)."""
        coding = b"br" if b"br" in accepted else b"gzip" if b"gzip" in accepted else b""
        is_known = known != b"" and _names(known, self.etag)
        made = self.answers.get((coding, is_known))
        if made is None:
            made = self._make_answer(coding, is_known)
            if coding or is_known:
                self.answers[coding, is_known] = made
        return made

    def _make_answer(self, coding: bytes, is_known: bool) -> Answer:
        content = self.shrunk if coding == b"br" else self.zipped
        if not coding and not is_known:
            content = gzip.decompress(content)
        headers = [*self.headers, (b"etag", self.etag), (b"vary", b"Accept-Encoding, Cookie")]
        if coding and not is_known:
            headers.append((b"content-encoding", coding))
        if not is_known:
            headers.append((b"content-length", str(len(content)).encode()))
        start = {"type": "http.response.start", "status": 304 if is_known else 200, "headers": headers}
        return Answer(start, {"type": "http.response.body", "body": b"" if is_known else content})

    # As other processes get it

    def pack(self) -> bytes:
        kept = [
            self.headers,
            self.etag,
            self.zipped,
            self.shrunk,
            sorted(self.keys),
            self.read_at,
            self.until,
        ]
        return bytes(msgpack.packb(kept))

    @classmethod
    def unpack(cls, packed: bytes) -> "StoredPage":
        """Raises ValueError or TypeError for what is no page."""
        headers, etag, zipped, shrunk, keys, read_at, until = msgpack.unpackb(packed)
        pairs = [(bytes(name), bytes(value)) for name, value in headers]
        return cls(pairs, etag, zipped, shrunk, frozenset(keys), read_at, until)


def _names(known: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names ``etag``."""
    if known.strip() == b"*":
        return True
    bare = etag.removeprefix(b"W/")
    return any(tag.strip().removeprefix(b"W/") == bare for tag in known.split(b","))

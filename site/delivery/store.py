"""The pages this process keeps, and which of them a publication puts out of date."""

from collections import OrderedDict, deque

from django.conf import settings
from django.utils import timezone

from delivery.changes import Change
from delivery.pages import StoredPage

Key = tuple[bytes, ...]
REMEMBERED = 5_000  # changes by which a page that took long, or comes from another process, is judged


class Store:
    """Pages by address and variant, the least recently asked for dropped first. For one thread alone."""

    def __init__(self, *, most_bytes: int | None = None) -> None:
        self.most_bytes = most_bytes or settings.PAGE_STORE_MB * 1024 * 1024
        self.pages: OrderedDict[Key, StoredPage] = OrderedDict()
        self.made_from: dict[str, set[Key]] = {}
        self.bytes = 0
        self.changes: deque[Change] = deque(maxlen=REMEMBERED)
        self.since = 0  # the outbox row from which on all changes are remembered
        self.seen = 0  # the newest change that was heard of
        self.is_begun = False
        self.hits = self.misses = self.dropped = self.shared = 0

    def get(self, key: Key) -> StoredPage | None:
        page = self.pages.get(key)
        if page is not None:
            self.pages.move_to_end(key)
        return page

    def put(self, key: Key, page: StoredPage) -> None:
        """Keep a page; one that was overtaken while it was made is out of date at once."""
        self.remove(key)
        change = self.overtaken_by(page)
        page.stale_since = change.at if change else None
        if page.size > self.most_bytes // 4:
            return
        self.pages[key] = page
        self.bytes += page.size
        for name in page.keys:
            self.made_from.setdefault(name, set()).add(key)
        while self.bytes > self.most_bytes:
            self.remove(next(iter(self.pages)))

    def remove(self, key: Key) -> None:
        page = self.pages.pop(key, None)
        if page is None:
            return
        self.bytes -= page.size
        for name in page.keys:
            keys = self.made_from[name]
            keys.discard(key)
            if not keys:
                del self.made_from[name]

    def clear(self) -> None:
        self.pages.clear()
        self.made_from.clear()
        self.bytes = 0

    # Changes

    def begin(self, sequence: int, changes: list[Change]) -> None:
        """Start from what the outbox holds: ``changes`` are all after the row ``sequence``."""
        self.clear()
        self.changes.clear()
        self.since = self.seen = sequence
        self.is_begun = True
        for change in changes:
            self.hear(change)

    def hear(self, change: Change) -> None:
        """Put out of date what was made from what has changed."""
        if len(self.changes) == self.changes.maxlen:
            self.since = self.changes[0].sequence
        self.changes.append(change)
        self.seen = max(self.seen, change.sequence)
        touched = set(self.pages) if change.is_sweeping else self._made_from(change)
        # No later than now: the clock of another host may be ahead of ours.
        since = min(change.at, timezone.now().timestamp())
        for key in touched:
            page = self.pages[key]
            if page.read_at < change.sequence and page.stale_since is None:
                page.stale_since = since
                self.dropped += 1

    def _made_from(self, change: Change) -> set[Key]:
        return set().union(*(self.made_from.get(name, ()) for name in change.keys))

    def knows(self, page: StoredPage) -> bool:
        """Whether it can be said if ``page`` is still right."""
        return self.since <= page.read_at <= self.seen

    def overtaken_by(self, page: StoredPage) -> Change | None:
        """The first change since ``page`` was read that touches it, as far as is remembered."""
        first = None
        for change in reversed(self.changes):
            if change.sequence <= page.read_at:
                break
            if change.is_sweeping or not change.keys.isdisjoint(page.keys):
                first = change
        return first

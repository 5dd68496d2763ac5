"""What is looked for and what is opened, counted by day and text: numbers only, never who.

No address, no cookie and no account is known here. A text that may name a person is not counted at all: one
with six or more digits in a row (blanks and signs between them do not help), with an e-mail sign, or longer
than 40 characters. What was counted is forgotten after ``SEARCHES_KEPT_DAYS``.

Pages only add to what this process has in memory; a thread writes it every ``SEARCHES_WRITTEN_EVERY`` seconds
and once more at the end. While the database fails, what was counted waits.
"""

import atexit
import datetime
import logging
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import DatabaseError, DataError, InterfaceError, connections, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from search.folding import fold
from search.models import Asked, Clicked, Document, Missing
from search.words import runs

logger = logging.getLogger("search")
LONGEST = 40  # characters; who writes more tells of themselves
MOST_WAITING = 4_000  # different texts, and as many openings, that wait in memory
MOST_A_DAY = 20_000  # different texts of one day, and as many openings
AT_ONCE = 500  # texts, and as many openings, in one transaction
END_WITHIN = 30.0  # seconds for what is being written when the process ends
LARGEST_KEY = 2**63 - 1

Question = tuple[datetime.date, str]  # day and text
Opening = tuple[datetime.date, str, int]  # day, text and document

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # categories of characters
_DIGIT = "[0-9〇零一二三四五六七八九]"
_BETWEEN_DIGITS = re.compile(rf"(?<={_DIGIT})[\s./,、·_\-‐-―]+(?={_DIGIT})")
_ROBOT = re.compile(r"(?<!cu)bot\b|crawl|spider|slurp|archiver|fetch|monitor|preview|curl|wget|python", re.I)


def note(text: str, found: int) -> None:
    """Count that ``text`` was looked for and that it had ``found`` results. Never slow, never raises."""
    try:
        if kept := keepable(text):
            counts.ask((timezone.localdate(), kept), found)
    except Exception:
        logger.exception("A search was not counted")


def note_click(text: str, document_pk: int) -> None:
    """Count that a result of ``text`` was opened, provided it is public. Never slow, never raises."""
    try:
        if (kept := keepable(text)) and 0 < document_pk <= LARGEST_KEY:
            counts.open((timezone.localdate(), kept, document_pk))
    except Exception:
        logger.exception("An opened result was not counted")


def is_new_question(request: HttpRequest) -> bool:
    """Whether a reader asks this now: no robot, no browser that reads ahead or loads again."""
    headers = request.headers
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    again = headers.get("Cache-Control", "")
    is_robot = _ROBOT.search(headers.get("User-Agent", ""))
    return not (is_robot or "prefetch" in ahead or "no-cache" in again or "max-age=0" in again)


def keepable(text: str) -> str:
    """``text`` as it is counted; empty where no word is in it or it may name a person."""
    readable = plain(text)
    may_name_somebody = "@" in readable or has_digits(readable, 6) or len(readable) > LONGEST
    return "" if may_name_somebody or not runs(readable) else readable


def plain(text: str) -> str:
    """``text`` in the one form in which it is counted and compared."""
    seen = "".join(sign if unicodedata.category(sign) not in _UNSEEN else " " for sign in text)
    return fold(seen)


def has_digits(text: str, number: int) -> bool:
    """Whether ``number`` digits follow each other, be it with blanks or signs between them or in words."""
    together = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    return re.search(rf"{_DIGIT}{{{number}}}", together) is not None


class Counts:
    """What this process has counted and not yet written, and the thread that writes it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked: dict[Question, tuple[int, int]] = {}  # how often, and how much was found at last
        self.opened: dict[Opening, int] = {}
        self.dropped = 0
        self.is_failing = False
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def ask(self, question: Question, found: int) -> None:
        with self.lock:
            if self._has_room(self.asked, question):
                times, _last = self.asked.get(question, (0, 0))
                self.asked[question] = times + 1, found
        self._start()

    def open(self, opening: Opening) -> None:
        with self.lock:
            if self._has_room(self.opened, opening):
                self.opened[opening] = self.opened.get(opening, 0) + 1
        self._start()

    def _has_room(self, counted: dict[Any, Any], key: Any) -> bool:
        if key in counted or len(counted) < MOST_WAITING:
            return True
        self.dropped += 1
        return False

    def _start(self) -> None:
        """Start the thread where none is running: with the first count, or after the process has forked."""
        if not settings.SEARCHES_WRITTEN_EVERY or (self.thread is not None and self.thread.is_alive()):
            return
        with self.lock:
            if self.thread is None:
                atexit.register(self.stop)
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="searches", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while not self.stopping.wait(settings.SEARCHES_WRITTEN_EVERY):
            self._write_and_let_go()

    def stop(self) -> None:
        """Write what is left; nothing to do where no thread was started."""
        with self.lock:
            thread, self.thread = self.thread, None
        if thread is None:
            return
        atexit.unregister(self.stop)
        self.stopping.set()
        thread.join(END_WITHIN)
        self.stopping.clear()
        if thread.is_alive():
            logger.warning("The database did not take the last counts of searches")
        else:
            self._write_and_let_go()

    def _write_and_let_go(self) -> None:
        try:
            self.write()
        finally:
            connections.close_all()

    def write(self) -> None:
        """Bring what was counted into the database, some at a time; what it does not take waits."""
        asked, opened = self._take()
        while (asked or opened) and self._write_some(asked, opened):
            asked, opened = self._take()
        with self.lock:
            dropped, self.dropped = self.dropped, 0
        if dropped:
            logger.warning("More searches than can be counted: %d were left out", dropped)

    def _take(self) -> tuple[dict[Question, tuple[int, int]], dict[Opening, int]]:
        with self.lock:
            return _pop_some(self.asked), _pop_some(self.opened)

    def _write_some(self, asked: dict[Question, tuple[int, int]], opened: dict[Opening, int]) -> bool:
        """Whether the next may follow. Errors are named by their kind alone: their words may quote a text."""
        try:
            with transaction.atomic():
                left_out = _add_up(asked, opened)
        except Exception as error:
            if isinstance(error, DatabaseError | InterfaceError) and not isinstance(error, DataError):
                self._give_back(asked, opened)
                if not self.is_failing:
                    logger.warning("Counts of searches wait for the database: %s", type(error).__name__)
                self.is_failing = True
                return False
            logger.error("Counts of searches cannot be written: %s", type(error).__name__)
        else:
            self.is_failing = False
            self.dropped += left_out
        return True

    def _give_back(self, asked: dict[Question, tuple[int, int]], opened: dict[Opening, int]) -> None:
        with self.lock:
            for question, (times, found) in asked.items():
                later, last = self.asked.get(question, (0, found))
                self.asked[question] = times + later, last
            for opening, times in opened.items():
                self.opened[opening] = times + self.opened.get(opening, 0)


counts = Counts()


def _pop_some(counted: dict[Any, Any]) -> dict[Any, Any]:
    return {key: counted.pop(key) for key in list(islice(counted, AT_ONCE))}


def _add_up(asked: dict[Question, tuple[int, int]], opened: dict[Opening, int]) -> int:
    """Add to the rows of each day, made where there are none; returns how many a full day left out.

    In the order of their keys, so that two processes never wait for each other.
    """
    public = set(
        Document.objects.filter(pk__in={document for _day, _text, document in opened}).values_list(
            "pk", flat=True
        )
    )
    opened = {opening: times for opening, times in opened.items() if opening[2] in public}
    clicks = Counter[Question]()
    for (day, text, _document), times in opened.items():
        clicks[day, text] += times
    questions = _with_rows(Asked, {*asked, *clicks}, ("day", "text"))
    for day, text in sorted(questions):
        times, found = asked.get((day, text), (0, None))
        last = {} if found is None else {"found": found}
        rows = Asked.objects.filter(day=day, text=text)
        rows.update(times=F("times") + times, clicked=F("clicked") + clicks[day, text], **last)
    openings = _with_rows(
        Clicked, {key for key in opened if key[:2] in questions}, ("day", "text", "document_id")
    )
    for day, text, document in sorted(openings):
        rows_opened = Clicked.objects.filter(day=day, text=text, document=document)
        rows_opened.update(times=F("times") + opened[day, text, document])
    return len({*asked, *clicks} - questions) + len(opened.keys() - openings)


def _with_rows(model: Any, keys: set[Any], names: tuple[str, ...]) -> set[Any]:
    """Those of ``keys`` that have a row now; a day takes no more than ``MOST_A_DAY`` new ones."""
    days = {key[0] for key in keys}
    there = model.objects.filter(day__in=days, text__in={key[1] for key in keys})
    known = keys & set(there.values_list(*names))
    new: list[Any] = []
    for day in sorted(days):
        missing = sorted(key for key in keys - known if key[0] == day)
        room = MOST_A_DAY - model.objects.filter(day=day).count() if missing else 0
        new += missing[: max(0, room)]
    model.objects.bulk_create(
        [model(**dict(zip(names, key, strict=True))) for key in new], ignore_conflicts=True
    )
    return known | set(new)


def forget_searches() -> int:
    """Remove what is older than ``SEARCHES_KEPT_DAYS``, residents' messages too; returns how many rows."""
    kept = datetime.timedelta(days=settings.SEARCHES_KEPT_DAYS)
    first, since = timezone.localdate() - kept, timezone.now() - kept
    old: Iterable[Any] = (
        Asked.objects.filter(day__lt=first),
        Clicked.objects.filter(day__lt=first),
        Missing.objects.filter(at__lt=since),
    )
    return sum(rows.delete()[0] for rows in old)

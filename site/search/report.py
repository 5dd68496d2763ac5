"""What editors learn of searches: what was asked, what had no answer, what nobody opened, what was opened."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Max, Q, Sum
from django.db.models.functions import Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from content_models.guides.models import GuidePage
from search.models import Asked, Clicked, Document, SynonymGroup
from search.synonyms import bare

PERIODS = {7: _("最近 7 天"), 30: _("最近 30 天"), 90: _("最近 90 天")}
OPENED_SHOWN = 3  # results named for one text


class Show(models.TextChoices):
    """Which texts a report is of."""

    ASKED = "asked", _("搜得最多")
    FAILED = "failed", _("没有结果")
    UNOPENED = "unopened", _("有结果，没人点开")
    OPENED = "opened", _("点开了什么")


@dataclass(frozen=True)
class Totals:
    """Of all searches of a period: how many, and how many of a hundred had no result or led somewhere."""

    searches: int
    failed: int
    opened: int


class Report:
    """The searches of the last ``days``, today among them."""

    def __init__(self, days: int) -> None:
        self.days = days
        self.rows = Asked.objects.filter(day__gt=timezone.localdate() - datetime.timedelta(days=days))

    def totals(self) -> Totals:
        sums = self.rows.aggregate(
            searches=Sum("times"),
            failed=Sum("times", filter=Q(found=0)),
            opened=Sum(Least("times", "clicked")),
        )
        searches = sums["searches"] or 0
        shares = [
            round(100 * (sums[name] or 0) / searches) if searches else 0 for name in ("failed", "opened")
        ]
        return Totals(searches, *shares)

    def texts(self, show: str) -> Any:
        """``{text, asked, opened, last_day, last_row}`` of each text; ``last_row`` is its newest row's key.

        A text that was given a synonym or an everyday name since it was last asked counts neither as failed
        nor as unopened until it is asked again.
        """
        asked = Q(times__gt=0)
        texts = (
            self.rows.order_by()
            .values("text")
            .annotate(
                asked=Sum("times"),
                opened=Sum("clicked"),
                last_day=Max("day", filter=asked),
                last_row=Max("pk", filter=asked),
            )
            .filter(asked__gt=0)
        )
        match show:
            case Show.FAILED:
                return self._untaught(texts.filter(last_row__in=self.rows.filter(found=0).values("pk")))
            case Show.UNOPENED:
                found = self.rows.filter(found__gt=0).values("pk")
                return self._untaught(texts.filter(opened=0, last_row__in=found))
            case Show.OPENED:
                return texts.filter(opened__gt=0)
        return texts

    def _untaught(self, texts: Any) -> Any:
        taught = [
            text
            for text, last_day in texts.values_list("text", "last_day")
            if self._taught.get(bare(text), datetime.date.min) >= last_day
        ]
        return texts.exclude(text__in=taught)

    @cached_property
    def _taught(self) -> dict[str, datetime.date]:
        """The words that editors have taught the search, with the day on which they last did."""
        edits = ModelLogEntry.objects.filter(content_type=ContentType.objects.get_for_model(SynonymGroup))
        edited = dict(edits.order_by().values_list("object_id").annotate(Max("timestamp")))
        groups: Any = SynonymGroup.objects.filter(is_active=True, pk__in=edited)
        guides = GuidePage.objects.live().exclude(everyday_names="")
        taught: dict[str, datetime.date] = {}
        for words, at in [
            *((group.words + group.narrower, edited[str(group.pk)]) for group in groups),
            *guides.values_list("everyday_names", "last_published_at"),
        ]:
            for word in map(bare, words) if at else ():
                taught[word] = max(timezone.localdate(at), taught.get(word, datetime.date.min))
        return taught

    def complete(self, texts: Iterable[dict[str, Any]], *, with_results: bool) -> list[dict[str, Any]]:
        """Add ``found`` of the last time, and ``results``: ``[(document, times)]``, those opened most."""
        texts = list(texts)
        newest = Asked.objects.in_bulk([each["last_row"] for each in texts])
        results = self._results([each["text"] for each in texts]) if with_results else {}
        return [
            each | {"found": newest[each["last_row"]].found, "results": results.get(each["text"], [])}
            for each in texts
        ]

    def _results(self, texts: list[str]) -> dict[str, list[tuple[Document, int]]]:
        since = timezone.localdate() - datetime.timedelta(days=self.days)
        sums = (
            Clicked.objects.filter(day__gt=since, text__in=texts)
            .order_by()
            .values("text", "document")
            .annotate(sum=Sum("times"))
            .order_by("text", "-sum", "document")
        )
        chosen: dict[str, list[tuple[int, int]]] = {}
        for each in sums:
            if len(chosen.setdefault(each["text"], [])) < OPENED_SHOWN:
                chosen[each["text"]].append((each["document"], each["sum"]))
        keys = {document for pairs in chosen.values() for document, _times in pairs}
        documents = Document.objects.select_related("page").in_bulk(keys)
        return {
            text: [(documents[pk], times) for pk, times in pairs if pk in documents]
            for text, pairs in chosen.items()
        }

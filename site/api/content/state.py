"""What every answer needs to know of the site, by one question: its last change, its codes, its locks."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, DateTimeField, F, IntegerField, Value
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageViewRestriction

from content_models.base import memo
from content_models.base.models import Code
from publishing.models import OutboxEntry


def read() -> datetime:
    """The moment of the newest change that answers could show; the request now remembers the rest.

    The outbox tells what was published, the log what editors changed beside pages (codes, departments). An
    answer also changes with the day.
    """
    nothing, never = Value("", CharField()), Cast(Value(None), DateTimeField())
    codes = _rows(Code.objects, "code", F("code_list"), F("code"), F("label"), F("order"), never)
    locks = _rows(PageViewRestriction.objects, "lock", F("page__path"), nothing, nothing, Value(0), never)
    moments = [
        _rows(_newest(model, order), "moment", nothing, nothing, nothing, Value(0), F(moment))
        for model, order, moment in (
            (OutboxEntry, "sequence", "at"),
            (ModelLogEntry, "timestamp", "timestamp"),
        )
    ]
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    table: dict[str, dict[str, str]] = {}
    paths, newest = [], today
    for what, name, key, text, _place, at in sorted(codes.union(locks, *moments, all=True), key=_order):
        if what == "code":
            table.setdefault(name, {})[key] = text
        elif what == "lock":
            paths.append(name)
        else:
            newest = max(newest, at)
    memo.know("codes", table)
    memo.know("restricted paths", paths)
    return newest


def _rows(rows: Any, what: str, *columns: Any) -> Any:
    text, number = CharField(), IntegerField()
    name, key, label, place, at = columns
    return rows.order_by().values_list(
        Value(what, text), Cast(name, text), Cast(key, text), Cast(label, text), Cast(place, number), at
    )


def _newest(model: Any, order: str) -> Any:
    known = model.objects.exclude(**{order: None})
    return model.objects.filter(pk__in=known.order_by(f"-{order}").values("pk")[:1])


def _order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """As the table of codes is sorted."""
    what, name, key, _text, place, _at = row
    return what, name, place, key

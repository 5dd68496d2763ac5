"""What a request asks for, read strictly: what is not understood is refused with the names that are."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from api.content.script import SIMPLIFIED, TRADITIONAL
from api.problems import Problem
from content_models.base.api import Asked
from content_models.communities.reader import find_community
from content_models.places.models import RegionPage

PAGE_SIZES = range(1, 101)
PAGE_SIZE = 20
LANGUAGES = (SIMPLIFIED, TRADITIONAL)
MOST_IDS = 100
MOST_NAMED = 30  # values, where one that does not exist is refused
LONGEST_NUMBER = 9  # digits

# By name: what it does. Every address takes the first ones, lists the others as well.
ONE = ("fields", "lang", "community")
MANY = (*ONE, "page_size", "cursor", "count", "region", "id")
ONCE = {*MANY, "edition", "as_of"} - {"id"}


def invalid(name: str, sentence: str) -> Problem:
    return Problem("invalid", sentence, errors=[{"field": name, "message": sentence}])


def given_of(request: Any) -> QueryDict:
    """The parameters of a request; those sent empty, as forms do, count as not sent."""
    given = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if some := [value for value in values if value != ""]:
            if name in ONCE and len(some) > 1:
                raise invalid(name, _("%(name)s 只能写一次。") % {"name": name})
            given.setlist(name, some)
    return given


def refuse_unknown(given: Iterable[str], known: Iterable[str]) -> None:
    known = sorted(known)
    for name in given:
        if name not in known:
            sentence = _("没有“%(name)s”这个参数。可用的有：%(known)s。")
            raise invalid(name[:40], sentence % {"name": name[:40], "known": "、".join(known)})


def sentence_on(name: str, form: Any, error: ValidationError) -> str:
    """What is wrong with the value of a filter, with the values there are."""
    if error.code == "null_characters_not_allowed":
        return _("“%(name)s”里不能有空字符。") % {"name": name}
    if error.code in ("invalid_choice", "invalid_pk_value", "invalid_list"):
        choices = [str(value) for value, _label in form.fields[name].choices if str(value)]
        named = "、".join(choices[:MOST_NAMED]) + ("……" if len(choices) > MOST_NAMED else "")
        value = "、".join(form.data.getlist(name))[:60]
        sentence = _("“%(name)s”没有“%(value)s”这个值。可用的有：%(choices)s。")
        return sentence % {"name": name, "value": value, "choices": named or _("没有")}
    return _("“%(name)s”：%(message)s") % {"name": name, "message": "".join(error.messages)}


def fields_of(text: str | None, known: Iterable[str], brief: frozenset[str]) -> frozenset[str] | None:
    """The fields wanted, ``brief`` where nothing is said; None for all."""
    if text is None:
        return brief or None
    if text.strip() == "*":
        return None
    names = frozenset(filter(None, (name.strip() for name in text.split(","))))
    for name in sorted(names - set(known)):
        sentence = _("没有“%(name)s”这个字段。可用的有：%(known)s。")
        raise invalid("fields", sentence % {"name": name[:40], "known": "、".join(known)})
    if not names:
        raise invalid("fields", _("fields 里写字段的名称，用英文逗号隔开。"))
    return names


def language_of(text: str | None) -> str:
    if text is None:
        return SIMPLIFIED
    if text.lower() not in LANGUAGES:
        raise invalid("lang", _("lang 是 zh-hans 或 zh-hant。"))
    return text.lower()


def community_of(text: str | None) -> Any:
    """The community by its number; None where none is asked for."""
    if text is None:
        return None
    community = find_community(text)
    if community is None:
        raise invalid("community", _("没有编号是“%(number)s”的社区。") % {"number": text[:20]})
    return community


def region_of(text: str | None) -> RegionPage | None:
    if text is None:
        return None
    region = RegionPage.objects.live().public().filter(pk=number_of("region", text)).first()
    if region is None:
        raise invalid("region", _("没有编号是“%(number)s”的区、街道或社区。") % {"number": text[:20]})
    return region


def number_of(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
        raise invalid(name, _("%(name)s 是一个编号（整数）。") % {"name": name})
    return int(text)


def ids_of(texts: list[str]) -> list[int] | None:
    if len(texts) > MOST_IDS:
        raise invalid("id", _("一次最多问 %(most)d 个编号。") % {"most": MOST_IDS})
    return [number_of("id", text) for text in texts] if texts else None


def page_size_of(text: str | None) -> int:
    if text is None:
        return PAGE_SIZE
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text) in PAGE_SIZES):
        raise invalid("page_size", _("page_size 是 1 到 %(most)d 的整数。") % {"most": PAGE_SIZES.stop - 1})
    return int(text)


def yes_or_no(name: str, text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise invalid(name, _("%(name)s 是 true 或 false。") % {"name": name})
    return text == "true"


def day_of(text: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(text)
        if day.isoformat() != text:  # as 20220620
            raise ValueError
        return day
    except ValueError:
        raise invalid("as_of", _("as_of 是一个日期，例如 2022-06-20。")) from None


def read(given: QueryDict, fields: Iterable[str], brief: frozenset[str], context: dict[str, Any]) -> Asked:
    """What all addresses take."""
    wanted = fields_of(given.get("fields"), fields, brief)
    return Asked(fields=wanted, community=community_of(given.get("community")), context=context)

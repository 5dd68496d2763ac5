"""Figures over time, and before and after a split or merger. Nothing is stored, and nothing refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.utils.translation import gettext as _

from content_models.base.amounts import NOTHING, Bar, Change, bars, largest, number_text
from content_models.communities import derived

DAYS_DRAWN, METRICS_DRAWN = 12, 6  # the tables have them all

# Over time


@dataclass(frozen=True)
class Point:
    """A figure of one day and what changed since the one before it; None where the two do not compare."""

    figure: Any
    change: Change | None

    @property
    def change_text(self) -> str:
        return NOTHING if self.change is None else self.change.both_text


@dataclass(frozen=True)
class Series:
    """One metric on several days, oldest first."""

    label: str
    points: Sequence[Point]

    @property
    def figures(self) -> list[Any]:
        return [point.figure for point in self.points]

    @property
    def has_one_unit(self) -> bool:
        return len({figure.unit for figure in self.figures}) == 1

    @property
    def text(self) -> str:
        return self.label + "，" + "；".join(f"{each.date_text} {each.value_text}" for each in self.figures)

    @cached_property
    def pictures(self) -> list[tuple[str, list[Bar]]]:
        """The bars of the last days; none where units differ, which no common length could show."""
        if not self.has_one_unit:
            return []
        drawn = self.figures[-DAYS_DRAWN:]
        return [("", bars([(each.date_text, each.value_text, _known(each), "") for each in drawn]))]


def series(figures: Iterable[Any]) -> list[Series]:
    """Every metric with figures of more than one day, in the editors' order."""
    by_metric: dict[str, list[Any]] = {}
    for figure in figures:
        by_metric.setdefault(figure.metric, []).append(figure)
    return [_series(sorted(some, key=_day)) for some in by_metric.values() if len(some) > 1]


def _series(figures: Sequence[Any]) -> Series:
    pairs = zip([None, *figures], figures, strict=False)
    points = [Point(figure, _change(before, figure)) for before, figure in pairs]
    return Series(str(figures[0].metric_label), points)


def _change(before: Any, after: Any) -> Change | None:
    if before is None or before.unit != after.unit:
        return None
    was, now = _known(before), _known(after)
    return None if was is None or now is None else Change(was, now)


def _known(figure: Any) -> Any:
    """The value that may be told exactly; nothing that follows from another may be computed."""
    return None if figure.is_suppressed else figure.value


def _day(figure: Any) -> date:
    """Figures of no known day come first."""
    return figure.as_of or date.min


# At a split or merger

Cell = tuple[str, str, str]


@dataclass(frozen=True)
class Side:
    """The communities before, or after; ``is_whole`` unless one of them has no public page."""

    name: str  # 拆分前
    communities: Sequence[Any]
    figures: Sequence[dict[str, Any]]  # by metric, one for each community
    is_whole: bool = True
    stated: dict[str, Any] | None = None  # what a source states of all of them together

    @property
    def names(self) -> list[str]:
        return [f"{self.name}：{community.title}" for community in self.communities]

    @property
    def has_several(self) -> bool:
        return len(self.communities) > 1

    @property
    def sum_name(self) -> str:
        return _("%(side)s合计") % {"side": self.name}


@dataclass(frozen=True)
class Row:
    """One metric on both sides: (name, value, day) of each community, the sums, and what changed."""

    label: str
    unit: str
    before_cells: Sequence[Cell]
    after_cells: Sequence[Cell]
    change: Change
    is_added: bool
    numbers: tuple[Sequence[Any], Sequence[Any]] = ((), ())  # of each community, before and after

    def sum_text(self, number: Any) -> str:
        return NOTHING if number is None else f"{number_text(number)} {self.unit}"

    @property
    def before_sum(self) -> str:
        return self.sum_text(self.change.before)

    @property
    def after_sum(self) -> str:
        return self.sum_text(self.change.after)


@dataclass(frozen=True)
class Turn:
    """A split or merger: who was there before, who after, and what was counted of them."""

    kind_label: str
    date_text: str
    before: Side
    after: Side
    rows: Sequence[Row]
    notes: Sequence[str]
    sources: Sequence[str]

    @property
    def communities(self) -> list[Any]:
        return [*self.before.communities, *self.after.communities]

    @cached_property
    def pictures(self) -> list[tuple[str, list[Bar]]]:
        """``[(metric, a bar for each community)]`` of what is compared, each metric to its own scale."""
        return [
            (
                row.label,
                bars(
                    [
                        *_drawn(row.before_cells, row.numbers[0], "before"),
                        *_drawn(row.after_cells, row.numbers[1], "after"),
                    ],
                    longest=largest([*row.numbers[0], *row.numbers[1]]),
                ),
            )
            for row in self.compared[:METRICS_DRAWN]
        ]

    @property
    def compared(self) -> list[Row]:
        """What is added up, and known of both sides."""
        return [row for row in self.rows if row.is_added and row.change.difference is not None]

    @property
    def text(self) -> str:
        return "；".join(f"{row.label} {row.change.text}" for row in self.compared[:METRICS_DRAWN])


def _drawn(cells: Sequence[Cell], numbers: Sequence[Any], look: str) -> list[Any]:
    return [(name, text, number, look) for (name, text, _day), number in zip(cells, numbers, strict=True)]


def at(day: date | None, figures: Iterable[Any], *, is_before: bool) -> dict[str, Any]:
    """Of each metric the figure nearest to ``day`` on its own side; the nearest there is where none is."""
    found: dict[str, Any] = {}
    for figure in sorted(figures, key=_day, reverse=not is_before):
        if figure.metric not in found or _is_on_side(figure, day, is_before):
            found[figure.metric] = figure
    return found


def _is_on_side(figure: Any, day: date | None, is_before: bool) -> bool:
    if day is None:
        return True
    return _day(figure) <= day if is_before else _day(figure) >= day


def turn(kind_label: str, date_text: str, before: Side, after: Side, *, sources: Iterable[str] = ()) -> Turn:
    """Both sides metric by metric: added where that means something, ratios computed anew from the sums."""
    metrics = list(dict.fromkeys(key for side in (before, after) for some in side.figures for key in some))
    notes: list[str] = []
    added = {key: _row(key, before, after, notes) for key in metrics if key not in derived.NEVER_SUMMED}
    ratios = _ratios(before, after, added=added, notes=notes)
    others = [_row(key, before, after, notes) for key in metrics if key not in {*added, *ratios}]
    rows = [*added.values(), *ratios.values(), *others]
    said = [*sources]
    for side in (before, after):
        for community, some in zip(side.communities, side.figures, strict=True):
            said += [figure.source for figure in some.values()]
            notes += [
                f"{community.title}，{figure.metric_label}：{figure.note}"
                for figure in some.values()
                if figure.note
            ]
    return Turn(kind_label, date_text, before, after, rows, list(dict.fromkeys(notes)), _once(said))


def _once(texts: Iterable[str]) -> list[str]:
    """Each source once, and none that another one says in full."""
    said = list(dict.fromkeys(text for text in texts if text))
    return [text for text in said if not any(text != other and text in other for other in said)]


def _row(metric: str, before: Side, after: Side, notes: list[str]) -> Row:
    """One metric as it was counted: added up, unless it is an average or its units differ."""
    some = [figures[metric] for side in (before, after) for figures in side.figures if metric in figures]
    label, units = str(some[0].metric_label), list(dict.fromkeys(figure.unit for figure in some))
    is_added = metric not in derived.NEVER_SUMMED and len(units) == 1
    if len(units) > 1:
        notes.append(
            _("“%(label)s”的单位不一样（%(units)s），没有相加，也没有比较。")
            % {"label": label, "units": "、".join(units)}
        )
    sums = [_sum(metric, label, side, notes) if is_added else None for side in (before, after)]
    numbers = [
        [_known(each[metric]) if metric in each else None for each in side.figures]
        for side in (before, after)
    ]
    told = [
        [(figure.value_text, figure.date_text) if figure else (NOTHING, "") for figure in there]
        for there in ([figures.get(metric) for figures in side.figures] for side in (before, after))
    ]
    cells = [_cells(side, some) for side, some in zip((before, after), told, strict=True)]
    return Row(label, units[0], cells[0], cells[1], Change(*sums), is_added, (numbers[0], numbers[1]))


def _cells(side: Side, told: Iterable[tuple[str, str]]) -> list[Cell]:
    return [(name, *each) for name, each in zip(side.names, told, strict=True)]


def _sum(metric: str, label: str, side: Side, notes: list[str]) -> Any:
    """The sum over a side; None, with the reason noted, where anything of it is not known."""
    there = [figures[metric] for figures in side.figures if metric in figures]
    if not there:
        return None
    missing = [
        community.title
        for community, figures in zip(side.communities, side.figures, strict=True)
        if metric not in figures
    ]
    if missing:
        notes.append(
            _("“%(label)s”：%(names)s没有这一项，没有相加。") % {"label": label, "names": "、".join(missing)}
        )
        return None
    if not side.is_whole or any(figure.is_suppressed for figure in there):
        return None
    if len({figure.as_of for figure in there}) > 1:
        notes.append(_("“%(label)s”的截至日期不一样，相加的数只供参考。") % {"label": label})
    return sum(figure.value for figure in there)


def _ratios(before: Side, after: Side, *, added: dict[str, Row], notes: list[str]) -> dict[str, Row]:
    """By code the ratios that the figures allow, of each community and of each side as a whole."""
    each = [[_computed(figures.values()) for figures in side.figures] for side in (before, after)]
    sums = [
        _computed(
            SimpleNamespace(metric=metric, value=number, is_suppressed=False, as_of=date.max)
            for metric, row in added.items()
            if (number := (row.change.before, row.change.after)[place]) is not None
        )
        for place in (0, 1)
    ]
    found = {}
    for code, label, unit, *_rest in derived.RATIOS:
        ratios = [[some.get(code) for some in side] for side in each]
        if not any(ratio for side in ratios for ratio in side):
            continue
        change = Change(*(some[code].value if code in some else None for some in sums))
        cells = [
            _cells(side, [(ratio.value_text if ratio else NOTHING, "") for ratio in some])
            for side, some in zip((before, after), ratios, strict=True)
        ]
        found[code] = Row(str(label), unit, cells[0], cells[1], change, is_added=False)
        notes += _stated_otherwise(code, str(label), unit, (before, after), change)
        for side, some in zip((before, after), ratios, strict=True):
            notes += _stated_of_each(side, some)
    return found


def _computed(figures: Iterable[Any]) -> dict[str, derived.Derived]:
    return {ratio.code: ratio for ratio in derived.compute(figures)}


def _stated_otherwise(
    code: str, label: str, unit: str, sides: tuple[Side, Side], change: Change
) -> Iterable[str]:
    """A sentence where sources state other ratios than their own figures give."""
    stated = [_stated(code, side) for side in sides]
    computed = [change.before, change.after]
    pairs = [(one, other) for one, other in zip(stated, computed, strict=True) if None not in (one, other)]
    if all(one == other for one, other in pairs):
        return
    said = {
        "label": label,
        "stated": _arrow(*stated),
        "computed": _arrow(*computed),
        "unit": unit,
        "apart": "、".join(Change(other, one).difference_text for one, other in pairs),
    }
    yield (
        _("%(label)s：来源写 %(stated)s %(unit)s，按来源的数字计算是 %(computed)s %(unit)s，相差 %(apart)s。")
        % said
    )


def _stated_of_each(side: Side, ratios: Sequence[derived.Derived | None]) -> Iterable[str]:
    """The same of each community, where the side as a whole does not say it already."""
    for community, ratio in zip(side.communities, ratios, strict=True):
        if side.has_several and ratio is not None and ratio.stated is not None and ratio.differs:
            yield _("%(name)s，%(label)s：来源写 %(stated)s，按其数字计算为 %(computed)s。") % {
                "name": community.title,
                "label": ratio.label,
                "stated": ratio.stated.value_text,
                "computed": ratio.value_text,
            }


def _stated(code: str, side: Side) -> Any:
    """What a source states of the side as a whole."""
    if side.stated and code in side.stated:
        return _known(side.stated[code])
    alone = side.figures[0] if len(side.figures) == 1 else {}
    return _known(alone[code]) if code in alone else None


def _arrow(before: Any, after: Any) -> str:
    """680 → 440; the one that is known where the other is not."""
    known = [number_text(number) for number in (before, after) if number is not None]
    return " → ".join(known)

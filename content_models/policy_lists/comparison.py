"""Before and after: the entries in force of an older edition against those of today, category by category."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from content_models.base.amounts import Bar, Change, bars, largest
from content_models.base.slugs import sort_key
from content_models.policy_lists.cells import cell

MOST_ROWS = 30


@dataclass(frozen=True)
class Counted:
    """One category: how many entries were in force, and are."""

    label: str
    change: Change


@dataclass(frozen=True)
class Comparison:
    """What a list says of itself against one of its older editions; ``rows`` are its categories."""

    title: str
    unit: str
    before: Any
    after: Any
    rows: Sequence[Counted]
    total: Change
    leaves_out: Sequence[str] = ()

    @property
    def before_name(self) -> str:
        return _named(self.before, self.after)

    @property
    def after_name(self) -> str:
        return _named(self.after, self.before)

    @property
    def is_divided(self) -> bool:
        """Whether the categories say more than the total does."""
        return len(self.rows) > 1

    @property
    def shown(self) -> Sequence[Counted]:
        """The rows of the table above its total; the total alone where nothing is divided."""
        return self.rows or [Counted(_("合计"), self.total)]

    @property
    def is_with_previous(self) -> bool:
        return bool(self.after.replaces_id == self.before.pk)

    @cached_property
    def pictures(self) -> list[tuple[str, list[Bar]]]:
        """``[(category, two bars)]``, all to one scale."""
        longest = largest(number for row in self.shown for number in (row.change.before, row.change.after))
        return [
            (
                row.label,
                bars(
                    [
                        (
                            self.before_name,
                            f"{row.change.before_text} {self.unit}",
                            row.change.before,
                            "before",
                        ),
                        (self.after_name, f"{row.change.after_text} {self.unit}", row.change.after, "after"),
                    ],
                    longest=longest,
                ),
            )
            for row in self.shown
        ]

    @property
    def gaps(self) -> list[str]:
        """Sentences on editions of which not every entry was counted, since not every one is entered."""
        return [
            _("“%(title)s”公布 %(stated)d 条，已录入 %(entered)d 条，这里按已录入的计算。")
            % {"title": edition.title, "stated": edition.stated_total, "entered": edition.entered}
            for edition in (self.before, self.after)
            if edition.is_short
        ]

    @property
    def text(self) -> str:
        """清理前 → 清理后：33 → 21，−36.4%（取消 12 → 3，−75%；……）."""
        said = f"{self.before_name} → {self.after_name}：{self.total.text}"
        if self.is_divided:
            said += "（" + "；".join(f"{row.label} {row.change.text}" for row in self.rows) + "）"
        return said


def _named(edition: Any, other: Any) -> str:
    """What an edition is called where the other stands beside it, even if somebody called both the same."""
    if edition.title != other.title:
        return str(edition.title)
    return _("%(title)s（第 %(number)d 版）") % {"title": edition.title, "number": edition.number}


def compare(before: Any, after: Any, *, title: str = "", unit: str = "") -> Comparison:
    """``before`` and ``after`` of one list; categories are compared where residents may read both sides."""
    column = after.category_column
    if column is not None and column.key not in {each.key for each in before.public_columns}:
        column = None
    found = count_in_force([before, after], column.key if column else "")
    was, now = found[before.pk], found[after.pk]
    values = _in_order({*was, *now}, column, [before, after]) if column else []
    guides = after.owner.guide_titles if column else {}
    rows = [
        Counted(column.show(value, guides=guides) or _("未分类"), Change(was[value], now[value]))
        for value in values
    ]
    return Comparison(
        title=title or _("前后对比"),
        unit=unit or _("条"),
        before=before,
        after=after,
        rows=_no_more_than(MOST_ROWS, rows),
        total=Change(sum(was.values()), sum(now.values())),
        leaves_out=_left_out([before, after]),
    )


def count_in_force(editions: Sequence[Any], category: str) -> dict[int, Counter[str]]:
    """``{edition id: {cell of the category: entries in force}}`` by one query; "" is no category.

    Each edition says by its own columns which values end an entry.
    """
    ending = {
        edition.pk: {
            column.key: column.inactive_values for column in edition.columns if column.inactive_values
        }
        for edition in editions
    }
    keys = sorted(
        {key for columns in ending.values() for key in columns} | ({category} if category else set())
    )
    names = {key: f"cell_{number}" for number, key in enumerate(keys)}
    rows = editions[0].row_model.objects.order_by().filter(edition__in=list(ending))
    rows = rows.annotate(**{name: cell(key) for key, name in names.items()})
    found: dict[int, Counter[str]] = {edition.pk: Counter() for edition in editions}
    for edition, *cells, number in rows.values_list("edition", *names.values()).annotate(models.Count("pk")):
        values = dict(zip(keys, cells, strict=True))
        if not any(values[key] in ended for key, ended in ending[edition].items()):
            found[edition][values.get(category) or ""] += number
    return found


def _in_order(values: Iterable[str], column: Any, editions: Sequence[Any]) -> list[str]:
    """As the column's choices have them, then as the documents do, then by name; what has none comes last."""
    stated = [name for edition in editions for name, _number in edition.stated_by_category]
    values = set(values)
    by_name = sorted(values - {""}, key=lambda value: (sort_key(value), value))
    ordered = dict.fromkeys([*column.choices, *stated, *by_name, ""])
    return [value for value in ordered if value in values]


def _no_more_than(most: int, rows: list[Counted]) -> list[Counted]:
    """The largest, in their order, and the others in one row."""
    if len(rows) <= most:
        return rows
    by_size = sorted(rows, key=lambda row: -max(row.change.before, row.change.after))
    kept = {id(row) for row in by_size[: most - 1]}
    others = [row.change for row in rows if id(row) not in kept]
    rest = Change(sum(each.before for each in others), sum(each.after for each in others))
    label = _("其他 %(number)d 类") % {"number": len(others)}
    return [*(row for row in rows if id(row) in kept), Counted(label, rest)]


def _left_out(editions: Sequence[Any]) -> list[str]:
    """The values that take an entry out of the count, as residents may read them."""
    columns = [column for edition in editions for column in edition.public_columns]
    return list(dict.fromkeys(value for column in columns for value in column.inactive_values))

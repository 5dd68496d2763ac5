"""Figures that follow from others, and what the norms say. Information, never an error; nothing is stored."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.amounts import number_text

# Metric codes; their labels are in the code list "metric".
HOUSEHOLDS, RESIDENTS, STAFF, GRIDS, GRID_WORKERS = (
    "households",
    "residents",
    "staff",
    "grids",
    "grid_workers",
)
OFFICE_AREA, COMMUNITIES = "office_area", "communities"

# 居民委员会组织法 (2025 revision, in force 2026-01-01); 合政〔2008〕124号.
HOUSEHOLDS_PER_COMMUNITY = (1000, 3000)
OFFICE_AREA_AT_LEAST = 300
OFFICE_AREA_PER_100_HOUSEHOLDS = 30


@dataclass(frozen=True)
class Derived:
    """A computed figure with the figures it came from; ``code`` is its metric, where a source states it."""

    code: str
    label: str
    value: Decimal
    unit: str
    inputs: tuple
    stated: Any = None

    @property
    def value_text(self):
        return f"{number_text(self.value)} {self.unit}"

    @property
    def number_text(self):
        return number_text(self.value)

    @property
    def working(self):
        """How it was computed: 17,723 ÷ 18."""
        return " ÷ ".join(number_text(figure.value) for figure in self.inputs)

    @property
    def differs(self):
        """Whether the source states another value than its own figures give."""
        return self.stated is not None and self.stated.value != self.value


@dataclass(frozen=True)
class Norm:
    """What a norm says about a figure."""

    text: str
    source: str
    is_met: bool


def latest(figures):
    """The newest figure of each metric, order kept."""
    newest = {}
    for figure in figures:
        known = newest.get(figure.metric)
        if known is None or (figure.as_of or date.min) > (known.as_of or date.min):
            newest[figure.metric] = figure
    return list(newest.values())


# code under which a source may state the ratio itself, label, unit, numerator, denominator, factor, decimals
RATIOS = [
    ("workers_per_grid", gettext_lazy("每个网格的网格员"), "人", GRID_WORKERS, GRIDS, 1, 2),
    ("grids_per_community", gettext_lazy("每个社区的网格"), "个", GRIDS, COMMUNITIES, 1, 1),
    ("residents_per_grid", gettext_lazy("每个网格的居民"), "人", RESIDENTS, GRIDS, 1, 0),
    ("residents_per_staff", gettext_lazy("每名社区工作者服务的居民"), "人", RESIDENTS, STAFF, 1, 0),
    ("households_per_staff", gettext_lazy("每名社区工作者服务的户数"), "户", HOUSEHOLDS, STAFF, 1, 0),
    ("office_area_per_100", gettext_lazy("每百户办公用房"), "㎡", OFFICE_AREA, HOUSEHOLDS, 100, 1),
]

RATIO_CODES = {code for code, *_rest in RATIOS}
# Averages that sources state; like ratios they say nothing when added up.
AVERAGES = {
    "staff_average",
    "fund_each",
    "service_fund_each",
    "residents_average",
    "tasks_each",
    "assessments_each",
    "clerks_community",
}
NEVER_SUMMED = RATIO_CODES | AVERAGES


def compute(figures):
    """Every ratio of RATIOS whose inputs are there, with them and what the source states, if it does."""
    known = {figure.metric: figure for figure in latest(figures) if not figure.is_suppressed}
    found = []
    for code, label, unit, above, below, factor, decimals in RATIOS:
        if above in known and below in known and known[below].value:
            value = known[above].value * factor / known[below].value
            found.append(
                Derived(
                    code=code,
                    label=label,
                    value=value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP),
                    unit=unit,
                    inputs=(known[above], known[below]),
                    stated=known.get(code),
                )
            )
    return found


def norms(figures):
    """What the norms say about size and office space, for the figures that are there."""
    known = {figure.metric: figure.value for figure in latest(figures)}
    notes = []
    households, area = known.get(HOUSEHOLDS), known.get(OFFICE_AREA)
    if households is not None:
        low, high = HOUSEHOLDS_PER_COMMUNITY
        notes.append(
            Norm(
                text=_("社区一般为 %(low)s–%(high)s 户，本社区 %(value)s 户。")
                % {"low": number_text(low), "high": number_text(high), "value": number_text(households)},
                source=_("居民委员会组织法（2025年修订）"),
                is_met=low <= households <= high,
            )
        )
    if area is not None:
        notes.append(
            Norm(
                text=_("办公用房一般不少于 %(norm)d㎡，本社区 %(value)s㎡。")
                % {"norm": OFFICE_AREA_AT_LEAST, "value": number_text(area)},
                source=_("合政〔2008〕124号"),
                is_met=area >= OFFICE_AREA_AT_LEAST,
            )
        )
    if area is not None and households:
        per_100 = (area * 100 / households).quantize(Decimal("0.1"), ROUND_HALF_UP)
        notes.append(
            Norm(
                text=_("每百户办公用房一般为 %(norm)d㎡，本社区 %(value)s㎡。")
                % {"norm": OFFICE_AREA_PER_100_HOUSEHOLDS, "value": number_text(per_100)},
                source=_("合政〔2008〕124号"),
                is_met=per_100 >= OFFICE_AREA_PER_100_HOUSEHOLDS,
            )
        )
    return notes


def roll_up(figures):
    """``[(metric, unit, sum, number)]`` of figures over communities; ratios are never summed."""
    sums = {}
    for figure in figures:
        total, number = sums.get((figure.metric, figure.unit), (Decimal(0), 0))
        sums[figure.metric, figure.unit] = total + figure.value, number + 1
    return [(metric, unit, total, number) for (metric, unit), (total, number) in sums.items()]

"""What admission and assistance lists (准入清单, 协助清单) say between their lines."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

# Labels and values as the documents of these lists write them.
STATE, WITHDRAWN = "状态", "退出"
PART, ASSISTING, FUNDING = "主体或协助", "协助", "经费保障"


@dataclass(frozen=True)
class Reduction:
    """Tasks before and after those marked 退出 left the community."""

    before: int
    withdrawn: int

    @property
    def after(self):
        return self.before - self.withdrawn

    @property
    def percent(self):
        share = Decimal(-100 * self.withdrawn) / self.before
        return f"{share.quantize(Decimal('0.1'), ROUND_HALF_UP)}%".replace("-", "−")

    @property
    def text(self):
        """33 → 21，−36.4%"""
        return f"{self.before} → {self.after}，{self.percent}"


def reduction(edition):
    """The Reduction of ``edition``, or None when no entry is marked as withdrawn."""
    column = _public_column(edition, STATE)
    withdrawn = edition.counts_of(column.key).get(WITHDRAWN, 0) if column else 0
    return Reduction(before=edition.entered, withdrawn=withdrawn) if withdrawn else None


def unsaid(entry, column):
    """What to say in an empty cell: an assisting task must name its funding."""
    part = _public_column(entry.edition, PART)
    if column.label == FUNDING and part is not None and entry.values.get(part.key) == ASSISTING:
        return _("未明确经费")
    return ""


def _public_column(edition, label):
    return next((column for column in edition.public_columns if column.label == label), None)

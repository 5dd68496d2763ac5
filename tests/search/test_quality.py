"""How well residents find guides among the whole corpus, on each database."""

import pytest

from tests.search import quality
from tests.search.corpus import core
from tests.search.queries import half

pytestmark = pytest.mark.django_db


def test_residents_find_the_guides_they_mean():
    """In both halves of the questions; the benchmarks tell the figures."""
    quality.fill(core())

    halves = [(half("tuned"), 0.97, 0.94), (half("unseen"), 0.95, 0.90)]
    for queries, recall, mrr in halves:
        scores = quality.measure(queries)
        total = scores.pop("")

        assert total.recall >= recall, total.missed
        assert total.mrr >= mrr, total.missed
        assert {kind: score.missed for kind, score in scores.items() if score.recall < 0.85} == {}

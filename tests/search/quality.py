"""How well residents find guides: recall at five and mean reciprocal rank over queries with known answers."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from wagtail.models import Page

from content_models.base.models import Audience
from search import documents
from search.describe import Description
from search.find import find
from search.models import Document
from tests.search.corpus import Text, core
from tests.search.queries import Query

BATCH = 2000
SHOWN = 5


@dataclass
class Score:
    """Figures of some queries."""

    queries: int = 0
    found: int = 0
    reciprocal: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.found / self.queries

    @property
    def mrr(self) -> float:
        return self.reciprocal / self.queries

    @property
    def p95(self) -> float:
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.95)]


def fill(texts: Iterable[Text]) -> int:
    """Put texts into the index as if each were a row of one page; returns how many."""
    page = Page.objects.get(depth=2)
    slugs = sorted({slug for text in core() for slug in text.audiences})
    Audience.objects.bulk_create((Audience(slug=slug, name=slug) for slug in slugs), ignore_conflicts=True)
    audiences = dict(Audience.objects.values_list("slug", "pk"))
    texts, number = iter(texts), 0
    while some := list(islice(texts, BATCH)):
        documents.write([_described(text, page, audiences) for text in some], are_new=True)
        number += len(some)
    documents.count_words()
    return number


def _described(text: Text, page: Page, audiences: dict[str, int]) -> Description:
    return Description(
        kind=text.kind,
        page=page.pk,
        key=text.slug,
        title=text.title,
        names=list(text.names),
        summary=text.summary,
        body="\n".join([text.body, text.department, *text.topics]),
        audiences=[audiences[slug] for slug in text.audiences if slug in audiences],
    )


Ask = Callable[[Query], tuple[list[str], float]]


def ask(query: Query) -> tuple[list[str], float]:
    """The slugs of the guides that a query finds, best first, and how long that took in milliseconds."""
    began = time.perf_counter()
    hits = find(query.text).hits
    took = (time.perf_counter() - began) * 1000
    guides = [hit.pk for hit in hits if hit.kind == "guides"]
    keys = dict(Document.objects.filter(pk__in=guides).values_list("pk", "key"))
    return [keys[pk] for pk in guides], took


def measure(queries: Iterable[Query], *, ask: Ask = ask) -> dict[str, Score]:
    """Scores by kind of query, and of all under ``""``."""
    scores: dict[str, Score] = defaultdict(Score)
    for query in queries:
        slugs, took = ask(query)
        place = next((at for at, slug in enumerate(slugs, 1) if slug in query.expected), 0)
        for score in (scores[query.kind], scores[""]):
            score.queries += 1
            score.found += 0 < place <= SHOWN
            score.reciprocal += 1 / place if place else 0
            score.milliseconds.append(took)
            if not 0 < place <= SHOWN:
                score.missed.append(f"{query.text} → {'、'.join(slugs[:3])} ({place})")
    return dict(scores)

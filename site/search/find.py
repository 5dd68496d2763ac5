"""Finding: candidates from the index, then one ranking that is the same whatever holds the index."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.search.backends import get_search_backend

from content_models.places.models import RegionPage
from search.models import Clicked, Document
from search.query import Begun, Condition, Words, by_letters, either, every
from search.question import Question, pairs_by_sound, understand, words_to_look_for
from search.rank import Candidate, Hit, Ranking, is_verdict
from search.rarity import Rarity
from search.words import is_chinese, pairs, runs

MOST = 300  # hits at most
NAMED, LIKE, TOLD = 120, 80, 80  # candidates by whole names, by parts of them, by texts
NEAREST, VERDICTS = 5, 3
BY_PARTS, BY_TEXTS = 700, 1_000  # documents that chosen parts of names, chosen words of texts may lead to
LIKELY = 0.5  # the score from which on a name that is written like the question was probably meant
COMMON = 200  # one word of a long question that stands in so many names says nothing alone


@dataclass
class Found:
    """The answer to a question."""

    text: str
    hits: list[Hit] = field(default_factory=list)
    verdicts: list[Hit] = field(default_factory=list)
    meant: str = ""
    nearest: list[Document] = field(default_factory=list)  # for who found nothing
    usual: list[Document] = field(default_factory=list)  # where nothing comes near either

    @property
    def offered(self) -> list[Document]:
        """What who found nothing may look at instead."""
        return self.nearest or self.usual


def find(text: str, *, region: RegionPage | None = None) -> Found:
    """What residents may see of what ``text`` asks for, best first; ``region`` is the reader's community.

    Raises ``search.query.Unavailable`` where the index is on a server that cannot be used now.
    """
    question = understand(text)
    found = Found(question.text)
    if not question.forms:
        return found
    rarity = Rarity.of(_words(question))
    ranking = Ranking(question, rarity, region=region, today=timezone.localdate())
    ranked = ranking.rank(Candidate.read(_candidates(question, rarity)))
    found.hits = ranked.hits[:MOST]
    found.verdicts = load([hit for hit in found.hits if is_verdict(hit, question)][:VERDICTS])
    found.meant = _meant(found.hits, question)
    if not found.hits:
        near = [hit for hit in ranked.near if hit.kind == "guides"][:NEAREST]
        found.nearest = [hit.document for hit in load(near)]
        found.usual = [] if found.nearest else _usual()
    return found


def load(hits: Iterable[Hit]) -> list[Hit]:
    """``hits`` with their documents, as many as are still there, by a few questions for all."""
    hits = list(hits)
    related = ("page", "region", "department")
    documents = Document.objects.prefetch_related(*related).in_bulk([hit.pk for hit in hits])
    for hit in hits:
        if hit.pk in documents:
            hit.document = documents[hit.pk]
    return [hit for hit in hits if hit.pk in documents]


def _usual() -> list[Document]:
    """The guides that most residents opened from their searches."""
    opened = Clicked.objects.filter(document=OuterRef("pk")).order_by().values("document")
    times = Coalesce(Subquery(opened.annotate(sum=Sum("times")).values("sum")), 0)
    guides = Document.objects.filter(kind=Document.Kind.GUIDES, has_ended=False)
    return list(guides.order_by(times.desc(), "pk").prefetch_related("page")[:NEAREST])


def _meant(hits: list[Hit], question: Question) -> str:
    """The name that was probably meant, where it was written otherwise."""
    if not hits or hits[0].why.kind not in ("sound", "like"):
        return ""
    difference = len(hits[0].names[hits[0].why.place]) - len(question.bare)
    if hits[0].why.kind == "like" and (abs(difference) > 1 or hits[0].score < LIKELY):
        return ""
    document = Document.objects.filter(pk=hits[0].pk).only("title", "names").first()
    return document.all_names[hits[0].why.place] if document else ""


def _words(question: Question) -> set[str]:
    """Every word of the index that the question may be about."""
    texts = {form.text for form in question.forms}
    texts.update(way for notion in question.notions for way, _weight in notion.ways)
    words = {word for text in texts for word in words_to_look_for(text)}
    words.update(character for character in question.bare if is_chinese(character))
    words.update(pairs_by_sound(question))
    return words


def _candidates(question: Question, rarity: Rarity) -> list[int]:
    """Keys of the documents that are looked at closely."""
    backend = get_search_backend()
    found: list[int] = []
    for condition, of_names, most in (
        (_by_whole_names(question, rarity), True, NAMED),
        (_by_parts_of_names(question, rarity), True, LIKE),
        (_by_texts(question, rarity), False, TOLD),
    ):
        if condition is not None:
            found.extend(backend.search(Words(condition, of_names=of_names), Document).keys(most))
    return list(dict.fromkeys(found))


def _by_whole_names(question: Question, rarity: Rarity) -> Condition | None:
    """Names that hold one of the forms as it stands, or sound like it, or have its initials."""
    ways: list[Condition] = []
    for form in question.forms:
        words = words_to_look_for(form.text)
        count = min((rarity.names.get(word, 0) for word in words), default=0)
        may_stand = count or not rarity.documents
        if may_stand and (not form.part or count < COMMON):
            ways.append(every(words))
    if question.letters:
        ways.append(Begun(question.letters))
        ways.extend(by_letters(question.letters))
        ways.extend(Begun(f"1{initials}") for initials in question.initials[1:])
    elif heard := pairs_by_sound(question):
        ways.append(every(heard))
    return either(ways)


def _by_parts_of_names(question: Question, rarity: Rarity) -> Condition | None:
    """Names that share some of the rarest parts with the question, or all of its characters but one."""
    words = [word for form in question.forms for word in words_to_look_for(form.text)]
    if question.letters:
        words = [f"2{pair}" for pair in pairs(question.letters)[:8]]
    ways: list[Condition] = list(rarity.rarest([*words, *pairs_by_sound(question)], most=BY_PARTS))
    characters = [c for c in dict.fromkeys(question.bare) if is_chinese(c)]
    if 3 <= len(characters) <= 8:
        ways.extend(every(some) for some in combinations(characters, len(characters) - 1))
    return either(ways) if ways else None


def _by_texts(question: Question, rarity: Rarity) -> Condition | None:
    """Texts that hold one of the rarest notions of the question, in any of its words."""
    if question.letters:
        return every(runs(question.text))
    ways: dict[str, tuple[int, Condition]] = {}
    for notion in question.notions:
        for way, _weight in notion.ways:
            words = words_to_look_for(way)
            count = min((rarity.anywhere.get(word, 0) for word in words), default=0)
            if words and (count or not rarity.documents):
                ways[way] = (count, every(words))
    chosen: list[Condition] = []
    total = 0
    for count, condition in sorted(ways.values(), key=lambda way: way[0]):
        total += count
        if total > BY_TEXTS and chosen:
            break
        chosen.append(condition)
    return either(chosen) if chosen else None


def suggest(text: str, *, region: RegionPage | None = None, most: int = 8) -> list[Document]:
    """Things whose names begin with or hold ``text``, by pinyin and initials too; for who is still typing."""
    hits = [hit for hit in find(text, region=region).hits if hit.why.kind != "text"]
    return [hit.document for hit in load(hits[:most])]

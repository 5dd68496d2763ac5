"""One ranking for every database: names before texts, rare words before common ones, guides first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal

from content_models.places.models import RegionPage
from search.models import Document
from search.question import Form, Notion, Question, pairs_by_sound, words_to_look_for
from search.rarity import UNKNOWN, Rarity
from search.synonyms import cues, weak_words
from search.words import is_chinese

KINDS = {
    "guides": 1.0,
    "certificates": 0.98,
    "offices": 0.92,
    "communities": 0.92,
    "lists": 0.88,
    "notices": 0.82,
    "entries": 0.78,
}
EXACT, OTHER_NAME = 1.0, 0.97
IN_TEXT = 0.55  # what a notion counts for in a text, beside one in a name
MEANT = 0.86  # what all notions in the names count for, beside the very name
ENDED = 0.7  # what no longer holds counts for less
WEAK = 0.35  # so does a word that stands everywhere
CUE, SINGLE, NEVER_A_NAME = 0.6, 0.4, 0.6  # or tells for whom, or is one character, or stands in no name
PART = 0.35  # what one word of a long question counts for at least
FOR_THEM, FOR_OTHERS = 1.05, 0.97  # for whom the question tells of, or only for others
HOME, NEAR = 1.06, 1.03  # more for the reader's community and its street
LEAST, SHARE = 0.16, 0.4  # a hit scores at least so much, and so much of the best one
NEARLY = 0.06
Kind = Literal["title", "name", "synonym", "sound", "text"]


@dataclass(frozen=True)
class Why:
    """Why a document was found."""

    kind: Kind
    words: tuple[str, ...] = ()  # what to mark, bare
    name: str = ""  # the name or synonym that led here, where the title itself did not


@dataclass
class Hit:
    document: Document
    score: float
    why: Why


@dataclass
class Ranked:
    hits: list[Hit] = field(default_factory=list)
    near: list[Hit] = field(default_factory=list)  # not good enough, best first
    meant: str = ""


@dataclass(frozen=True)
class _Wanted:
    """A form with the words it is made of and what each weighs."""

    form: Form
    words: tuple[tuple[str, float], ...]
    total: float
    weight: float


class Ranking:
    """Scores documents for one question."""

    def __init__(self, question: Question, rarity: Rarity, *, region: RegionPage | None, today: date) -> None:
        self.question, self.today = question, today
        self.home = region.pk if region else None
        self.street = getattr(region, "street_id", None) if region else None
        weights = [self._tells(notion, rarity) for notion in question.notions]
        self.notions = [pair for pair in zip(question.notions, weights, strict=True) if pair[1]]
        self.all_notions = sum(weight for _notion, weight in self.notions)
        self.wanted = [self._wanted(form, rarity) for form in question.forms]
        characters = dict.fromkeys(character for character in question.bare if is_chinese(character))
        self.characters = [(character, rarity.named(character)) for character in characters]
        self.all_characters = sum(weight for _character, weight in self.characters) or 1
        self.heard = " ".join(question.sounds)
        self.sounds = [(pair[1:], rarity.named(pair)) for pair in pairs_by_sound(question)]
        self.all_sounds = sum(weight for _pair, weight in self.sounds) or 1

    def _wanted(self, form: Form, rarity: Rarity) -> _Wanted:
        words = tuple((word, rarity.named(word) * _strength(word)) for word in words_to_look_for(form.text))
        total = sum(weight for _word, weight in words) or 1
        return _Wanted(form, words, total, form.weight * self._share(form.part))

    def _share(self, part: str) -> float:
        """How much of the question a part of it is."""
        if not part or not self.all_notions:
            return 1.0 if not part else PART
        held = sum(weight for notion, weight in self.notions if notion.ways[0][0] in part)
        return PART + (1 - PART) * held / self.all_notions

    @staticmethod
    def _tells(notion: Notion, rarity: Rarity) -> float:
        """How much a notion tells in the best of its words; nothing where no document has any of them."""
        best = 0.0
        for way, _surely in notion.ways:
            words = words_to_look_for(way)
            weights = [rarity.told(word) for word in words]
            if weights and all(weights):
                is_name = all(rarity.named(word) > UNKNOWN for word in words)
                best = max(best, max(weights) * _strength(way) * (1 if is_name else NEVER_A_NAME))
        typed = notion.ways[0][0]
        return best * (CUE if typed in cues() else SINGLE if len(typed) == 1 else 1)

    def rank(self, documents: Iterable[Document]) -> Ranked:
        documents = list(documents)
        self.audiences = self._audiences(documents)
        hits = [self._hit(document) for document in documents]
        hits.sort(key=lambda hit: (-hit.score, len(hit.document.title), hit.document.title, hit.document.pk))
        if not hits:
            return Ranked()
        least = max(LEAST, SHARE * hits[0].score)
        good = [hit for hit in hits if hit.score >= least]
        near = [hit for hit in hits if NEARLY <= hit.score < least]
        return Ranked(good, near, self._meant(good))

    def _audiences(self, documents: list[Document]) -> dict[int, set[str]]:
        """For whom each document is, where the question tells for whom something is wanted."""
        found: dict[int, set[str]] = {}
        if self.question.audiences:
            related = Document.audiences.through.objects.filter(document__in=documents)
            for pk, slug in related.values_list("document", "audience__slug"):
                found.setdefault(pk, set()).add(slug)
        return found

    def _meant(self, hits: list[Hit]) -> str:
        """The name that was probably meant, where it was written otherwise."""
        if not hits or hits[0].why.kind != "sound" or hits[0].score > OTHER_NAME:
            return ""
        return hits[0].why.name or hits[0].document.title

    def _hit(self, document: Document) -> Hit:
        score, why = self._by_names(document)
        if score < EXACT:
            meant, words = self._by_notions(document)
            if meant > score:
                score, why = (
                    meant,
                    Why("title" if any(w in document.folded for w in words) else "text", words),
                )
            score += 0.1 * min(meant, 1 - score)
        return Hit(document, score * self._standing(document), why)

    # By names

    def _by_names(self, document: Document) -> tuple[float, Why]:
        names = document.folded.split("\n")
        best, why = 0.0, Why("title")
        for wanted in self.wanted:
            form = wanted.form
            if not any(word in document.folded for word, _weight in wanted.words):
                continue
            for at, name in enumerate(names):
                score = self._likeness(wanted, name) * wanted.weight * (OTHER_NAME if at else 1)
                if score > best:
                    kind: Kind = "synonym" if form.via else "name" if at else "title"
                    best, why = score, Why(kind, _marked(name, wanted), form.via or _called(document, at))
        if best < 0.9:
            for likeness in (self._by_sound, self._by_initials, self._by_spelling):
                for at, (name, sounds) in enumerate(zip(names, document.sounds.split("\n"), strict=False)):
                    score = likeness(name, sounds) * (OTHER_NAME if at else 1)
                    if score > best:
                        best, why = score, Why("sound", (), _called(document, at) or document.title)
        return best, why

    @staticmethod
    def _likeness(wanted: _Wanted, name: str) -> float:
        """How far a form of the question and a name are the same."""
        text = wanted.form.text
        if text == name:
            return EXACT
        if text in name:
            return 0.72 + 0.22 * len(text) / len(name) + (0.03 if name.startswith(text) else 0)
        if len(name) > 1 and name in text and name not in weak_words():
            return 0.66 + 0.28 * len(name) / len(text)
        found = [weight for word, weight in wanted.words if word in name]
        covered = sum(found) / wanted.total
        return covered * (0.58 + 0.14 * min(1.0, len(found) / max(1, len(name) - 1)))

    def _by_sound(self, name: str, sounds: str) -> float:
        """How far a name sounds as the question does."""
        length = len(self.question.sounds)
        if not length:
            return 0.0
        if f" {self.heard}" in f" {sounds}":
            share = min(1.0, length / (sounds.count(" ") + 1))
            return 0.64 + 0.3 * share if length > 1 else 0.5 * share
        heard = {one + other for one, other in pairwise(sounds.split())}
        covered = sum(weight for pair, weight in self.sounds if pair in heard) / self.all_sounds
        return covered * (0.7 if self.question.letters else 0.6)

    def _by_initials(self, name: str, sounds: str) -> float:
        """How far the initials of a name are the letters of the question."""
        letters = self.question.letters
        if not 2 <= len(letters) <= 12:
            return 0.0
        initials = "".join(syllable[0] for syllable in sounds.split())
        if letters == initials:
            return 0.95
        if letters in initials:
            return 0.55 + 0.3 * len(letters) / len(initials) + (0.05 if initials.startswith(letters) else 0)
        if len(letters) > 2 and initials[:1] == letters[0] and _is_within(letters, initials):
            return 0.35 + 0.3 * len(letters) / len(initials)
        return 0.0

    def _by_spelling(self, name: str, sounds: str) -> float:
        """How far a name has the question's characters in its order, with one wrong, missing or moved."""
        text = self.question.bare
        if not 2 < len(self.characters) <= 12:
            return 0.0
        held = sum(weight for character, weight in self.characters if character in name)
        if held / self.all_characters < 0.4:
            return 0.0
        order = _common(text, name) / len(text)
        if order < 0.6:
            return 0.0
        return (0.92 * order - 0.06) * (1 if abs(len(name) - len(text)) < 2 else 0.75)

    # By what is meant

    def _by_notions(self, document: Document) -> tuple[float, tuple[str, ...]]:
        """How far names and text speak of what the question is about; with the words that do."""
        if not self.all_notions:
            return 0.0, ()
        met, words = 0.0, []
        for notion, weight in self.notions:
            best, best_way = 0.0, ""
            for way, surely in notion.ways:
                if surely > best and way in document.folded:
                    best, best_way = surely, way
                elif surely * IN_TEXT > best and way in document.text:
                    best, best_way = surely * IN_TEXT, way
            if best:
                met += weight * best
                words.append(best_way)
        return MEANT * met / self.all_notions, tuple(words)

    def _standing(self, document: Document) -> float:
        """What a document counts for whatever it is asked for."""
        factor = KINDS[document.kind]
        if not document.is_in_force(self.today):
            factor *= ENDED
        if audiences := self.audiences.get(document.pk):
            factor *= FOR_THEM if audiences & self.question.audiences else FOR_OTHERS
        if self.home is not None:
            if document.region_id == self.home:
                factor *= HOME
            elif document.region_id == self.street:
                factor *= NEAR
        return factor


def _strength(word: str) -> float:
    return WEAK if word in weak_words() else 1.0


def _called(document: Document, at: int) -> str:
    """The other name at this place; none where the title stands."""
    return document.names[at - 1] if 0 < at <= len(document.names) else ""


def _marked(name: str, wanted: _Wanted) -> tuple[str, ...]:
    if wanted.form.text in name:
        return (wanted.form.text,)
    return tuple(word for word, _weight in wanted.words if word in name)


def _is_within(letters: str, initials: str) -> bool:
    """Whether the letters stand in the initials in their order, perhaps with others between."""
    rest = iter(initials)
    return all(letter in rest for letter in letters)


def _common(text: str, name: str) -> int:
    """Length of the longest sequence that both have in the same order."""
    row = [0] * (len(name) + 1)
    for character in text:
        before = 0
        for at, other in enumerate(name, 1):
            above = row[at]
            row[at] = before + 1 if character == other else max(above, row[at - 1])
            before = above
    return row[-1]


def is_verdict(hit: Hit, question: Question) -> bool:
    """Whether a certificate is what the question asks for by name."""
    if hit.document.kind != "certificates" or hit.why.kind == "text":
        return False
    names = hit.document.folded.split("\n")
    forms = [form.text for form in question.forms if form.weight >= 0.9]
    return any(
        form in (name, f"{name}证明")
        or (len(name) > 3 and name in form)
        or (len(form) > 2 and f"{form}证明" == name)
        for form in forms
        for name in names
    )

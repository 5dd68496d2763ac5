"""One ranking for every database: names before texts, rare words before common ones, guides first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from content_models.places.models import RegionPage
from search.models import Document
from search.question import Form, Question, words_to_look_for
from search.rarity import Rarity
from search.synonyms import weak_words
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
ENDED = 0.7  # what no longer holds counts for less
WEAK = 0.35  # so does a word that stands everywhere
HOME, NEAR, ELSEWHERE = 1.06, 1.03, 0.96  # the reader's community, its street, another region
LEAST, SHARE = 0.24, 0.42  # a hit scores at least so much, and so much of the best one
NEARLY = 0.1


@dataclass(frozen=True)
class Why:
    """Why a document was found."""

    kind: Literal["title", "name", "synonym", "sound", "text"]
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


class Ranking:
    """Scores documents for one question."""

    def __init__(self, question: Question, rarity: Rarity, *, region: RegionPage | None, today: date) -> None:
        self.question, self.today = question, today
        self.home = region.pk if region else None
        self.street = getattr(region, "street_id", None) if region else None
        weak = {word for text in weak_words() for word in words_to_look_for(text)}
        self.wanted = []
        for form in question.forms:
            words = tuple(
                (word, rarity.weight(word) * (WEAK if word in weak else 1))
                for word in words_to_look_for(form.text)
            )
            self.wanted.append(_Wanted(form, words, sum(weight for _word, weight in words) or 1))
        self.characters = [
            (character, rarity.weight(character))
            for character in dict.fromkeys(question.bare)
            if is_chinese(character)
        ]
        self.all_characters = sum(weight for _character, weight in self.characters) or 1
        self.heard = " ".join(question.sounds)

    def rank(self, documents: Iterable[Document]) -> Ranked:
        hits = [self._hit(document) for document in documents]
        hits.sort(key=lambda hit: (-hit.score, len(hit.document.title), hit.document.title, hit.document.pk))
        if not hits:
            return Ranked()
        least = max(LEAST, SHARE * hits[0].score)
        good = [hit for hit in hits if hit.score >= least]
        near = [hit for hit in hits if NEARLY <= hit.score < least]
        return Ranked(good, near, self._meant(good))

    def _meant(self, hits: list[Hit]) -> str:
        """The name that was probably meant, where it was written otherwise."""
        if not hits or hits[0].why.kind != "sound" or hits[0].score > OTHER_NAME:
            return ""
        return hits[0].why.name or hits[0].document.title

    def _hit(self, document: Document) -> Hit:
        score, why = self._by_names(document)
        told = self._by_text(document)
        if told > score:
            score, why = told, Why("text", self._marked(document.text, self.wanted[0]))
        elif why.kind != "sound":
            score += 0.25 * min(told, 1 - score) if score < EXACT else 0
        return Hit(document, score * self._standing(document), why)

    def _by_names(self, document: Document) -> tuple[float, Why]:
        names = document.folded.split("\n")
        best, why = 0.0, Why("title")
        joined = document.folded
        for wanted in self.wanted:
            form = wanted.form
            common = sum(weight for word, weight in wanted.words if word in joined)
            if not common:
                continue
            for at, name in enumerate(names):
                score = self._likeness(wanted, name) * form.weight * (1 if at == 0 else OTHER_NAME)
                if score > best:
                    best = score
                    kind: Literal["title", "name", "synonym"] = (
                        "synonym" if form.via else "name" if at else "title"
                    )
                    known = document.names[at - 1] if 0 < at <= len(document.names) else ""
                    why = Why(kind, self._marked(name, wanted), form.via or known)
        heard, sounding = self._by_sound(document)
        if heard > best:
            best, why = heard, sounding
        if best < 0.6:
            spelt, spelling = self._by_spelling(document, names)
            if spelt > best:
                best, why = spelt, spelling
        return best, why

    @staticmethod
    def _likeness(wanted: _Wanted, name: str) -> float:
        text = wanted.form.text
        if text == name:
            return EXACT
        if text in name:
            return 0.72 + 0.22 * len(text) / len(name) + (0.03 if name.startswith(text) else 0)
        if len(name) > 1 and name in text and name not in weak_words():
            return 0.66 + 0.28 * len(name) / len(text)
        found = [(word, weight) for word, weight in wanted.words if word in name]
        if not found:
            return 0.0
        covered = sum(weight for _word, weight in found) / wanted.total
        dense = len(found) / max(1, len(name) - 1)
        return covered * (0.58 + 0.14 * min(1.0, dense))

    def _by_text(self, document: Document) -> float:
        best = 0.0
        for wanted in self.wanted[:6]:
            covered = sum(
                weight for word, weight in wanted.words if word in document.text or word in document.folded
            )
            share = covered / wanted.total
            whole = wanted.form.text in document.text
            best = max(best, (0.5 if whole else 0.42 * share * share) * wanted.form.weight)
        return best

    def _by_sound(self, document: Document) -> tuple[float, Why]:
        if not self.heard:
            lines: list[str] = []
        else:
            lines = document.sounds.split("\n")
        best, at_best = 0.0, 0
        length = len(self.question.sounds)
        for at, line in enumerate(lines):
            if length > 1 and f" {self.heard}" in f" {line}":
                syllables = line.count(" ") + 1
                score = 0.64 + 0.3 * min(1.0, length / syllables)
                score = score if at == 0 else score * OTHER_NAME
                if score > best:
                    best, at_best = score, at
            elif length == 1 and line == self.heard:
                best, at_best = max(best, 0.5), at
        if self.question.letters:
            for at, line in enumerate(document.sounds.split("\n")):
                score = self._by_initials(line) * (1 if at == 0 else OTHER_NAME)
                if score > best:
                    best, at_best = score, at
        if not best:
            return 0.0, Why("sound")
        name = document.names[at_best - 1] if 0 < at_best <= len(document.names) else document.title
        return best, Why("sound", (), name)

    def _by_initials(self, line: str) -> float:
        letters = self.question.letters
        initials = "".join(syllable[0] for syllable in line.split())
        if not initials or len(letters) < 2 or len(letters) > 20:
            return 0.0
        if letters == initials:
            return 0.95
        if letters in initials:
            begins = 0.05 if initials.startswith(letters) else 0
            return 0.55 + 0.3 * len(letters) / len(initials) + begins
        if len(letters) > 2 and initials[0] == letters[0] and _is_within(letters, initials):
            return 0.35 + 0.3 * len(letters) / len(initials)
        return 0.0

    def _by_spelling(self, document: Document, names: list[str]) -> tuple[float, Why]:
        """Names with nearly all characters of the question in nearly its order: one is wrong or missing."""
        if not 2 < len(self.characters) <= 12:
            return 0.0, Why("sound")
        best, at_best = 0.0, 0
        for at, name in enumerate(names):
            share = (
                sum(weight for character, weight in self.characters if character in name)
                / self.all_characters
            )
            if share < 0.5:
                continue
            score = 0.8 * share * _order(self.question.bare, name) * (1 if at == 0 else OTHER_NAME)
            if score > best:
                best, at_best = score, at
        name = document.names[at_best - 1] if 0 < at_best <= len(document.names) else document.title
        return best, Why("sound", (), name)

    @staticmethod
    def _marked(text: str, wanted: _Wanted) -> tuple[str, ...]:
        if wanted.form.text in text:
            return (wanted.form.text,)
        return tuple(word for word, _weight in wanted.words if word in text)

    def _standing(self, document: Document) -> float:
        factor = KINDS[document.kind]
        if not document.is_in_force(self.today):
            factor *= ENDED
        if self.home is not None:
            if document.region_id == self.home:
                factor *= HOME
            elif document.region_id == self.street:
                factor *= NEAR
        return factor


def _is_within(letters: str, initials: str) -> bool:
    """Whether the letters stand in the initials in their order, perhaps with others between."""
    rest = iter(initials)
    return all(letter in rest for letter in letters)


def _order(text: str, name: str) -> float:
    """How much of ``text`` stands in ``name`` in its order: their longest common subsequence, up to 1."""
    row = [0] * (len(name) + 1)
    for character in text:
        before = 0
        for at, other in enumerate(name, 1):
            above = row[at]
            row[at] = before + 1 if character == other else max(above, row[at - 1])
            before = above
    return row[-1] / max(len(text), min(len(name), len(text) + 2))


def is_verdict(hit: Hit, question: Question) -> bool:
    """Whether a certificate is what the question asks for by name."""
    if hit.document.kind != "certificates" or hit.why.kind == "text":
        return False
    names = hit.document.folded.split("\n")
    return any(
        form.text == name
        or (len(name) > 3 and name in form.text)
        or (len(form.text) > 2 and form.text + "证明" == name)
        for form in question.forms
        if form.weight >= 0.9
        for name in names
    )

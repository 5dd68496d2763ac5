"""One ranking for every database: names before texts, rare words before common ones, guides first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

from content_models.places.models import RegionPage
from search.among import Among
from search.models import Document
from search.question import Form, Notion, Question, words_to_look_for
from search.rarity import UNKNOWN, Rarity
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
SURE, QUITE = 0.9, 0.6  # names so like the question are not looked at by sound, or by spelling
PARTLY = 0.72  # what parts of a name count for at most
IN_TEXT = 0.7  # what a notion counts for in a text, beside one in a name
MEANT = 0.86  # what the notions that tell most count for in the names, beside the very name
TELLING = 3  # notions; a story has many more that tell nothing
ENDED = 0.7  # what no longer holds counts for less
WEAK = 0.35  # so does a word that stands everywhere
SINGLE, NEVER_A_NAME = 0.4, 0.6  # or is one character, or stands in no name
PART = 0.1  # what one word of a long question counts for at least
FOR_THEM, FOR_OTHERS = 1.05, 0.97  # for whom the question tells of, or only for others
HOME, NEAR = 1.06, 1.03  # more for the reader's community and its street
LEAST, SHARE = 0.16, 0.4  # a hit scores at least so much, and so much of the best one
NEARLY = 0.06
SPELT = range(3, 13)  # characters of a question whose spelling may be wrong
INITIALS = range(2, 13)
HEARD = 0.5  # of the sounds of a question, from where on a name sounds like it in part
Kind = Literal["title", "name", "synonym", "sound", "like", "text"]


class Candidate(NamedTuple):
    """What ranking needs of a document."""

    pk: int
    kind: str
    region: int | None
    ends_on: date | None
    has_ended: bool
    folded: str
    sounds: str
    text: str

    @classmethod
    def read(cls, keys: Iterable[int]) -> list["Candidate"]:
        rows = Document.objects.filter(Among("pk", keys)).values_list(*cls._fields)
        return [cls(*row) for row in rows]


@dataclass(frozen=True)
class Why:
    """Why a document was found."""

    kind: Kind
    words: tuple[str, ...] = ()  # what to mark, bare
    place: int = 0  # of the name that led here: the title, then the others
    synonym: str = ""  # that led here


@dataclass
class Hit:
    """A document that was found; ``find.load`` reads it."""

    pk: int
    kind: str
    score: float
    why: Why
    names: list[str]  # bare, the title first
    document: Document = field(init=False, repr=False)


@dataclass
class Ranked:
    hits: list[Hit] = field(default_factory=list)
    near: list[Hit] = field(default_factory=list)  # not good enough, best first


@dataclass(frozen=True)
class _Wanted:
    """A form with the words it is made of, what each weighs, and what the form counts for."""

    text: str
    words: frozenset[str]
    weights: dict[str, float]
    total: float
    weight: float
    via: str
    is_own: bool


class _Meant(NamedTuple):
    """A notion in the words that documents have for it, and how much it tells in the best of these."""

    typed: str
    ways: tuple[tuple[str, float], ...]
    weight: float


class Ranking:
    """Scores documents for one question."""

    def __init__(self, question: Question, rarity: Rarity, *, region: RegionPage | None, today: date) -> None:
        self.question, self.today = question, today
        self.home = region.pk if region else None
        self.street = getattr(region, "street_id", None) if region else None
        self.audiences: dict[int, set[str]] = {}

        self.meant = list(_meant(question.notions, rarity))
        self.telling = sum(sorted(meant.weight for meant in self.meant)[-TELLING:])
        self.wanted = [self._wanted(form, rarity) for form in question.forms]
        self.holders: dict[str, list[int]] = {}  # places in ``wanted`` of the forms that have a word
        for at, wanted in enumerate(self.wanted):
            for word in filter(rarity.may_name, wanted.words):
                self.holders.setdefault(word, []).append(at)

        self.characters = frozenset(character for character in question.bare if is_chinese(character))
        self.heard = " ".join(question.sounds)
        pairs = pairwise(question.sounds)
        self.sounds = [(f"{one} {other}", rarity.named(f"0{one}{other}")) for one, other in pairs]
        self.all_sounds = sum(weight for _pair, weight in self.sounds) or 1

    def _wanted(self, form: Form, rarity: Rarity) -> _Wanted:
        words = words_to_look_for(form.text)
        weights = {word: rarity.named(word) * _strength(word) for word in words}
        total = sum(weights.values()) or 1
        share = self._share(form.part) if form.part else 1
        is_own = not form.via and not form.part
        return _Wanted(form.text, frozenset(words), weights, total, form.weight * share, form.via, is_own)

    def _share(self, part: str) -> float:
        """How much of the question a part of it is."""
        held = sum(meant.weight for meant in self.meant if meant.typed in part)
        return PART + (1 - PART) * min(1, held / (self.telling or 1))

    def rank(self, candidates: list[Candidate]) -> Ranked:
        self.audiences = self._audiences(candidates)
        hits = [self._hit(candidate) for candidate in candidates]
        hits.sort(key=lambda hit: (-hit.score, len(hit.names[0]), hit.names[0], hit.pk))
        if not hits:
            return Ranked()
        least = max(LEAST, SHARE * hits[0].score)
        good = [hit for hit in hits if hit.score >= least]
        return Ranked(good, [hit for hit in hits if NEARLY <= hit.score < least])

    def _audiences(self, candidates: list[Candidate]) -> dict[int, set[str]]:
        """For whom each document is, where the question tells for whom something is wanted."""
        found: dict[int, set[str]] = {}
        if self.question.audiences:
            keys = [candidate.pk for candidate in candidates]
            related = Document.audiences.through.objects.filter(Among("document", keys))
            for pk, slug in related.values_list("document", "audience__slug"):
                found.setdefault(pk, set()).add(slug)
        return found

    def _hit(self, candidate: Candidate) -> Hit:
        names = candidate.folded.split("\n")
        score, why = self._by_names(candidate, names)
        if score < EXACT and self.telling:
            meant, words = self._by_notions(candidate)
            if meant > score:
                score, why = meant, self._why_meant(words, names)
            score += 0.1 * max(0, min(meant, 1 - score))
        return Hit(candidate.pk, candidate.kind, score * self._standing(candidate), why, names)

    # By names

    def _by_names(self, candidate: Candidate, names: list[str]) -> tuple[float, Why]:
        present = {word for word in self.holders if word in candidate.folded}
        best, why = 0.0, Why("title")
        found: tuple[_Wanted, int, bool] | None = None  # the form, the name, whether it has all of the form
        for place in sorted({place for word in present for place in self.holders[word]}):
            wanted = self.wanted[place]
            if wanted.weight <= best:
                continue
            if wanted.words <= present:
                score, at = self._whole(wanted, names)
            elif wanted.is_own:
                score, at = _contained(wanted.text, names)
            else:
                score, at = 0.0, 0
            is_whole = bool(score)
            if not score and wanted.weight * PARTLY > best:
                score = self._partly(wanted, present, names[0])
            if score * wanted.weight > best:
                best, found = score * wanted.weight, (wanted, at, is_whole)
        if found:
            wanted, at, is_whole = found
            via = wanted.via if is_whole else ""
            kind: Kind = "synonym" if via else "name" if at else "title"
            why = Why(kind, _marked(wanted, candidate.folded), at, via)
        if best < SURE:
            for score, kind, at in self._otherwise(candidate, names, best):
                if score > best:
                    best, why = score, Why(kind, (), at)
        return best, why

    @staticmethod
    def _whole(wanted: _Wanted, names: list[str]) -> tuple[float, int]:
        """How far one of the names is, or holds, a form as it stands; and which."""
        best, best_at, text = 0.0, 0, wanted.text
        for at, name in enumerate(names):
            if text == name:
                score = EXACT
            elif _stands_in(text, name):
                score = 0.72 + 0.22 * len(text) / len(name) + (0.03 if name.startswith(text) else 0)
            else:
                continue
            score = score * OTHER_NAME if at else score
            if score > best:
                best, best_at = score, at
        return best, best_at

    @staticmethod
    def _partly(wanted: _Wanted, present: set[str], title: str) -> float:
        """How far the names have the words of a form."""
        held = present & wanted.words
        weights = wanted.weights
        if not wanted.is_own and len(held) * 5 < len(wanted.words) * 3:
            return 0.0  # half of a word that was not even typed
        return (
            sum([weights[word] for word in held])
            / wanted.total
            * (PARTLY - 0.14 + 0.14 * min(1.0, len(held) / max(1, len(title))))
        )

    def _otherwise(
        self, candidate: Candidate, names: list[str], best: float
    ) -> Iterator[tuple[float, Kind, int]]:
        """How far names are like the question by sound, initials or spelling; in what, and which."""
        sounds = candidate.sounds
        if self.heard and (f" {self.heard}" in f" {sounds}" or f"\n{self.heard}" in sounds):
            for at, line in enumerate(sounds.split("\n")):
                if f" {self.heard}" in f" {line}":
                    share = min(1.0, len(self.question.sounds) / (line.count(" ") + 1))
                    score = 0.64 + 0.3 * share if len(self.question.sounds) > 1 else 0.5 * share
                    yield score * (OTHER_NAME if at else 1), "sound", at
        elif self.sounds:
            covered = sum([weight for pair, weight in self.sounds if pair in sounds]) / self.all_sounds
            if covered >= HEARD:
                yield covered * (0.7 if self.question.letters else 0.6), "like", 0
        for letters in self.question.initials:
            share = len(letters) / len(self.question.letters)
            if len(letters) in INITIALS:
                for at, line in enumerate(sounds.split("\n")):
                    score = _by_initials(letters, line) * (OTHER_NAME if at else 1)
                    yield score * (0.5 + 0.5 * share), "sound", at
        if best < QUITE and len(self.characters) in SPELT:
            for at, name in enumerate(names):
                yield self._by_spelling(name) * (OTHER_NAME if at else 1), "like", at

    def _by_spelling(self, name: str) -> float:
        """How far a name has the question's characters in its order, with one wrong, missing or moved."""
        text = self.question.bare
        if len(self.characters.intersection(name)) * 5 < len(self.characters) * 3:
            return 0.0
        order = _common(text, name) / len(text)
        if order < 0.6:
            return 0.0
        return (0.92 * order - 0.06) * (1 if abs(len(name) - len(text)) < 2 else 0.75)

    # By what is meant

    def _by_notions(self, candidate: Candidate) -> tuple[float, tuple[str, ...]]:
        """How far names and text speak of what the question is about; with the words that do."""
        met, words = 0.0, []
        folded, text = candidate.folded, candidate.text
        for _typed, ways, weight in self.meant:
            best, best_way = 0.0, ""
            for way, surely in ways:
                if surely > best and way in folded:
                    best, best_way = surely, way
                elif surely * IN_TEXT > best and len(way) > 1 and way in text:
                    best, best_way = surely * IN_TEXT, way
            if best:
                met += weight * best
                words.append(best_way)
        share = met / self.telling
        return MEANT * min(share, 1 + (share - 1) / 10), tuple(words)

    def _why_meant(self, words: tuple[str, ...], names: list[str]) -> Why:
        """Where the words stand; of a name in another language, in which."""
        for at, name in enumerate(names):
            if any(word in name for word in words):
                return Why("name", words, at) if at and self.question.letters else Why("title", words)
        return Why("text", words)

    def _standing(self, candidate: Candidate) -> float:
        """What a document counts for whatever it is asked for."""
        factor = KINDS[candidate.kind]
        if candidate.has_ended or (candidate.ends_on and candidate.ends_on < self.today):
            factor *= ENDED
        if audiences := self.audiences.get(candidate.pk):
            factor *= FOR_THEM if audiences & self.question.audiences else FOR_OTHERS
        if self.home is not None:
            if candidate.region == self.home:
                factor *= HOME
            elif candidate.region == self.street:
                factor *= NEAR
        return factor


def _meant(notions: Iterable[Notion], rarity: Rarity) -> Iterator[_Meant]:
    for notion in notions:
        ways = [(way, surely, words_to_look_for(way)) for way, surely in notion.ways]
        ways = [way for way in ways if rarity.may_tell(way[2])]
        if weight := max((_tells(way, words, rarity) for way, _surely, words in ways), default=0):
            yield _Meant(notion.ways[0][0], tuple((way, surely) for way, surely, _words in ways), weight)


def _tells(way: str, words: list[str], rarity: Rarity) -> float:
    """How much a way of saying a notion tells."""
    is_name = all(rarity.named(word) > UNKNOWN for word in words)
    strength = SINGLE if len(way) == 1 else _strength(way) * (1 if is_name else NEVER_A_NAME)
    return max((rarity.told(word) for word in words), default=0) * strength


def _strength(word: str) -> float:
    return WEAK if word in weak_words() else 1.0


def _contained(text: str, names: list[str]) -> tuple[float, int]:
    """How much of the question one of the names is; and which."""
    best, best_at = 0.0, 0
    for at, name in enumerate(names):
        if len(name) > 1 and _stands_in(name, text) and name not in weak_words():
            score = (0.66 + 0.28 * len(name) / len(text)) * (OTHER_NAME if at else 1)
            if score > best:
                best, best_at = score, at
    return best, best_at


def _stands_in(part: str, whole: str) -> bool:
    """Whether a text stands in another as it is said: no number within a number, 残疾证 not in 残疾证明."""
    at = whole.find(part)
    if at < 0:
        return False
    before, after = whole[max(0, at - 1) : at], whole[at + len(part) : at + len(part) + 1]
    if part[0].isascii() and before and before.isascii():
        return False
    return not (part[-1].isdigit() and after.isdigit()) and not (part[-1] == "证" and after == "明")


def _marked(wanted: _Wanted, names: str) -> tuple[str, ...]:
    return (wanted.text,) if wanted.text in names else tuple(word for word in wanted.words if word in names)


def _by_initials(letters: str, sounds: str) -> float:
    """How far the initials of a name are the letters of the question."""
    initials = "".join(syllable[0] for syllable in sounds.split())
    if letters == initials:
        return 0.95
    if letters in initials:
        return 0.55 + 0.3 * len(letters) / len(initials) + (0.05 if initials.startswith(letters) else 0)
    if len(letters) > 2 and initials[:1] == letters[0] and _is_within(letters, initials):
        return 0.35 + 0.3 * len(letters) / len(initials)
    return 0.0


def _is_within(letters: str, initials: str) -> bool:
    """Whether the letters stand in the initials in their order, perhaps with others between."""
    rest = iter(initials)
    return all(letter in rest for letter in letters)


def _common(text: str, name: str) -> int:
    """Length of the longest sequence that both have in the same order (Hyyrö's, a bit for a character)."""
    places: dict[str, int] = {}
    for at, character in enumerate(text):
        places[character] = places.get(character, 0) | 1 << at
    row = whole = (1 << len(text)) - 1
    for character in name:
        if here := row & places.get(character, 0):
            row = (row + here | row - here) & whole
    return len(text) - row.bit_count()


def is_verdict(hit: Hit, question: Question) -> bool:
    """Whether a certificate is what the question asks for by name."""
    if hit.kind != "certificates" or hit.why.kind == "text":
        return False
    forms = [form.text for form in question.forms if form.weight >= SURE and not form.part]
    return any(_asks_for(form, name) for form in forms for name in hit.names)


def _asks_for(form: str, name: str) -> bool:
    return (
        form in (name, f"{name}证明")
        or (len(name) > 3 and name in form)
        or (len(form) > 2 and f"{form}证明" == name)
    )

"""What is asked of a search backend, taken apart into words of the index.

A condition is a word, a word that is only begun (``Begun``), or ``All``, ``Any`` or ``Without`` of other
conditions; each backend writes it in its own language.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from modelsearch.query import And, Boost, Fuzzy, MatchAll, Not, Or, Phrase, PlainText, SearchQuery

from search.folding import fold
from search.sounds import alike, is_syllable, split
from search.words import is_chinese, pairs, runs


@dataclass(frozen=True)
class Begun:
    """A word of which only the beginning is known."""

    text: str


@dataclass(frozen=True)
class All:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Any:
    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Without:
    part: "Condition"


Condition: TypeAlias = str | Begun | All | Any | Without
EVERYTHING = All(())
NOTHING = Any(())
LONGEST = 200  # characters of a text that are looked for


class Unavailable(Exception):
    """The index cannot be asked now; says why."""


def every(parts: Collection[Condition]) -> Condition:
    found = tuple(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else All(found)


def either(parts: Collection[Condition]) -> Condition:
    found = tuple(dict.fromkeys(parts))
    return found[0] if len(found) == 1 else Any(found)


class Words(SearchQuery):
    """A query in words of the index themselves, for who has taken the text apart already.

    With ``of_names`` they are looked for among the words of names, else among those of names and texts
    together, which know nothing of sounds and initials.
    """

    def __init__(self, condition: Condition, *, of_names: bool) -> None:
        self.condition, self.of_names = condition, of_names

    def __repr__(self) -> str:
        return f"<Words {self.condition!r}>"


def condition_of(query: SearchQuery, *, is_begun: bool = False) -> Condition:
    """Any of Wagtail's queries as a condition; ``is_begun`` where the last word is still being typed.

    Raises ``NotImplementedError`` for a kind of query that is not known.
    """
    match query:
        case Words():
            return query.condition
        case MatchAll():
            return EVERYTHING
        case PlainText():
            return _plain(query.query_string, is_begun=is_begun, takes_any=query.operator == "or")
        case Fuzzy():
            return _plain(query.query_string, is_begun=is_begun, takes_any=query.operator == "or")
        case Phrase():
            return _plain(query.query_string, is_begun=is_begun, takes_any=False)
        case Boost():
            return condition_of(query.subquery, is_begun=is_begun)
        case And():
            return every([condition_of(part, is_begun=is_begun) for part in query.subqueries])
        case Or():
            return either([condition_of(part, is_begun=is_begun) for part in query.subqueries])
        case Not():
            return Without(condition_of(query.subquery, is_begun=is_begun))
    raise NotImplementedError(f"{type(query).__name__} is not supported.")


def _plain(text: str, *, is_begun: bool, takes_any: bool) -> Condition:
    found = runs(fold(text[: LONGEST * 4])[:LONGEST])
    conditions = [_run(run, is_begun=is_begun and run is found[-1]) for run in found]
    if not conditions:
        return NOTHING
    return either(conditions) if takes_any else every(conditions)


def _run(run: str, *, is_begun: bool) -> Condition:
    if is_chinese(run):
        return every(pairs(run) or [run])
    if run.isdigit():
        return Begun(run) if is_begun else run
    return either([Begun(run) if is_begun else run, *by_letters(run)])


def by_letters(letters: str) -> list[Condition]:
    """What Latin letters may mean: pinyin, perhaps unfinished, or initials."""
    found: list[Condition] = []
    if sounds := split(letters):
        found.extend(by_sound(sounds))
    if 1 < len(letters) <= 12 and letters.isascii():
        found.append(Begun(f"1{letters}"))
    return found


def by_sound(sounds: tuple[str, ...]) -> list[Condition]:
    """Neighbouring syllables, the last of which may be unfinished; nothing for a single one."""
    if len(sounds) < 2:
        return []
    heard = [alike(sound) if is_syllable(sound) else sound for sound in sounds]
    joined: list[Condition] = [f"0{one}{other}" for one, other in pairwise(heard)]
    joined[-1] = Begun(str(joined[-1]))  # more may follow: zhen after zhe
    return [every(joined)]


def holds(condition: Condition, words: Collection[str]) -> bool:
    """Whether a thing that is found by ``words`` meets ``condition``."""
    match condition:
        case str():
            return condition in words
        case Begun():
            return any(word.startswith(condition.text) for word in words)
        case All():
            return all(holds(part, words) for part in condition.parts)
        case Any():
            return any(holds(part, words) for part in condition.parts)
        case Without():
            return not holds(condition.part, words)


def has_negation(condition: Condition) -> bool:
    """Whether ``condition`` asks anywhere for what is not there."""
    match condition:
        case Without():
            return True
        case All() | Any():
            return any(map(has_negation, condition.parts))
    return False


def settled(condition: Condition) -> Condition:
    """``condition`` without parts that everything or nothing meets, which no database can be asked for."""
    match condition:
        case All():
            parts = [settled(part) for part in condition.parts]
            if NOTHING in parts:
                return NOTHING
            return All(tuple(part for part in parts if part != EVERYTHING))
        case Any():
            parts = [settled(part) for part in condition.parts]
            if EVERYTHING in parts:
                return EVERYTHING
            return Any(tuple(part for part in parts if part != NOTHING))
        case Without():
            part = settled(condition.part)
            opposites: dict[Condition, Condition] = {EVERYTHING: NOTHING, NOTHING: EVERYTHING}
            return opposites.get(part, Without(part))
    return condition

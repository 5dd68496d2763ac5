"""What every public page knows of how it is read."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from appearance.choices import Choices
from appearance.languages import LANGUAGES, SIMPLIFIED, Language, address_in
from appearance.look import Shown


@dataclass(frozen=True)
class Elsewhere:
    """The same page in another language."""

    language: Language
    address: str


@dataclass(frozen=True)
class Reading:
    """How the page at hand is read, and in which languages it is there."""

    choices: Choices
    language: Language
    languages: list[Elsewhere]

    @property
    def others(self) -> list[Elsewhere]:
        return [each for each in self.languages if each.language is not self.language]


def reading(request: Any) -> dict[str, Any]:
    return {"reading": SimpleLazyObject(lambda: _reading(request)), "look": Shown(request)}


def _reading(request: HttpRequest) -> Reading:
    language: Language = getattr(request, "language", SIMPLIFIED)
    languages = [Elsewhere(each, address_in(each, request)) for each in LANGUAGES]
    return Reading(getattr(request, "reading_choices", Choices()), language, languages)

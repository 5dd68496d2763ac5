"""What stops a piece of content from being published, and how it is said."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Mend:
    """What one click writes into a field: ``text`` in place of ``field``, of part ``row`` where it is a list.

    ``field`` is a name of the editor's form: ``consult_phone``, or ``materials.name`` with a row.
    """

    label: str
    field: str
    text: str
    row: int | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that a check found: which rule, where, how bad, and how to mend it.

    An error stops publishing, a warning wants to be seen first, a hint is only said. ``row`` counts from 0 in
    the list of parts that ``field`` then names (``materials``).
    """

    rule: str
    message: str
    level: Literal["error", "warning", "hint"] = "warning"
    field: str = ""
    row: int | None = None
    mend: Mend | None = None
    may_be_overridden: bool = False

    @property
    def key(self) -> str:
        """Names this finding, as long as it says the same of the same place."""
        said = "\n".join([self.rule, self.field, self.message])
        return hashlib.sha256(said.encode()).hexdigest()[:32]


_reviews = []


def review_with(review):
    """Ask ``review`` for its findings on everything that is about to go public; rooms join in ``ready()``.

    It gets a page, an edition or a banner as it would go public, and returns an iterable of Finding.
    """
    if review not in _reviews:
        _reviews.append(review)
    return review


def findings_in(thing):
    """Everything the reviews that joined say of ``thing``, errors first."""
    found = [finding for review in _reviews for finding in review(thing)]
    return sorted(found, key=lambda finding: ("error", "warning", "hint").index(finding.level))


class NotPublishable(ValidationError):
    """Content that may not go public; ``problems`` are plain sentences for the person who tried."""

    def __init__(self, thing, problems):
        self.thing = thing
        self.problems = [str(problem) for problem in problems]
        super().__init__(self.problems)


def field_problems(thing):
    """Field rules that ``thing`` breaks, each as a sentence that names the field."""
    try:
        thing.full_clean()
    except ValidationError as error:
        return [
            message
            if name == NON_FIELD_ERRORS
            else _("“%(field)s”：%(message)s")
            % {
                "field": label_of(thing, name),
                "message": message,
            }
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def label_of(thing, name):
    try:
        return thing._meta.get_field(name).verbose_name
    except FieldDoesNotExist:
        return name


def require_publishable(thing):
    """Raise NotPublishable when ``thing`` breaks its own rules, or a review finds an error in it."""
    problems = [str(problem) for problem in thing.publish_problems()]
    said = (finding.message for finding in findings_in(thing) if finding.level == "error")
    problems += [message for message in said if message not in problems]
    if problems:
        raise NotPublishable(thing, problems)

"""What stops a piece of content from being published, and how it is said."""

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.utils.translation import gettext as _

from content_models.base import memo

Level = Literal["error", "warning", "hint"]
LEVELS = get_args(Level)


@dataclass(frozen=True)
class Mend:
    """What one click writes into a field: ``text`` in place of ``field``, of part ``row`` where it is a list.

    ``field`` is a name of the editor's form: ``consult_phone``, or ``materials.name`` with a row. ``text`` is
    a code where one is chosen, and for a box to tick ``1`` or nothing.
    """

    label: str
    field: str
    text: str
    row: int | None = None
    clears: str = ""  # a further field of the same part, which is emptied


@dataclass(frozen=True)
class Finding:
    """One thing that a check found: which rule, where, how bad, and how to mend it.

    An error stops publishing, a warning wants to be seen first, a hint is only said. ``row`` counts from 0 in
    the list of parts that ``field`` then names (``materials``, or ``materials.name`` for one of its fields).
    """

    rule: str
    message: str
    level: Level | None = None  # None until the review says which
    field: str = ""
    row: int | None = None
    mend: Mend | None = None
    may_be_overridden: bool = False
    other_mends: tuple[Mend, ...] = ()
    about: str = ""  # tells it from others of the same message, where that may not say more
    url: str = ""  # where it is mended, if not in the form of the thing itself

    @property
    def mends(self):
        """Every way to mend it by one click."""
        return (*([self.mend] if self.mend else []), *self.other_mends)

    @property
    def key(self) -> str:
        """Names this finding, as long as it says the same of the same place."""
        said = "\n".join([self.rule, self.field, self.message, *filter(None, [self.about])])
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
    with memo.kept():
        found = [finding for review in _reviews for finding in review(thing)]
    return sorted(found, key=lambda finding: LEVELS.index(finding.level or "warning"))


def errors_in(thing):
    """Sentences of the findings that keep ``thing`` from going public, each once."""
    said = (finding.message for finding in findings_in(thing) if finding.level == "error")
    return list(dict.fromkeys(said))


def unseen_warnings(findings, seen):
    """The warnings among ``findings`` of which ``seen``, keys with commas between, does not tell."""
    keys = set(seen.split(","))
    return [finding for finding in findings if finding.level == "warning" and finding.key not in keys]


def keys_of(findings):
    """What a tick that one has seen the warnings among ``findings`` sends."""
    return ",".join(finding.key for finding in findings if finding.level == "warning")


class NotPublishable(ValidationError):
    """Content that may not go public; ``problems`` are plain sentences for the person who tried.

    ``is_passable`` says that a named person may let some of it pass.
    """

    def __init__(self, thing, problems, *, is_passable=False):
        self.thing, self.is_passable = thing, is_passable
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
    errors = [finding for finding in findings_in(thing) if finding.level == "error"]
    if problems := _all_of([thing.publish_problems(), (error.message for error in errors)]):
        raise NotPublishable(thing, problems, is_passable=is_passable(errors))


def is_passable(findings):
    """Whether a named person may let any of the errors among ``findings`` pass."""
    return any(finding.level == "error" and finding.may_be_overridden for finding in findings)


def not_publishable_among(things):
    """``{thing: sentences}`` of those of ``things``, all of one kind, for which that would be raised."""
    own = type(things[0]).problems_among(things) if things else {}
    with memo.kept():
        found = {thing: _all_of([own.get(thing, ()), errors_in(thing)]) for thing in things}
    return {thing: problems for thing, problems in found.items() if problems}


def _all_of(lists):
    return list(dict.fromkeys(str(problem) for problems in lists for problem in problems))

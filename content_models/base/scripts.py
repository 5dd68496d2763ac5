"""Words looked for in traditional characters find what is written in simplified ones."""

from django.db.models import Q
from opencc import OpenCC

# Taiwan's and Hong Kong's forms to simplified ones, character by character: official words stay as they are.
_SIMPLIFIED = OpenCC("tw2s")


def in_simplified(text):
    return _SIMPLIFIED.convert(text)


def spellings(words):
    """``words`` as they were typed, and in simplified characters where that is something else."""
    return list(dict.fromkeys([words, in_simplified(words)]))


def is_in(text, words):
    """Whether ``text`` holds ``words`` in either script, whatever the case."""
    return any(spelling.casefold() in text.casefold() for spelling in spellings(words))


def holds(field, words):
    """The same of a field, as a condition."""
    found = Q()
    for spelling in spellings(words):
        found |= Q(**{f"{field}__icontains": spelling})
    return found

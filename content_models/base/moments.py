"""When what is being shown would next read differently by the clock alone.

Whoever looks at the clock to show something notes the moment up to which the answer holds. A new day is no
moment of its own: every page may read differently then.
"""

from contextlib import contextmanager

from asgiref.local import Local

_noted = Local()


def note(moment):
    """What is shown holds until the aware ``moment``; None and what lies further off change nothing."""
    noted = getattr(_noted, "moments", None)
    if noted is not None and moment is not None:
        noted.append(moment)


def note_later(find):
    """Note what ``find()`` says, which may ask the database; it is asked only where somebody notes."""
    if getattr(_noted, "moments", None) is not None:
        note(find())


@contextmanager
def noted():
    """Collects the moments that are noted inside, in a list."""
    outer = getattr(_noted, "moments", None)
    _noted.moments = moments = []
    try:
        yield moments
    finally:
        _noted.moments = outer
        if outer is not None:
            outer.extend(moments)

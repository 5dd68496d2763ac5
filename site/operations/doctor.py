"""Looks at everything a site stands on, and says what is wrong and what to do about it.

An examination is a function that yields findings; ``examination`` adds it. One that fails itself, or gets
no answer in time, is a finding too.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass

from operations.watched import Watched

OK, WARN, FAIL = "ok", "warn", "fail"
WITHIN = 10.0  # seconds for an examination


@dataclass(frozen=True)
class Finding:
    """One line of the report: how it is, with what, and what to do where it is not well."""

    level: str
    about: str
    says: str
    remedy: str = ""


def ok(about: str, says: str) -> Finding:
    return Finding(OK, about, says)


def warn(about: str, says: str, remedy: str) -> Finding:
    return Finding(WARN, about, says, remedy)


def fail(about: str, says: str, remedy: str) -> Finding:
    return Finding(FAIL, about, says, remedy)


Examination = Callable[[], Iterator[Finding]]


@dataclass(frozen=True)
class Examined:
    """An examination, and whether it makes no sense without the database."""

    about: str
    look: Examination
    needs_database: bool
    within: float


_examinations: list[Examined] = []


def examination(
    about: str, *, needs_database: bool = False, within: float = WITHIN
) -> Callable[[Examination], Examination]:
    """Add an examination; they are made in the order in which they were added."""

    def add(look: Examination) -> Examination:
        _examinations.append(Examined(about, look, needs_database, within))
        return look

    return add


def examine() -> Iterator[Finding]:
    """All findings. The database comes first: without it, what needs it is left out in one line."""
    is_away, left_out = False, []
    for each in _examinations:
        if is_away and each.needs_database:
            left_out.append(each.about)
            continue
        findings = made(each)
        yield from findings
        if each.about == "database":
            is_away = any(finding.level == FAIL for finding in findings)
    if left_out:
        yield warn("rest", f"not looked at: {', '.join(left_out)}", "Mend the database, then run this again.")


def made(each: Examined) -> list[Finding]:
    """In a thread, which may hang on a service that does not answer."""
    try:
        return Watched(lambda: list(each.look()), holds=0).begin().result(each.within)
    except NotInTime:
        said = f"no answer within {each.within:.0f} s"
    except Exception as error:
        said = str(error).strip().partition("\n")[0] or type(error).__name__
    return [fail(each.about, said, "Look whether the service that it needs is up.")]

"""Guesses are counted before they are checked, so that parallel ones cannot slip through."""

import time
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from staff.sign_in.address import network_of
from staff.sign_in.models import GuessCount, SignIn

QUARTER, HOUR, DAY = 15 * 60, 3600, 86400  # seconds
PER_NAME_AND_ADDRESS = 5
PER_NAME = 30  # from addresses where that person never signed in
PER_CODE, PER_CODE_A_DAY = 5, 20
KEPT = timedelta(seconds=2 * DAY)


@dataclass(frozen=True)
class Limit:
    """At most so many guesses in any stretch of so many seconds."""

    key: str
    most: int
    within: int
    is_own: bool = False  # counts one person's guesses alone, so that success wipes it clean


@dataclass(frozen=True)
class Guess:
    """One that was counted, and where."""

    limits: list[Limit]
    at: float


class TooMany(Exception):
    """Not to be checked; says in plain words when to come back."""

    def __init__(self, wait: float, *, is_first: bool) -> None:
        self.seconds = max(1, int(wait) + 1)
        self.is_first = is_first  # the first refusal since it was used up: the one to be logged
        super().__init__(self.seconds)

    def __str__(self) -> str:
        until = timezone.localtime(timezone.now() + timedelta(seconds=self.seconds))
        words = _("试的次数太多了，暂时不能再试。请在 %(time)s 以后再来（还要约 %(minutes)d 分钟）。")
        return words % {"time": f"{until:%H:%M}", "minutes": -(-self.seconds // 60)}


def of_password(name: str, address: str) -> list[Limit]:
    """What a guess at the password of ``name`` is counted by; the same whether there is such a name.

    The limit by name alone stops guessing from many places. It leaves out places where that person has
    signed in, so that strangers cannot keep anybody out of their own office.
    """
    name, place = unicodedata.normalize("NFKC", name).strip().casefold(), network_of(address)
    limits = [
        Limit(_key("name and address", name, place), PER_NAME_AND_ADDRESS, QUARTER, is_own=True),
        Limit(_key("address", place), settings.SIGN_IN_PER_ADDRESS, QUARTER),
    ]
    if not _is_known(name, place):
        limits.append(Limit(_key("name", name), PER_NAME, HOUR))
    return limits


def of_shared_password(thing: str, address: str) -> list[Limit]:
    """What a guess at the password of a page or folder is counted by, which many may know."""
    place = network_of(address)
    return [
        Limit(_key("shared", thing, place), PER_NAME_AND_ADDRESS, QUARTER, is_own=True),
        Limit(_key("address", place), settings.SIGN_IN_PER_ADDRESS, QUARTER),
    ]


def of_code(user: Any) -> list[Limit]:
    """What a guess at a code of ``user`` is counted by; who guesses has given the right password."""
    return [
        Limit(_key("code", str(user.pk)), PER_CODE, QUARTER, is_own=True),
        Limit(_key("code a day", str(user.pk)), PER_CODE_A_DAY, DAY, is_own=True),
    ]


def count(limits: list[Limit]) -> Guess:
    """Count a guess that is about to be checked; raises TooMany, counting nothing, where that is not allowed.

    In a short transaction of its own: it holds no lock while the slow check runs, and whatever becomes of
    the request, the guess stays counted. Who was refused before costs no more than a look.
    """
    keys = [limit.key for limit in limits]
    seen = {row.key: row for row in GuessCount.objects.filter(key__in=keys)}
    if (refusal := _refusal(limits, seen, time.time())) and not refusal.is_first:
        raise refusal
    with transaction.atomic(durable=True):
        rows = _locked(keys)
        now = time.time()  # only now: it may have been a while until the lock was ours
        refusal = _refusal(limits, rows, now)
        for limit in limits:
            row, recent = rows[limit.key], _recent(rows[limit.key], limit, now)
            if refusal is None:
                row.moments = [*recent, now]
            elif len(recent) >= limit.most:
                row.refused_at = max(now, recent[-1])
        GuessCount.objects.bulk_update(rows.values(), ["moments", "refused_at"])
    if refusal is not None:
        raise refusal
    return Guess(limits, now)


def _refusal(limits: list[Limit], rows: dict[str, GuessCount], now: float) -> TooMany | None:
    """When there is room again under every limit; None where there is."""
    full = [
        (row, recent, recent[-limit.most] + limit.within)
        for limit in limits
        if (row := rows.get(limit.key)) and len(recent := _recent(row, limit, now)) >= limit.most
    ]
    if not full:
        return None
    is_first = any(row.refused_at < recent[-1] for row, recent, _opens in full)
    return TooMany(max(opens for _row, _recent, opens in full) - now, is_first=is_first)


def _recent(row: GuessCount, limit: Limit, now: float) -> list[float]:
    return [moment for moment in row.moments if moment > now - limit.within]


def forgive(guess: Guess) -> None:
    """It was right: those of this person are forgotten, and it no longer counts against anybody else."""
    with transaction.atomic():
        rows = _locked([limit.key for limit in guess.limits])
        for limit in guess.limits:
            row = rows[limit.key]
            row.moments = [] if limit.is_own else [each for each in row.moments if each != guess.at]
        GuessCount.objects.bulk_update(rows.values(), ["moments"])


def clear_old() -> int:
    """Forget what counts no longer."""
    return GuessCount.objects.filter(last_at__lt=timezone.now() - KEPT).delete()[0]


def _locked(keys: list[str]) -> dict[str, GuessCount]:
    """The rows of ``keys``, made where missing, locked in one order by everybody."""
    now = timezone.now()
    GuessCount.objects.bulk_create(
        [GuessCount(key=key, last_at=now) for key in sorted(keys)],
        update_conflicts=True,
        update_fields=["last_at"],
        unique_fields=["key"],
    )
    rows = GuessCount.objects.select_for_update().filter(key__in=keys).order_by("key")
    return {row.key: row for row in rows}


def _is_known(name: str, place: str) -> bool:
    """Whether the person of that name has signed in from there of late."""
    theirs = SignIn.objects.filter(user__username__iexact=name).order_by()
    addresses = theirs.values_list("address", flat=True).distinct()
    return bool(place) and any(network_of(address) == place for address in addresses)


def _key(*parts: str) -> str:
    return salted_hmac("staff.guesses", "\0".join(parts), algorithm="sha256").hexdigest()

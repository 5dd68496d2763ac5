"""What the tests of procedures share: the cast, and a clock that stands where they say."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.procedures import world


class Clock:
    """Stands at 10:00 of a day until it is set to another."""

    def __init__(self) -> None:
        self.set(world.TODAY)

    def set(self, day: datetime.date) -> None:
        self.moment = datetime.datetime.combine(day, datetime.time(10), timezone.get_default_timezone())

    def now(self) -> datetime.datetime:
        self.moment += datetime.timedelta(seconds=1)
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture
def cast(db: Any, clock: Clock) -> world.Cast:
    return world.make()

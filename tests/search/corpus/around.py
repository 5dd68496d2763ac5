"""Documents without end that sound like the core and answer none of its questions."""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from tests.search.corpus import words
from tests.search.corpus.text import Text

Thing = TypeVar("Thing")


class Around:
    """Notices and list rows about what the guides are about, places, and guides of other trades."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        names = ["".join(pair) for pair in itertools.product(words.FIRST, words.SECOND)]
        self._streets = [f"{name}街道" for name in self._chance.sample(names, 120)]
        self._communities = self._shuffled(
            f"{name}{part}社区" for name, part in itertools.product(names, words.PARTS)
        )
        self._estates = [f"{name}{kind}" for name, kind in itertools.product(names, words.ESTATES)]
        self._next_community = itertools.cycle(self._communities)
        self._next_office = itertools.cycle(self._communities)
        self._next_trade = itertools.cycle(
            self._shuffled(itertools.product(words.TRADES, words.TRADE_ACTIONS, words.TRADE_SCOPES))
        )

    def __iter__(self) -> Iterator[Text]:
        makers: dict[Callable[[str], Text], int] = {
            self._notice: 44,
            self._entry: 34,
            self._guide: 8,
            self._community: 6,
            self._office: 6,
            self._list: 2,
        }
        for number in itertools.count(1):
            (make,) = self._chance.choices(list(makers), weights=list(makers.values()))
            yield make(f"around-{number}")

    def _notice(self, slug: str) -> Text:
        about = self._about()
        if self._chance.random() < 0.08:
            title = f"{self._pick(words.UTILITIES)}（{about['community']}{about['estate']}）"
            return Text("notices", slug, title, body=words.UTILITY_BODY.format(**about))
        return Text(
            kind="notices",
            slug=slug,
            title=self._pick(words.NOTICE_TITLES).format(**about),
            summary=words.NOTICE_SUMMARY.format(**about),
            body=self._pick(words.NOTICE_BODIES).format(**about),
        )

    def _entry(self, slug: str) -> Text:
        about = self._about()
        return Text(
            kind="entries",
            slug=slug,
            title=self._pick(words.ENTRY_TITLES).format(**about),
            summary=self._pick(words.ENTRY_SUMMARIES).format(**about),
            body=self._pick(words.ENTRY_BODIES).format(**about),
        )

    def _guide(self, slug: str) -> Text:
        (trade, department), action, scope = next(self._next_trade)
        about = {"trade": trade, "department": department, "action": action}
        return Text(
            kind="guides",
            slug=slug,
            title=f"{trade}{action}{scope}",
            names=tuple(name.format(**about) for name in self._pick(words.TRADE_NAMES)),
            summary=words.TRADE_SUMMARY.format(**about),
            body=self._pick(words.TRADE_BODIES).format(**about),
            department=department,
            topics=("行业管理",),
        )

    def _community(self, slug: str) -> Text:
        about = self._about() | {"community": next(self._next_community)}
        return Text(
            kind="communities",
            slug=slug,
            title=about["community"],
            names=(about["community"].removesuffix("社区"),),
            summary=words.COMMUNITY_SUMMARY.format(**about),
            body=words.COMMUNITY_BODY.format(**about),
        )

    def _office(self, slug: str) -> Text:
        about = self._about() | {"community": next(self._next_office)}
        return Text(
            kind="offices",
            slug=slug,
            title=self._pick(words.OFFICE_TITLES).format(**about),
            summary=words.OFFICE_SUMMARY.format(**about),
            body=words.OFFICE_BODY.format(**about),
        )

    def _list(self, slug: str) -> Text:
        about = self._about()
        return Text(
            kind="lists",
            slug=slug,
            title=self._pick(words.LIST_TITLES).format(**about),
            summary=words.LIST_SUMMARY.format(**about),
        )

    def _about(self) -> dict[str, str]:
        """What the templates speak of, drawn anew for each document."""
        return {
            "street": self._pick(self._streets),
            "community": self._pick(self._communities),
            "estate": self._pick(self._estates),
            "subject": self._pick(words.SUBJECTS),
            "year": str(self._pick(words.YEARS)),
            "season": self._pick(words.SEASONS),
            "weekday": self._pick(words.WEEKDAYS),
        }

    def _pick(self, things: Sequence[Thing]) -> Thing:
        return self._chance.choice(things)

    def _shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        shuffled = list(things)
        self._chance.shuffle(shuffled)
        return shuffled

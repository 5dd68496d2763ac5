"""Who looks after what: the owner, the substitute, or else the editors of the place."""

import datetime
from collections import defaultdict
from typing import Any

from wagtail.models import Page

from care.things import Thing
from staff.models import Post, User
from staff.roles import Role

SUBSTITUTE_AFTER = datetime.timedelta(days=7)
EDITORS = (Role.DISTRICT_EDITOR, Role.STREET_EDITOR, Role.COMMUNITY_EDITOR)


class People:
    """Everybody who works here and the places they edit, asked once for any number of things."""

    def __init__(self) -> None:
        self.active: dict[int, User] = User.objects.filter(is_active=True).in_bulk()
        self.editors: dict[str, list[int]] = defaultdict(list)
        posts = Post.objects.filter(role__in=EDITORS, user__is_active=True, place__isnull=False)
        for path, user in posts.order_by("pk").values_list("place__path", "user_id"):
            self.editors[path].append(user)

    def at(self, path: str) -> list[int]:
        """The editors of the nearest place above that has any."""
        for end in range(len(path), 0, -Page.steplen):
            if path[:end] in self.editors:
                return self.editors[path[:end]]
        return []

    def in_charge(self, thing: Thing) -> list[int]:
        """Who answers for it now: its owner, for an absent one the substitute, without both the editors."""
        for person in (thing.owner, thing.substitute):
            if person in self.active:
                return [person]
        return self.at(thing.path)

    def to_remind(self, thing: Thing, today: datetime.date) -> list[int]:
        """Who hears that it is due; the substitute as well once it is overdue by a week."""
        people = list(self.in_charge(thing))
        is_late = thing.due is not None and today - thing.due >= SUBSTITUTE_AFTER
        if is_late and thing.substitute in self.active and thing.substitute not in people:
            people.append(thing.substitute)
        return people

    def is_for(self, user: Any, thing: Thing) -> bool:
        """Whether it is among what ``user`` looks after, in person or instead of somebody."""
        return user.pk in (thing.owner, thing.substitute) or user.pk in self.in_charge(thing)

    def named(self, thing: Thing) -> str:
        """Who is in charge, for a column."""
        names = [str(self.active[pk]) for pk in self.in_charge(thing)]
        return "、".join(names[:3]) + ("……" if len(names) > 3 else "")

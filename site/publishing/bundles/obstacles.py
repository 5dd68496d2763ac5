"""What stands in the way of publishing each thing of a bundle, and whether it is still what was reviewed."""

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from content_models.base.checks import findings_in
from content_models.base.locks import said_of_lock
from content_models.base.models import Edition
from content_models.base.side_by_side import fingerprint
from publishing.bundles import rights
from publishing.bundles.models import Bundle, BundleItem

logger = logging.getLogger("publishing")
REPLACED = "superseded"


@dataclass
class Line:
    """One item as a person sees it; nothing is said of what they may not see."""

    item: BundleItem
    thing: Any = None
    is_hidden: bool = False
    is_changed: bool = False  # since it was reviewed or scheduled
    stops: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mended_at: dict[str, str] = field(default_factory=dict)  # by sentence, if not in the thing's own form
    url: str = ""  # where this person looks at the thing

    @property
    def shown_stops(self) -> list[tuple[str, str]]:
        return [(text, self.mended_at.get(text, "")) for text in self.stops]

    @property
    def shown_notes(self) -> list[tuple[str, str]]:
        return [(text, self.mended_at.get(text, "")) for text in self.notes]

    @property
    def title(self) -> str:
        return hidden_name() if self.is_hidden else name_of(self.item, self.thing)

    @property
    def kind(self) -> str:
        return "" if self.is_hidden or self.thing is None else str(self.thing._meta.verbose_name)

    @property
    def state(self) -> str:
        """What residents see of it now."""
        if self.is_hidden or self.thing is None:
            return ""
        if isinstance(self.thing, Edition):
            return str(self.thing.status_label)
        if not self.thing.live:
            return _("公众还看不到")
        return (
            _("已公开，有未发布的修改") if self.thing.has_unpublished_changes else _("已公开，没有新的修改")
        )


def hidden_name() -> str:
    return _("一项您无权查看的内容")


def name_for(user: Any, item: BundleItem, thing: Any) -> str:
    """The name of an item where ``user`` (None: the schedule) may know it."""
    is_hidden = user is not None and thing is not None and not rights.may(user, "view", thing)
    return hidden_name() if is_hidden else name_of(item, thing)


def name_of(item: BundleItem, thing: Any) -> str:
    """As editors call it: by the title of its draft."""
    if thing is None:
        return item.label
    return str(getattr(thing, "draft_title", "") or thing)


def look(bundle: Bundle, user: Any = None) -> list[Line]:
    """Everything in ``bundle`` in order, with what stops ``user`` (None: the schedule) from publishing it."""
    items = list(bundle.items.select_related("content_type", "revision", "added_by"))
    things = rights.things_of(items)
    owners = Counter(thing.owner_id for thing in things.values() if isinstance(thing, Edition))
    return [_line(bundle, item, things.get(item.pk), user, owners) for item in items]


def _line(bundle: Bundle, item: BundleItem, thing: Any, user: Any, owners: Counter[int]) -> Line:
    if thing is None:
        return Line(item, stops=[_("它已经被删除，请移出这一批。")])
    if user is not None and not rights.may(user, "view", thing):
        return Line(item, is_hidden=True, stops=[_("您无权查看和发布它。")])
    line = Line(item, thing)
    line.is_changed = bundle.is_frozen and fingerprint(thing) != item.fingerprint
    if line.is_changed:
        line.stops.append(_("送审或定时之后，它又被改过。请先撤回，看过新的内容后再送审或定时。"))
    line.stops += standing_in_the_way(thing, item, user)
    if isinstance(thing, Edition) and owners[thing.owner_id] > 1:
        line.stops.append(_("同一份清单的另一个版本也在这一批里，只能留一个。"))
    if thing.workflow_in_progress:
        line.notes.append(_("它自己也在审核中；整批发布后，那次送审随之结束。"))
    _add_findings(line)
    return line


def standing_in_the_way(thing: Any, item: BundleItem, user: Any) -> list[str]:
    """Why it cannot be published now, whatever it says."""
    found = []
    if isinstance(thing, Edition) and thing.is_current:
        found.append(_("它已经是现行版本，请移出这一批。"))
    elif isinstance(thing, Edition) and thing.status == REPLACED:
        found.append(_("它已被后来的版本替换，不能再发布。请移出，或新建修订版本。"))
    if thing.locked and (user is None or thing.locked_by_id != user.pk):
        found.append(_("%(lock)s请先解锁。") % {"lock": said_of_lock(thing)})
    if thing.approved_schedule:
        found.append(_("它自己已经定时发布，请先取消它的定时。"))
    elif (at := _own_time(thing, item)) is not None:
        moment = localtime(at).strftime("%Y-%m-%d %H:%M")
        found.append(_("它自己写着发布时间 %(moment)s，请先清空。") % {"moment": moment})
    return found


def _own_time(thing: Any, item: BundleItem) -> Any:
    content = _revision_of(thing, item)
    text = content.content.get("go_live_at") if content is not None else None
    at = type(thing)._meta.get_field("go_live_at").to_python(text) if text else None
    return at if at is not None and at > timezone.now() else None


def _revision_of(thing: Any, item: BundleItem) -> Any:
    return (item.revision if item.fingerprint else None) or thing.latest_revision


def _add_findings(line: Line) -> None:
    """What its own rules and the reviews say of it as it would go public."""
    revision = _revision_of(line.thing, line.item)
    try:
        content = revision.as_object() if revision is not None else line.thing
        line.stops += [str(problem) for problem in content.publish_problems()]
        for finding in findings_in(content):
            said = line.stops if finding.level == "error" else line.notes
            if finding.message not in said:
                said.append(finding.message)
            if finding.url:
                line.mended_at.setdefault(finding.message, finding.url)
    except Exception:
        logger.exception("What a bundle would publish cannot be read: %r", line.thing)
        line.stops.append(_("它保存的内容读不出来。请打开它重新保存；还不行，请找管理员。"))


def mark_of(bundle: Bundle) -> str:
    """A value that every change of anything in it gives another; what somebody has read they may confirm."""
    items = list(bundle.items.select_related("content_type"))
    things = rights.things_of(items)
    said = [f"{item.pk} {fingerprint(things[item.pk]) if item.pk in things else 'gone'}" for item in items]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()

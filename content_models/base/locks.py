"""Locks that people can see: who holds one, and since when."""

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.ui.tables.pages import PageStatusColumn


def said_of_lock(thing):
    """Who holds it, and since when; nothing where nobody does."""
    if not thing.locked:
        return ""
    who = thing.locked_by or _("系统")
    if thing.locked_at is None:
        return _("%(who)s 锁定了它。") % {"who": who}
    at = localtime(thing.locked_at).strftime("%Y-%m-%d %H:%M")
    return _("%(who)s 从 %(at)s 起锁定了它。") % {"who": who, "at": at}


class LockColumn(Column):
    """Who keeps others from changing this, and since when."""

    cell_template_name = "side_by_side/lock_cell.html"

    def get_value(self, instance):
        return said_of_lock(instance)


class LockedPageStatusColumn(PageStatusColumn):
    """The status of a page, and under it who has locked it."""

    cell_template_name = "side_by_side/page_status_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        return super().get_cell_context_data(instance, parent_context) | {"lock_said": said_of_lock(instance)}

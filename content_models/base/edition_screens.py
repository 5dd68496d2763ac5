"""The frame of every screen about one edition: tabs, its state in a sentence, buttons, problems."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from content_models.base.edition_pages import EditionedPage
from content_models.base.edition_rows import PROBLEMS_SHOWN
from content_models.base.locks import said_of_lock

LINKS = ["rows", "row_add", "rows_delete", "rows_renumber", "edit", "check", "difference"]


@dataclass(frozen=True)
class Problem:
    """A sentence that stands in the way of publishing, and the row to go to."""

    text: str
    url: str = ""


STATUSES = [
    ("draft", gettext_lazy("草稿")),
    ("in_review", gettext_lazy("审核中")),
    ("scheduled", gettext_lazy("已定时")),
    ("published", gettext_lazy("现行")),
    ("superseded", gettext_lazy("已被替换")),
    ("taken_back", gettext_lazy("已撤回")),
]


def totals_text(edition):
    """How many rows an edition has, beside what its document states where it does."""
    stated = getattr(edition, "totals_text", None)
    return stated or _("共 %(count)d 条") % {"count": edition.entered}


class EditionScreen(WagtailAdminTemplateMixin):
    """What the screens of one edition share; the view is mixed with ``OfOneEdition``."""

    model = None
    viewset = None
    header_icon = ""
    breadcrumbs_items = []
    screen = ""
    right_required = "view"

    def dispatch(self, request, *args, **kwargs):
        if self.right_required and not self.may(self.right_required):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def url(self, name, *args):
        return self.viewset.url(name, self.edition, *args)

    @cached_property
    def rows(self):
        return self.viewset.rows_class(self.edition, user=self.request.user)

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        # Counted once for every place that tells it.
        self.edition.entered = self.edition.rows.count()

    @cached_property
    def status(self):
        return self.edition.status

    @property
    def is_editable(self):
        return self.status == "draft"

    @cached_property
    def is_locked(self):
        """Whether a lock keeps this user from changing the edition."""
        if self.is_editable and not self.edition.locked:
            return False
        lock = self.edition.get_lock()
        return bool(lock and lock.for_user(self.request.user))

    @cached_property
    def can_change_rows(self):
        return self.may("change") and self.is_editable and not self.is_locked

    def edition_before(self):
        """What this edition is compared with: what it replaced, else the one in force, else its original."""
        edition = self.edition
        if edition.replaces_id:
            return edition.replaces
        others = self.model.objects.filter(owner_id=edition.owner_id).exclude(pk=edition.pk)
        return (None if edition.live else others.current().first()) or edition.based_on

    @cached_property
    def rows_with_problems(self):
        return self.rows.with_problems()

    def problems(self, *, of_rows_only=False):
        """The first problems that keep the edition from being published, each with the row to put right."""
        found = [] if of_rows_only else [Problem(str(text)) for text in self.rows.problems_of_header()]
        for row, sentences in self.rows_with_problems.items():
            link = self.url("row_edit", row.pk)
            found += [Problem(f"{self.named(row)}：{sentence}", link) for sentence in sentences]
            if len(found) > PROBLEMS_SHOWN:
                return [*found[:PROBLEMS_SHOWN], Problem(_("……还有更多，改好这些后再检查。"))]
        return found

    def named(self, row):
        """第 3 条“低保申报”, or only 第 3 条 where the row has no name."""
        name = self.rows.name(row)[:30]
        return _("第 %(order)d 条") % {"order": row.order} + (f"“{name}”" if name else "")

    # Furniture

    def get_page_subtitle(self):
        return str(self.edition)

    def get_breadcrumbs_items(self):
        return self.screen_breadcrumbs()

    def screen_breadcrumbs(self):
        index = {"url": reverse(self.viewset.get_url_name("list")), "label": self.viewset.menu_label}
        here = {"url": self.url("rows"), "label": str(self.edition)}
        return [*self.breadcrumbs_items, index, here]

    @cached_property
    def header_buttons(self):
        return self.screen_buttons()

    @cached_property
    def header_more_buttons(self):
        return self.screen_more_buttons()

    def screen_buttons(self):
        buttons = []
        if not self.is_editable and self.may("add"):
            buttons.append(HeaderButton(_("新建修订版本"), url=self.url("revise"), icon_name="copy"))
        if self.edition.is_current and self.may("publish"):
            buttons.append(HeaderButton(_("撤回"), url=self.url("unpublish"), icon_name="undo"))
        for further in hooks.get_hooks("register_edition_header_buttons"):
            buttons += further(self.edition, self.request.user, self.request.path)
        return buttons

    def screen_more_buttons(self):
        buttons = []
        if public_url := self.public_url:
            buttons.append(Button(_("查看公开页"), url=public_url, icon_name="view", priority=10))
        if self.is_editable and self.may("add"):
            buttons.append(Button(_("新建修订版本"), url=self.url("revise"), icon_name="copy", priority=20))
        buttons.append(Button(_("历史"), url=self.url("history"), icon_name="history", priority=30))
        if self.is_editable and self.may("delete"):
            buttons.append(Button(_("删除"), url=self.url("delete"), icon_name="bin", priority=50))
        for offer in hooks.get_hooks("register_edition_buttons"):
            buttons += offer(self.edition, self.request.user)
        return sorted(buttons)

    @cached_property
    def public_url(self):
        """Where residents read this edition, if they can."""
        owner = self.edition.owner
        if not (self.edition.live and owner.live) or getattr(owner, "is_internal", False):
            return ""
        address = owner.get_url(self.request) or ""
        if self.edition.is_current or not address:
            return address
        return f"{address}?edition={self.edition.number}" if isinstance(owner, EditionedPage) else ""

    @property
    def tabs(self):
        names = [
            ("rows", _("%(noun)s") % {"noun": self.viewset.rows_class.noun}),
            ("edit", _("版本信息")),
            ("check", _("检查与发布")),
            ("difference", _("与上一版本的差异")),
        ]
        return [(label, self.url(name), name == self.screen) for name, label in names]

    @property
    def state(self):
        """What this edition's status means for the person in front of it."""
        edition = self.edition
        if self.status == "scheduled":
            at = localtime(edition.scheduled_revision.approved_go_live_at)
            return _("已定时，将于 %(at)s 发布。此前不能修改；要修改请先取消定时。") % {
                "at": at.strftime("%Y-%m-%d %H:%M")
            }
        if self.status == "draft" and self.is_locked:
            return _("草稿，已被锁定，现在不能修改。")
        return {
            "draft": _("草稿：可以修改，发布之前公众看不到。"),
            "in_review": _("审核中：条目不能修改，通过后即发布。要修改请先在“版本信息”里撤回送审。"),
            "published": _("现行版本：公众看到的就是它，条目不能修改。要修改请新建修订版本。"),
            "superseded": _("已被后来的版本替换，作为历史公开，不能修改。"),
            "taken_back": _("已撤回：公众看不到，条目不能修改。可以重新发布，或新建修订版本后修改。"),
        }[self.status]

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.update(
            edition=self.edition,
            tabs=self.tabs,
            state=self.state,
            lock_said=said_of_lock(self.edition),
            status_label=dict(STATUSES)[self.status],
            can_change_rows=self.can_change_rows,
            totals=totals_text(self.edition),
            links={name: self.url(name) for name in LINKS},
            row_url_name=self.viewset.get_url_name("row_edit"),
            move_url_name=self.viewset.get_url_name("row_move"),
            header_icon=self.viewset.icon,
        )
        return context

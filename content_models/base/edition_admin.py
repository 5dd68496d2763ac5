"""The admin of editions: what every kind of list shares.

An edition's screens: its rows, where editors work; its header in Wagtail's own edit view, with workflow,
lock, schedule and history; a check before publishing; and what it changes against the edition before it.
"""

from django import forms
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, Count, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, PublishingPanel
from wagtail.admin.ui.tables import Column, TitleColumn, UpdatedAtColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.locks import BaseLock
from wagtail.log_actions import LogFormatter, log
from wagtail.models import ModelLogEntry, Revision, WorkflowState
from wagtail.snippets.action_menu import PublishMenuItem, SnippetActionMenu
from wagtail.snippets.views import snippets

from content_models.base.checks import errors_in, findings_in, is_passable, keys_of, unseen_warnings
from content_models.base.edition_pages import DIFFERENCE_LIMIT
from content_models.base.edition_rights import EditionPermissionPolicy, OfOneEdition
from content_models.base.edition_row_views import (
    RowAddView,
    RowEditView,
    RowMoveView,
    RowsDeleteView,
    RowsRenumberView,
    RowsRestoreView,
    RowsView,
)
from content_models.base.edition_screens import STATUSES, EditionScreen, Problem, totals_text
from content_models.base.editions import Edition
from content_models.base.locks import said_of_lock
from content_models.base.side_by_side import SeesWhatOthersSaved, fingerprint

# Listing


class StatusColumn(Column):
    """The status as a badge."""

    cell_template_name = "edition_admin/status_cell.html"

    def get_value(self, instance):
        return dict(STATUSES)[instance.shown_status]

    def get_cell_context_data(self, instance, parent_context):
        return super().get_cell_context_data(instance, parent_context) | {"lock_said": said_of_lock(instance)}


class EditionFilters(WagtailFilterSet):
    """By owner, limited to what the user may see, and by status."""

    owner = ModelChoiceFilter(label=gettext_lazy("所属"), queryset=lambda request: request.edition_owners)
    status = ChoiceFilter(label=gettext_lazy("状态"), choices=STATUSES, method="by_status")

    class Meta:
        fields = ["owner"]

    def by_status(self, queryset, name, value):
        return queryset.filter(shown_status=value)


def day_of(edition):
    """A day as it is written: what counts is the date, not how long ago it was."""
    return edition.effective_on.isoformat() if edition.effective_on else ""


def with_status(editions):
    """Editions with ``shown_status``, which says in the database what ``Edition.status`` says of one."""
    mine = {
        "base_content_type": ContentType.objects.get_for_model(editions.model),
        "object_id": Cast(OuterRef("pk"), CharField()),
    }
    scheduled = Revision.objects.filter(**mine, approved_go_live_at__isnull=False)
    in_review = WorkflowState.objects.filter(**mine, status=WorkflowState.STATUS_IN_PROGRESS)
    return editions.annotate(
        shown_status=Case(
            When(is_current=True, then=Value("published")),
            When(live=True, then=Value("superseded")),
            When(taken_back_at__isnull=False, then=Value("taken_back")),
            When(Exists(scheduled), then=Value("scheduled")),
            When(Exists(in_review), then=Value("in_review")),
            default=Value("draft"),
        )
    )


class EditionIndexView(snippets.IndexView):
    """Editions below the pages the user may work on."""

    viewset = None
    any_permission_required = ["view"]
    default_ordering = ["owner__title", "-number"]
    base_filterset_class = EditionFilters

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        request.edition_owners = self.permission_policy.owners_for(request.user, "view").order_by("title")

    def get_base_queryset(self):
        editions = self.permission_policy.instances_user_has_any_permission_for(self.request.user, ["view"])
        rows = self.model._meta.get_field("rows").related_model.objects.filter(edition=OuterRef("pk"))
        counted = rows.order_by().values("edition").annotate(number=Count("pk")).values("number")
        editions = editions.select_related("owner", "locked_by").annotate(
            entered=Coalesce(Subquery(counted), 0)
        )
        return with_status(editions)

    @cached_property
    def filterset_class(self):
        meta = type("Meta", (EditionFilters.Meta,), {"model": self.model})
        return type("Filters", (EditionFilters,), {"Meta": meta})

    def _annotate_queryset_updated_at(self, queryset):
        logs = ModelLogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=Cast(OuterRef("pk"), CharField()),
        )
        latest = logs.order_by("-timestamp").values("timestamp")[:1]
        return queryset.annotate(_updated_at=Subquery(latest))

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "title",
                label=_("版本名称"),
                accessor=str,
                sort_key="title",
                get_url=lambda edition: self.viewset.url("rows", edition),
            ),
            StatusColumn("shown_status", label=_("状态")),
            Column("totals", label=_("条目"), accessor=totals_text),
            Column("effective_on", label=_("施行日期"), accessor=day_of, sort_key="effective_on"),
            UpdatedAtColumn(label=_("最近改动")),
        ]

    @cached_property
    def add_item_label(self):
        return _("新建版本")


# New editions


class NewEditionForm(forms.Form):
    """Which list gets a new edition, and what it starts from."""

    owner = forms.ModelChoiceField(label=gettext_lazy("所属"), queryset=None)
    start = forms.ChoiceField(
        label=gettext_lazy("内容"),
        choices=[
            ("copy", gettext_lazy("复制现行版本的全部条目，再修改")),
            ("empty", gettext_lazy("从空白开始")),
        ],
        widget=forms.RadioSelect,
        initial="copy",
        help_text=gettext_lazy("还没有现行版本时，从空白开始。"),
    )
    title = forms.CharField(
        label=gettext_lazy("版本名称"), max_length=100, help_text=gettext_lazy("例如：第二批、2026版。")
    )

    def __init__(self, *args, owners, owner_noun, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners
        self.fields["owner"].label = owner_noun


class NewEditionView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Start a new draft edition of a list, by default from the one in force."""

    model = None
    viewset = None
    header_icon = ""
    breadcrumbs_items = []
    permission_required = "add"
    form_class = NewEditionForm
    template_name = "edition_admin/form.html"
    page_title = gettext_lazy("新建版本")

    def get_form_kwargs(self):
        owners = self.permission_policy.owners_for(self.request.user, "add").order_by("title")
        return {**super().get_form_kwargs(), "owners": owners, "owner_noun": self.viewset.owner_noun}

    def get_initial(self):
        return {"owner": self.request.GET.get("owner", "")}

    def get_breadcrumbs_items(self):
        index = {"url": reverse(self.viewset.get_url_name("list")), "label": self.viewset.menu_label}
        return [*self.breadcrumbs_items, index, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs, submit_label=_("建立草稿"), cancel_url=reverse(self.viewset.get_url_name("list"))
        )

    def form_valid(self, form):
        owner, title = form.cleaned_data["owner"], form.cleaned_data["title"]
        current = self.model.objects.current().filter(owner=owner).first()
        if current is not None and form.cleaned_data["start"] == "copy":
            draft = current.new_draft(by=self.request.user, title=title)
            messages.success(
                self.request, _("已建立草稿，内容复制自“%(current)s”。") % {"current": current.title}
            )
        else:
            draft = self.model(owner=owner, title=title, created_by=self.request.user)
            draft.save()
            draft.save_revision(user=self.request.user)
            messages.success(self.request, _("已建立空白草稿，请添加条目。"))
        log(instance=draft, action="wagtail.create", user=self.request.user, content_changed=True)
        return redirect(self.viewset.url("rows", draft))


class ReviseForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("版本名称"), max_length=100)


class ReviseView(EditionScreen, FormView):
    """Copy an edition, whatever its status, into a new draft."""

    form_class = ReviseForm
    template_name = "edition_admin/form.html"
    page_title = gettext_lazy("新建修订版本")
    right_required = "add"

    def get_initial(self):
        return {"title": _("%(title)s（修订）") % {"title": self.edition.title}}

    def get_context_data(self, **kwargs):
        lead = _("将复制“%(edition)s”的全部 %(count)d 条，作为草稿修改；发布之前公众看到的不变。") % {
            "edition": self.edition,
            "count": self.edition.rows.count(),
        }
        return super().get_context_data(
            **kwargs, lead=lead, submit_label=_("建立草稿"), cancel_url=self.url("rows")
        )

    def form_valid(self, form):
        draft = self.edition.new_draft(by=self.request.user, title=form.cleaned_data["title"])
        log(instance=draft, action="wagtail.create", user=self.request.user, content_changed=True)
        messages.success(self.request, _("已建立草稿“%(draft)s”。") % {"draft": draft.title})
        return redirect(self.viewset.url("rows", draft))


# The header


class SupersededLock(BaseLock):
    """An edition that was replaced is history: nobody changes its header."""

    def for_user(self, user):
        return True

    def get_message(self, user):
        return _("这个版本已被替换，不能再改。要沿用它的内容，请新建修订版本。")

    def get_description(self, user):
        return self.get_message(user)


class EditionActionMenu(SnippetActionMenu):
    """Wagtail's action menu, with publishing offered by the rights on the owner page."""

    def __init__(self, request, *, may_publish, **kwargs):
        super().__init__(request, **kwargs)
        items = [item for item in [self.default_item, *self.menu_items] if item is not None]
        items = [item for item in items if item.name not in ("action-publish", "action-unpublish")]
        if may_publish and not self.context.get("locked_for_user"):
            items.append(PublishMenuItem(order=30))
        items.sort(key=lambda item: item.order)
        self.default_item, self.menu_items = (items[0], items[1:]) if items else (None, [])


def header_warnings(edition):
    """Sentences about the edition apart from its rows that an editor should read before publishing."""
    if edition.effective_on:
        return []
    return [_("没有填写“施行日期”，将从发布当天算起。文件写明了日期的，请在“版本信息”里填写。")]


class EditionEditView(EditionScreen, SeesWhatOthersSaved):
    """The header of an edition, with Wagtail's workflow, schedule, lock and publish."""

    screen = "edit"
    right_required = None
    problems_of_header = ()

    def get_lock(self):
        return SupersededLock(self.object) if self.status == "superseded" else super().get_lock()

    def _get_action_menu(self):
        return EditionActionMenu(
            self.request,
            view=self.view_name,
            instance=self.object,
            locked_for_user=self.locked_for_user,
            may_publish=self.may("publish"),
        )

    def is_valid(self, form):
        if not super().is_valid(form):
            return False
        if self.action in ("publish", "submit", "restart-workflow"):
            problems = [*form.instance.publish_problems(), *errors_in(form.instance)]
            if not problems and unseen_warnings(findings_in(form.instance), ""):
                problems = [_("有些提醒要先看过，请到“检查与发布”里勾选后再发布。")]
            if problems:
                self.produced_error_code = "validation_error"
                self.produced_error_message = _("还不能发布或提交审核：%(problems)s") % {
                    "problems": " ".join(map(str, problems[:3]))
                }
                return False
        return True

    def form_valid(self, form):
        response = super().form_valid(form)
        if self.action == "publish" and response.status_code == 302:
            for warning in header_warnings(form.instance):
                messages.warning(self.request, warning)
        return response

    def get_success_url(self):
        return self.url("edit" if self.action in ("edit", "cancel-workflow") else "rows")

    @cached_property
    def can_delete(self):
        return self.is_editable and self.may("delete")

    @cached_property
    def header_buttons(self):
        return self.screen_buttons()

    @cached_property
    def header_more_buttons(self):
        return self.screen_more_buttons()

    def get_breadcrumbs_items(self):
        return self.screen_breadcrumbs()


class EditionDeleteView(EditionScreen, snippets.DeleteView):
    """Only drafts go; what was public stays on record."""

    right_required = None
    template_name = "edition_admin/confirm_delete.html"
    page_title = gettext_lazy("删除版本")

    def dispatch(self, request, *args, **kwargs):
        if not self.is_editable:
            messages.error(request, _("只能删除草稿。公布过的版本作为历史保留；需要时可以撤回。"))
            return redirect(self.url("rows"))
        return super().dispatch(request, *args, **kwargs)

    def get_usage(self):
        return None

    def get_usage_url(self):
        return None

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, count=self.edition.rows.count())

    def get_success_message(self):
        return _("已删除“%(edition)s”。") % {"edition": self.edition}


# Check and publish


TICK = "seen-warnings"


class CheckView(EditionScreen, TemplateView):
    """What stands in the way of publishing, what would change, and the buttons to go on."""

    screen = "check"
    page_title = gettext_lazy("检查与发布")
    template_name = "edition_admin/check.html"

    def post(self, request, *args, **kwargs):
        action = request.POST.get("action")
        # Whoever changes rows waits, so that what was looked at is what goes public.
        self.model.objects.select_for_update(of=("self",)).get(pk=self.edition.pk)
        if request.POST.get("seen", "") not in ("", fingerprint(self.edition)):
            messages.error(request, _("您看过之后，这个版本又被改过。请再看一遍，再发布或送审。"))
            return redirect(self.url("check"))
        if self.has_errors or unseen_warnings(self.findings, request.POST.get(TICK, "")):
            messages.error(request, _("还没有发布：请先看下面的问题和提醒。"))
            return redirect(self.url("check"))
        if action == "publish" and self.may("publish") and self.can_go_on:
            return self._publish()
        if action == "submit" and self.may("change") and self.can_submit:
            return self._submit()
        messages.error(request, _("现在不能这样做。"))
        return redirect(self.url("check"))

    @cached_property
    def findings(self):
        return findings_in(self.edition)

    @property
    def has_errors(self):
        return any(finding.level == "error" for finding in self.findings)

    @property
    def can_go_on(self):
        return self.status in ("draft", "taken_back", "in_review") and not self.is_locked

    @property
    def can_submit(self):
        return self.is_editable and self.edition.has_workflow and not self.is_locked

    def _revision(self):
        """The header as it was last saved; rows brought in otherwise come without one."""
        return self.edition.get_latest_revision() or self.edition.save_revision(user=self.request.user)

    def _publish(self):
        self._revision().publish(user=self.request.user)
        self.edition.refresh_from_db()
        if self.edition.is_current:
            messages.success(self.request, _("“%(edition)s”已发布。") % {"edition": self.edition})
        else:
            messages.success(self.request, _("“%(edition)s”已定时发布。") % {"edition": self.edition})
        return redirect(self.viewset.url("rows", self.edition))

    def _submit(self):
        problems = self.edition.publish_problems()
        if problems:
            messages.error(self.request, _("改好下面的问题才能提交审核。"))
            return redirect(self.url("check"))
        self._revision()
        state = self.edition.current_workflow_state
        if state is not None:
            state.resume(self.request.user)
        else:
            self.edition.get_workflow().start(self.edition, self.request.user)
        messages.success(self.request, _("“%(edition)s”已提交审核。") % {"edition": self.edition})
        return redirect(self.viewset.url("rows", self.edition))

    def get_context_data(self, **kwargs):
        older = self.edition_before()
        problems, warnings = self.problems(), [*header_warnings(self.edition), *self.rows.warnings()]
        problems += [
            Problem(finding.message, finding.url) for finding in self.findings if finding.level == "error"
        ]
        warnings += [finding.message for finding in self.findings if finding.level == "hint"]
        to_see = [finding.message for finding in self.findings if finding.level == "warning"]
        can_publish = self.can_go_on and self.may("publish")
        can_submit = self.can_submit and self.may("change")
        return super().get_context_data(
            **kwargs,
            problems=problems,
            warnings=warnings,
            verdict="" if problems else self._verdict(can_publish, can_submit, bool(warnings or to_see)),
            to_see=to_see,
            tick=TICK,
            seen_keys=keys_of(self.findings),
            pass_url=self._pass_url(),
            older=older,
            counts=self._counts(older),
            can_publish=can_publish,
            can_submit=can_submit,
            seen=fingerprint(self.edition),
            owner_is_live=self.edition.owner.live,
            go_live_at=self.edition.get_latest_revision_as_object().go_live_at,
        )

    def _pass_url(self):
        """Where findings may be let pass, for those who may; the room that checks content answers there."""
        if not (is_passable(self.findings) and self.may("publish")):
            return ""
        kind = self.model._meta
        return reverse("quality_let_pass", args=[kind.app_label, kind.model_name, self.edition.pk])

    @staticmethod
    def _verdict(can_publish, can_submit, has_warnings):
        """How an edition without problems stands; with warnings it never sounds as if all were fine."""
        if not has_warnings:
            return _("没有发现问题。")
        if can_publish:
            return _("可以发布。请留意：")
        return _("可以提交审核。请留意：") if can_submit else ""

    def _counts(self, older):
        if older is None:
            return None
        return {kind: rows.count() for kind, rows in self.edition.difference(older).items()}


class DifferenceView(EditionScreen, TemplateView):
    """What this edition changes against another one, internal columns included."""

    screen = "difference"
    page_title = gettext_lazy("与上一版本的差异")
    template_name = "edition_admin/difference.html"

    def get_context_data(self, **kwargs):
        older = self._chosen()
        others = self.model.objects.filter(owner_id=self.edition.owner_id).exclude(pk=self.edition.pk)
        return super().get_context_data(
            **kwargs,
            older=older,
            others=others.order_by("-number"),
            changes=self._described(older) if older is not None else None,
        )

    def _chosen(self):
        number = self.request.GET.get("with", "")
        if number.isascii() and number.isdecimal() and len(number) <= 9:
            return self.model.objects.filter(owner_id=self.edition.owner_id, number=number).first()
        return self.edition_before()

    def _described(self, older):
        difference = self.edition.difference(older)
        older_rows = self.viewset.rows_class(older, user=self.request.user)
        counts = {kind: rows.count() for kind, rows in difference.items()}
        changed = list(self._with_related(difference["changed"], self.rows)[:DIFFERENCE_LIMIT])
        before = {row.key: row for row in older_rows.all().filter(key__in=[row.key for row in changed])}
        return {
            "counts": counts,
            "added": list(self._with_related(difference["added"], self.rows)[:DIFFERENCE_LIMIT]),
            "removed": list(self._with_related(difference["removed"], older_rows)[:DIFFERENCE_LIMIT]),
            "changed": [
                {"row": row, "cells": changed_cells(older_rows.cells(before[row.key]), self.rows.cells(row))}
                for row in changed
            ],
            "is_cut": any(count > DIFFERENCE_LIMIT for count in counts.values()),
        }

    def _with_related(self, queryset, rows):
        pks = queryset.order_by("order", "pk").values_list("pk", flat=True)[:DIFFERENCE_LIMIT]
        return rows.all().filter(pk__in=list(pks))


def changed_cells(before, after):
    """``[(label, old, new)]`` of the cells that differ between two rows' cells."""
    old = {key: text for key, _label, text in before}
    cells = [(label, old.pop(key, ""), text) for key, label, text in after]
    gone = [(label, text, "") for key, label, text in before if key in old]
    return [(label, was, now) for label, was, now in [*cells, *gone] if was != now]


class TakeBackView(EditionScreen, snippets.UnpublishView):
    """Take the edition in force back; the confirmation tells what residents will see then."""

    right_required = "publish"
    template_name = "edition_admin/confirm_take_back.html"
    page_title = gettext_lazy("撤回版本")

    def dispatch(self, request, *args, **kwargs):
        if not self.edition.is_current:
            messages.error(request, _("“%(edition)s”不是现行版本，不能撤回。") % {"edition": self.edition})
            return redirect(self.url("rows"))
        return super().dispatch(request, *args, **kwargs)

    @property
    def restored(self):
        replaces = self.edition.replaces
        return replaces if replaces is not None and replaces.live else None

    def get_success_message(self):
        if self.restored is not None:
            return _("已撤回“%(edition)s”，“%(restored)s”重新成为现行版本。") % {
                "edition": self.edition,
                "restored": self.restored.title,
            }
        return _("已撤回“%(edition)s”，公开页上现在没有版本。") % {"edition": self.edition}

    def get_success_buttons(self):
        return []

    def get_next_url(self):
        return self.url("rows")

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, restored=self.restored)


CARE_PANELS = [
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("content_owner"), FieldPanel("substitute")]),
            FieldRowPanel([FieldPanel("checked_on"), FieldPanel("review_due")]),
        ],
        gettext_lazy("内容维护"),
    )
]


class EditionViewSet(snippets.SnippetViewSet):
    """Admin screens of one kind of edition; subclasses name the model and what its rows are."""

    add_to_admin_menu = False
    icon = "list-ul"
    rows_class = None
    owner_noun = gettext_lazy("所属")
    copy_view_enabled = False
    inspect_view_enabled = False
    list_per_page = 50
    search_fields = ["title", "doc_no", "owner__title"]
    index_view_class = EditionIndexView
    add_view_class = NewEditionView
    edit_view_class = EditionEditView
    delete_view_class = EditionDeleteView
    unpublish_view_class = TakeBackView
    edit_template_name = "edition_admin/edit.html"
    delete_template_name = "edition_admin/confirm_delete.html"
    index_template_name = "edition_admin/index.html"
    WITHOUT_EDITION = (EditionIndexView, NewEditionView)

    @cached_property
    def permission_policy(self):
        return EditionPermissionPolicy(self.model)

    @property
    def unpublish_view(self):
        return self.construct_view(self.unpublish_view_class)

    def url(self, name, edition, *args):
        return reverse(self.get_url_name(name), args=[edition.pk, *args])

    def get_add_view_kwargs(self, **kwargs):
        """Nothing of Wagtail's own form: a new edition starts from its owner."""
        return kwargs

    def get_common_view_kwargs(self, **kwargs):
        return super().get_common_view_kwargs(**{"viewset": self, **kwargs})

    def construct_view(self, view_class, **kwargs):
        """Every view that is about one edition first finds it among those the user may see."""
        if not issubclass(view_class, self.WITHOUT_EDITION):
            view_class = type(view_class.__name__, (OfOneEdition, view_class), {})
        return super().construct_view(view_class, **kwargs)

    def get_edit_handler(self):
        if hasattr(self, "edit_handler"):
            return self.edit_handler.bind_to_model(self.model)
        return ObjectList([*self.model.panels, *CARE_PANELS, PublishingPanel()]).bind_to_model(self.model)

    def register_chooser_viewset(self):
        """Nothing chooses an edition, so there is no chooser through which to read others'."""

    def get_urlpatterns(self):
        of_one = {
            "rows/<int:pk>/": (RowsView, "rows"),
            "rows/<int:pk>/add/": (RowAddView, "row_add"),
            "rows/<int:pk>/<int:row>/": (RowEditView, "row_edit"),
            "rows/<int:pk>/<int:row>/move/": (RowMoveView, "row_move"),
            "rows/<int:pk>/delete/": (RowsDeleteView, "rows_delete"),
            "rows/<int:pk>/restore/": (RowsRestoreView, "rows_restore"),
            "rows/<int:pk>/renumber/": (RowsRenumberView, "rows_renumber"),
            "revise/<int:pk>/": (ReviseView, "revise"),
            "check/<int:pk>/": (CheckView, "check"),
            "difference/<int:pk>/": (DifferenceView, "difference"),
        }
        return super().get_urlpatterns() + [
            path(route, self.construct_view(view), name=name) for route, (view, name) in of_one.items()
        ]


# What Wagtail asks of everybody


LOG_ACTIONS = {
    "edition.add_row": (gettext_lazy("新增条目"), gettext_lazy("新增条目“%(row)s”")),
    "edition.edit_row": (gettext_lazy("修改条目"), gettext_lazy("修改条目“%(row)s”")),
    "edition.delete_rows": (gettext_lazy("删除条目"), gettext_lazy("删除 %(count)s 条：%(rows)s")),
    "edition.restore_rows": (gettext_lazy("撤销删除"), gettext_lazy("恢复 %(count)s 条")),
    "edition.order_rows": (gettext_lazy("调整顺序"), gettext_lazy("调整条目顺序")),
}


@hooks.register("register_log_actions")
def name_row_changes(actions):
    """Changes of rows stand in the edition's history."""
    for action, (label, message) in LOG_ACTIONS.items():
        actions.register_action(action)(
            type("RowChange", (RowChangeFormatter,), {"label": label, "sentence": message})
        )


class RowChangeFormatter(LogFormatter):
    """One line of an edition's history about its rows."""

    sentence = ""

    def format_message(self, entry):
        rows = "、".join(entry.data.get("rows", []))
        return str(self.sentence) % {"row": "", "count": "", **entry.data, "rows": rows}


@hooks.register("before_delete_snippet")
def keep_public_editions(request, instances):
    """Whichever way an edition is deleted: only drafts go."""
    kept = [thing for thing in instances if isinstance(thing, Edition) and not thing.is_editable]
    if not kept:
        return None
    messages.error(request, _("只能删除草稿。公布过的版本作为历史保留；需要时可以撤回。"))
    return redirect(reverse(kept[0].snippet_viewset.get_url_name("list")))


@hooks.register("before_delete_page")
def say_which_editions_go(request, page):
    """Before a page is deleted, tell how many editions and rows go with it."""
    if request.method != "GET":
        return
    for model in apps.get_models():
        if not issubclass(model, Edition):
            continue
        editions = model.objects.filter(owner__path__startswith=page.path)
        if count := editions.count():
            rows = model._meta.get_field("rows").related_model.objects.filter(edition__in=editions).count()
            messages.warning(
                request,
                _("删除后，这里的 %(count)d 个%(kind)s（共 %(rows)d 条）也会一起删除，不能恢复。")
                % {"count": count, "kind": model._meta.verbose_name, "rows": rows},
            )

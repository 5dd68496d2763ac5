"""Screens on which the rows of an edition are worked on."""

from django.db import transaction
from django.http import HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.mixins import PanelMixin
from wagtail.log_actions import log

from content_models.base.edition_rows import UNDO_LIMIT
from content_models.base.edition_screens import EditionScreen
from content_models.base.side_by_side import TAKE, say_taken

PAGE_SIZE = 50
NAMES_SHOWN = 20
UNDO_KEY = "deleted_rows"


class RowsView(EditionScreen, TemplateView):
    """The rows as a table with search, order and paging, and what is wrong with them."""

    screen = "rows"
    page_title = gettext_lazy("条目")
    template_name = "edition_admin/rows.html"

    def get_context_data(self, **kwargs):
        asked = self.request.GET
        text, order = asked.get("q", "").strip()[:100], asked.get("order", "")
        only_problems = bool(asked.get("problems"))
        rows = self.rows.all()
        if text:
            rows = self.rows.search(rows, text)
        if only_problems:
            rows = rows.filter(pk__in=[row.pk for row in self.rows_with_problems])
        rows = rows.order_by("-order", "-pk") if order == "desc" else rows.order_by("order", "pk")
        paginator = WagtailPaginator(rows, PAGE_SIZE)
        if not text and not only_problems:
            paginator.count = self.edition.entered
        page = paginator.get_page(asked.get("p"))
        return super().get_context_data(
            **kwargs,
            headings=self.rows.headings(),
            is_numbered=self.rows.is_numbered,
            table=[self._line(row) for row in page],
            page_obj=page,
            elided_page_range=paginator.get_elided_page_range(page.number),
            total=self.edition.entered,
            found=paginator.count,
            text=text,
            order=order,
            only_problems=only_problems,
            problems=self.problems(of_rows_only=True) if self.shows_problems else [],
            problem_rows=len(self.rows_with_problems) if self.shows_problems else 0,
            warnings=self.rows.warnings() if self.shows_problems else [],
            can_publish=self.may("publish"),
        )

    @property
    def shows_problems(self):
        """What is public is shown as it is; what may still be put right is checked."""
        return not self.edition.live

    def _line(self, row):
        first, *others = self.rows.summary(row)
        has_problem = self.shows_problems and row in self.rows_with_problems
        return {
            "row": row,
            "name": first or _("（没有名称）"),
            "cells": others,
            "problem": " ".join(self.rows_with_problems[row]) if has_problem else "",
        }


class ChangesRows(EditionScreen):
    """A screen that changes rows: only while the edition is an unlocked draft of theirs to change."""

    right_required = "change"

    def dispatch(self, request, *args, **kwargs):
        if not self.may("change"):
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            if request.method == "POST":
                # Whoever changes rows or submits the edition waits here, so that its status holds meanwhile.
                self.model.objects.select_for_update(of=("self",)).get(pk=self.edition.pk)
                self.edition.refresh_from_db(fields=["live", "is_current", "taken_back_at", "locked"])
            if not self.can_change_rows and not self.may_look(request):
                messages.error(request, self.state)
                return redirect(self.url("rows"))
            return super().dispatch(request, *args, **kwargs)

    def may_look(self, request):
        return False

    def find_row(self, pk):
        """The row of this edition, or None when somebody deleted it meanwhile."""
        return self.rows.all().filter(pk=pk).first()

    def record(self, action, **data):
        log(instance=self.edition, action=action, user=self.request.user, data=data)


class RowFormView(ChangesRows, PanelMixin, TemplateView):
    """The form of one row, made from the edition's columns or the row's panels."""

    template_name = "edition_admin/row_form.html"
    form_class = None
    row = None
    conflict = ()

    def get_panel(self):
        return self.rows.panel

    def get_breadcrumbs_items(self):
        return [*self.screen_breadcrumbs(), {"url": "", "label": self.get_page_subtitle()}]

    def get_page_subtitle(self):
        return self.named(self.row) if self.row.pk else self.get_page_title()

    @property
    def header_buttons(self):
        return []

    header_more_buttons = header_buttons

    def show(self, form, **kwargs):
        return self.render_to_response(self.get_context_data(form=form, **kwargs))

    def get_context_data(self, **kwargs):
        is_stored = self.row.pk is not None
        return super().get_context_data(
            **kwargs,
            row=self.row,
            stamp=self.kept_stamp if is_stored else "",
            conflict=self.conflict,
            action_url=self.request.path,
            rows_url=self.url("rows"),
            delete_url=self.url("rows_delete") + f"?row={self.row.pk}" if is_stored else "",
            row_problems=self.rows.problems(self.row) if is_stored and self.request.method == "GET" else [],
        )

    def saved(self, row):
        messages.success(self.request, _("已保存“%(row)s”。") % {"row": row})
        if self.request.POST.get("then") == "add":
            return redirect(self.url("row_add"))
        if self.request.POST.get("then") == "next":
            following = self.edition.rows.filter(order__gt=row.order).order_by("order", "pk").first()
            if following is not None:
                return redirect(self.url("row_edit", following.pk))
        return redirect(self.url("rows") + f"?p={self._page_of(row)}#row-{row.pk}")

    def _page_of(self, row):
        return self.edition.rows.filter(order__lt=row.order).count() // PAGE_SIZE + 1


class RowAddView(RowFormView):
    """Add a row at the end of the edition, or at the number typed."""

    page_title = gettext_lazy("新增条目")

    def get(self, request, *args, **kwargs):
        self.row = self.rows.new()
        return self.show(self.rows.form(self.row))

    def post(self, request, *args, **kwargs):
        self.row = self.rows.new()
        form = self.rows.form(self.row, request.POST, request.FILES)
        if not form.is_valid():
            messages.validation_error(request, _("还没有保存，请改好标出的地方。"), form)
            return self.show(form)
        row = form.save()
        self.record("edition.add_row", row=str(row), key=row.key)
        return self.saved(row)


class RowEditView(RowFormView):
    """Change a row; what somebody else saved meanwhile is never written over unseen."""

    page_title = gettext_lazy("修改条目")

    def may_look(self, request):
        return request.method == "GET"

    def dispatch(self, request, *args, **kwargs):
        if self.find_row(kwargs["row"]) is None:
            messages.error(request, _("这一条已被删除。"))
            return redirect(self.url("rows"))
        return super().dispatch(request, *args, **kwargs)

    def open_row(self):
        """Read the row, behind the edition's lock when it is about to change."""
        self.row = get_object_or_404(self.rows.all(), pk=self.kwargs["row"])
        self.kept_stamp = self.rows.stamp(self.row)

    def get(self, request, *args, **kwargs):
        self.open_row()
        if not self.can_change_rows:
            return self._show_only()
        return self.show(self.rows.form(self.row))

    def _show_only(self):
        self.template_name = "edition_admin/row_view.html"
        self.panel = None
        cells = [(label, text) for _key, label, text in self.rows.cells(self.row)]
        return self.show(None, cells=cells)

    def post(self, request, *args, **kwargs):
        self.open_row()
        saved = self.rows.cells(self.row)
        form = self.rows.form(self.row, request.POST, request.FILES)
        is_valid, asked = form.is_valid(), request.POST.getlist(TAKE)
        if asked or request.POST.get("stamp") != self.kept_stamp:
            self.conflict = self._with_ways(different_cells(saved, self.rows.typed(form, self.row)))
        if asked and is_valid:
            return self._take(form, asked)
        if self.conflict:
            messages.error(
                request, _("没有保存：您打开之后，别人改过这一条。请对照下面两种内容，再决定是否保存您的。")
            )
            return self.show(form)
        if not is_valid:
            messages.validation_error(request, _("还没有保存，请改好标出的地方。"), form)
            return self.show(form)
        row = form.save()
        self.record("edition.edit_row", row=str(row), key=row.key)
        return self.saved(row)

    def _with_ways(self, cells):
        """Differences with the key under which a cell is taken over; empty where it cannot be."""
        return [(*texts, key if self.rows.takes(key) else "") for *texts, key in cells]

    def _take(self, form, asked):
        """Bring cells of the other into the form; nothing is saved."""
        keys = [key for *_texts, key in self.conflict if key and key in asked]
        self.conflict = [each for each in self.conflict if each[-1] not in keys]
        merged = self.rows.merged(form, self.row, keys)
        say_taken(self.request, keys)
        return self.show(merged)


def different_cells(saved, typed):
    """``[(label, saved, typed, key)]`` of the cells in which two versions of a row differ."""
    mine = {key: text for key, _label, text in typed}
    return [(label, text, mine[key], key) for key, label, text in saved if mine.get(key, text) != text]


class RowMoveView(ChangesRows, View):
    """Move a row one place up or down."""

    def get(self, request, *args, **kwargs):
        return HttpResponseNotAllowed(["POST"])

    def post(self, request, *args, **kwargs):
        row = self.find_row(kwargs["row"])
        if row is not None:
            self.rows.move(row, up=request.POST.get("to") == "up")
            self.record("edition.order_rows")
        page = request.POST.get("p", "")
        page = page if page.isascii() and page.isdecimal() else "1"
        return redirect(f"{self.url('rows')}?p={page}#row-{kwargs['row']}")


class RowsRenumberView(ChangesRows, View):
    """Number the rows anew without gaps."""

    def get(self, request, *args, **kwargs):
        return HttpResponseNotAllowed(["POST"])

    def post(self, request, *args, **kwargs):
        changed = self.rows.renumber()
        self.record("edition.order_rows")
        messages.success(request, _("已重新编号，%(count)d 条的序号有变动。") % {"count": changed})
        return redirect(self.url("rows"))


class RowsDeleteView(ChangesRows, TemplateView):
    """Delete the ticked rows after a confirmation that names them; a button in the message undoes it."""

    page_title = gettext_lazy("删除条目")
    template_name = "edition_admin/rows_delete.html"

    def get(self, request, *args, **kwargs):
        return self._confirm(request.GET.getlist("row"))

    def post(self, request, *args, **kwargs):
        if not request.POST.get("confirmed"):
            return self._confirm(request.POST.getlist("row"))
        rows = self._chosen(request.POST.getlist("row"))
        names, count = [str(row) for row in rows[:NAMES_SHOWN]], len(rows)
        undo = self.rows.packed(rows) if count <= UNDO_LIMIT else ""
        for row in rows:
            row.delete()
        self.record("edition.delete_rows", rows=names, count=count)
        request.session[UNDO_KEY] = {"edition": self._undo_mark, "rows": undo}
        messages.success(request, self._said(names, count, undo))
        return redirect(self.url("rows"))

    @property
    def _undo_mark(self):
        return f"{self.edition._meta.label_lower}:{self.edition.pk}"

    def _said(self, names, count, undo):
        text = (
            _("已删除“%(name)s”。") % {"name": names[0]}
            if count == 1
            else _("已删除 %(count)d 条。") % {"count": count}
        )
        if not undo:
            return text
        return render_to_string(
            "edition_admin/undo_message.html", {"text": text, "url": self.url("rows_restore")}
        )

    def _chosen(self, pks):
        numbers = [int(pk) for pk in pks if pk.isascii() and pk.isdecimal() and len(pk) < 19]
        return list(self.rows.all().filter(pk__in=numbers).order_by("order", "pk"))

    def _confirm(self, pks):
        rows = self._chosen(pks)
        if not rows:
            messages.warning(self.request, _("请先勾选要删除的条目。"))
            return redirect(self.url("rows"))
        return self.render_to_response(
            self.get_context_data(
                rows=rows,
                names=[self.named(row) for row in rows[:NAMES_SHOWN]],
                others=max(0, len(rows) - NAMES_SHOWN),
                can_undo=len(rows) <= UNDO_LIMIT,
                rows_url=self.url("rows"),
            )
        )


class RowsRestoreView(ChangesRows, View):
    """Bring back what this person last deleted from this edition."""

    def get(self, request, *args, **kwargs):
        return HttpResponseNotAllowed(["POST"])

    def post(self, request, *args, **kwargs):
        kept = request.session.pop(UNDO_KEY, None)
        mark = f"{self.edition._meta.label_lower}:{self.edition.pk}"
        if not kept or kept["edition"] != mark or not kept["rows"]:
            messages.error(request, _("没有可以撤销的删除。"))
            return redirect(self.url("rows"))
        brought = self.rows.unpack(kept["rows"])
        self.record("edition.restore_rows", count=brought)
        messages.success(request, _("已恢复 %(count)d 条。") % {"count": brought})
        return redirect(self.url("rows"))

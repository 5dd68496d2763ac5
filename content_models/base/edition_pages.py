"""A list as residents read it: the edition in force, older ones by number or day, and what changed."""

import datetime
from functools import partial

from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.contrib.routable_page.models import RoutablePageMixin, path

from content_models.base.listing import Listing
from content_models.base.pages import ContentPage
from content_models.base.public_tables import FORMS, LATEST, PublicColumn, PublicTable

DIFFERENCE_LIMIT = 300


class EditionedPage(RoutablePageMixin, ContentPage):
    """A page whose rows live in editions (``editions``), one of which is current.

    Addresses: the list itself with ``?edition=N`` or ``?as_of=DATE``; ``entries/<key>/`` for a row;
    ``changes/`` for what the current edition changed, ``editions/<N>/changes/`` for an older one.
    """

    entry_template = ""
    changes_template = ""
    page_size = 50

    class Meta:
        abstract = True

    @cached_property
    def current_edition(self):
        return self.editions.current().first()

    @property
    def public_editions(self):
        return self.editions.public().order_by("-number")

    def public_rows(self, edition):
        """Override: rows of an edition as residents see them, with what their display needs."""
        # Rows reached through the relation share this very edition, and with it its columns and owner.
        edition.owner = self
        return edition.rows.all()

    def filterset_for(self, edition):
        """Override: the FilterSet class for this edition's rows, or None."""

    def before_display(self, rows):
        """Override: fetch at once what showing these rows needs."""

    def entry_context(self, row):
        """Override: what else the page of one row shows."""
        return {}

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["editions"] = list(self.public_editions)
        return context

    def chosen_edition(self, request):
        """The public edition a reader asks for and a plain sentence about it.

        ``?edition=N`` by number, ``?as_of=YYYY-MM-DD`` by the day it was in force; the current one otherwise.
        """
        number, as_of = request.GET.get("edition", "").strip(), request.GET.get("as_of", "").strip()
        if number:
            found = self.public_editions.filter(number=int(number)).first() if _is_number(number) else None
            return (found, "") if found else (self.current_edition, _("没有这个版本，下面是现行版本。"))
        if as_of:
            return self.edition_on(as_of)
        return self.current_edition, ""

    def edition_on(self, text):
        """The public edition that held on a day (``2022-06-20``) and a plain sentence about it."""
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            note = _("“%(text)s”不是日期，下面是现行版本。日期请写成 2022-06-20。") % {"text": text[:20]}
            return self.current_edition, note
        edition = self.editions.in_force_on(day).first()
        if edition is None:
            return None, _("%(day)s 还没有施行的版本。") % {"day": day}
        if edition.repealed_on and edition.repealed_on <= day:
            return None, _("%(day)s 时“%(title)s”已经废止。") % {"day": day, "title": edition.title}
        return edition, _("这是 %(day)s 施行的版本。") % {"day": day}

    @path("")
    def index(self, request):
        edition, note = self.chosen_edition(request)
        listing = None
        if edition is not None:
            listing = Listing(
                self.public_rows(edition),
                request=request,
                filterset_class=self.filterset_for(edition),
                page_size=self.page_size,
            )
            self.before_display(listing.page)
        return self.render(
            request, context_overrides={"edition": edition, "edition_note": note, "listing": listing}
        )

    @path("download/<str:form>/", name="download")
    def download(self, request, form):
        """All public rows of the edition asked for, whatever the filters: the open data's file."""
        edition, _note = self.chosen_edition(request)
        if edition is None or form not in FORMS:
            raise Http404
        return redirect(self.file_url(edition, form))

    def file_url(self, edition, form):
        """Where the rows of a public edition are kept as a file."""
        number = LATEST if edition.is_current else edition.number
        return reverse("open_data:file", args=[f"{self.kind}-{self.pk}", number, form])

    @cached_property
    def open_data_url(self):
        """The page that explains these rows as data."""
        return reverse("open_data:data_set", args=[f"{self.kind}-{self.pk}"])

    def public_table(self, edition):
        """The rows of a public edition as residents may read them, for files."""
        edition.owner = self
        columns = [PublicColumn("key", _("标识"), help_text=_("同一条目在各个版本里标识不变。"))]
        columns += self.columns_of_table(edition)
        return PublicTable(self.title, columns, partial(self.rows_of_table, edition))

    def columns_of_table(self, edition):
        """Override: ``[PublicColumn]`` of an edition."""
        raise NotImplementedError

    def rows_of_table(self, edition):
        """Override: the key and the cells of each row, read in batches."""
        raise NotImplementedError

    @path("entries/<str:key>/", name="entry")
    def entry(self, request, key):
        edition, note = self.chosen_edition(request)
        row = self.public_rows(edition).filter(key=key).first() if edition else None
        if row is None:
            raise Http404
        self.before_display([row])
        return self.render(
            request,
            context_overrides={
                "edition": edition,
                "edition_note": note,
                "row": row,
                "versions": self._versions(key),
                **self.entry_context(row),
            },
            template=self.entry_template,
        )

    def _versions(self, key):
        """``[{"row", "is_changed"}]``: this row in every public edition that has it, newest first."""
        rows, versions, before = {}, [], None
        editions = list(self.public_editions)
        for edition in editions:
            edition.owner = self
        for row in editions[0].row_model.objects.filter(edition__in=editions, key=key) if editions else []:
            rows[row.edition_id] = row
        for edition in reversed(editions):
            row = rows.get(edition.pk)
            if row is not None:
                row.edition = edition
                cells = row.public_cells()
                versions.insert(0, {"row": row, "is_changed": before is not None and cells != before})
                before = cells
        return versions

    @path("changes/", name="latest_changes")
    def latest_changes(self, request):
        if self.current_edition is None:
            raise Http404
        return self.changes(request, self.current_edition.number)

    @path("editions/<int:number>/changes/", name="changes")
    def changes(self, request, number):
        """What a public edition changed against the public one before it."""
        edition = self.public_editions.filter(number=number).first()
        if edition is None:
            raise Http404
        older = self._edition_before(edition)
        if older is not None:
            older.owner = self
        return self.render(
            request,
            context_overrides={
                "edition": edition,
                "older": older,
                "changes": describe_difference(edition, older) if older else None,
            },
            template=self.changes_template,
        )

    def _edition_before(self, edition):
        if edition.replaces_id and edition.replaces.live:
            return edition.replaces
        return self.public_editions.filter(number__lt=edition.number).first()

    def entry_url(self, key):
        return f"{self.url}entries/{key}/"


def public_editions_by_page(pages):
    """``{page id: [edition]}`` of pages of one kind: public ones, newest first, with their number of rows."""
    found = {page.pk: [] for page in pages}
    if pages:
        editions = type(pages[0])._meta.get_field("editions").related_model.objects.public()
        for edition in editions.filter(owner__in=pages).annotate(entered=Count("rows")).order_by("-number"):
            found[edition.owner_id].append(edition)
    return found


def with_current_editions(pages):
    """``pages`` as a list, each knowing its current edition and how many rows that has, by one query."""
    pages = list(pages)
    if pages:
        editions = type(pages[0])._meta.get_field("editions").related_model.objects.current()
        found = {
            edition.owner_id: edition
            for edition in editions.filter(owner__in=pages).annotate(entered=Count("rows"))
        }
        for page in pages:
            page.current_edition = found.get(page.pk)
            if page.current_edition is not None:
                page.current_edition.owner = page
    return pages


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) <= 9


def describe_difference(edition, older):
    """The difference as a page shows it: counts, and at most DIFFERENCE_LIMIT rows of each kind.

    ``{"added": [row], "removed": [row], "changed": [{"row", "cells": [(label, old, new)]}], "counts"}``;
    only public cells are compared, so an internal change shows nowhere.
    """
    difference = edition.difference(older)
    changed = list(difference["changed"])
    same_key = difference["changed"].values("key")
    older_rows = {row.key: row for row in older.rows.filter(key__in=same_key)}
    described = []
    for row in changed:
        cells = _changed_cells(row, older_rows[row.key])
        if cells:
            described.append({"row": row, "cells": cells})
    added = difference["added"].count()
    return {
        "added": difference["added"][:DIFFERENCE_LIMIT],
        "removed": difference["removed"][:DIFFERENCE_LIMIT],
        "changed": described[:DIFFERENCE_LIMIT],
        "counts": {
            "added": added,
            "removed": difference["removed"].count(),
            "changed": len(described),
            "unchanged": edition.entered - added - len(described),
        },
        "limit": DIFFERENCE_LIMIT,
    }


def _changed_cells(row, older):
    old = {key: text for key, _label, text in older.public_cells()}
    cells = []
    for key, label, text in row.public_cells():
        before = old.pop(key, "")
        if before != text:
            cells.append((label, before, text))
    return cells

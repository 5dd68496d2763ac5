"""Guides, notices, communities and offices: the resource itself compares and writes, page by page.

A check is a trial of the resource over the whole file, which writes nothing. Confirming runs it again over
the staged rows, never over the file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import tablib
from django.db import transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.actions.delete_page import DeletePageAction
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from content_models.base import memo
from content_models.base.checks import NotPublishable, require_publishable
from content_models.base.resources import PageResource, SheetRefused
from content_models.base.widgets import text_of
from content_models.catalogue import KINDS
from imports import staging
from imports.lanes import NotNow, Outcome
from imports.lines import Line, dataset_of, errors_of
from imports.models import ImportChange, ImportRun, StagedRow
from imports.staging import Staged
from imports.tables import Table
from imports.trials import TrialLane, is_missing, missing_on, raise_errors, status_of
from publishing.publish import publish, publish_new_pages, take_back

NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
LINKS = 20
PLACES = 5
SENTENCES = 5
KEY_LIMIT = 200


@dataclass(frozen=True)
class Load:
    """Rows that one resource writes."""

    resource: PageResource
    rows: tablib.Dataset
    parts: dict[str, tablib.Dataset] = field(default_factory=dict)
    kept_parts: tuple[str, ...] = ()


class PageLane(TrialLane):
    """Each row is a page: new ones are made, known ones get a revision where a cell differs."""

    retires_when_published = True

    def __init__(self, run: ImportRun) -> None:
        super().__init__(run)
        self.into: Page | None = run.into

    @property
    def model(self) -> Any:
        return KINDS[self.run.kind].model

    @cached_property
    def resource(self) -> Any:
        return self.make_resource()

    def make_resource(self) -> Any:
        return KINDS[self.run.kind].resource(into=self.into, by=self.run.by)

    def parts(self) -> dict[str, Any]:
        return self.resource.part_resources

    # Rights

    def may(self, user: Any, outcome: str) -> bool:
        rows = self.run.rows.filter(part="", status__in=(NEW, CHANGED))
        pages = Page.objects.filter(Q(pk__in=self.known_pages()) | Q(pk__in=self.run.changes.values("page")))
        parents = Page.objects.filter(pk__in=set(rows.filter(owner=0).values_list("data__parent", flat=True)))
        publishes = outcome == ImportRun.Outcome.PUBLISH
        if publishes and self.run.missing == ImportRun.Missing.RETIRE and not self.run.confirmed_at:
            pages |= Page.objects.filter(pk__in=self.missing_pages().values("pk"))
        testers = [page.permissions_for_user(user) for page in pages.distinct()]
        above = [page.permissions_for_user(user) for page in parents]
        if not testers and not above:
            return not publishes and page_permission_policy.user_has_any_permission(user, {"add", "change"})
        may_write = all(tester.can_edit() for tester in testers) and all(
            tester.can_add_subpage() for tester in above
        )
        may_publish = all(tester.can_publish() for tester in testers) and all(
            tester.can_publish_subpage() for tester in above
        )
        return may_write and (may_publish or not publishes)

    # Check

    def check(self, tables: dict[str, Table]) -> None:
        lines = self.lines_of_main(tables[""])
        parts = {name: self.lines_of_part(name, table) for name, table in tables.items() if name}
        with memo.kept():
            resource = self.make_resource()
            self.tell_lines(resource, lines, parts)
            result = resource.import_data(
                dataset_of([line.cells for line in lines]),
                dry_run=True,
                is_excerpt=True,
                parts={name: dataset_of([line.cells for line in part]) for name, part in parts.items()},
                tell=self.teller(lines),
            )
            raise_errors(result)
            faults: dict[int, list[list[str]]] = defaultdict(list)
            staged = self.staged_parts(resource, parts, result.rows, lines, faults)
            staged += [
                self.staged(resource, line, row, faults[place])
                for place, (line, row) in enumerate(zip(lines, result.rows, strict=True))
            ]
        staging.write(self.run, staged)
        self.say_where_rows_go(resource)

    def say_where_rows_go(self, resource: PageResource) -> None:
        """Name the places of new rows that go elsewhere than right where the person chose."""
        if self.into is None:
            return
        chosen = {self.into.pk, *self.chosen_parents(resource)}
        rows = self.run.rows.filter(part="", status=NEW, owner=0)
        counted = Counter(rows.values_list("data__parent", flat=True))
        places = {pk: count for pk, count in counted.most_common() if pk not in chosen}
        if not places:
            return
        titles = dict(Page.objects.filter(pk__in=places).values_list("pk", "title"))
        named = [
            _("%(place)s（%(count)d 行）") % {"place": titles[pk], "count": count}
            for pk, count in list(places.items())[:PLACES]
        ]
        further = _("等 %(count)d 处") % {"count": len(places)} if len(places) > PLACES else ""
        self.run.remarks = [
            *self.run.remarks,
            _("有 %(count)d 行写了“%(column)s”，不直接放在“%(into)s”，而是放在：%(places)s。")
            % {
                "count": sum(places.values()),
                "column": resource.fields["region"].title,
                "into": self.into.title,
                "places": "、".join(named) + further,
            },
        ]

    def chosen_parents(self, resource: Any) -> list[int]:
        """Where rows go that name no place."""
        try:
            return [resource.parent_within(self.into).pk]
        except ValueError:
            return []

    def staged(
        self, resource: PageResource, line: Line, row: Any, faults: Sequence[list[str]] = ()
    ) -> Staged:
        """A row of the main sheet; ``faults`` are what its rows on further sheets have against it."""
        page = row.instance
        problems = [*line.problems, *errors_of(self.own(resource, row), besides=line.damaged)]
        problems += faults
        problems += [
            ["", "", missing_on(problem)] for problem in row.problems if is_missing(resource, problem)
        ]
        if row.validation_error and not problems:
            own = str(resource.sheet_name)
            problems += errors_of(
                problem for problem in resource.problems if problem.row == 1 and problem.sheet == own
            )
        is_known = page is not None and page.pk is not None
        parent = None if is_known or row.validation_error else resource.parent_for(line.cells)
        if not problems:
            problems += self.why_not(page, parent)
        status = status_of(row, problems)
        if status in (NEW, CHANGED):
            problems = self.warnings(resource, line, page)
        is_part = {name for name, change in row.changes.items() if not any(change)}
        cells = {name: change for name, change in row.changes.items() if name not in is_part}
        data = {
            "cells": line.cells,
            "old": {name: old for name, (old, _new) in cells.items()} if status == CHANGED else {},
            "new": {name: new for name, (_old, new) in cells.items()} if status == CHANGED else {},
            "parts": sorted(is_part) if status == CHANGED else [],
            "title": page.title if page is not None else "",
            "revision": page.latest_revision_id if is_known else None,
            "parent": parent.pk if parent is not None else None,
        }
        return Staged(
            line.number,
            page.pk if is_known else 0,
            self.key_of(resource, line, page if is_known else None, parent),
            "",
            status,
            staging.dump(data),
            staging.dump(problems) if problems else staging.NO_PROBLEMS,
        )

    def warnings(self, resource: Any, line: Line, page: Any) -> list[list[str]]:
        """Override: what should be mended in the page that a sound row makes; written it is all the same."""
        return []

    def why_not(self, page: Any, parent: Page | None) -> list[list[str]]:
        """Why a sound row cannot be taken over all the same."""
        if page.pk is None:
            assert parent is not None, "rows without a parent were refused"
            if self.into is not None and not is_within(parent, self.into):
                return [["", "", self.elsewhere(parent)]]
            if page.slug and page.slug in slugs_below(parent):
                return [["", page.slug, _("网址名“%(slug)s”已被别的页面使用。") % {"slug": page.slug}]]
            return []
        if self.into is not None and not is_within(page, self.into):
            return [["", "", self.outside(page)]]
        lock = page.get_lock()
        if lock is not None and lock.for_user(self.run.by):
            return [["", "", _("“%(page)s”正在审核或已锁定，现在不能改。") % {"page": page.title}]]
        return []

    def outside(self, page: Page) -> str:
        assert self.into is not None
        return _("“%(page)s”不在“%(into)s”里面。") % {"page": page.title, "into": self.into.title}

    def elsewhere(self, parent: Page) -> str:
        assert self.into is not None
        return _(
            "照这一行写的地方，要放在“%(page)s”，不在您选的“%(into)s”里面。请改这一行，或回到第一步另选地方。"
        ) % {"page": parent.title, "into": self.into.title}

    def key_of(self, resource: PageResource, line: Line, page: Any, parent: Page | None) -> str:
        """What tells this row's page from others; empty where the row does not let it be known."""
        if page is not None:
            return str(page.slug)[:KEY_LIMIT]
        names = (*resource.get_import_id_fields(), resource.part_key, "title")
        texts = (line.cells.get(resource.fields[name].title, "") for name in names)
        text = next(filter(None, texts), "")
        if not text or line.damaged & {resource.fields[name].title for name in names}:
            return ""
        return f"{parent.pk if parent is not None else 0}/{text}"[:KEY_LIMIT]

    # What the file lacks

    def missing_pages(self) -> QuerySet[Any]:
        """Public pages of the kind that no row speaks of."""
        if self.into is None:
            return self.model.objects.none()
        named = self.run.rows.filter(part="").exclude(owner=0).values("owner")
        below = self.model.objects.live().descendant_of(self.into, inclusive=True)
        return below.exclude(pk__in=named).order_by("path")

    def missing(self, limit: int) -> tuple[int, list[str]]:
        pages = self.missing_pages()
        return pages.count(), list(pages.values_list("title", flat=True)[:limit])

    # Confirm

    def confirm(self) -> Outcome:
        outcome = Outcome()
        retiring = list(self.missing_pages()) if self.run.missing == ImportRun.Missing.RETIRE else []
        self.refuse_what_others_changed()
        with memo.kept():
            changes = [change for load in self.loads() for change in self.write(load)]
        ImportChange.objects.bulk_create(changes)
        outcome.counts["created"] = sum(change.what == ImportChange.What.CREATED for change in changes)
        outcome.counts["changed"] = len(changes) - outcome.counts["created"]
        self.hand_on(changes, outcome)
        if retiring:
            self.retire(retiring, outcome)
        return outcome

    def refuse_what_others_changed(self) -> None:
        """Pages that are not what the preview compared with are not overwritten: each is named."""
        rows = list(self.run.rows.filter(part="", status__in=(NEW, CHANGED)))
        if new := [row.data["cells"] for row in rows if not row.owner]:
            self.resource.expect(new)
        pages = {page.pk: page for page in Page.objects.filter(pk__in={row.owner for row in rows})}
        changed = [row for row in rows if self.is_outdated(row, pages.get(row.owner))]
        for row in changed:
            problems = [["", row.key, _("预览之后，这一条被别人改过。请重新检查。")]]
            self.run.rows.filter(part="", number=row.number).update(status=REFUSED, problems=problems)
        if changed and self.run.accept == ImportRun.Accept.ALL:
            raise NotNow(
                _("预览之后，有 %(count)d 条被别人改过，什么都没有写入。请重新检查，再确认。")
                % {"count": len(changed)}
            )

    def is_outdated(self, row: StagedRow, page: Page | None) -> bool:
        if row.owner:
            if page is None or page.latest_revision_id != row.data["revision"]:
                return True
            lock = page.get_lock()
            return lock is not None and lock.for_user(self.run.by)
        cells = row.data["cells"]
        return self.resource.find(cells, self.resource.key_parent(cells)) is not None

    def loads(self) -> Iterator[Load]:
        """What is to be written, from the staged rows."""
        rows = list(self.run.rows.filter(part="", status__in=(NEW, CHANGED)).order_by("number"))
        if not rows:
            return
        numbers = {row.number for row in rows}
        parts: dict[str, list[dict[str, str]]] = {}
        for row in self.run.rows.exclude(part="").exclude(status=REFUSED).order_by("part", "number"):
            if numbers.intersection(row.data["pages"]):
                parts.setdefault(row.part, []).append(row.data["cells"])
        yield Load(
            self.make_resource(),
            dataset_of([row.data["cells"] for row in rows]),
            {name: dataset_of(cells) for name, cells in parts.items()},
        )

    def write(self, load: Load) -> Iterator[ImportChange]:
        """Write rows through their resource; one change for each page that came out of it."""
        before = {pk: self.state_before(pk) for pk in self.known_pages()}
        try:
            result = load.resource.load(
                load.rows, parts=load.parts, kept_parts=load.kept_parts, is_excerpt=True
            )
        except SheetRefused as error:
            raise NotNow(
                _("预览之后，网站上的内容有了变化，什么都没有写入。请重新检查。%(problems)s")
                % {"problems": "".join(error.messages[:SENTENCES])}
            ) from error
        for row in result.rows:
            if row.import_type != row.IMPORT_TYPE_SKIP:
                yield self.change(row.instance, before.get(row.instance.pk))

    def known_pages(self) -> list[int]:
        rows = self.run.rows.filter(part="", status__in=(NEW, CHANGED)).exclude(owner=0)
        return list(rows.values_list("owner", flat=True).distinct().order_by("owner"))

    def state_before(self, pk: int) -> tuple[int, int | None, bool]:
        """Newest revision, live revision and whether it is public; a page without any gets its first."""
        page = Page.objects.get(pk=pk)
        if page.latest_revision_id is None:
            first = page.specific.save_revision(clean=False)
            return first.pk, first.pk if page.live else None, page.live
        live = (page.live_revision_id or page.latest_revision_id) if page.live else None
        return page.latest_revision_id, live, page.live

    def change(self, page: Any, before: tuple[int, int | None, bool] | None) -> ImportChange:
        latest, live, was_live = before or (None, None, False)
        return ImportChange(
            run=self.run,
            what=ImportChange.What.CHANGED if before else ImportChange.What.CREATED,
            page_id=page.pk,
            label=page.title[:300],
            latest_before=latest,
            live_before=live,
            revision_made=page.latest_revision_id,
            was_live=was_live,
        )

    def hand_on(self, changes: Sequence[ImportChange], outcome: Outcome) -> None:
        """Publish the pages, hand them in for review, or leave them drafts, as was asked."""
        outcome.links += [
            (change.label, reverse("wagtailadmin_pages:edit", args=[change.page_id]))
            for change in changes[: LINKS - len(outcome.links)]
        ]
        problems: list[str] = []
        if self.run.outcome == ImportRun.Outcome.PUBLISH:
            problems = [
                _("“%(page)s”还不能发布：%(problems)s")
                % {"page": refusal.thing.title, "problems": "".join(refusal.problems)}
                for refusal in self.publish(changes)
            ]
        elif self.run.outcome == ImportRun.Outcome.REVIEW:
            for change in changes:
                self.start_review(Page.objects.get(pk=change.page_id), outcome)
        if problems and self.run.accept == ImportRun.Accept.ALL:
            raise NotNow(
                _("有 %(count)d 个页面还不能发布，什么都没有写入。%(problems)s")
                % {"count": len(problems), "problems": "".join(problems[:SENTENCES])}
            )
        outcome.left += problems

    def publish(self, changes: Sequence[ImportChange]) -> Iterator[NotPublishable]:
        """Make public what was written; yields the refusals of pages that may not be."""
        created = [change.page_id for change in changes if change.what == ImportChange.What.CREATED]
        yield from publish_new_pages(self.model.objects.filter(pk__in=created), by=self.run.by)
        for page in Page.objects.filter(pk__in={change.page_id for change in changes}.difference(created)):
            try:
                publish(page, by=self.run.by)
            except NotPublishable as error:
                yield error

    def start_review(self, page: Page, outcome: Outcome) -> None:
        page = page.specific
        workflow = page.get_workflow()
        if workflow is None:
            outcome.left.append(_("“%(page)s”没有审核流程，存为草稿。") % {"page": page.title})
        elif not page.workflow_in_progress:
            try:
                require_publishable(page.get_latest_revision_as_object())
            except NotPublishable as refusal:
                outcome.left.append(
                    _("“%(page)s”还不能提交审核，存为草稿：%(problems)s")
                    % {"page": page.title, "problems": "".join(refusal.problems[:SENTENCES])}
                )
            else:
                workflow.start(page, self.run.by)

    def retire(self, pages: Sequence[Any], outcome: Outcome) -> None:
        """Take back what the file lacks; only a run that publishes may change what is public."""
        unknown = self.run.rows.filter(part="", status=REFUSED, key="").count()
        if unknown:
            raise NotNow(
                _("有 %(count)d 行看不出是哪个页面，不能移除文件里没有的内容。请先改好这些行。")
                % {"count": unknown}
            )
        if self.run.outcome != ImportRun.Outcome.PUBLISH:
            outcome.left += [
                _("“%(page)s”没有下线：只有直接发布才下线。") % {"page": page.title} for page in pages
            ]
            return
        for page in pages:
            latest, live, _was_live = self.state_before(page.pk)
            taken = take_back(page, by=self.run.by)
            ImportChange.objects.create(
                run=self.run,
                what=ImportChange.What.RETIRED,
                page_id=page.pk,
                label=page.title[:300],
                latest_before=latest,
                live_before=live,
                revision_made=taken.latest_revision_id,
                was_live=True,
            )
        outcome.counts["retired"] = len(pages)

    # Undo

    def undo(self) -> Outcome:
        outcome = Outcome()
        for change in self.run.changes.filter(undone=False).order_by("-pk"):
            try:
                with transaction.atomic():
                    why_not = self.undo_one(change)
            except NotPublishable as error:
                why_not = _("“%(page)s”以前的内容现在不能发布：%(problems)s") % {
                    "page": change.label,
                    "problems": "".join(error.problems),
                }
            except ProtectedError:
                why_not = _("“%(page)s”已被别的内容引用，没有删除。") % {"page": change.label}
            if why_not:
                outcome.left.append(why_not)
                continue
            change.undone = True
            change.save(update_fields=["undone"])
            outcome.counts[change.what] = outcome.counts.get(change.what, 0) + 1
        return outcome

    def undo_one(self, change: ImportChange) -> str:
        """Bring one page back; otherwise the sentence that says why it was left."""
        page = Page.objects.filter(pk=change.page_id).first()
        if page is None:
            return ""
        page = page.specific
        if page.latest_revision_id != change.revision_made:
            return _("“%(page)s”导入之后有人改过，没有撤销。") % {"page": change.label}
        what = ImportChange.What
        if change.what == what.RETIRED and page.live:
            return _("“%(page)s”已经有人重新发布，没有撤销。") % {"page": change.label}
        if change.what == what.CREATED and page.get_children().exists():
            return _("“%(page)s”下面已有别的页面，没有删除。") % {"page": change.label}
        if page.workflow_in_progress:
            page.current_workflow_state.cancel(user=self.run.by)
        if change.what == what.CREATED:
            self.remove(page)
        else:
            self.bring_back(page, change)
        return ""

    def remove(self, page: Any) -> None:
        if page.live:
            page = take_back(page, by=self.run.by)
        DeletePageAction(page, user=self.run.by).execute(skip_permission_checks=True)

    def bring_back(self, page: Any, change: ImportChange) -> None:
        """The text of before as a new revision; what was public is so again where this run replaced it."""
        is_ours = page.live and page.live_revision_id == change.revision_made
        if change.was_live and (is_ours or change.what == ImportChange.What.RETIRED):
            self.revert(page, change.live_before)
            page = publish(page, by=self.run.by).specific
        elif is_ours:
            page = take_back(page, by=self.run.by).specific
        if change.latest_before != change.live_before or page.latest_revision_id == change.revision_made:
            self.revert(page, change.latest_before)

    def revert(self, page: Any, revision_id: int | None) -> None:
        revision = page.revisions.get(pk=revision_id)
        revision.as_object().save_revision(user=self.run.by, previous_revision=revision, clean=False)


def slugs_below(parent: Page) -> set[str]:
    """Addresses that are taken below a page, read once in a check."""

    def read() -> set[str]:
        return set(parent.get_children().values_list("slug", flat=True))

    found: set[str] = memo.remember(f"slugs below {parent.pk}", read)
    return found


def is_within(page: Page, into: Page) -> bool:
    return text_of(page.path).startswith(into.path)

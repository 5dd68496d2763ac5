"""New editions from staged rows: written in sets, published by one swap, undone by the swap back."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from content_models.base.checks import NotPublishable
from content_models.base.models import Edition
from imports import staging
from imports.lanes import Lane, NotNow, Outcome
from imports.models import ImportChange, ImportRun, StagedRow
from publishing.publish import publish, take_back
from quality.personal_data import mask

MISSING_SHOWN = 50
PROBLEMS_SHOWN = 5


class EditionLane(Lane):
    """Rows become a new draft edition of each owner; what the file lacks is kept or left out."""

    makes_editions = True
    edition_model: Any
    # {column of the rows' table: SQL that takes it from a staged row ``s``}, beside key, order and digest
    row_columns: dict[str, str]

    @abstractmethod
    def owner_ids(self) -> list[int]:
        """The pages whose editions the staged rows belong to."""

    @abstractmethod
    def owner(self, pk: int) -> Any:
        """An owner's page."""

    def staged_owner(self, owner: int) -> int:
        """The owner under which the rows were staged."""
        return owner

    def base_id(self, owner: int) -> int | None:
        """The edition an owner's rows were compared with."""
        return self.run.bases.get(str(owner))

    def may(self, user: Any, outcome: str) -> bool:
        right = "can_publish" if outcome == ImportRun.Outcome.PUBLISH else "can_edit"
        return all(getattr(self.owner(pk).permissions_for_user(user), right)() for pk in self.owner_ids())

    # What the file lacks

    def missing(self, limit: int = MISSING_SHOWN) -> tuple[int, list[str]]:
        count, names = 0, list[str]()
        for pk in self.owner_ids():
            base = self.edition_model.objects.filter(pk=self.base_id(pk)).first()
            if base is None:
                continue
            rows = base.rows.extra(
                where=[self._not_staged(base)], params=[self.run.pk, self.staged_owner(pk)]
            )
            count += rows.count()
            if len(names) < limit:
                for row in rows[: limit - len(names)]:
                    row.edition = base
                    names.append(str(row))
        return count, names

    def _not_staged(self, base: Edition) -> str:
        rows = base.row_model._meta.db_table
        return (
            f"NOT EXISTS (SELECT 1 FROM {staging.TABLE} s WHERE s.run_id = %s AND s.part = '' "
            f'AND s.owner = %s AND s.key = "{rows}"."key")'
        )

    # Confirm

    def confirm(self) -> Outcome:
        outcome = Outcome()
        self.refuse_to_guess()
        owners = [pk for pk in self.owner_ids() if self.changes_anything(pk)]
        for pk in owners:
            edition = self.make_edition(self.owner(pk))
            self.hand_on(edition, outcome)
        outcome.counts["editions"] = len(owners)
        return outcome

    def refuse_to_guess(self) -> None:
        """Rows whose key cannot be read may be any of those the file seems to lack: none of them goes."""
        unknown = self.run.rows.filter(part="", status=StagedRow.Status.REFUSED, key="").count()
        if unknown and self.run.missing == ImportRun.Missing.RETIRE:
            raise NotNow(
                _("有 %(count)d 行看不出是哪一条，不能移除文件里没有的内容。请先改好这些行。")
                % {"count": unknown}
            )

    def changes_anything(self, owner: int) -> bool:
        rows = self.run.rows.filter(owner=self.staged_owner(owner), part="")
        if rows.filter(status__in=(StagedRow.Status.NEW, StagedRow.Status.CHANGED)).exists():
            return True
        return self.run.missing == ImportRun.Missing.RETIRE and self.missing(1)[0] > 0

    def make_edition(self, owner: Any) -> Edition:
        current = self.edition_model.objects.current().filter(owner=owner).first()
        self.refuse_what_others_changed(owner.pk, current)
        edition = self.begin(owner, current)
        self.fill(edition, current)
        edition.save_revision(user=self.run.by)
        log(instance=edition, action="wagtail.create", user=self.run.by, content_changed=True)
        return edition

    @property
    def title(self) -> str:
        """What the new edition is called."""
        return self.run.title or _("%(day)s导入") % {"day": timezone.localdate().isoformat()}

    @property
    def source(self) -> str:
        """Where residents read a first edition comes from; people name files after people."""
        return mask(self.run.file_name)[:300]

    def begin(self, owner: Any, current: Edition | None) -> Edition:
        """A new edition without rows."""
        edition = self.edition_model(
            owner=owner,
            title=self.title,
            effective_on=self.run.effective_on,
            based_on=current,
            created_by=self.run.by,
            **(current.copied_header() if current else {"source": self.source}),
        )
        edition.full_clean(exclude=["owner", "based_on", "replaces", "created_by"])
        edition.save()
        return edition

    def fill(self, edition: Edition, current: Edition | None) -> None:
        """The rows of the new edition: the file's, and those of the current one that stay."""
        self._insert_staged(edition)
        if current is not None:
            self._insert_kept(edition, current)

    def hand_on(self, edition: Edition, outcome: Outcome) -> None:
        """Publish the edition, hand it in for review, or leave it a draft, as was asked."""
        self.change_of(edition).save()
        if self.run.outcome == ImportRun.Outcome.PUBLISH:
            self.publish([edition])
        elif self.run.outcome == ImportRun.Outcome.REVIEW:
            edition.get_workflow().start(edition, self.run.by)

    def change_of(self, edition: Edition) -> ImportChange:
        """The record by which an edition is found again to be undone."""
        return ImportChange(
            run=self.run,
            what=ImportChange.What.EDITION,
            page_id=edition.owner_id,
            edition_model=edition._meta.label,
            edition_id=edition.pk,
            label=str(edition)[:300],
        )

    def publish_all(self, editions: Sequence[Edition]) -> None:
        """Override: where many are published together."""
        for edition in editions:
            publish(edition, by=self.run.by)

    def publish(self, editions: Sequence[Edition]) -> None:
        try:
            self.publish_all(editions)
        except NotPublishable as error:
            raise NotNow(
                _("“%(edition)s”还不能发布，什么都没有写入。%(problems)s")
                % {"edition": error.thing, "problems": "".join(error.problems[:PROBLEMS_SHOWN])}
            ) from error

    def refuse_what_others_changed(self, owner: int, current: Edition | None) -> None:
        """Rows that differ today from what the preview showed are not overwritten: each is named."""
        base = self.base_id(owner)
        if (current.pk if current else None) == base:
            return
        changed = self._changed_since(owner, base, current)
        if not changed:
            return
        for row in changed:
            row.status = StagedRow.Status.REFUSED
            row.problems = [*row.problems, ["", row.key, _("预览之后，这一条被别人改过。请重新检查。")]]
            self.run.rows.filter(part="", number=row.number).update(status=row.status, problems=row.problems)
        if self.run.accept == ImportRun.Accept.ALL:
            raise NotNow(
                _("预览之后，有 %(count)d 条被别人改过，什么都没有写入。请重新检查，再确认。")
                % {"count": len(changed)}
            )

    def _changed_since(self, owner: int, base: int | None, current: Edition | None) -> list[StagedRow]:
        rows = self.edition_model._meta.get_field("rows").related_model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.number FROM {staging.TABLE} s "
                f'LEFT JOIN {rows} b ON b.edition_id = %s AND b."key" = s.key '
                f'LEFT JOIN {rows} c ON c.edition_id = %s AND c."key" = s.key '
                "WHERE s.run_id = %s AND s.owner = %s AND s.part = '' AND s.status <> 'refused' "
                "AND COALESCE(b.digest, '') <> COALESCE(c.digest, '') AND COALESCE(c.digest, '') <> s.digest",
                [base, current.pk if current else None, self.run.pk, self.staged_owner(owner)],
            )
            numbers = [number for (number,) in cursor.fetchall()]
        return list(self.run.rows.filter(part="", number__in=numbers))

    def _insert_staged(self, edition: Edition) -> None:
        """The rows of the file, in its order."""
        table = edition.row_model._meta.db_table
        names = ", ".join(f'"{name}"' for name in self.row_columns)
        values = ", ".join(self.row_columns.values())
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO {table} ("key", "order", digest, edition_id, {names}) '
                f"SELECT s.key, s.number, s.digest, %s, {values} FROM {staging.TABLE} s "
                "WHERE s.run_id = %s AND s.owner = %s AND s.part = '' AND s.status <> 'refused' "
                "ORDER BY s.number",
                [edition.pk, self.run.pk, self.staged_owner(edition.owner_id)],
            )

    def _insert_kept(self, edition: Edition, current: Edition) -> None:
        """Rows of the current edition that the file lacks, where they are kept, and those it has wrong."""
        table = edition.row_model._meta.db_table
        names = ", ".join(f'"{name}"' for name in self.row_columns)
        values = ", ".join(f'c."{name}"' for name in self.row_columns)
        staged = (
            f"SELECT 1 FROM {staging.TABLE} s WHERE s.run_id = %s AND s.owner = %s AND s.part = '' "
            'AND s.key = c."key"'
        )
        wanted = f"NOT EXISTS ({staged} AND s.status <> 'refused')"
        owner = self.staged_owner(edition.owner_id)
        parameters = [edition.pk, edition.pk, current.pk, self.run.pk, owner]
        if self.run.missing == ImportRun.Missing.RETIRE:
            wanted += f" AND EXISTS ({staged})"
            parameters += [self.run.pk, owner]
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO {table} ("key", "order", digest, edition_id, {names}) '
                f'SELECT c."key", (SELECT COALESCE(MAX("order"), 0) FROM {table} WHERE edition_id = %s) '
                f'+ ROW_NUMBER() OVER (ORDER BY c."order", c.id), c.digest, %s, {values} FROM {table} c '
                f"WHERE c.edition_id = %s AND {wanted}",
                parameters,
            )

    # Undo

    def undo(self) -> Outcome:
        outcome = Outcome()
        made = self.run.changes.filter(undone=False, what=ImportChange.What.EDITION)
        for change in made.order_by("-pk"):
            edition = self.edition_model.objects.filter(pk=change.edition_id).first()
            if edition is not None and (why := self.why_not_undone(edition)):
                outcome.left.append(why)
                continue
            if edition is not None:
                self.remove(edition)
            change.undone = True
            change.save(update_fields=["undone"])
            outcome.counts["editions"] = outcome.counts.get("editions", 0) + 1
        return outcome

    def why_not_undone(self, edition: Edition) -> str:
        """What somebody did since that undo would destroy; empty when nobody did."""
        successors = self.edition_model.objects.filter(replaces=edition).exclude(taken_back_at__isnull=False)
        if edition.live and not edition.is_current and successors.exists():
            return _("“%(edition)s”已被后来的版本替换，没有撤销。") % {"edition": edition}
        if not edition.live and self._was_edited(edition):
            return _("“%(edition)s”导入之后有人改过，没有撤销。") % {"edition": edition}
        return ""

    def _was_edited(self, edition: Edition) -> bool:
        """Whether rows of a draft differ from what was imported into it."""
        table = edition.row_model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT COUNT(*) FROM {staging.TABLE} s LEFT JOIN {table} r "
                'ON r.edition_id = %s AND r."key" = s.key AND r.digest = s.digest '
                "WHERE s.run_id = %s AND s.owner = %s AND s.part = '' AND s.status <> 'refused' "
                "AND r.id IS NULL",
                [edition.pk, self.run.pk, self.staged_owner(edition.owner_id)],
            )
            return bool(cursor.fetchone()[0])

    def remove(self, edition: Edition) -> None:
        """A public edition gives way to the one it replaced; a draft goes."""
        if edition.is_current:
            take_back(edition, by=self.run.by)
        elif not edition.live:
            if edition.workflow_in_progress:
                edition.current_workflow_state.cancel(user=self.run.by)
            edition.delete()

"""Provisions of many communities and streets in one file: checked in batches, written as one set per step.

A row's content is kept as the JSON text that also makes its digest, so nothing is encoded twice.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import md5
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.models import ModelLogEntry, Page, Revision

from content_models.base import memo
from content_models.base.fields import pack
from content_models.base.models import Edition
from content_models.base.widgets import text_of
from content_models.guides.models import Provision, ProvisionEdition
from content_models.guides.resources import ProvisionResource
from content_models.places.hours import parse_hours
from content_models.places.models import RegionPage
from imports import staging
from imports.cells import NOT_IN_FILE, Column, Unusable
from imports.editions import EditionLane
from imports.lanes import Outcome, ShownCell, ShownRow
from imports.models import ImportChange, ImportRun, StagedRow
from imports.privacy import Keep
from imports.staging import Staged
from imports.tables import Batch, Table
from publishing.publish import publish_editions

LINKS = 20
NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
# The row's content in the order in which its digest has it, and the resource's field of each.
CONTENT = {
    "go_to_id": "go_to",
    "hours": "hours",
    "is_offered": "is_offered",
    "note": "note",
    "office_id": "office",
    "phone": "phone",
    "promised_days": "promised_days",
    "promised_unit": "promised_unit",
    "reason": "reason",
    "waived_materials": "waived_materials",
    "window": "window",
}
NAMES = list(CONTENT)
POINTERS = ("guide_id", "go_to_id", "office_id")
LINES, WAIVED_AT, NONE_WAIVED = "lines", NAMES.index("waived_materials"), '"waived_materials": []'
REFUSES, NO_REASON = '"is_offered": false', '"reason": ""'


def fragment(name: str, value: Any) -> str:
    return f"{staging.dump(name)}: {json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)}"


class ProvisionRows:
    """Checks rows of provisions: each cell by its column, each row against its owner's current edition."""

    def __init__(
        self, run: ImportRun, resource: ProvisionResource, table: Table, keeps: Mapping[str, Keep]
    ) -> None:
        self.run = run
        fields = resource.fields
        places = table.places(run.mapping)
        self.columns = [
            Column(
                field.title,
                places.get(field.title, NOT_IN_FILE),
                _reader(name, field, keeps.get(field.title)),
            )
            for name, field in ((name, fields[field_name]) for name, field_name in CONTENT.items())
        ]
        self.is_partial = any(column.place == NOT_IN_FILE for column in self.columns)
        guide, region = fields["guide"], fields["region"]
        self.guide = Column(guide.title, places.get(guide.title, NOT_IN_FILE), _plain(guide))
        self.region = Column(region.title, places.get(region.title, NOT_IN_FILE), _plain(region))
        paths = RegionPage.objects.filter(path__startswith=run.into.path) if run.into else RegionPage.objects
        self.allowed = set(paths.values_list("pk", flat=True))
        current = ProvisionEdition.objects.current().values_list("owner_id", "pk")
        self.editions: dict[int, int] = dict(current)
        self.default_owner = run.into_id if run.into_id in self.allowed else None
        self.known: dict[int, dict[str, Any]] = {}
        self.packs: dict[str, str] = {}

    def check(self, batch: Batch) -> Iterator[Staged]:
        """The rows of a batch as they are staged; the database is asked before the first is handed out."""

        def meanings(column: Column) -> list[Any]:
            return column.of(batch.column(column.place))

        owners, guides = meanings(self.region), meanings(self.guide)
        if self.region.place == NOT_IN_FILE:
            owners = [self.default_owner] * len(batch.numbers)
        self.learn({owner for owner in owners if type(owner) is int})
        contents = list(map(meanings, self.columns))
        return self._staged(batch.numbers, owners, guides, contents)

    def _staged(
        self,
        numbers: Sequence[int],
        owners: Sequence[Any],
        guides: Sequence[Any],
        contents: Sequence[Sequence[Any]],
    ) -> Iterator[Staged]:
        may_fail = self.is_partial or any(column.has_unusable for column in self.columns)
        rows = zip(numbers, owners, guides, zip(*contents, strict=True), strict=True)
        for number, owner, guide, cells in rows:
            is_known = type(owner) is int and type(guide) is int and owner in self.allowed
            key = f"guide-{guide}" if type(guide) is int else ""
            old = self.known[owner].get(key) if is_known else None
            problems, fragments = staging.NO_PROBLEMS, list[str](cells)
            if may_fail or not is_known or (REFUSES in cells and NO_REASON in cells):
                fragments, problems = self.look_at(owner, guide, cells, old)
            content = f"{{{', '.join(fragments)}}}"
            digest = md5(content.encode(), usedforsecurity=False).hexdigest()
            if problems is not staging.NO_PROBLEMS:
                status = REFUSED
            else:
                status = NEW if old is None else SAME if old[0] == digest else CHANGED
            # The guide is the key's, not the content's; lines are stored as one text.
            lines = (
                f'"{LINES}": {self.packed(fragments[WAIVED_AT])}, '
                if fragments[WAIVED_AT] != NONE_WAIVED
                else ""
            )
            data = f'{{"guide_id": {guide if type(guide) is int else "null"}, {lines}{content[1:]}'
            owner_id = owner if type(owner) is int and owner in self.allowed else 0
            yield Staged(number, owner_id, key, digest, status, data, problems)

    def packed(self, waived: str) -> str:
        """Waived materials as the database keeps them."""
        if waived not in self.packs:
            self.packs[waived] = staging.dump(pack(json.loads(f"{{{waived}}}")["waived_materials"] or []))
        return self.packs[waived]

    def learn(self, owners: set[int]) -> None:
        """What the current editions of these owners say, read once."""
        new = {owner: self.editions.get(owner) for owner in owners - self.known.keys()}
        self.known.update({owner: {} for owner in new})
        owner_of = {edition: owner for owner, edition in new.items() if edition}
        if not owner_of:
            return
        names = NAMES if self.is_partial else []
        rows = Provision.objects.filter(edition__in=list(owner_of)).order_by()
        for edition, key, *rest in rows.values_list("edition_id", "key", "digest", *names):
            self.known[owner_of[edition]][key] = rest

    def look_at(self, owner: Any, guide: Any, cells: Sequence[Any], old: Any) -> tuple[list[str], str]:
        """A row that may have problems, or that leaves cells of the known one as they are."""
        problems: list[list[str]] = []
        for column, meaning in ((self.region, owner), (self.guide, guide)):
            if isinstance(meaning, Unusable):
                problems.append([column.title, meaning.raw, meaning.message])
            elif not meaning:
                problems.append([column.title, "", _("必须填写。")])
        if type(owner) is int and owner not in self.allowed:
            problems.append([self.region.title, "", _("不在要导入的范围里。")])
        fragments: list[str] = []
        for name, column, cell in zip(NAMES, self.columns, cells, strict=True):
            if isinstance(cell, Unusable):
                problems.append([column.title, cell.raw, cell.message])
                cell = fragment(name, None)
            elif column.place == NOT_IN_FILE and old is not None:
                cell = fragment(name, old[1 + NAMES.index(name)])
            fragments.append(cell)
        if not problems and REFUSES in fragments and NO_REASON in fragments:
            title = self.columns[NAMES.index("reason")].title
            problems.append([title, "", _("不办理的，请写明原因。")])
        return fragments, staging.dump(problems) if problems else staging.NO_PROBLEMS


def _plain(field: Any) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return field.clean({field.title: value})

    return read


def _reader(name: str, field: Any, keep: Keep | None) -> Callable[[Any], str]:
    clean = _plain(field)

    def read(value: Any) -> str:
        meaning = clean(keep(text_of(value)) if keep else value)
        if name == "hours":
            parse_hours(meaning)
        return fragment(name, meaning)

    return read


def titles_of(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The titles of the guides and offices that these rows point at."""
    ids = {row.get(name) for row in rows for name in POINTERS} - {None}
    return dict(Page.objects.filter(pk__in=ids).values_list("pk", "title"))


def said(field: Any, name: str, value: Any, titles: Mapping[int, str]) -> str:
    """A cell as people read it: pages by their titles."""
    return titles.get(value, "") if name in POINTERS else field.widget.render(value)


class ProvisionLane(EditionLane):
    """A new edition of each community or street that a row of the file belongs to."""

    edition_model = ProvisionEdition

    @cached_property
    def resource(self) -> ProvisionResource:
        return ProvisionResource(ProvisionEdition())

    def owner_ids(self) -> list[int]:
        return [int(pk) for pk in self.run.bases]

    @cached_property
    def owners(self) -> dict[int, RegionPage]:
        return RegionPage.objects.in_bulk(self.owner_ids())

    def owner(self, pk: int) -> RegionPage:
        return self.owners[pk]

    # Check

    def check(self, tables: dict[str, Table]) -> None:
        with memo.kept():
            rows = ProvisionRows(self.run, self.resource, tables[""], self.privacy.of(self.resource))
            for batch in tables[""].batches():
                staging.write(self.run, rows.check(batch))
                self.run.beat(rows_read=batch.numbers[-1])
        staged = self.run.rows.exclude(owner=0).values_list("owner", flat=True).distinct().order_by("owner")
        self.run.bases = {str(owner): rows.editions.get(owner) for owner in staged}

    def shown(self, rows: Sequence[StagedRow]) -> list[ShownRow]:
        fields = self.resource.fields
        changed = [row for row in rows if row.status == CHANGED]
        editions = [self.base_id(row.owner) for row in changed]
        known = Provision.objects.filter(
            edition__in=[pk for pk in editions if pk], key__in=[row.key for row in changed]
        ).values("edition_id", "key", *NAMES)
        before = {(found["edition_id"], found["key"]): found for found in known}
        titles = titles_of([row.data for row in rows] + list(before.values()))
        shown = []
        for row in rows:
            old = before.get((self.base_id(row.owner), row.key)) if row.status == CHANGED else None
            wrong = {column: (value, message) for column, value, message in row.problems if column}
            owner = self.owners.get(row.owner)
            guide = titles.get(row.data.get("guide_id"), "")
            cells = [
                self._told(fields["region"].title, owner.title if owner else "", None, wrong),
                self._told(fields["guide"].title, guide, None, wrong),
            ]
            for name, field_name in CONTENT.items():
                field = fields[field_name]
                text = said(field, name, row.data.get(name), titles)
                was = said(field, name, old[name], titles) if old is not None else text
                cells.append(self._told(field.title, text, was if was != text else None, wrong))
            shown.append(ShownRow(row, f"{owner.title if owner else ''} {guide}".strip(), cells))
        return shown

    def _told(self, title: str, text: str, old: str | None, wrong: dict[str, tuple[str, str]]) -> ShownCell:
        value, message = wrong.get(title, (text, ""))
        return ShownCell(title, value, old, message)

    # What the file lacks

    def missing(self, limit: int = 50) -> tuple[int, list[str]]:
        bases = [pk for pk in self.run.bases.values() if pk]
        if not bases:
            return 0, []
        sql = (
            f"FROM {Provision._meta.db_table} r "
            f"JOIN {ProvisionEdition._meta.db_table} e ON e.id = r.edition_id "
            f"LEFT JOIN {staging.TABLE} s ON s.run_id = %s AND s.part = '' AND s.owner = e.owner_id "
            f'AND s.key = r."key" WHERE {staging.among("e.id")} AND s.run_id IS NULL'
        )
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) {sql}", [self.run.pk, staging.listed(bases)])
            count = cursor.fetchone()[0]
            cursor.execute(
                f"SELECT r.id {sql} ORDER BY r.id LIMIT %s", [self.run.pk, staging.listed(bases), limit]
            )
            ids = [pk for (pk,) in cursor.fetchall()]
        rows = Provision.objects.filter(pk__in=ids).select_related("guide", "edition__owner").order_by("pk")
        return count, [f"{row.edition.owner.title} {row.guide.title}" for row in rows]

    # Confirm

    @cached_property
    def row_columns(self) -> dict[str, str]:  # type: ignore[override]  # by database
        is_postgres = connection.vendor == "postgresql"
        casts = {
            "guide_id": "bigint",
            "go_to_id": "bigint",
            "office_id": "bigint",
            "promised_days": "smallint",
        }
        casts["is_offered"] = "boolean"
        columns = {}
        for name in ("guide_id", *NAMES):
            text = staging.json_text(name)
            columns[name] = f"({text})::{casts[name]}" if is_postgres and name in casts else text
        columns["waived_materials"] = f"COALESCE({staging.json_text(LINES)}, '')"
        return columns

    def confirm(self) -> Outcome:
        outcome = Outcome()
        self.refuse_to_guess()
        rows = self.run.rows.filter(status__in=(NEW, CHANGED))
        owners = set(rows.values_list("owner", flat=True))
        if self.run.missing == ImportRun.Missing.RETIRE:
            owners |= {pk for pk in self.owner_ids() if pk not in owners and self.changes_anything(pk)}
        current = {
            edition.owner_id: edition
            for edition in ProvisionEdition.objects.current().filter(owner__in=owners)
        }
        for owner in owners:
            self.refuse_what_others_changed(owner, current.get(owner))
        editions = self.begin_all(sorted(owners), current)
        self.insert_all(editions)
        self.save_revisions(editions)
        ImportChange.objects.bulk_create(self.change_of(edition) for edition in editions)
        if self.run.outcome == ImportRun.Outcome.PUBLISH:
            self.publish(editions)
        elif self.run.outcome == ImportRun.Outcome.REVIEW:
            for edition in editions:
                edition.get_workflow().start(edition, self.run.by)
        outcome.counts["editions"] = len(editions)
        outcome.links = [
            (str(edition), reverse("wagtailsnippets_guides_provisionedition:rows", args=[edition.pk]))
            for edition in editions[:LINKS]
        ]
        return outcome

    def publish_all(self, editions: Sequence[Edition]) -> None:
        publish_editions(editions, by=self.run.by)

    def begin_all(self, owners: Sequence[int], current: dict[int, Any]) -> list[Any]:
        """A new edition of each owner, without rows."""
        newest = ProvisionEdition.objects.filter(owner__in=owners).order_by().values_list("owner_id")
        numbers = dict(newest.annotate(Max("number")))
        editions = []
        for owner in owners:
            base = current.get(owner)
            header = base.copied_header() if base else {"source": self.source}
            editions.append(
                ProvisionEdition(
                    owner=self.owner(owner),
                    number=numbers.get(owner, 0) + 1,
                    title=self.title,
                    effective_on=self.run.effective_on,
                    based_on=base,
                    created_by=self.run.by,
                    **header,
                )
            )
        return ProvisionEdition.objects.bulk_create(editions)

    def insert_all(self, editions: Sequence[Any]) -> None:
        """The rows of the file, then those of the current editions that stay."""
        rows, headers = Provision._meta.db_table, ProvisionEdition._meta.db_table
        names = ", ".join(f'"{name}"' for name in self.row_columns)
        values = ", ".join(self.row_columns.values())
        ids = staging.listed([edition.pk for edition in editions])
        kept = ", ".join(f'c."{name}"' for name in self.row_columns)
        stays = "s.run_id IS NULL OR s.status = 'refused'"
        if self.run.missing == ImportRun.Missing.RETIRE:
            stays = "s.status = 'refused'"
        with connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO {rows} ("key", "order", digest, edition_id, {names}) '
                f"SELECT s.key, s.number, s.digest, e.id, {values} FROM {staging.TABLE} s "
                f"JOIN {headers} e ON e.owner_id = s.owner AND {staging.among('e.id')} "
                "WHERE s.run_id = %s AND s.part = '' AND s.status <> 'refused' ORDER BY s.number",
                [ids, self.run.pk],
            )
            cursor.execute(
                f'INSERT INTO {rows} ("key", "order", digest, edition_id, {names}) '
                f'SELECT c."key", c."order" + (SELECT COALESCE(MAX(m.number), 0) FROM {staging.TABLE} m '
                f"WHERE m.run_id = %s), c.digest, e.id, {kept} FROM {rows} c "
                f"JOIN {headers} e ON e.based_on_id = c.edition_id AND {staging.among('e.id')} "
                f"LEFT JOIN {staging.TABLE} s ON s.run_id = %s AND s.part = '' AND s.owner = e.owner_id "
                f'AND s.key = c."key" WHERE {stays}',
                [self.run.pk, ids, self.run.pk],
            )
            if connection.vendor == "postgresql":
                cursor.execute(f"ANALYZE {rows}")

    def save_revisions(self, editions: Sequence[Any]) -> None:
        """A first revision of each edition, and who made it."""
        now, kind = timezone.now(), ContentType.objects.get_for_model(ProvisionEdition)
        revisions = Revision.objects.bulk_create(
            Revision(
                content_type=kind,
                base_content_type=kind,
                object_id=str(edition.pk),
                object_str=str(edition),
                content=edition.serializable_data(),
                user=self.run.by,
                created_at=now,
            )
            for edition in editions
        )
        for edition, revision in zip(editions, revisions, strict=True):
            edition.latest_revision = revision
            edition.has_unpublished_changes = True
        ProvisionEdition.objects.bulk_update(editions, ["latest_revision", "has_unpublished_changes"], 500)
        ModelLogEntry.objects.bulk_create(
            ModelLogEntry(
                content_type=kind,
                object_id=str(edition.pk),
                label=str(edition),
                action="wagtail.create",
                user=self.run.by,
                timestamp=now,
                revision=edition.latest_revision,
                content_changed=True,
            )
            for edition in editions
        )

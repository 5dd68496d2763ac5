"""Entries of policy lists: checked in batches by the list's own columns, compared by digest."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import md5
from json.encoder import encode_basestring
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.models import Page

from content_models.base.models import Edition
from content_models.base.slugs import slug_of
from content_models.base.widgets import text_of
from content_models.policy_lists.columns import ColumnSpec, give_keys
from content_models.policy_lists.models import ListChannel, ListEdition, PolicyListPage
from content_models.policy_lists.resources import EntryField, PolicyEntryResource
from content_models.policy_lists.values import PLAIN, ColumnType
from imports import staging, totals
from imports.cells import NOT_IN_FILE, Column, Glance, Unusable
from imports.editions import EditionLane
from imports.infer import Proposed
from imports.lanes import NotNow, Outcome, ShownCell, ShownRow
from imports.models import ImportChange, ImportRun, StagedRow
from imports.privacy import Privacy, unsuspected
from imports.staging import Staged
from imports.tables import BATCH, Batch, Table
from publishing.publish import publish, take_back
from quality.names import Sensitive

KEY_LIMIT = 100
FETCHED_AT_ONCE = 100_000  # keys with digests: some 25 MB
NEW, CHANGED, SAME, REFUSED = StagedRow.Status.values
NEW_LIST = 0  # the owner of rows whose list is yet to be made


class KnownRows:
    """Digests (and, where asked for, contents) of an edition's rows, fetched by key in batches.

    The digests of all but very long lists are fetched at once.
    """

    def __init__(self, edition: Edition | None, *, with_values: bool = False) -> None:
        self.edition = edition if edition is not None and edition.pk else None
        self.with_values = with_values
        self.all: dict[str, tuple[Any, ...]] | None = None
        if self.edition is not None and not with_values and self.edition.rows.count() <= FETCHED_AT_ONCE:
            self.all = self._fetch("")

    def of(self, keys: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """``{key: (digest,)}`` or ``{key: (digest, values)}`` of those that exist, and perhaps of others."""
        if self.edition is None or not keys:
            return {}
        if self.all is not None:
            return self.all
        return self._fetch("AND " + staging.among('"key"'), staging.listed(keys))

    def _fetch(self, condition: str, *params: Any) -> dict[str, tuple[Any, ...]]:
        assert self.edition is not None
        table, columns = self.edition.row_model._meta.db_table, '"key", digest'
        if self.with_values:
            columns += ', "values"'
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns} FROM {table} WHERE edition_id = %s {condition}", [self.edition.pk, *params]
            )
            if self.with_values:
                return {key: (digest, json.loads(values)) for key, digest, values in cursor}
            return {row[0]: row[1:] for row in cursor.fetchall()}


class ListRows:
    """Checks the rows of one policy list: each cell by its column, each row against the current edition.

    A cell's meaning is kept as the JSON fragment ``"key": "value"``, empty for an empty cell: a row's content
    is then one join, and nothing is encoded twice.
    """

    def __init__(self, run: ImportRun, page: PolicyListPage, privacy: Privacy) -> None:
        self.run, self.page, self.privacy = run, page, privacy
        self.base: ListEdition | None = page.current_edition if page.pk else None
        self.edition = self.base or ListEdition()
        self.edition.owner = page
        self.resource = PolicyEntryResource(self.edition)
        self.specs = self.edition.columns
        self.used_keys: set[str] = set()
        self.old_keys: set[str] = set()
        self.keys_by_name: dict[str, list[str]] = {}

    def prepare(self, table: Table) -> None:
        """Compile the columns that the file has."""
        places, asked = table.places(self.run.mapping), self.privacy.sensitive
        fields = {field.spec.key: field for field in self.resource.fields.values() if hasattr(field, "spec")}
        # In the order of their keys, as JSON is kept: one text serves digest and storage.
        self.columns = [
            Column(
                spec.label, places[spec.label], self._reader(fields[spec.key]), glance=_glance(spec, asked)
            )
            if spec.label in places
            else Column(spec.label, NOT_IN_FILE, lambda value: "")
            for spec in sorted(self.specs, key=lambda spec: spec.key)
        ]
        self.keys_of_columns = sorted(spec.key for spec in self.specs)
        key_title = self.resource.fields["key"].title
        self.key_column = None
        if key_title in places:
            self.key_column = Column(
                key_title, places[key_title], self._read_key, glance=partial(_keys_at_a_glance, asked)
            )
        absent = [spec for spec in self.specs if spec.label not in places]
        # What the file does not speak of stays as it is.
        self.is_partial = self.base is not None and bool(absent)
        self.required_absent = [spec for spec in absent if spec.is_required]
        self.known = KnownRows(self.base, with_values=self.is_partial)
        titled = next((spec for spec in self.specs if spec.is_title), None) or next(iter(self.specs), None)
        self.title_at = self.keys_of_columns.index(titled.key) if titled and titled not in absent else None
        self.unread_names = titled.key if self.base is not None and titled is not None else ""

    def _remember_names(self) -> None:
        """Rows that carry no key are known by their name; read when the first of them is met."""
        title, self.unread_names = self.unread_names, ""
        if not title:
            return
        assert self.base is not None
        for key, values in self.base.rows.values_list("key", "values").iterator(chunk_size=BATCH):
            self.keys_by_name.setdefault(values.get(title, ""), []).append(key)
            self.old_keys.add(key)

    def check(self, batch: Batch) -> Iterator[Staged]:
        """The rows of a batch as they are staged; the database is asked before the first is handed out."""
        meanings = [column.of(batch.column(column.place)) for column in self.columns]
        keys = self._keys(batch, meanings)
        before = self.known.of([key for key in keys if type(key) is str])
        return self._staged(batch.numbers, keys, meanings, before)

    def _staged(
        self,
        numbers: Sequence[int],
        keys: Sequence[Any],
        meanings: Sequence[Sequence[Any]],
        before: Mapping[str, Sequence[Any]],
    ) -> Iterator[Staged]:
        may_fail = self.is_partial or any(column.has_unusable for column in self.columns)
        owner, required_absent = self.page.pk or NEW_LIST, bool(self.required_absent)
        sound = staging.NO_PROBLEMS
        for number, key, cells in zip(numbers, keys, zip(*meanings, strict=True), strict=True):
            is_key = type(key) is str
            old = before.get(key) if is_key else None
            problems, fragments = sound, cells
            if may_fail or not is_key or (required_absent and old is None):
                key, fragments, problems = self._look_at(key, cells, old)
            content = f"{{{', '.join(filter(None, fragments))}}}"
            digest = md5(content.encode(), usedforsecurity=False).hexdigest()
            if problems is not sound:
                status = REFUSED
            elif old is None:
                status = NEW
            else:
                status = SAME if old[0] == digest else CHANGED
            yield Staged(number, owner, key, digest, status, content, problems)

    def _reader(self, field: EntryField) -> Callable[[Any], str]:
        """Reads one cell as the resource's field does, and keeps personal data out of public columns."""
        title, clean, spec = field.title, field.clean, field.spec
        name = f"{staging.dump(spec.key)}: "
        encode, keep = json.JSONEncoder(ensure_ascii=False).encode, self.privacy.keep

        def read_guide(value: Any) -> str:
            text = clean({title: value})
            return name + encode(text) if text else ""

        def read(value: Any) -> str:
            try:
                text = spec.read(text_of(value))
            except ValidationError as error:
                raise ValueError("".join(error.messages)) from None
            if spec.is_public:
                text = keep(title, text)
            return name + encode(text) if text else ""

        return read_guide if spec.is_guide else read

    def _read_key(self, value: Any) -> str:
        """Keys stand in addresses, so they are as public as any text."""
        key = text_of(value)
        if len(key) > KEY_LIMIT:
            raise ValueError(_("编号最多 %(limit)d 个字。") % {"limit": KEY_LIMIT})
        return self.privacy.keep(self.resource.fields["key"].title, key)

    def _look_at(self, key: Any, cells: Sequence[Any], old: Any) -> tuple[str, tuple[str, ...], str]:
        """A row that may have problems, or that leaves cells of the known one as they are."""
        problems: list[list[str]] = []
        fragments: list[str] = []
        if isinstance(key, Unusable):
            problems.append([_("编号"), key.raw, key.message])
            key = ""
        for name, column, cell in zip(self.keys_of_columns, self.columns, cells, strict=True):
            if isinstance(cell, Unusable):
                problems.append([column.title, cell.raw, cell.message])
                cell = _fragment(name, cell.raw)  # shown as it stands, never written
            elif column.place == NOT_IN_FILE and old is not None:
                cell = _fragment(name, old[1].get(name, ""))
            fragments.append(cell)
        if old is None:
            problems += [[spec.label, "", _("新增条目要有这一列。")] for spec in self.required_absent]
        return key, tuple(fragments), staging.dump(problems) if problems else staging.NO_PROBLEMS

    def _keys(self, batch: Batch, meanings: Sequence[Sequence[Any]]) -> list[Any]:
        none = [""] * len(batch.numbers)
        keys: list[Any] = none
        if self.key_column is not None:
            keys = self.key_column.of(batch.column(self.key_column.place))
            if "" not in keys:
                return keys
        self._remember_names()
        names = meanings[self.title_at] if self.title_at is not None else none
        return [key or self._key_named(_value(name)) for key, name in zip(keys, names, strict=True)]

    def _key_named(self, name: str) -> str:
        """The key of the row that had this name, the first not yet met; else a readable new one."""
        for key in self.keys_by_name.get(name, ()):
            if key not in self.used_keys:
                self.used_keys.add(key)
                return key
        base = _slug(name)[:60] or "row"
        key, count = base, 1
        while key in self.used_keys or key in self.old_keys:
            count += 1
            key = f"{base}-{count}"
        self.used_keys.add(key)
        return key


def _glance(spec: ColumnSpec, asked: Sensitive) -> Glance | None:
    """For columns whose texts stand as they are typed, as most names and numbers do."""
    if spec.column_type not in PLAIN:
        return None
    fits, encode = PLAIN[spec.column_type].fullmatch, encode_basestring
    name = f"{staging.dump(spec.key)}: "

    def glance(texts: Sequence[str]) -> dict[str, str]:
        if spec.is_public:
            texts = unsuspected(texts, asked)
        return {text: name + encode(text) for text in texts if text.isprintable() and fits(text)}

    return glance


def _keys_at_a_glance(asked: Sensitive, texts: Sequence[str]) -> dict[str, str]:
    fits = PLAIN[ColumnType.TEXT].fullmatch
    return {
        text: text
        for text in unsuspected(texts, asked)
        if len(text) <= KEY_LIMIT and text.isprintable() and fits(text)
    }


@lru_cache(maxsize=20_000)
def _slug(name: str) -> str:
    return slug_of(name)


def _fragment(name: str, text: str) -> str:
    return f"{staging.dump(name)}: {staging.dump(text)}" if text else ""


def _value(fragment: Any) -> str:
    """The text of a fragment, or what stands in an unusable cell."""
    if isinstance(fragment, Unusable):
        return fragment.raw
    return next(iter(json.loads(f"{{{fragment}}}").values())) if fragment else ""


class ListLane(EditionLane):
    """One policy list: a new edition of its entries."""

    edition_model = ListEdition

    @cached_property
    def page(self) -> PolicyListPage:
        """The list, or the one that will be made of this file: not saved before it is confirmed."""
        if self.is_new and not self.run.confirmed_at:
            return self.proposed_page()
        page = PolicyListPage.objects.filter(pk=self.run.into_id or 0).first()
        if page is None:
            raise NotNow(_("要导入的清单已经不在了。"))
        return page

    @property
    def is_new(self) -> bool:
        """Whether the list itself comes with this file."""
        return "new_list" in self.run.header

    def proposed_page(self) -> PolicyListPage:
        wanted = self.run.header["new_list"]
        page = PolicyListPage(
            title=wanted["title"],
            draft_title=wanted["title"],
            slug=wanted["slug"],
            list_type_id=wanted["list_type"],
        )
        columns = [Proposed(**column).column() for column in wanted["columns"]]
        give_keys(columns)
        page.columns = columns
        return page

    @cached_property
    def channel(self) -> ListChannel:
        """Where a new list goes."""
        channel = ListChannel.objects.filter(pk=self.run.into_id or 0).first()
        if channel is None:
            raise NotNow(_("要放清单的栏目已经不在了。"))
        return channel

    def may(self, user: Any, outcome: str) -> bool:
        if not self.is_new or self.run.confirmed_at:
            return super().may(user, outcome)
        rights = self.channel.permissions_for_user(user)
        if outcome == ImportRun.Outcome.PUBLISH and not rights.can_publish_subpage():
            return False
        return rights.can_add_subpage()

    def owner_ids(self) -> list[int]:
        return [self.page.pk or NEW_LIST]

    def staged_owner(self, owner: int) -> int:
        return NEW_LIST if self.is_new else owner

    def owner(self, pk: int) -> PolicyListPage:
        return self.page

    def confirm(self) -> Outcome:
        if self.is_new:
            self.make_page()
        return super().confirm()

    def make_page(self) -> None:
        """The list as a page, before its first edition."""
        page = self.proposed_page()
        page.live, page.owner = False, self.run.by
        self.channel.add_child(instance=page)
        revision = page.save_revision(user=self.run.by, log_action=True, clean=False)
        ImportChange.objects.create(
            run=self.run,
            what=ImportChange.What.CREATED,
            page=page,
            label=page.title,
            revision_made=revision.pk,
        )
        if self.run.outcome == ImportRun.Outcome.PUBLISH:
            publish(page, by=self.run.by)
        elif self.run.outcome == ImportRun.Outcome.REVIEW and (workflow := page.get_workflow()):
            workflow.start(page, self.run.by)
        self.page = PolicyListPage.objects.get(pk=page.pk)
        self.run.into = Page.objects.get(pk=page.pk)

    def undo(self) -> Outcome:
        outcome = super().undo()
        for change in self.run.changes.filter(undone=False, what=ImportChange.What.CREATED):
            page = PolicyListPage.objects.filter(pk=change.page_id or 0).first()
            if page is not None and (
                page.editions.exists() or page.latest_revision_id != change.revision_made
            ):
                if page.editions.filter(taken_back_at__isnull=True).exists() or outcome.left:
                    outcome.left.append(_("清单“%(page)s”里还有别的内容，没有删除。") % {"page": page})
                    continue
                if page.latest_revision_id != change.revision_made:
                    outcome.left.append(_("清单“%(page)s”导入之后有人改过，没有删除。") % {"page": page})
                    continue
            if page is not None:
                self.run.into = page.get_parent()
                if page.live:
                    take_back(page, by=self.run.by)
                PolicyListPage.objects.get(pk=page.pk).delete(user=self.run.by)
            change.undone = True
            change.save(update_fields=["undone"])
            outcome.counts["pages"] = outcome.counts.get("pages", 0) + 1
        return outcome

    @cached_property
    def base(self) -> ListEdition:
        """The edition that the preview compares with; an empty one for a list that has none yet."""
        base = ListEdition.objects.filter(pk=self.base_id(self.owner_ids()[0]) or 0).first()
        base = base or (self.page.current_edition if self.page.pk else None) or ListEdition()
        base.owner = self.page
        return base

    @cached_property
    def resource(self) -> PolicyEntryResource:
        return PolicyEntryResource(self.base)

    def check(self, tables: dict[str, Table]) -> None:
        table = tables[""]
        rows = ListRows(self.run, self.page, self.privacy)
        self.run.bases = {str(self.owner_ids()[0]): rows.base.pk if rows.base else None}
        rows.prepare(table)
        for batch in table.batches():
            staging.write(self.run, rows.check(batch))
            self.run.beat(rows_read=batch.numbers[-1])

    def remarks(self) -> list[str]:
        remarks = super().remarks()
        if remarks and not self.run.masks:
            remarks.append(_("不该公开的列，可以在清单的栏目里设为不公开。"))
        return [*remarks, *totals.remarks_on_edition(self.run, self.base)]

    def shown(self, rows: Sequence[StagedRow]) -> list[ShownRow]:
        specs = self.base.columns
        guides = self.page.guide_titles if self.page.pk else {}
        changed = [row.key for row in rows if row.status == CHANGED]
        before = {
            key: values
            for key, (_digest, values) in KnownRows(self.base, with_values=True).of(changed).items()
        }
        named = next((spec for spec in specs if spec.is_title), None) or next(iter(specs), None)
        shown = []
        for row in rows:
            old, wrong = before.get(row.key), {column: text for column, _value, text in row.problems}
            cells = []
            for spec in specs:
                value = row.data.get(spec.key, "")
                text = value if spec.label in wrong else spec.show(value, guides=guides)
                was = old.get(spec.key, "") if old is not None else value
                cells.append(
                    ShownCell(
                        spec.label,
                        text,
                        spec.show(was, guides=guides) if was != value else None,
                        wrong.get(spec.label, ""),
                    )
                )
            shown.append(ShownRow(row, row.data.get(named.key, "") if named else row.key, cells))
        return shown

    @cached_property
    def row_columns(self) -> dict[str, str]:  # type: ignore[override]  # one per list, not per lane
        searched = [spec.key for spec in self.base.public_columns if spec.is_searched]
        newline = "chr(10)" if connection.vendor == "postgresql" else "char(10)"
        texts = [f"COALESCE({newline} || {staging.json_text(key)}, '')" for key in searched]
        text = f"SUBSTR({' || '.join(texts)}, 2)" if texts else "''"
        return {"values": "s.data", "text": text}

    def hand_on(self, edition: ListEdition, outcome: Outcome) -> None:
        super().hand_on(edition, outcome)
        address = reverse(
            f"wagtailsnippets_{edition._meta.app_label}_{edition._meta.model_name}:rows", args=[edition.pk]
        )
        outcome.links.append((str(edition), address))

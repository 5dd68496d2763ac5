"""What every Resource shares: columns with their other names, and how rows become pages, parts and rows.

A Resource beside its model is the only definition of what a spreadsheet of that kind looks like. All of them
read a dataset in three steps: headers are matched to columns, each cell goes through its column's widget, and
only what differs is written. ``problems`` names every cell that could not be read.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

import tablib
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field
from import_export.resources import Resource
from import_export.results import RowResult
from modelcluster.models import get_all_child_m2m_relations
from wagtail.models import Page

from content_models.base.bulk import batches, create_pages
from content_models.base.models import Audience, Code, Edition, EditionRow, Topic
from content_models.base.slugs import slug_of
from content_models.base.widgets import NumberWidget, fold, text_of, widget_for

Row = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """A cell or row that cannot be taken over, and what to do about it. ``row`` counts the header as 1."""

    sheet: str
    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = _("第 %(row)d 行") % {"row": self.row}
        if self.column:
            place += _("“%(column)s”") % {"column": self.column}
        return f"{self.sheet} {place}：{self.message}".strip()


class SheetRefused(ValidationError):
    """A sheet with problems; nothing of it was taken over."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__([str(problem) for problem in self.problems])


class SheetRowResult(RowResult):
    """The result of a row: what it changes and what is wrong with it, ``instance`` also where it is refused.

    Without a description of the instance: that may cost a query each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changes: dict[str, tuple[str, str]] = {}
        self.problems: list[Problem] = []

    def add_instance_info(self, instance: Any) -> None:
        self.object_id = getattr(instance, "pk", None)


class SheetField(Field):
    """A column: its header, its other names, how its cells are read, and what a template says about it.

    Without ``attribute`` the column is only read by its resource. Without ``widget`` the model field decides.
    """

    def __init__(
        self,
        attribute: str | None = None,
        column_name: str | None = None,
        *,
        widget: Any = None,
        aliases: Iterable[str] = (),
        help_text: Any = "",
        example: str = "",
        is_required: bool = False,
        readonly: bool = False,
        is_only_read: bool = False,
    ) -> None:
        super().__init__(attribute, column_name, widget, readonly=readonly)
        self.has_own_widget = widget is not None
        self.aliases = tuple(aliases)
        self.help_text = help_text
        self.example = example
        self.is_required = is_required
        self.is_only_read = is_only_read  # other systems' files may have it, our own do not
        self.model_field: Any = None
        self.empty: Any = ""
        self.things: dict[Any, Any] = {}  # what cells of this column have pointed at, read once

    def bind(self, model: Any) -> None:
        """Take widget, rules and default of the model field this column fills."""
        try:
            self.model_field = model._meta.get_field(self.attribute)
        except FieldDoesNotExist:
            return
        if not self.has_own_widget:
            self.widget = widget_for(self.model_field)
        self.empty = [] if self.model_field.many_to_many else self.model_field.get_default()
        if self.empty is None and not self.model_field.null:
            self.is_required = True
        self.help_text = self.help_text or str(self.model_field.help_text)

    @property
    def title(self) -> str:
        return str(self.column_name)

    def names(self, field_name: str) -> list[str]:
        """Every header under which a file may carry this column."""
        return [self.title, field_name, *self.aliases]

    def clean(self, row: Row, **kwargs: Any) -> Any:
        value = self.widget.clean(row.get(self.title), row=row, **kwargs)
        if value in (None, "", []):
            if self.is_required:
                raise ValueError(_("必须填写。"))
            return self.empty
        if self.model_field is not None and not self.model_field.is_relation:
            try:
                self.model_field.run_validators(value)
            except ValidationError as error:
                raise ValueError("".join(error.messages)) from None
        return value

    def get_value(self, instance: Any) -> Any:
        if self.model_field is None or not self.model_field.is_relation:
            return super().get_value(instance)
        if self.model_field.many_to_many:
            return [thing.pk for thing in getattr(instance, self.model_field.name).all()]
        return getattr(instance, self.model_field.attname)

    def set_value(self, instance: Any, value: Any) -> None:
        if self.model_field is not None and self.model_field.many_to_many:
            new = [pk for pk in value if pk not in self.things]
            self.things |= self.model_field.related_model._default_manager.in_bulk(new) if new else {}
            setattr(instance, self.model_field.name, [self.things[pk] for pk in value])
        elif self.model_field is not None and self.model_field.is_relation:
            setattr(instance, self.model_field.attname, value)
        else:
            setattr(instance, self.attribute, value)

    def save(self, instance: Any, row: Row, is_m2m: bool = False, **kwargs: Any) -> tuple[str, str] | None:
        """Fill the attribute where the cell differs from it; returns (old, new) as cells, None when equal.

        Compared as cells, so that what a cell cannot say (an image in a body) stays while the cell does.
        """
        value = self.clean(row, **kwargs)
        old, new = self.export(instance), self.widget.render(value)
        if old == new:
            return None
        self.set_value(instance, value)
        return old, new


class SheetResource(Resource):
    """A sheet of one kind of thing. Reads headers by any of their names, writes only what differs."""

    sheet_name: ClassVar[Any] = ""
    # Columns for the human eye, which say nothing that is not said elsewhere.
    ignored_columns: ClassVar[tuple[str, ...]] = ()
    # Columns told in the text of another: {column: {further column: how it is added}}.
    joined_columns: ClassVar[dict[str, dict[str, str]]] = {}

    class Meta:
        model: Any = None
        instance_loader_class = lambda resource, dataset: None  # noqa: E731 - each resource finds its own
        import_id_fields: Sequence[str] = ()
        skip_diff = True
        clean_model_instances = False
        store_instance = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_trial = False
        self.problems: list[Problem] = []
        self.changes: dict[str, tuple[str, str]] = {}
        self.about: Any = None
        # The line of the file on which each row stands, where that is not the sheet's own count.
        self.lines: Sequence[int] = ()
        for field in self.fields.values():
            if isinstance(field, SheetField) and field.attribute:
                field.bind(self._meta.model)

    @classmethod
    def get_row_result_class(cls) -> type[RowResult]:
        return SheetRowResult

    # Headers

    @classmethod
    def known_columns(cls) -> list[str]:
        """Every column of a file that this resource has a use for, by its own name."""
        joined = [name for columns in cls.joined_columns.values() for name in columns]
        return [*(str(field.column_name) for field in cls.fields.values()), *joined, *cls.ignored_columns]

    def match_headers(self, headers: Iterable[str]) -> dict[str, str]:
        """``{header: column}`` for each header known by label, English, interface or everyday name."""
        known: dict[str, str] = {
            fold(field.column_name): str(field.column_name) for field in self.fields.values()
        }
        for name, field in self.fields.items():
            for alias in field.names(name):
                known.setdefault(fold(alias), field.title)
        for column in self.known_columns():
            known.setdefault(fold(column), column)
        return {header: known[fold(header)] for header in headers if fold(header) in known}

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self.problems = []
        self.rename_headers(dataset)

    def rename_headers(self, dataset: tablib.Dataset) -> None:
        if dataset.headers:
            matched = self.match_headers(dataset.headers)
            dataset.headers = [matched.get(header, header) for header in dataset.headers]

    def _check_import_id_fields(self, headers: Any) -> None:
        """Missing key columns are among the problems, said in our own words."""

    # Cells

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        for column, further in self.joined_columns.items():
            text = text_of(row.get(column))
            for name, pattern in further.items():
                if value := text_of(row.get(name)):
                    text += pattern.format(value)
            if text:
                row[column] = text.lstrip(",，;；、")

    def import_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        self.changes, self.about = {}, instance
        number = kwargs.get("row_number", 0)
        count = len(self.problems)
        for field in self.get_import_fields():
            if field.readonly or not field.attribute or field.title not in row:
                continue
            try:
                changed = field.save(instance, row)
            except ValueError as error:
                self.refuse(number, field.title, row.get(field.title), str(error))
            else:
                if changed:
                    self.changes[field.title] = changed
        is_whole = instance.pk is not None or self.has_required_columns(row)
        self.import_parts(instance, row, **kwargs)
        if len(self.problems) > count or not is_whole:
            raise ValidationError([str(problem) for problem in self.problems[count:]])

    def has_required_columns(self, row: Row) -> bool:
        """Whether a new thing can be made of this row; each missing column is said once."""
        missing = [
            self.problem(0, field.title, "", _("新增内容要有这一列。"))
            for field in self.get_import_fields()
            if field.is_required and not field.readonly and field.title not in row
        ]
        self.problems.extend(problem for problem in missing if problem not in self.problems)
        return not missing

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        """Override: fill what the rows of further sheets say about this instance."""

    def problem(self, number: int, column: str, value: Any, message: str) -> Problem:
        return Problem(str(self.sheet_name), number + 1, column, text_of(value), message)

    def refuse(self, number: int, column: str, value: Any, message: str) -> None:
        self.problems.append(self.problem(number, column, value, message))

    def line_of(self, number: int) -> int:
        """Where a row stands in its file, for sentences."""
        return self.lines[number - 1] if self.lines else number + 1

    def cells(self, instance: Any) -> list[str]:
        """The instance as the cells of one row."""
        return [field.export(instance) for field in self.fields.values()]

    # Rows

    def get_import_fields(self) -> list[Field]:
        return list(self.fields.values())

    def get_export_fields(self, selected_fields: Any = None) -> list[Field]:
        fields: list[Field] = super().get_export_fields(selected_fields)
        return [field for field in fields if not getattr(field, "is_only_read", False)]

    def import_row(self, row: Row, instance_loader: Any, **kwargs: Any) -> Any:
        if tell := kwargs.get("tell"):
            tell(kwargs["row_number"])
        count = len(self.problems)
        self.changes, self.about = {}, None
        row_result = super().import_row(row, instance_loader, **kwargs)
        if row_result.validation_error and len(self.problems) == count:
            for message in row_result.validation_error.messages:
                self.refuse(kwargs["row_number"], "", "", message)
        row_result.changes, row_result.problems = self.changes, self.problems[count:]
        row_result.instance = self.about
        return row_result

    def get_queryset(self) -> Any:
        return self._meta.model._default_manager.all()

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        """The thing this row is about, by the resource's key; None for a new one."""
        fields = [self.fields[name] for name in self.get_import_id_fields()]
        if any(field.title not in row for field in fields):
            return None
        try:
            wanted = {field.attribute: field.clean(row) for field in fields}
        except ValueError:
            return None  # said when the cell itself is read
        return self.get_queryset().filter(**wanted).first()

    def init_instance(self, row: Row | None = None) -> Any:
        return self._meta.model()

    def skip_row(self, instance: Any, original: Any, row: Row, import_validation_errors: Any = None) -> bool:
        return not import_validation_errors and instance.pk is not None and not self.changes

    def import_data(self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any) -> Any:
        """A trial (``dry_run``) writes nothing, so it holds no lock either.

        ``tell`` hears the number of each row before it is read.
        """
        self.is_trial = dry_run
        if dry_run:
            kwargs["use_transactions"] = False
        return super().import_data(dataset, **kwargs)

    def load(self, dataset: tablib.Dataset, **kwargs: Any) -> Any:
        """Take over a whole dataset in one transaction, or nothing; SheetRefused holds every problem."""
        with transaction.atomic():
            result = self.import_data(dataset, use_transactions=False, **kwargs)
            for error in [*result.base_errors, *(error for row in result.rows for error in row.errors)]:
                raise error.error
            if self.problems:
                raise SheetRefused(self.problems)
        return result


class PartResource(SheetResource):
    """A further sheet: rows that are parts of a page (materials, figures), in the order of the sheet.

    ``owner`` is the column that names the page; ``key`` the fields by which a part is the same as before.
    """

    relation: ClassVar[str] = ""
    owner: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]] = ()

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self.problems = []
        self.rename_headers(dataset)

    def grouped(self, dataset: tablib.Dataset) -> dict[str, list[tuple[int, Row]]]:
        """``{owner: [(row number, row)]}``; rows stand in the order of their 序号, else of the sheet."""
        self.before_import(dataset)
        column = self.fields[self.owner].title
        groups: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        for number, row in enumerate(dataset.dict, start=1):
            groups[text_of(row.get(column))].append((number, row))
        for rows in groups.values():
            rows.sort(key=lambda numbered: self.place_of(numbered[1]))
        return groups

    def place_of(self, row: Row) -> float:
        try:
            return float(NumberWidget().clean(row.get("序号")) or 0)
        except ValueError:
            return 0.0

    def built(self, rows: Iterable[tuple[int, Row]], existing: Sequence[Any]) -> list[Any]:
        """The parts that ``rows`` describe, keeping the identity of those that were there before."""
        before = {self.key_of(part): part for part in existing}
        seen: dict[tuple[str, ...], int] = {}
        parts: list[Any] = []
        for number, row in rows:
            part = self.read(number, row)
            if part is None:
                continue
            key = self.key_of(part)
            if key in seen:
                self.refuse(number, "", "", _("与第 %(row)d 行重复。") % {"row": self.line_of(seen[key])})
                continue
            seen[key] = number
            if key in before:
                part = self.renewed(before[key], part, row)
            part.sort_order = len(parts)
            parts.append(part)
        return parts

    def read(self, number: int, row: Row) -> Any:
        """The part that a row describes; None where its cells are among the problems."""
        part = self.init_instance(row)
        self.before_import_row(row)
        try:
            self.import_instance(part, row, row_number=number)
        except ValidationError:
            return None
        return part

    def renewed(self, before: Any, part: Any, row: Row) -> Any:
        """A part that was there before with the cells of ``part``; what the sheet has no column for stays."""
        renewed = copy(before)
        for field in self.fields.values():
            if field.attribute and not field.readonly and field.title in row:
                field.set_value(renewed, field.get_value(part))
        return renewed

    def key_of(self, part: Any) -> tuple[str, ...]:
        return tuple(self.fields[name].export(part) for name in self.key)

    def cells(self, instance: Any) -> list[str]:
        """The part's own cells: not its page's, nor its place among the others."""
        return [
            field.export(instance) for field in self.fields.values() if field.attribute and not field.readonly
        ]

    def bring(self, owner: Any, rows: Iterable[tuple[int, Row]], *, keeps_others: bool = False) -> bool:
        """Make the parts of ``owner`` those of ``rows``; returns whether anything differs.

        With ``keeps_others``, parts that the rows do not speak of stay in their places.
        """
        existing = list(getattr(owner, self.relation).all())
        count = len(self.problems)
        parts = self.built(rows, existing)
        if len(self.problems) > count:
            return False
        if keeps_others:
            parts = self.put_among(existing, parts)
        if [self.cells(part) for part in parts] == [self.cells(part) for part in existing]:
            return False
        setattr(owner, self.relation, parts)
        return True

    def put_among(self, existing: Sequence[Any], parts: Sequence[Any]) -> list[Any]:
        """``parts`` in the places they had among ``existing``; new ones follow."""
        by_key = {self.key_of(part): part for part in parts}
        found = [by_key.pop(self.key_of(part), part) for part in existing]
        found += by_key.values()
        for place, part in enumerate(found):
            part.sort_order = place
        return found


class OrderField(SheetField):
    """序号 of a part within its page, counted from 1."""

    def __init__(self, column_name: str = "序号", *, aliases: Iterable[str] = ()) -> None:
        super().__init__("sort_order", column_name, widget=NumberWidget(is_whole=True), aliases=aliases)
        self.readonly = True

    def bind(self, model: Any) -> None:
        return

    def export(self, instance: Any, **kwargs: Any) -> str:
        return str((instance.sort_order or 0) + 1)


class ParentField(SheetField):
    """The column that says under which page a page stands; read and written by its resource."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        return ""


class PageResource(SheetResource):
    """Pages: new ones begin as drafts, known ones get a revision where a cell differs.

    Publishing is the caller's: ``saved`` are the pages that differ. Further sheets come as
    ``parts={"materials": dataset}``; ``kept_parts`` names those of which pages keep what the sheet lacks.
    With ``is_excerpt``, pages keep the parts of which the sheet has no row of theirs, and rows of other pages
    are no mistake. ``parent`` puts every page below one given page.
    """

    parts: ClassVar[dict[str, type[PartResource]]] = {}
    # The column by which rows of further sheets name their page.
    part_key: ClassVar[str] = "slug"

    @property
    def part_keys(self) -> tuple[str, ...]:
        """All columns of a page by which they may name it."""
        return (self.part_key, "title")

    title = SheetField("title", "标题", is_required=True)
    slug = SheetField(
        "slug",
        "网址名",
        aliases=("slug", "网址", "标识"),
        help_text=gettext_lazy("网址的最后一段，用小写字母、数字和短横线。留空则由标题的拼音得来。"),
    )

    class Meta(SheetResource.Meta):
        import_id_fields = ("slug",)

    def __init__(self, *, parent: Page | None = None, by: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parent, self.by = parent, by
        self.saved: list[Any] = []
        # New pages that wait for others of their kind below the same parent, and by what they may be called
        self.waiting: dict[tuple[Page, type[Page]], list[Any]] = {}
        self.waiting_names: set[str] = set()
        # {(field, text): key and place of each page so called}
        self.known_as: dict[tuple[str, str], list[tuple[int, str]]] = {}
        self.part_resources = {name: resource() for name, resource in self.parts.items()}
        self.part_rows: dict[str, dict[str, list[tuple[int, Row]]]] = {}
        # {part: {row of its sheet: rows of the main sheet}}, both from 1
        self.part_pages: dict[str, dict[int, list[int]]] = {}

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.saved = []
        self.waiting, self.waiting_names = {}, set()
        self.expect(dataset.dict)
        sheets = kwargs.get("parts") or {}
        self.part_rows = {name: self.part_resources[name].grouped(sheets[name]) for name in sheets}
        self.part_pages = {name: {} for name in sheets}

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        if not kwargs.get("is_excerpt"):
            self.refuse_orphans()
        if not self.problems:
            self.add_waiting()
        super().after_import(dataset, result, **kwargs)

    def refuse_orphans(self) -> None:
        """Rows of further sheets whose page is not in this file."""
        for name, groups in self.part_rows.items():
            part = self.part_resources[name]
            column = part.fields[part.owner].title
            self.problems.extend(
                part.problem(number, column, owner, _("主表里没有“%(owner)s”。") % {"owner": owner})
                for owner, rows in groups.items()
                for number, _row in rows
            )

    # Where a page stands

    def parent_for(self, row: Row) -> Page | None:
        """Override: the page below which this row's page stands; ValueError says why there is none."""
        return self.parent

    def key_parent(self, row: Row) -> Page | None:
        try:
            return self.parent_for(row)
        except ValueError:
            return None

    def names_of(self, row: Row) -> set[str]:
        """What a row may call its page."""
        fields = {*self.get_import_id_fields(), "slug", "title"}
        return {text_of(row.get(self.fields[name].title)) for name in fields} - {""}

    def init_instance(self, row: Row | None = None) -> Any:
        """A new page; its links are known to be none, or each look at them would ask the database."""
        page = super().init_instance(row)
        for field in get_all_child_m2m_relations(page):
            setattr(page, field.name, [])
        return page

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        if not self.waiting_names.isdisjoint(self.names_of(row)):
            self.add_waiting()
        found = self.find(row, self.key_parent(row))
        if found is None:
            return None
        return found.get_latest_revision_as_object() if found.latest_revision_id else found

    def find(self, row: Row, parent: Page | None) -> Any:
        """The page a row is about: by its address part, else by its title, below ``parent`` where known."""
        return self.find_among(row, lambda path: parent is None or is_right_below(path, parent))

    def find_among(self, row: Row, is_meant: Callable[[str], bool]) -> Any:
        """The page a row is about, of those at whose places ``is_meant``."""
        for name in ("slug", "title"):
            text = text_of(row.get(self.fields[name].title))
            if not text:
                continue
            found = [pk for pk, path in self.called(name, text) if is_meant(path)]
            if len(found) > 1:
                raise ValidationError(_("有几个页面都叫“%(name)s”，请写明是哪一个。") % {"name": text[:60]})
            return self.get_queryset().get(pk=found[0]) if found else None
        return None

    def called(self, name: str, text: str) -> list[tuple[int, str]]:
        """Key and place in the tree of the pages whose ``name`` is ``text``."""
        if (name, text) not in self.known_as:
            self.look_up(name, [text])
        return self.known_as[name, text]

    def look_up(self, name: str, texts: Iterable[str]) -> None:
        """Read which pages are so called, so that asking for each is no further question."""
        for batch in batches(texts):
            self.known_as |= {(name, text): [] for text in batch}
            found = self.get_queryset().filter(**{f"{self.fields[name].attribute}__in": batch})
            for text, pk, path in found.values_list(self.fields[name].attribute, "pk", "path"):
                self.known_as[name, text].append((pk, path))

    def expect(self, rows: Sequence[Row]) -> None:
        """Read anew which pages these rows may be about."""
        self.known_as = {}
        for name in ("slug", "title"):
            self.look_up(name, {text_of(row.get(self.fields[name].title)) for row in rows} - {""})

    # What it says

    def import_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        """A page that has an address keeps it where the cell for it is empty."""
        slug = self.fields["slug"].title
        if instance.pk is not None and not text_of(row.get(slug)):
            row = {column: value for column, value in row.items() if column != slug}
        super().import_instance(instance, row, **kwargs)

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        number, kept = kwargs.get("row_number", 0), kwargs.get("kept_parts", ())
        found = {name: self.take_part_rows(name, row, number) for name in self.part_rows}
        if instance.pk is None and self.parent_for_or_refuse(row, number) is None:
            return
        for name, rows in found.items():
            if not rows and kwargs.get("is_excerpt"):
                continue
            part = self.part_resources[name]
            if part.bring(instance, rows, keeps_others=name in kept):
                self.changes[str(part.sheet_name)] = ("", "")
            self.problems.extend(part.problems)
            part.problems = []

    def take_part_rows(self, name: str, row: Row, number: int) -> list[tuple[int, Row]]:
        """The rows of a further sheet that belong to the page of ``row``."""
        groups = self.part_rows[name]
        owners = [text_of(row.get(self.fields[field].title)) for field in self.part_keys]
        rows = next((groups.pop(owner) for owner in owners if owner and owner in groups), [])
        for part_number, _row in rows:
            self.part_pages[name].setdefault(part_number, []).append(number)
        return rows

    def parent_for_or_refuse(self, row: Row, number: int) -> Page | None:
        try:
            parent = self.parent_for(row)
        except ValueError as error:
            self.refuse(number, "", "", str(error))
            return None
        if parent is None:
            self.refuse(number, "", "", _("没有写明放在哪里。"))
        return parent

    def save_instance(self, instance: Any, is_create: bool, row: Row, **kwargs: Any) -> None:
        if self.is_trial:
            return
        if is_create:
            self.add(instance, row)
        else:
            instance.save_revision(user=self.by, log_action=True, clean=False)
        self.saved.append(instance)

    def add(self, page: Any, row: Row) -> None:
        """Have a new page made with the others; until then no row finds it."""
        parent = self.parent_for(row)
        assert parent is not None, "rows without a parent were refused"
        self.waiting.setdefault((parent, type(page)), []).append(page)
        self.waiting_names |= self.names_of(row)

    def add_waiting(self) -> None:
        for (parent, _kind), pages in self.waiting.items():
            try:
                create_pages(parent, pages, by=self.by)
            except ValidationError as error:
                self.problems += [self.problem(0, "", "", message) for message in error.messages]
        self.waiting, self.waiting_names, self.known_as = {}, set(), {}


def is_right_below(path: str, parent: Page) -> bool:
    return path.startswith(parent.path) and len(path) == len(parent.path) + Page.steplen


class RecordResource(SheetResource):
    """Plain records with a key: departments, topics, codes."""

    def save_instance(self, instance: Any, is_create: bool, row: Row, **kwargs: Any) -> None:
        if not self.is_trial:
            instance.save()


class EditionResource(SheetResource):
    """The header of an edition. One that readers know is not altered: a new draft takes the change."""

    title = SheetField("title", "版本名称", is_required=True)

    def __init__(self, *, by: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.by = by
        self.editions: list[Any] = []

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.editions = []

    def owner_of(self, row: Row) -> Page:
        """Override: the page whose edition this row heads."""
        raise NotImplementedError

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        try:
            owner, title = self.owner_of(row), self.fields["title"].clean(row)
        except ValueError:
            return None
        return self.get_queryset().filter(owner=owner, title=title).order_by("-number").first()

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        try:
            instance.owner = self.owner_of(row)
        except ValueError as error:
            self.refuse(kwargs.get("row_number", 0), "", "", str(error))

    def save_instance(self, instance: Any, is_create: bool, row: Row, **kwargs: Any) -> None:
        if self.is_trial:
            return
        edition = instance
        if is_create:
            edition.created_by = self.by
        elif not edition.is_editable:
            edition = type(instance).objects.get(pk=instance.pk).new_draft(by=self.by, title=instance.title)
            for field in self.get_import_fields():
                if field.attribute and not field.readonly:
                    field.set_value(edition, field.get_value(instance))
        edition.save()
        self.editions.append(edition)

    def after_import_row(self, row: Row, row_result: Any, **kwargs: Any) -> None:
        if row_result.import_type == row_result.IMPORT_TYPE_SKIP:
            self.editions.append(row_result.instance)


class EditionRowResource(SheetResource):
    """The rows of one draft edition, written in bulk.

    A sheet is the whole edition, but for rows whose key is among ``kept``: they stay, behind the sheet's.
    """

    key = SheetField("key", "编号", aliases=("标识", "key"))

    def __init__(self, edition: Edition, **kwargs: Any) -> None:
        self.edition = edition
        super().__init__(**kwargs)
        self._reset()

    def _reset(self) -> None:
        self.before: dict[str, Any] = {}
        self.keys_by_name: dict[str, list[str]] | None = None
        self.seen: dict[str, int] = {}
        self.created: list[Any] = []
        self.changed: list[Any] = []

    def existing(self) -> Any:
        rows = self._meta.model.objects
        return rows.filter(edition=self.edition) if self.edition.pk else rows.none()

    def get_queryset(self) -> Any:
        return self.existing()

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        if not self.is_trial and not self.edition.is_editable:
            raise ValueError(_("“%(edition)s”不能再改，请先新建草稿版本。") % {"edition": self.edition})
        self._reset()
        for row in self.existing():
            row.edition = self.edition
            self.before[row.key] = row

    def name_of(self, row: Row) -> str:
        """Override: the cell that names a row which carries no key."""
        return ""

    def key_for(self, row: Row) -> str:
        """The row's key: its own, else that of the row of the same name, else a readable new one."""
        if key := text_of(row.get(self.fields["key"].title)):
            return key
        name = self.name_of(row)
        known = next((key for key in self.keys_named(name) if key not in self.seen), None)
        if known is not None:
            return known
        base = slug_of(name)[:60] or "row"
        key, count = base, 1
        while key in self.seen or key in self.before:
            count += 1
            key = f"{base}-{count}"
        return key

    def keys_named(self, name: str) -> list[str]:
        """Keys of the rows that had this name before."""
        if self.keys_by_name is None:
            self.keys_by_name = {}
            for row in self.before.values():
                self.keys_by_name.setdefault(str(row), []).append(row.key)
        return self.keys_by_name.get(name, [])

    def before_import_row(self, row: Row, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        row[self.fields["key"].title] = self.key_for(row)

    def get_instance(self, instance_loader: Any, row: Row) -> EditionRow | None:
        return self.before.get(row[self.fields["key"].title])

    def init_instance(self, row: Row | None = None) -> EditionRow:
        return self._meta.model(edition=self.edition)

    def import_parts(self, instance: Any, row: Row, **kwargs: Any) -> None:
        number, key = kwargs.get("row_number", 0), row[self.fields["key"].title]
        if key in self.seen:
            message = _("与第 %(row)d 行重复。") % {"row": self.line_of(self.seen[key])}
            self.refuse(number, self.fields["key"].title, key, message)
        self.seen[key] = number
        if instance.order != number:
            self.changes["顺序"] = (str(instance.order), str(number))
            instance.order = number

    def save_instance(self, instance: Any, is_create: bool, row: Row, **kwargs: Any) -> None:
        instance.prepare()
        (self.created if is_create else self.changed).append(instance)

    @property
    def missing(self) -> list[Any]:
        """Rows of the edition that the sheet does not have."""
        return [row for key, row in self.before.items() if key not in self.seen]

    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        if self.is_trial or self.problems:
            return
        rows = self._meta.model.objects
        kept: Collection[str] = kwargs.get("kept", ())
        rows.filter(pk__in=[row.pk for row in self.missing if row.key not in kept]).delete()
        for place, row in enumerate((row for row in self.missing if row.key in kept), len(self.seen) + 1):
            row.order = place
            self.changed.append(row)
        names = [field.name for field in self._meta.model._meta.concrete_fields if not field.primary_key]
        rows.bulk_update(self.changed, names, batch_size=500)
        rows.bulk_create(self.created, batch_size=1000)

    def differs(self, dataset: tablib.Dataset, **kwargs: Any) -> bool:
        """Whether the sheet says anything else than the edition; writes nothing."""
        self.load(dataset, dry_run=True, **kwargs)
        return bool(self.created or self.changed or self.missing)


class TopicResource(RecordResource):
    """Topics residents look under."""

    sheet_name = gettext_lazy("主题分类")

    slug = SheetField("slug", "编码", aliases=("网址名",), is_required=True, example="yanglao")
    name = SheetField("name", "名称", aliases=("主题", "主题分类"), is_required=True, example="养老")
    description = SheetField("description", "介绍", aliases=("说明",))
    order = SheetField("order", "序号", aliases=("顺序",))

    class Meta(RecordResource.Meta):
        model = Topic
        import_id_fields = ("slug",)


class AudienceResource(RecordResource):
    """Groups of people and their service cards."""

    sheet_name = gettext_lazy("服务人群")
    joined_columns = {"来源": {"来源日期": "，{}", "说明": "；{}"}}

    slug = SheetField("slug", "编码", aliases=("网址名",), is_required=True, example="laonianren")
    name = SheetField("name", "名称", aliases=("人群", "服务人群"), is_required=True, example="老年人")
    card_name = SheetField("card_name", "服务卡", example="寿星卡")
    everyday_words = SheetField("everyday_words", "常用说法", aliases=("居民常用说法",), example="老人；爸妈")
    description = SheetField("description", "介绍")
    is_featured = SheetField("is_featured", "首页显示", example="是")
    order = SheetField("order", "序号", aliases=("顺序",))
    source = SheetField("source", "来源")

    class Meta(RecordResource.Meta):
        model = Audience
        import_id_fields = ("slug",)


class CodeResource(RecordResource):
    """The codes of one code list."""

    sheet_name = gettext_lazy("代码表")

    code = SheetField("code", "编码", aliases=("代码",), is_required=True, example="households")
    label = SheetField("label", "名称", is_required=True, example="户数")
    order = SheetField("order", "序号", aliases=("顺序",))

    class Meta(RecordResource.Meta):
        model = Code
        import_id_fields = ("code",)

    def __init__(self, *, code_list: str = "metric", **kwargs: Any) -> None:
        self.code_list = code_list
        super().__init__(**kwargs)

    def get_queryset(self) -> Any:
        return Code.objects.filter(code_list=self.code_list)

    def init_instance(self, row: Row | None = None) -> Code:
        return Code(code_list=self.code_list)

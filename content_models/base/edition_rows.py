"""The rows of an edition in the admin: listed, searched, checked, edited, ordered, deleted, brought back."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.models import get_serializable_data_for_fields, model_from_serializable_data
from wagtail.admin.panels import get_edit_handler

from content_models.base.drafts import Publishable
from content_models.base.side_by_side import take

PROBLEMS_SHOWN = 50
UNDO_LIMIT = 200
CELL_LENGTH = 60


class EditionRows:
    """The rows of one edition for its editors. Subclasses say what a kind's rows show, ask for and check."""

    noun = gettext_lazy("条目")
    search_fields = ()
    compared_children = ()

    def __init__(self, edition, *, user=None):
        self.edition = edition
        self.user = user
        self.model = edition.row_model

    def all(self):
        """Override: the rows with whatever their cells and checks need."""
        return self.edition.rows.all()

    def headings(self):
        """Override: ``[(label, is_internal)]`` of the table's columns; the first names the row."""
        raise NotImplementedError

    @property
    def is_numbered(self):
        """Whether the rows bring a number of their own: their place would read as a second one."""
        return any(label == _("序号") for label, _is_internal in self.headings())

    def summary(self, row):
        """Override: the texts of the table's columns, in the order of ``headings``."""
        raise NotImplementedError

    def name(self, row):
        """What editors call the row; empty when it has no name yet."""
        return str(row)

    def cells(self, row):
        """Every cell of a row, internal ones too: ``[(key, label, text)]``."""
        return row.public_cells()

    def problems(self, row):
        """Sentences that keep this row from being published."""
        return row.problems()

    def warnings(self):
        """Override: sentences an editor should read before publishing; they do not stop it."""
        return []

    def search(self, rows, text):
        wanted = models.Q()
        for name in self.search_fields:
            wanted |= models.Q(**{f"{name}__icontains": text})
        return rows.filter(wanted)

    def with_problems(self):
        """``{row: [sentence]}`` of every row that cannot be published, in order."""
        return {row: found for row in self.all().iterator(chunk_size=2000) if (found := self.problems(row))}

    def problems_of_header(self):
        """What is wrong with the edition apart from its rows."""
        found = Publishable.publish_problems(self.edition)
        return found if self.edition.entered else [*found, _("这个版本还没有任何条目。")]

    # Editing

    def new(self):
        last = self.edition.rows.aggregate(models.Max("order"))["order__max"] or 0
        return self.model(edition=self.edition, order=last + 1)

    @property
    def panel(self):
        """The panels of the row's form; None where the form brings its own fields."""
        return get_edit_handler(self.model)

    def form(self, row, data=None, files=None):
        return self.panel.get_form_class()(data, files, instance=row, for_user=self.user)

    def typed(self, form, row):
        """The row's cells as a validated form would leave them."""
        return self.cells(row)

    def takes(self, key):
        """Whether the cell with this key can be taken over from what somebody else saved."""
        return any(field.name == key for field in self.model._meta.get_fields())

    def merged(self, form, row, keys):
        """The form as it was typed, but for the cells with these keys, which are as they are stored."""
        form.save(commit=False)
        take(keys, saved=self.all().get(pk=row.pk), typed=row)
        return self.form(row)

    def stamp(self, row):
        """A short mark of all that is stored of ``row``; another mark means that somebody changed it."""
        stored = {
            field.attname: field.value_to_string(row)
            for field in row._meta.concrete_fields
            if field.name not in ("id", "edition", "digest")
        }
        text = json.dumps([stored, row.content()], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    # Order

    def renumber(self):
        """Number the rows 1, 2, 3 … in their present order."""
        changed = []
        for number, row in enumerate(self.edition.rows.only("pk", "order", "edition"), start=1):
            if row.order != number:
                row.order = number
                changed.append(row)
        self.model.objects.bulk_update(changed, ["order"], batch_size=500)
        return len(changed)

    def move(self, row, *, up):
        """Swap a row with the one before or after it."""
        orders = self.edition.rows.order_by().values_list("order", flat=True)
        if len(orders) != len(set(orders)):
            self.renumber()
            row.refresh_from_db(fields=["order"])
        others = self.edition.rows
        before = others.filter(order__lt=row.order).order_by("-order").first()
        after = others.filter(order__gt=row.order).order_by("order").first()
        other = before if up else after
        if other is not None:
            others.filter(pk=row.pk).update(order=other.order)
            others.filter(pk=other.pk).update(order=row.order)

    # Deleting and bringing back

    def packed(self, rows):
        """Rows as a text from which ``unpack`` makes them anew."""
        stored = [
            row.serializable_data()
            if hasattr(row, "serializable_data")
            else get_serializable_data_for_fields(row)
            for row in rows
        ]
        return json.dumps(stored, cls=DjangoJSONEncoder, ensure_ascii=False)

    def unpack(self, text):
        """Bring deleted rows back; those whose key is taken meanwhile are left out. Returns how many came."""
        brought = 0
        taken = set(self.edition.rows.values_list("key", flat=True))
        for data in json.loads(text):
            if data["key"] in taken:
                continue
            row = self._made_from(data)
            row.pk, row.edition = None, self.edition
            row.save()
            brought += 1
        return brought

    def _made_from(self, data):
        if hasattr(self.model, "from_serializable_data"):
            return self.model.from_serializable_data(
                {**data, "edition": self.edition.pk, "pk": None}, check_fks=False
            )
        return model_from_serializable_data(
            self.model, {**data, "edition": self.edition.pk, "pk": None}, check_fks=False
        )


def shortened(text):
    """A cell as the table shows it."""
    text = " ".join(str(text or "").split())
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - 1] + "…"

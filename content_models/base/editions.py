"""Editions: a list's rows as of one publication (第一批, 2026版), swapped as a whole.

The rows of an edition may change only while it is a draft. Publishing an edition makes it the current one of
its owner; taking it back makes the one it replaced current again. Both are one pointer swap (``is_current``).
"""

import hashlib
import json

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.doc_numbers import normalise_doc_no
from content_models.base.drafts import Publishable
from content_models.base.signals import edition_published, edition_taken_back

COPY_BATCH = 2000


class EditionQuerySet(models.QuerySet):
    def public(self):
        """Editions residents may read: the current one and those it replaced."""
        return self.filter(live=True)

    def current(self):
        return self.filter(is_current=True, live=True)

    def in_force_on(self, day):
        """Public editions already in force on ``day``, newest first; the first is the one that held."""
        return (
            self.public()
            .annotate(in_force_from=Coalesce("effective_on", TruncDate("first_published_at")))
            .filter(in_force_from__lte=day)
            .order_by("-in_force_from", "-number")
        )


class Edition(Publishable):
    """One edition of a list. Subclasses declare ``owner`` (a page), their rows' model and their columns."""

    number = models.PositiveIntegerField(gettext_lazy("序号"), editable=False)
    title = models.CharField(
        gettext_lazy("版本名称"), max_length=100, help_text=gettext_lazy("例如：第一批、2026版。")
    )
    doc_no = models.CharField(gettext_lazy("文号"), max_length=60, blank=True)
    announced_on = models.DateField(gettext_lazy("公布日期"), null=True, blank=True)
    effective_on = models.DateField(gettext_lazy("施行日期"), null=True, blank=True)
    repealed_on = models.DateField(gettext_lazy("废止日期"), null=True, blank=True)
    note = models.TextField(gettext_lazy("说明"), blank=True)
    source = models.CharField(gettext_lazy("来源"), max_length=300, blank=True)
    content_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("内容责任人"),
        help_text=gettext_lazy("留空时由所属页面的责任人负责。"),
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("代理人"),
    )
    checked_on = models.DateField(gettext_lazy("最近核对日期"), null=True, blank=True)
    review_due = models.DateField(gettext_lazy("下次核对日期"), null=True, blank=True)
    is_current = models.BooleanField(gettext_lazy("现行"), default=False, editable=False)
    taken_back_at = models.DateTimeField(gettext_lazy("撤回时间"), null=True, blank=True, editable=False)
    based_on = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(gettext_lazy("建立时间"), default=timezone.now, editable=False)

    objects = EditionQuerySet.as_manager()

    # Facts about the edition as a whole, which no older revision of its header may bring back.
    kept_by_revisions = [
        "number",
        "is_current",
        "taken_back_at",
        "based_on",
        "replaces",
        "created_by",
        "created_at",
    ]

    class Meta:
        abstract = True
        ordering = ["owner", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "number"], name="%(app_label)s_%(class)s_number"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_current=True), name="%(app_label)s_%(class)s_one_current"
            ),
            models.CheckConstraint(
                condition=Q(repealed_on__isnull=True)
                | Q(effective_on__isnull=True)
                | Q(repealed_on__gte=F("effective_on")),
                name="%(app_label)s_%(class)s_repealed_after_effective",
                violation_error_message=gettext_lazy("“废止日期”不能早于“施行日期”。"),
            ),
        ]

    def __str__(self):
        return f"{self.owner.title} · {self.title}"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self._state.adding and self.pk is None and "live" not in kwargs:
            self.live = False

    def save(self, *args, **kwargs):
        if self.number is None:
            newest = type(self).objects.filter(owner_id=self.owner_id).aggregate(models.Max("number"))
            self.number = (newest["number__max"] or 0) + 1
        super().save(*args, **kwargs)

    def with_content_json(self, content):
        edition = super().with_content_json(content)
        for name in self.kept_by_revisions:
            attname = self._meta.get_field(name).attname
            setattr(edition, attname, getattr(self, attname))
        edition.owner_id = self.owner_id
        return edition

    @property
    def status(self):
        """One of draft, in_review, scheduled, published, superseded, taken_back."""
        if self.is_current:
            return "published"
        if self.live:
            return "superseded"
        if self.taken_back_at:
            return "taken_back"
        if self.approved_schedule:
            return "scheduled"
        return "in_review" if self.workflow_in_progress else "draft"

    @property
    def status_label(self):
        return {
            "draft": _("草稿"),
            "in_review": _("审核中"),
            "scheduled": _("已定时"),
            "published": _("现行"),
            "superseded": _("已被替换"),
            "taken_back": _("已撤回"),
        }[self.status]

    @property
    def is_editable(self):
        """Whether rows may change: only in a draft that nobody is reviewing."""
        return self.status == "draft"

    @property
    def status_badge(self):
        """The look of the status beside an edition's name."""
        return "badge--ok" if self.is_current else ""

    @property
    def validity_text(self):
        """How it stands today: 有效, 尚未施行, 废止, or 已被新版代替."""
        today = timezone.localdate()
        if self.repealed_on and self.repealed_on <= today:
            return _("废止")
        if not self.is_current:
            return _("已被新版代替")
        return _("尚未施行") if self.effective_on and self.effective_on > today else _("有效")

    @property
    def query(self):
        """What an address needs to stay within this edition; nothing for the current one."""
        return "" if self.is_current else f"?edition={self.number}"

    @property
    def since(self):
        """The day this edition counts from: when it took effect, else when it was announced."""
        return self.effective_on or self.announced_on

    @property
    def last_checked_on(self):
        """When this edition, or the page it belongs to, was last looked at and found to hold."""
        return max(filter(None, [self.checked_on, self.owner.checked_on]), default=None)

    @cached_property
    def entered(self):
        """Number of rows actually there."""
        return self.rows.count()

    @property
    def row_model(self):
        return self.rows.model

    def publish_problems(self):
        """Sentences that say why this edition may not go public; names the rows at fault."""
        problems = super().publish_problems()
        if not self.rows.exists():
            problems.append(_("这个版本还没有任何条目。"))
        return problems + self.row_problems()

    @classmethod
    def problems_among(cls, editions):
        """``{edition: sentences}`` of those of ``editions`` that may not go public.

        Override where many are published at once and a question for each would take long.
        """
        return {edition: problems for edition in editions if (problems := edition.publish_problems())}

    def row_problems(self):
        """Override: what is wrong with the rows, row by row."""
        return []

    def clean(self):
        super().clean()
        self.doc_no = normalise_doc_no(self.doc_no)

    def full_clean(self, exclude=None, validate_unique=True, validate_constraints=True):
        # The number is given when the edition is first saved.
        exclude = {*(exclude or ()), *([] if self.number else ["number"])}
        super().full_clean(exclude, validate_unique, validate_constraints)

    def new_draft(self, *, by=None, title=""):
        """A new draft edition of the same owner, copied from this one with all its rows."""
        with transaction.atomic():
            draft = type(self)(
                owner=self.owner,
                title=title or _("%(title)s（修订）") % {"title": self.title},
                based_on=self,
                created_by=by,
                **self.copied_header(),
            )
            draft.save()
            self._copy_rows_to(draft)
            draft.save_revision(user=by)
        return draft

    def after_publish(self, replaced=None):
        """Override: bring what is kept beside the rows (identities, columns) up to this edition."""

    def after_take_back(self):
        """Override: the same when this edition is gone and none stands in for it."""

    def copied_header(self):
        """Override: header values that a new draft takes over."""
        return {"source": self.source}

    def _copy_rows_to(self, draft):
        batch = []
        for row in self.rows.iterator(chunk_size=COPY_BATCH):
            row.pk, row.edition, row._state.adding = None, draft, True
            batch.append(row)
            if len(batch) == COPY_BATCH:
                self.row_model.objects.bulk_create(batch)
                batch = []
        self.row_model.objects.bulk_create(batch)

    def difference(self, older):
        """What changed from ``older`` to this edition: ``{"added", "removed", "changed"}`` as row querysets.

        Rows of ``changed`` carry ``older_pk``. One query each, by key and digest.
        """
        same_key = older.rows.filter(key=OuterRef("key"))
        mine = self.rows.annotate(
            older_digest=Subquery(same_key.values("digest")[:1]), older_pk=Subquery(same_key.values("pk")[:1])
        )
        return {
            "added": mine.filter(older_pk__isnull=True),
            "removed": older.rows.exclude(key__in=self.rows.values("key")),
            "changed": mine.filter(older_pk__isnull=False).exclude(older_digest=F("digest")),
        }


def make_current(edition):
    """Point readers at ``edition``; called inside the transaction that publishes it."""
    model = type(edition)
    owner = model._meta.get_field("owner").related_model
    owner.objects.select_for_update(of=("self",)).get(pk=edition.owner_id)
    replaced = model.objects.filter(owner_id=edition.owner_id, is_current=True).exclude(pk=edition.pk).first()
    model.objects.filter(owner_id=edition.owner_id, is_current=True).update(is_current=False)
    edition.is_current, edition.taken_back_at = True, None
    if replaced is not None:
        edition.replaces = replaced
    model.objects.filter(pk=edition.pk).update(is_current=True, taken_back_at=None, replaces=edition.replaces)
    edition.after_publish(replaced)
    edition_published.send(sender=model, edition=edition, replaced=replaced)


def make_all_current(editions):
    """Point readers at each of ``editions``, of one kind and of different owners; returns what they replace.

    ``{edition: replaced or None}``; called inside the transaction that publishes them.
    """
    model = type(editions[0])
    owner = model._meta.get_field("owner").related_model
    owners = [edition.owner_id for edition in editions]
    list(owner.objects.select_for_update(of=("self",)).filter(pk__in=owners).order_by("pk").values_list("pk"))
    mine = {edition.pk for edition in editions}
    current = model.objects.filter(owner__in=owners, is_current=True).select_related("owner")
    before = {edition.owner_id: edition for edition in current if edition.pk not in mine}
    model.objects.filter(owner__in=owners, is_current=True).update(is_current=False)
    for edition in editions:
        edition.is_current, edition.taken_back_at = True, None
        edition.replaces = before.get(edition.owner_id, edition.replaces)
    model.objects.bulk_update(editions, ["is_current", "taken_back_at", "replaces"], batch_size=500)
    replaced = {edition: before.get(edition.owner_id) for edition in editions}
    for edition, other in replaced.items():
        edition.after_publish(other)
        edition_published.send(sender=model, edition=edition, replaced=other, is_one_of_many=True)
    return replaced


def restore_replaced(edition):
    """Point readers back at the edition that ``edition`` replaced, if it is still public."""
    model = type(edition)
    restored = edition.replaces if edition.replaces_id and edition.replaces.live else None
    was_current = model.objects.filter(pk=edition.pk, is_current=True).exists()
    model.objects.filter(pk=edition.pk).update(is_current=False, taken_back_at=timezone.now())
    if was_current and restored is not None:
        model.objects.filter(pk=restored.pk).update(is_current=True)
        restored.refresh_from_db()
        restored.after_publish()
    elif was_current:
        edition.after_take_back()
    edition.refresh_from_db()
    edition_taken_back.send(sender=model, edition=edition, restored=restored if was_current else None)


class EditionRow(models.Model):
    """A row of an edition; ``key`` names the same thing in every edition of the owner."""

    key = models.CharField(gettext_lazy("标识"), max_length=100, blank=True)
    order = models.PositiveIntegerField(gettext_lazy("顺序"), default=0)
    digest = models.CharField(max_length=32, editable=False)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "key"],
                name="%(app_label)s_%(class)s_key_once",
                violation_error_message=gettext_lazy("同一版本里已有相同标识的条目。"),
            )
        ]

    def content(self):
        """The row's content as plain values, for the digest and for comparing editions."""
        raise NotImplementedError

    def public_cells(self):
        """``[(key, label, text)]`` of what residents may read of this row, in column order."""
        raise NotImplementedError

    def compute_digest(self):
        text = json.dumps(self.content(), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    def prepare(self):
        """Fill what follows from the content; also called by bulk writers before they store the row."""
        if not self.key:
            self.key = self.make_key()
        self.digest = self.compute_digest()

    def make_key(self):
        """A key for a row that was typed in; readable where possible, unique within its edition."""
        base = self.readable_key() or "row"
        taken = set(self.edition.rows.filter(key__startswith=base).values_list("key", flat=True))
        key, count = base, 1
        while key in taken:
            count += 1
            key = f"{base}-{count}"
        return key

    def readable_key(self):
        return ""

    def _require_editable(self):
        """Ask the database, not memory, and hold the edition: it may be going public at this moment."""
        with transaction.atomic():
            edition = type(self.edition).objects.select_for_update(of=("self",)).get(pk=self.edition_id)
        if not edition.is_editable:
            raise ValidationError(
                _("“%(edition)s”是%(status)s，不能再改。请先新建一个草稿版本。")
                % {"edition": edition, "status": edition.status_label}
            )

    def clean(self):
        super().clean()
        self._require_editable()

    @transaction.atomic
    def save(self, *args, **kwargs):
        self._require_editable()
        self.prepare()
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args, **kwargs):
        self._require_editable()
        return super().delete(*args, **kwargs)

"""What residents can find, the words editors teach the search, and what was looked for."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from content_models.base.fields import CodesField, LinesField
from content_models.certificates.models import CertificateItem


class NamesField(index.SearchField):
    """Every name of a document, under which the backends find names rather than text."""

    def get_value(self, obj: Any) -> list[str]:
        return obj.all_names


# What counts for more where several are found equally well.
WEIGHTS = {
    "certificates": 8.0,
    "guides": 8.0,
    "offices": 4.0,
    "communities": 4.0,
    "lists": 3.0,
    "notices": 2.0,
    "entries": 1.0,
}


class Document(index.Indexed, models.Model):
    """One public thing that residents can find: a page, or a row of the current edition of a list.

    Made from what is published and only from that; whatever is taken back loses its document with it.
    """

    class Kind(models.TextChoices):
        CERTIFICATES = "certificates", _("证明")
        GUIDES = "guides", _("办事指南")
        OFFICES = "offices", _("办事场所")
        COMMUNITIES = "communities", _("街道和社区")
        LISTS = "lists", _("清单")
        NOTICES = "notices", _("通知公告")
        ENTRIES = "entries", _("清单条目")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100, blank=True)  # of the row; empty for a page itself
    region = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, null=True, related_name="+")

    title = models.TextField()
    names = LinesField()  # everyday and other names
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)

    department = models.ForeignKey(
        "places.Department", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    audiences = models.ManyToManyField("base.Audience", related_name="+")
    topics = models.ManyToManyField("base.Topic", related_name="+")
    handle_forms = CodesField(code_list="handle_form")
    verdict = models.CharField(max_length=10, blank=True)  # of a certificate: may, must_not, unlisted

    published_at = models.DateTimeField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)  # the last day on which it holds
    has_ended = models.BooleanField(default=False)  # whatever the day: cancelled, repealed, withdrawn

    # What ranking compares with, one line a name
    folded = models.TextField()
    sounds = models.TextField()
    text = models.TextField()  # summary and body, folded
    digest = models.CharField(max_length=32)
    columns = models.CharField(max_length=32, blank=True)  # of a list: changes with its columns

    search_auto_update = False  # written with what is published, never on its own
    search_fields: ClassVar[list[Any]] = [
        NamesField("title"),
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("kind"),
        index.FilterField("page_id"),
        index.FilterField("region_id"),
    ]

    class Meta:
        verbose_name = _("搜索文档")
        verbose_name_plural = _("搜索文档")
        constraints = [models.UniqueConstraint(fields=["page", "key"], name="search_document_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def all_names(self) -> list[str]:
        return [self.title, *self.names]

    @property
    def search_weight(self) -> float:
        return WEIGHTS[self.kind] * (0.1 if self.has_ended else 1)

    @property
    def url(self) -> str:
        """Where it stands on the site; needs the page."""
        address = self.page.url or ""
        return f"{address}entries/{self.key}/" if self.key else address

    def is_in_force(self, today: date) -> bool:
        return not self.has_ended and (self.ends_on is None or self.ends_on >= today)

    @cached_property
    def item(self) -> CertificateItem | None:
        """What the list in force says of this certificate."""
        items = CertificateItem.objects.filter(
            edition__owner=self.page_id, edition__is_current=True, key=self.key
        )
        found: CertificateItem | None = items.prefetch_related("alternatives").first()
        if found is not None:
            found.edition.owner = self.page.specific
        return found


class SynonymGroup(models.Model):
    """Words that mean the same, and kinds of it that who searches for any of them wants as well.

    Or what residents say when they tell of their situation, and the words for what helps them.
    """

    class Kind(models.TextChoices):
        SAME = "same", _("意思相同")
        TOLD = "told", _("情景说法")

    class Source(models.TextChoices):
        STARTER = "starter", _("预置")
        STAFF = "staff", _("本地添加")

    NAMED = 12  # words that stand for the group where it is listed

    kind = models.CharField(
        _("类型"),
        max_length=4,
        choices=Kind.choices,
        default=Kind.SAME,
        help_text=_(
            "意思相同：搜其中一个，其余的也算。情景说法：居民讲事情时说的话，互不替换，只找“引向的词”。"
        ),
    )
    words = LinesField(
        _("居民说的词"),
        blank=False,
        help_text=_("每行一个。例如：老年人优待证、老年证、敬老卡；或者：没人带、没人看孩子。"),
    )
    narrower = LinesField(
        _("引向的词"),
        help_text=_(
            "每行一个。搜上面的词也能找到这些，反过来不算。"
            "例如：残疾补贴 → 困难残疾人生活补贴；没人带 → 托育、暑期托管。"
        ),
    )
    note = models.CharField(_("备注"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    source = models.CharField(
        _("来源"), max_length=10, choices=Source.choices, default=Source.STAFF, editable=False
    )
    changed_at = models.DateTimeField(_("修改时间"), auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("同义词")
        verbose_name_plural = _("同义词")
        ordering = ["-changed_at", "pk"]

    def __str__(self) -> str:
        named = "、".join(self.words[: self.NAMED])
        if len(self.words) <= self.NAMED:
            return named
        return gettext("%(words)s 等 %(number)d 个") % {"words": named, "number": len(self.words)}


class Asked(models.Model):
    """How often something was looked for on a day, and what came of it: numbers only, never who."""

    day = models.DateField(_("日期"), db_index=True)
    text = models.CharField(_("搜索词"), max_length=60)
    times = models.PositiveIntegerField(_("次数"), default=0)
    found = models.PositiveIntegerField(_("结果数"), default=0)  # when it was last asked that day
    clicked = models.PositiveIntegerField(_("点开次数"), default=0)

    class Meta:
        verbose_name = _("搜索记录")
        verbose_name_plural = _("搜索记录")
        ordering = ["-day", "-times"]
        constraints = [models.UniqueConstraint(fields=["day", "text"], name="search_asked_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.text} {self.times}"


class Clicked(models.Model):
    """How often a result was opened on a day by those who had looked for something."""

    day = models.DateField(db_index=True)
    text = models.CharField(max_length=60)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    times = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("点开记录")
        verbose_name_plural = _("点开记录")
        constraints = [
            models.UniqueConstraint(fields=["day", "text", "document"], name="search_clicked_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.text} {self.times}"


class Missing(models.Model):
    """What a resident wrote when nothing was found: what they looked for, in their words."""

    text = models.CharField(_("搜索词"), max_length=60, blank=True)
    message = models.CharField(_("居民想找"), max_length=300)
    at = models.DateTimeField(_("时间"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("居民留言")
        verbose_name_plural = _("居民留言")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.message


class Token(models.Model):
    """In how many documents a word of the index stands; the empty word stands in all."""

    text = models.CharField(max_length=60, primary_key=True)
    names = models.PositiveIntegerField(default=0)  # documents with the word in a name
    documents = models.PositiveIntegerField(default=0)  # with the word anywhere
    noted_at = models.DateTimeField(null=True)  # when it was new since the last count

    class Meta:
        verbose_name = _("索引词")
        verbose_name_plural = _("索引词")

    def __str__(self) -> str:
        return f"{self.text} {self.documents}"


class IndexChange(models.Model):
    """Something that an index outside the database is told of once this is committed, and again until it is.

    Kept for a while afterwards, for an index that was being built meanwhile.
    """

    content_type = models.ForeignKey("contenttypes.ContentType", on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=50)  # of what may be gone by now
    sent_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        verbose_name = _("索引变更")
        verbose_name_plural = _("索引变更")

    def __str__(self) -> str:
        return f"{self.content_type_id} {self.object_id}"

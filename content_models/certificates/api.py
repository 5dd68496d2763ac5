"""Certificates as other systems read them: may it still be asked for, and what to bring instead."""

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base.api import Asked, ContentApi, PageApi
from content_models.base.edition_pages import public_editions_by_page
from content_models.base.filters import NumberFilter, PublicFilterSet
from content_models.base.managers import leave_out_restricted
from content_models.base.parts import Relation, read_parts
from content_models.base.serializers import (
    Coded,
    Document,
    Lines,
    PageLink,
    PageSerializer,
    Part,
    PublicSerializer,
    Text,
)
from content_models.certificates.filters import ItemFilters
from content_models.certificates.lists import highest_first
from content_models.certificates.models import CertificateItem, CertificateListPage


class AlternativePart(Part):
    """What a resident does instead."""

    kind = Coded(code_list="alternative_kind")
    text = serializers.CharField()
    department = serializers.CharField()
    link = serializers.CharField()


class EditionLink(PublicSerializer):
    """The edition of a list that a row stands in."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    doc_no = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    is_current = serializers.BooleanField()


class CertificateSerializer(PublicSerializer):
    """One certificate as an edition of a list has it."""

    kind = serializers.SerializerMethodField()
    key = serializers.CharField(help_text=_("在各个版本里不变"))
    api_url = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    list = PageLink(source="edition.owner")
    authority = Coded(source="edition.owner.authority", choices=CertificateListPage.Authority)
    edition = EditionLink()
    name = serializers.CharField()
    includes = Lines()
    aliases = Lines()
    polarity = Coded(choices=CertificateItem.Polarity, help_text=_("may 可出具，must_not 不应出具"))
    verdict = serializers.CharField(help_text=_("给居民的一句话"))
    purpose = serializers.CharField()
    demanding_units = Lines(help_text=_("索要单位"))
    alternatives = AlternativePart(many=True, help_text=_("不开证明怎么办"))
    cancel_reason = Coded(code_list="cancel_reason")
    exceptions = serializers.CharField()
    issuing_unit = serializers.CharField()
    conditions = serializers.CharField()
    materials = serializers.CharField()
    steps = serializers.CharField()
    time_limit = serializers.CharField()
    sample_text = Text()
    sample_document = Document()
    legal_basis = serializers.CharField()
    guide = PageLink()
    status = Coded(choices=CertificateItem.Status)
    changed_on = serializers.DateField(allow_null=True)
    source = serializers.CharField()

    def get_kind(self, item: CertificateItem) -> str:
        return "certificates"

    def get_url(self, item: CertificateItem) -> str:
        place = self.fields["list"].to_representation(item.edition.owner)
        return f"{place['url']}entries/{item.key}/{item.edition.query}" if place else ""

    def get_api_url(self, item: CertificateItem) -> str:
        edition = item.edition
        return f"{self.answer.root}certificates/{edition.owner_id}/{item.key}/{edition.query}"


class CertificateFilters(ItemFilters):
    """What residents filter by, and the list."""

    list = NumberFilter(label=_("证明清单的编号"), field_name="edition__owner")


class CertificateApi(ContentApi):
    """Certificates of every list in force, national lists first."""

    name = "certificates"
    title = _("证明事项")
    said = _("还要不要开这个证明，不开怎么办。国家清单在前；as_of 给出那一天有效的各个版本。")
    serializer = CertificateSerializer
    filterset = CertificateFilters
    path = "edition__owner__path"
    order = ("authority_rank", "edition__owner__path", "order", "pk")
    relations: Sequence[Relation] = [Relation("alternatives", AlternativePart)]

    def rows(self, asked: Asked) -> Any:
        rows = CertificateItem.objects.filter(edition__live=True, edition__owner__live=True)
        rows = leave_out_restricted(rows, "edition__owner__path")
        if "edition_ids" in asked.context:
            rows = rows.filter(edition__in=asked.context["edition_ids"])
        else:
            rows = rows.filter(edition__is_current=True)
        return rows.select_related("edition__owner", "guide", "sample_document").annotate(
            authority_rank=highest_first("edition__owner__authority")
        )

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        relations = [relation for relation in self.relations if asked.wants(relation.name)]
        parts = read_parts(CertificateItem, [item.pk for item in rows], relations)
        for item in rows:
            item.parts = parts[item.pk]


class CertificateEditionSerializer(EditionLink):
    """A public edition of a certificate list with the numbers its document states."""

    announced_on = serializers.DateField(allow_null=True)
    repealed_on = serializers.DateField(allow_null=True)
    entries = serializers.IntegerField(source="entered", help_text=_("已录入的条数"))
    stated_surveyed = serializers.IntegerField(allow_null=True, help_text=_("公布的梳理数"))
    stated_cancelled = serializers.IntegerField(allow_null=True, help_text=_("公布的取消数"))
    stated_retained = serializers.IntegerField(allow_null=True, help_text=_("公布的保留数"))
    source = serializers.CharField()
    note = serializers.CharField()


class CertificateListSerializer(PageSerializer):
    """A certificate list with its editions; its rows are at ``certificates_url``."""

    authority = Coded(choices=CertificateListPage.Authority)
    region_code = serializers.CharField(help_text=_("12 位区划代码"))
    intro = Text()
    source_file = Document()
    is_demo = serializers.BooleanField(help_text=_("演示数据"))
    editions = CertificateEditionSerializer(many=True, source="editions_read")
    certificates_url = serializers.SerializerMethodField(help_text=_("现行版本的证明"))

    def get_kind(self, page: CertificateListPage) -> str:
        return "certificate-lists"

    def get_api_url(self, page: CertificateListPage) -> str:
        return f"{self.answer.root}certificate-lists/{page.pk}/"

    def get_certificates_url(self, page: CertificateListPage) -> str:
        return f"{self.answer.root}certificates/?list={page.pk}"

    kind = serializers.SerializerMethodField()


class CertificateListFilters(PublicFilterSet):
    """How programs narrow the lists."""

    authority = django_filters.MultipleChoiceFilter(
        label=_("发布层级"), choices=CertificateListPage.Authority.choices
    )

    class Meta:
        model = CertificateListPage
        fields: ClassVar[list[str]] = []


class CertificateListApi(PageApi):
    """Certificate lists; their rows are ``certificates``."""

    name = "certificate-lists"
    title = _("证明清单")
    said = _("每个清单由谁发布、有哪些版本；证明在 certificates_url。")
    model = CertificateListPage
    serializer = CertificateListSerializer
    filterset = CertificateListFilters
    shown_with = ("source_file",)

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        super().prepare(rows, asked)
        editions = public_editions_by_page(rows) if asked.wants("editions") else {}
        for page in rows:
            page.editions_read = editions.get(page.pk, [])

"""Guides and provisions as other systems read them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from content_models.base.api import Asked, ContentApi, PageApi
from content_models.base.fields import unpack
from content_models.base.filters import NumberFilter, PublicFilterSet, TrueFilter
from content_models.base.managers import is_restricted, leave_out_restricted
from content_models.base.parts import Relation
from content_models.base.serializers import (
    Answer,
    Coded,
    DepartmentLink,
    Document,
    Image,
    Lines,
    PageLink,
    PagePart,
    PageSerializer,
    Part,
    PublicSerializer,
    SharedPart,
    Text,
)
from content_models.certificates.models import CertificateItem
from content_models.guides.filters import GuideFilters
from content_models.guides.limits import LimitUnit, limit_text
from content_models.guides.models import GuidePage, LevelChange, Material, Provision


class Limit(PublicSerializer):
    """A time limit: ``days`` of ``unit``, 0 days for at once, and the same in words."""

    days = serializers.IntegerField(allow_null=True)
    unit = Coded(choices=LimitUnit, help_text=_("W 工作日，N 自然日"))
    note = serializers.CharField()
    text = serializers.CharField()

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__(source="*", allow_null=True, **kwargs)
        self.names = [f"{prefix}_{name}" for name in ("days", "unit", "note")]

    def begin(self, answer: Answer) -> None:
        super().begin(answer)
        self.said: dict[tuple[Any, ...], dict[str, Any] | None] = {}

    def to_representation(self, instance: Any) -> dict[str, Any] | None:
        limit = tuple(getattr(instance, name, "") for name in self.names)
        if limit not in self.said:
            self.said[limit] = self._say(*limit)
        return self.said[limit]

    def _say(self, days: int | None, unit: str, note: str) -> dict[str, Any] | None:
        if days is None and not note:
            return None
        return {
            "days": days,
            "unit": self.fields["unit"].to_representation(unit) if days is not None else None,
            "note": note,
            "text": limit_text(days, unit, note),
        }


class CertificateLink(PublicSerializer):
    """The certificate that a material is, and whether communities issue it."""

    list = serializers.IntegerField(help_text=_("证明清单的编号"))
    key = serializers.CharField()
    name = serializers.CharField()
    polarity = Coded(choices=CertificateItem.Polarity)
    url = serializers.URLField()

    cells = [f"certificate__{name}" for name in ("key", "name", "polarity")] + [
        f"certificate__owner__{name}" for name in ("pk", "live", "path", "url_path")
    ]

    def of_cells(
        self, key: str, name: str, polarity: str, list_key: int, is_live: bool, path: str, url_path: str
    ) -> dict[str, Any] | None:
        if not key or not is_live or is_restricted(path):
            return None
        return {
            "list": list_key,
            "key": key,
            "name": name,
            "polarity": self.fields["polarity"].to_representation(polarity),
            "url": f"{self.answer.addresses.page(url_path)}entries/{key}/",
        }


class MaterialPart(Part):
    """One thing an applicant brings, or need not bring."""

    name = serializers.CharField()
    necessity = Coded(code_list="necessity")
    kind = Coded(source="material_kind", choices=Material.Kind)
    medium = Coded(choices=Material.Medium)
    originals = serializers.IntegerField()
    copies = serializers.IntegerField()
    spec = serializers.CharField()
    source = Coded(code_list="material_source")
    source_note = serializers.CharField()
    issuer = serializers.CharField()
    condition = serializers.CharField(help_text=_("适用情形"))
    fill_note = serializers.CharField()
    accept_standard = serializers.CharField()
    legal_basis = serializers.CharField(source="legal_basis_note")
    blank_form = Document()
    sample_form = Document()
    certificate = CertificateLink(allow_null=True)
    is_waived_here = serializers.BooleanField(help_text=_("所问的社区免交"))

    made = ("is_waived_here",)


class StepPart(Part):
    """One step on the way."""

    name = serializers.CharField()
    who = serializers.CharField()
    limit = serializers.CharField()
    standard = serializers.CharField()
    result = serializers.CharField()


class FeePart(Part):
    """What is charged."""

    name = serializers.CharField()
    standard = serializers.CharField()
    basis = serializers.CharField()
    is_reducible = serializers.BooleanField()
    note = serializers.CharField()


class LegalBasisPart(Part):
    """What the service rests on."""

    law = serializers.CharField()
    doc_no = serializers.CharField()
    article = serializers.CharField()
    text = serializers.CharField()


class QuestionPart(Part):
    """A question with its answer."""

    question = serializers.CharField()
    answer = Text()


class LevelChangePart(Part):
    """The service moved."""

    kind = Coded(source="change_kind", choices=LevelChange.Kind)
    on = serializers.DateField(allow_null=True)
    on_text = serializers.CharField()
    from_level = serializers.CharField()
    to_level = serializers.CharField()
    document = serializers.CharField()
    note = serializers.CharField()


class TranslationPart(Part):
    """The guide in another language; the Chinese text is what holds."""

    language = serializers.CharField(help_text=_("语言代码，如 en、ko、ug"))
    title = serializers.CharField()
    summary = serializers.CharField()
    who = Text()
    materials = Text()
    steps = Text()
    where = Text(help_text=_("在哪里办、时间和收费"))
    translated_on = serializers.DateField(help_text=_("照哪一天的中文翻译"))


class AudienceTerm(SharedPart):
    """A group of people with the service card it may carry."""

    identity = "slug"

    slug = serializers.CharField()
    name = serializers.CharField()
    card_name = serializers.CharField()


class TopicTerm(SharedPart):
    """A subject."""

    identity = "slug"

    slug = serializers.CharField()
    name = serializers.CharField()


class OfficePart(PagePart):
    """Where one goes; hours are at ``/offices/<id>/``."""

    address = serializers.CharField()
    phone = serializers.CharField()


class OfferPart(Part):
    """What holds in the community that was asked for, or where it sends people instead."""

    place = PageLink(source="edition__owner", help_text=_("社区或街道"))
    is_offered = serializers.BooleanField()
    reason = serializers.CharField(help_text=_("不办理的原因"))
    go_to = PageLink(help_text=_("不办理时请到这里"))
    office = PageLink()
    window = serializers.CharField()
    hours = serializers.CharField(help_text=_("与场所办公时间不同时才有"))
    phone = serializers.CharField()
    promised_limit = serializers.SerializerMethodField(help_text=_("本地承诺的时限，没有则按指南"))
    waived_materials = Lines(help_text=_("本地免交的材料名称"))
    note = serializers.CharField()

    def cells(self) -> list[str]:
        return [*super().cells(), "promised_days", "promised_unit"]

    def get_promised_limit(self, row: dict[str, Any]) -> str:
        days = row["promised_days"]
        return limit_text(days, row["promised_unit"]) if days is not None else ""


RELATIONS = [
    Relation("legal_basis", LegalBasisPart),
    Relation("materials", MaterialPart),
    Relation("steps", StepPart),
    Relation("fees", FeePart),
    Relation("faqs", QuestionPart),
    Relation("level_changes", LevelChangePart),
    Relation("in_other_languages", TranslationPart),
    Relation("topics", TopicTerm, order="order"),
    Relation("audiences", AudienceTerm, order="order"),
    Relation("offices", OfficePart, order="sort_name"),
]


class GuideSerializer(PageSerializer):
    """A service guide with all that residents read of it."""

    full_name = serializers.CharField()
    short_title = serializers.CharField()
    everyday_names = Lines(help_text=_("居民平时的叫法"))
    summary = serializers.CharField()
    base_code = serializers.CharField()
    impl_code = serializers.CharField()
    handle_item_code = serializers.CharField()
    status = Coded(choices=GuidePage.Status)
    is_available = serializers.BooleanField(help_text=_("今天能不能办"))
    unavailable_text = serializers.CharField(help_text=_("今天不能办的原因"))
    effective_on = serializers.DateField(allow_null=True)
    cancel_on = serializers.DateField(allow_null=True)
    item_type = Coded(code_list="item_type")
    power_source = Coded(code_list="power_source")
    exercise_levels = Coded(code_list="level", many=True)
    department = DepartmentLink(allow_null=True)
    department_uscc = serializers.CharField()
    joint_departments = serializers.CharField()
    entrusted_by = serializers.CharField()
    service_objects = Coded(code_list="service_object", many=True)
    topics = TopicTerm(many=True)
    audiences = AudienceTerm(many=True)
    conditions = Text()
    case_type = Coded(code_list="case_type")
    promised_limit = Limit(prefix="promised")
    legal_limit = Limit(prefix="legal")
    offer = OfferPart(
        source="offer_cells", allow_null=True, help_text=_("带 community 时：这个社区怎么办、在哪里办")
    )
    needs_no_materials = serializers.BooleanField()
    materials = MaterialPart(many=True)
    steps = StepPart(many=True)
    flow_image = Image()
    flow_image_alt = serializers.CharField()
    is_charged = serializers.BooleanField()
    has_online_payment = serializers.BooleanField()
    fees = FeePart(many=True)
    handle_forms = Coded(code_list="handle_form", many=True)
    visits = serializers.IntegerField(allow_null=True)
    visit_reason = serializers.CharField()
    common_scope = Coded(code_list="common_scope", many=True)
    has_appointment = serializers.BooleanField()
    has_express = serializers.BooleanField()
    has_self_service = serializers.BooleanField()
    proxy_service = serializers.CharField()
    online_url = serializers.CharField()
    mobile_url = serializers.CharField()
    online_depth = Coded(code_list="online_depth", many=True)
    offices = OfficePart(many=True)
    result_type = Coded(code_list="result_type")
    result_name = serializers.CharField()
    result_sample = Document()
    delivery = Coded(code_list="delivery", many=True)
    consult_phone = serializers.CharField()
    complaint_phone = serializers.CharField()
    legal_basis = LegalBasisPart(many=True)
    faqs = QuestionPart(many=True)
    level_changes = LevelChangePart(many=True)
    in_other_languages = TranslationPart(many=True, help_text=_("人工写的其他语言版本，以中文为准"))
    checked_by = serializers.CharField()
    source = serializers.CharField()
    is_demo = serializers.BooleanField(help_text=_("演示数据"))


BRIEF = """id kind api_url url slug title region summary short_title everyday_names status is_available
    unavailable_text department service_objects topics audiences case_type promised_limit offer is_charged
    handle_forms visits online_url mobile_url offices consult_phone checked_on first_published_at
    last_published_at is_demo"""


class GuideApi(PageApi):
    """Guides; with a community each says how that community offers it."""

    name = "guides"
    title = _("办事指南")
    said = _("每个事项在哪办、带什么、多久办好。带上 community，就按那个社区的安排给出 offer。")
    is_local = True
    brief = frozenset(BRIEF.split())
    model = GuidePage
    serializer = GuideSerializer
    filterset = GuideFilters
    shown_with = ("department", "flow_image", "result_sample")
    relations = RELATIONS

    def further(self, asked: Asked) -> Sequence[Relation]:
        community = asked.community
        if community is None or not (asked.wants("offer") or asked.wants("materials")):
            return ()
        places = [community.path, community.path[: -community.steplen]]
        in_force = {"edition__is_current": True, "edition__live": True, "edition__owner__path__in": places}
        return [Relation("provisions", OfferPart, order="edition__owner__path", only=in_force)]

    def prepare(self, rows: list[Any], asked: Asked) -> None:
        super().prepare(rows, asked)
        for guide in rows:
            merge_offer(guide)

    def prepare_draft(self, page: Any, asked: Asked) -> None:
        super().prepare_draft(page, asked)
        merge_offer(page)


def merge_offer(guide: Any) -> None:
    """Let the guide say what holds in the community: its own answer before its street's."""
    offers = guide.parts.get("provisions", ())
    guide.offer_cells = offers[-1] if offers else None
    waived = set(unpack(guide.offer_cells["waived_materials"])) if offers else set()
    for material in guide.parts.get("materials", ()):
        material["is_waived_here"] = material["name"] in waived


class ProvisionSerializer(PublicSerializer):
    """How one community or street offers one service."""

    kind = serializers.SerializerMethodField()
    place = PageLink(source="edition.owner", help_text=_("社区或街道"))
    guide = PageLink()
    is_offered = serializers.BooleanField()
    reason = serializers.CharField(help_text=_("不办理的原因"))
    go_to = PageLink(help_text=_("不办理时请到这里"))
    office = PageLink()
    window = serializers.CharField()
    hours = serializers.CharField(help_text=_("与场所办公时间不同时才有"))
    phone = serializers.CharField()
    promised_limit = Limit(prefix="promised")
    waived_materials = Lines()
    note = serializers.CharField()
    effective_on = serializers.DateField(source="edition.effective_on", allow_null=True)
    edition = serializers.IntegerField(source="edition.number", help_text=_("第几版"))

    def get_kind(self, row: Provision) -> str:
        return "provisions"


class ProvisionFilters(PublicFilterSet):
    """How programs narrow the provisions."""

    search_fields = ["guide__title"]

    place = NumberFilter(label=_("社区或街道的编号"), field_name="edition__owner")
    guide = NumberFilter(label=_("办事指南的编号"))
    offered = TrueFilter(label=_("本地是否办理"), field_name="is_offered")

    class Meta:
        model = Provision
        fields = []


class ProvisionApi(ContentApi):
    """Provisions in force."""

    name = "provisions"
    title = _("服务安排")
    said = _("哪个街道、社区怎么办某个事项；现行版本的每一行。")
    serializer = ProvisionSerializer
    filterset = ProvisionFilters
    order = ("pk",)
    path = "edition__owner__path"

    def rows(self, asked: Asked) -> Any:
        rows = Provision.objects.filter(
            edition__is_current=True, edition__live=True, edition__owner__live=True, guide__live=True
        )
        rows = leave_out_restricted(rows, "edition__owner__path", "guide__path")
        return rows.select_related("edition__owner", "guide", "office", "go_to")

"""内容体检: how streets stand, and what is to be mended in each page and list."""

from typing import Any

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from content_models.base.editions import Edition
from content_models.home.models import StreetPage
from quality import checkup
from quality.models import LEVEL_NAMES, Checked, Checkup, KeptFinding, RuleSetting
from quality.places import own, own_paths
from quality.review import CHECKS

STREET_DEPTH = 3
SHOWN = 25
BEGUN = "checkup_begun"
REFRESHED = 2  # seconds between two looks at a checkup that is under way
STYLE = forms.Media(css={"all": ["quality/screens.css"]})
LEVELS = [choice for choice in LEVEL_NAMES.items() if choice[0] != RuleSetting.Level.OFF]
DISTRICT = "district"
SUMS = ("number", "guides", "percents", "errors", "warnings")


class QualityScreen(WagtailAdminTemplateMixin, TemplateView):
    """What the screens of the menu 内容质量 share: they are for people who work on content."""

    header_icon = "circle-check"
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not own_paths(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, *self.above(), {"url": "", "label": self.get_page_title()}]

    def above(self) -> list[dict[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["media"] = context.get("media", forms.Media()) + STYLE
        return context


class Health(QualityScreen):
    """Each street with its score, and the button that checks everything anew."""

    page_title = gettext_lazy("内容体检")
    template_name = "quality/health.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        begun = checkup.begin(by=request.user)
        if begun is None:
            messages.info(request, _("正在检查，请等这一次做完。"))
        else:
            request.session[BEGUN] = begun.pk
        return redirect("quality_health")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        say_whether_done(request)
        response = super().get(request, *args, **kwargs)
        if checkup.under_way() is not None:
            response["Refresh"] = str(REFRESHED)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        streets = self.streets()
        return super().get_context_data(
            **kwargs,
            running=checkup.under_way(),
            last=checkup.last_finished(),
            streets=streets,
            rules=_rules(self.request.user),
            findings_url=reverse("quality_findings_kept"),
        )

    def streets(self) -> list[dict[str, Any]]:
        """Worst first: streets in this person's part of the tree, and what stands above them all."""
        found = own(Checked.objects.all(), self.request.user)
        length = STREET_DEPTH * Page.steplen
        street_paths = dict(StreetPage.objects.values_list("path", "title"))
        totals: dict[str, dict[str, Any]] = {}
        rows = found.annotate(street=Left("path", length)).values("street").order_by("street")
        for row in rows.annotate(
            number=Count("pk"),
            guides=Count("percent"),
            percents=Sum("percent"),
            errors=Sum("errors"),
            warnings=Sum("warnings"),
        ):
            path = row.pop("street") if row["street"] in street_paths else ""
            sums = totals.setdefault(
                path, {"number": 0, "guides": 0, "percents": 0, "errors": 0, "warnings": 0}
            )
            for name in sums:
                sums[name] += row[name] or 0
        findings_url = reverse("quality_findings_kept")
        pages = dict(StreetPage.objects.values_list("path", "pk"))
        lines = [
            {
                **sums,
                "title": street_paths.get(path) or _("区级内容"),
                "percent": sums["percents"] // sums["guides"] if sums["guides"] else None,
                "url": f"{findings_url}?{urlencode({'place': pages.get(path, DISTRICT)})}",
            }
            for path, sums in totals.items()
        ]
        return sorted(lines, key=lambda line: (-line["errors"], line["percent"] or 101, -line["warnings"]))


def say_whether_done(request: HttpRequest) -> None:
    """Once, to whoever began a checkup: that it is done, or that it failed."""
    begun = Checkup.objects.filter(pk=request.session.get(BEGUN, 0)).first()
    if begun is None or not (begun.finished_at or begun.has_failed):
        return
    del request.session[BEGUN]
    if begun.has_failed:
        messages.error(request, _("没有检查完，下面还是上次的结果。请稍后再试；还不行，请找管理员。"))
    else:
        messages.success(request, _("检查完了：%(count)d 个页面和清单。") % {"count": begun.total})


def _rules(user: Any) -> list[dict[str, Any]]:
    """Each rule that found something in this person's part of the tree, most findings first."""
    found = own(KeptFinding.objects.order_by(), user, "checked__path").values("rule", "level")
    rows = found.annotate(number=Count("pk")).order_by("-number")
    return [
        {
            "name": CHECKS[row["rule"]].name if row["rule"] in CHECKS else row["rule"],
            "level": row["level"],
            "level_name": LEVEL_NAMES[row["level"]],
            "number": row["number"],
            "url": f"{reverse('quality_findings_kept')}?{urlencode({'rule': row['rule']})}",
        }
        for row in rows
    ]


class FindingFilters(forms.Form):
    """By place, rule and level."""

    place = forms.ChoiceField(label=gettext_lazy("位置"), required=False)
    rule = forms.ChoiceField(label=gettext_lazy("规则"), required=False)
    level = forms.ChoiceField(
        label=gettext_lazy("要求"), required=False, choices=[("", gettext_lazy("全部")), *LEVELS]
    )
    q = forms.CharField(label=gettext_lazy("名称"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streets = own(StreetPage.objects.order_by("sort_name", "path"), user)
        places = [(str(street.pk), street.title) for street in streets]
        if any(len(path) < STREET_DEPTH * Page.steplen for path in own_paths(user)):
            places.insert(0, (DISTRICT, _("区级内容")))
        rules = sorted((code, str(each.name)) for code, each in CHECKS.items())
        self.fields["place"].choices = [("", _("全部")), *places]  # type: ignore[attr-defined]  # a choice field
        self.fields["rule"].choices = [("", _("全部")), *rules]  # type: ignore[attr-defined]  # a choice field


class Findings(QualityScreen):
    """What is to be mended in each page and list."""

    page_title = gettext_lazy("要改的内容")
    template_name = "quality/kept_findings.html"

    def above(self) -> list[dict[str, Any]]:
        return [{"url": reverse("quality_health"), "label": _("内容体检")}]

    @cached_property
    def filters(self) -> FindingFilters:
        return FindingFilters(self.request.GET, user=self.request.user)

    def wanted(self) -> QuerySet[Checked]:
        self.filters.is_valid()
        asked = self.filters.cleaned_data
        things = own(Checked.objects.all(), self.request.user)
        if place := asked.get("place"):
            things = _at(things, place)
        if text := asked.get("q"):
            things = things.filter(title__icontains=text)
        findings = {name: asked[name] for name in ("rule", "level") if asked.get(name)}
        if findings:
            things = things.filter(pk__in=KeptFinding.objects.filter(**findings).values("checked"))
        else:
            things = things.filter(Q(errors__gt=0) | Q(warnings__gt=0) | Q(hints__gt=0) | Q(percent__lt=100))
        return things.order_by("-errors", "percent", "-warnings", "title", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.wanted()
        page = Paginator(wanted, SHOWN).get_page(self.request.GET.get("p"))
        asked = self.filters.cleaned_data
        findings = KeptFinding.objects.filter(checked__in=[each.pk for each in page])
        findings = findings.filter(**{name: asked[name] for name in ("rule", "level") if asked.get(name)})
        of: dict[int, list[KeptFinding]] = {}
        for finding in findings.order_by("pk"):
            of.setdefault(finding.checked_id, []).append(finding)
        kept = {name: value for name, value in self.request.GET.dict().items() if name != "p"}
        return super().get_context_data(
            **kwargs,
            filters=self.filters,
            things=[_line(each, of.get(each.pk, [])) for each in page],
            page_of_things=page,
            average=wanted.aggregate(percent=Avg("percent"))["percent"],
            last=checkup.last_finished(),
            query=urlencode(kept),
        )


def _at(things: QuerySet[Checked], place: str) -> QuerySet[Checked]:
    """Below one street, or not below any."""
    if place != DISTRICT:
        street = StreetPage.objects.filter(pk=place).values_list("path", flat=True).first()
        return things.filter(path__startswith=street) if street else things.none()
    length = STREET_DEPTH * Page.steplen
    streets = list(StreetPage.objects.values_list("path", flat=True))
    return things.annotate(street=Left("path", length)).exclude(street__in=streets)


def _line(each: Checked, findings: list[KeptFinding]) -> dict[str, Any]:
    kind = ContentType.objects.get_for_id(each.content_type_id)
    model: Any = kind.model_class()
    return {
        "title": each.title,
        "kind": model._meta.verbose_name,
        "percent": each.percent,
        "missing": each.missing,
        "url": editor_url(model, each.object_id),
        "findings": [
            {
                "message": finding.message,
                "level": finding.level,
                "level_name": LEVEL_NAMES[finding.level],
                "name": CHECKS[finding.rule].name if finding.rule in CHECKS else finding.rule,
                "wants": CHECKS[finding.rule].wants if finding.rule in CHECKS else "",
                "anchor": finding.field.partition(".")[0],
            }
            for finding in findings
        ],
    }


def editor_url(model: Any, pk: Any) -> str:
    """Where a page or an edition is mended."""
    if issubclass(model, Edition):
        return reverse(model.snippet_viewset.get_url_name("check"), args=[pk])
    return reverse("wagtailadmin_pages:edit", args=[pk])

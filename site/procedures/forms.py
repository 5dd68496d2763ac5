"""What people fill in: a rating, an application, a decision on the stars, a file."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from content_models.communities.models import CommunityPage
from content_models.policy_lists.models import PolicyListPage
from procedures import admission
from procedures.models import Case, CaseFile, Procedure, Theme, ThemeResult
from procedures.private import require_no_personal_data
from procedures.rights import places_to_begin
from staff.uploads import checked_document

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
Stars = dict[int, tuple[bool, Decimal | None, str]]


class StarsForm(forms.Form):
    """One line for each theme: has it the star, for what score, shown by what."""

    def __init__(self, *args: Any, themes: list[Theme], results: list[ThemeResult], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.themes = themes
        known = {result.theme_id: result for result in results}
        for theme in themes:
            result = known.get(theme.pk)
            self.fields[f"star_{theme.pk}"] = forms.BooleanField(
                label=theme.name, required=False, initial=result.has_star if result else False
            )
            self.fields[f"score_{theme.pk}"] = forms.DecimalField(
                label=_("得分"),
                required=False,
                min_value=0,
                max_digits=5,
                decimal_places=1,
                initial=result.score if result else None,
            )
            self.fields[f"evidence_{theme.pk}"] = forms.CharField(
                label=_("说明与依据"),
                required=False,
                max_length=300,
                initial=result.evidence if result else "",
            )

    @property
    def lines(self) -> list[tuple[Theme, Any, Any, Any]]:
        return [
            (theme, self[f"star_{theme.pk}"], self[f"score_{theme.pk}"], self[f"evidence_{theme.pk}"])
            for theme in self.themes
        ]

    @property
    def stars(self) -> Stars:
        data = self.cleaned_data
        return {
            theme.pk: (
                data[f"star_{theme.pk}"],
                data[f"score_{theme.pk}"],
                data[f"evidence_{theme.pk}"],
            )
            for theme in self.themes
        }


class CaseForm(forms.ModelForm):
    """What both kinds share: written for one's own part of the site, with a revision that says who did."""

    public_texts: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.public_texts if self.instance.procedure.is_public else ():
            try:
                require_no_personal_data(self.cleaned_data.get(name) or "")
            except ValidationError as error:
                self.add_error(name, error)
        return self.cleaned_data

    def save(self, commit: bool = True) -> Case:
        case: Case = super().save(commit=False)
        if case.pk is None:
            case.created_by = self.user
        case.save()
        case.save_revision(user=self.user, clean=False)
        return case


class RatingForm(CaseForm):
    """The rating of a community in one year."""

    place = forms.ModelChoiceField(label=_("社区"), queryset=Page.objects.none())

    class Meta:
        model = Case
        fields = ["place", "year"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        communities = CommunityPage.objects.filter(pk__in=places_to_begin(self.user).order_by().values("pk"))
        choice = self.fields["place"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Page.objects.filter(pk__in=communities.live().values("pk")).order_by("path")
        self.fields["year"].required = True
        self.fields["year"].initial = timezone.localdate().year

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.instance.title = _gettext("%(year)s年星级评定") % {"year": self.cleaned_data.get("year") or ""}
        return self.cleaned_data

    def _get_validation_exclusions(self) -> set[str]:
        """One rating a year is a rule of the model that also looks at the procedure."""
        return set(super()._get_validation_exclusions()) - {"procedure", "state"}  # type: ignore[misc]  # Django's


class AdmissionForm(CaseForm):
    """A task that a department asks communities to take on."""

    public_texts = ("title", "basis", "funding")
    target = forms.ModelChoiceField(
        label=_("进入清单"),
        queryset=PolicyListPage.objects.none(),
        help_text=_("清单属于哪个社区或街道，事项就进入哪里。"),
    )

    class Meta:
        model = Case
        fields = [
            "target",
            "title",
            "department",
            "category",
            "basis",
            "funding",
            "starts_on",
            "ends_on",
        ]
        widgets = {"basis": forms.Textarea({"rows": 3}), "starts_on": DATE, "ends_on": DATE}
        help_texts = {
            "title": _("写进清单的名称。"),
            "category": _("按清单的分类，例如：巡查检查、报表、考核。"),
            "basis": _("法律、法规或文件的名称和文号。"),
            "funding": _("谁出钱、怎么出。留空会公开显示“未明确经费”。"),
            "starts_on": _("一般要提前申请，不足时会提醒。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = places_to_begin(self.user).order_by().values("pk")
        lists = PolicyListPage.objects.live().filter(
            pk__in=own, list_type=self.instance.procedure.list_type_id
        )
        choice = self.fields["target"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = lists.order_by("path")
        for name in ("target", "department", "basis", "ends_on"):
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        starts_on, ends_on, target = data.get("starts_on"), data.get("ends_on"), data.get("target")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("“有效期到”不能早于“计划开始日期”。"))
        if target is not None:
            self.instance.place = Page.objects.get(pk=target.get_parent().get_parent().pk)
            self._fit(target)
        return data

    def _fit(self, target: PolicyListPage) -> None:
        """What the list takes in its own columns."""
        columns = admission.columns_of(target)
        for name in ("category", "title", "funding", "basis"):
            column, text = columns.get(name), self.cleaned_data.get(name)
            if column is not None and text is not None:
                try:
                    column.read(text)
                except ValidationError as error:
                    self.add_error(name, error.messages[0])


FORMS: dict[str, type[CaseForm]] = {
    Procedure.Kind.RATING: RatingForm,
    Procedure.Kind.ADMISSION: AdmissionForm,
}


class FileForm(forms.ModelForm):
    """A document beside a case."""

    class Meta:
        model = CaseFile
        fields = ["file"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        self.instance.name = file.name[:200]
        return checked_document(file, file.name)

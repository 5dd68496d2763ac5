"""检查规则: every check with what it wants and how much it finds, its level, and the words it looks for."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from content_models.base import memo
from content_models.base.fields import LinesFormField
from quality import checkup
from quality.health_views import QualityScreen
from quality.models import LEVEL_NAMES, KeptFinding, RuleSetting, WordList
from quality.review import CHECKS, Check, set_levels
from quality.words import WORDS, Words, words
from staff import audit
from staff.models import Post
from staff.roles import Role


def may_set_rules(user: Any) -> bool:
    """Administrators, and the editors of the district."""
    if not user.is_active:
        return False
    return user.is_superuser or Post.objects.filter(user=user, role=Role.DISTRICT_EDITOR).exists()


class RulesScreen(QualityScreen):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_set_rules(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class LevelsForm(forms.Form):
    """The level of every check."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = set_levels()
        for code, each in CHECKS.items():
            choices = [
                (level, _("%(level)s（默认）") % {"level": name} if level == each.level else name)
                for level, name in LEVEL_NAMES.items()
            ]
            self.fields[code] = forms.ChoiceField(
                label=each.name, choices=choices, initial=levels.get(code, each.level)
            )

    @transaction.atomic
    def save(self, *, by: Any) -> int:
        """Keep what was changed, each with its record; returns how many rules that were."""
        for code in self.changed_data:
            level = self.cleaned_data[code]
            setting, _made = RuleSetting.objects.update_or_create(code=code, defaults={"level": level})
            audit.record(
                "set_rule",
                setting,
                by=by,
                rule=str(CHECKS[code].name),
                before=str(self[code].initial),
                after=level,
            )
        memo.forget("quality.levels")
        return len(self.changed_data)


class Rules(RulesScreen):
    """All checks and word lists."""

    page_title = gettext_lazy("检查规则")
    template_name = "quality/rules.html"

    @cached_property
    def form(self) -> LevelsForm:
        return LevelsForm(self.request.POST if self.request.method == "POST" else None)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        if changed := self.form.save(by=request.user):
            messages.success(
                request,
                _("已改 %(count)d 条规则，从现在起按新的要求检查；全站结果在下次体检后更新。")
                % {"count": changed},
            )
        else:
            messages.info(request, _("没有改动。"))
        return redirect("quality_rules")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        numbers = dict(KeptFinding.objects.values_list("rule").annotate(Count("pk")).order_by())
        return super().get_context_data(
            **kwargs,
            form=self.form,
            rules=[self._line(each, numbers.get(code, 0)) for code, each in CHECKS.items()],
            lists=[_words_line(each) for each in WORDS.values()],
            last=checkup.last_finished(),
        )

    def _line(self, each: Check, number: int) -> dict[str, Any]:
        return {
            "check": each,
            "field": self.form[each.code],
            "number": number,
            "url": f"{reverse('quality_findings_kept')}?rule={each.code}",
        }


def _words_line(each: Words) -> dict[str, Any]:
    now = words(each.code)
    return {
        "words": each,
        "number": len(now),
        "is_changed": set(now) != set(each.own),
        "url": reverse("quality_words", args=[each.code]),
    }


class WordsForm(forms.Form):
    words = LinesFormField(label=gettext_lazy("词语"), required=False, help_text=gettext_lazy("每行一个。"))

    def clean_words(self) -> list[str]:
        found: list[str] = self.cleaned_data["words"]
        if long := [word for word in found if len(word) > 60]:
            raise forms.ValidationError(
                _("“%(word)s”太长，每行只写一个词或短语，最多 60 个字。") % {"word": long[0][:20]}
            )
        return found


class EditWords(RulesScreen):
    """One list of words."""

    template_name = "quality/words.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if kwargs["code"] not in WORDS:
            raise Http404
        self.list = WORDS[kwargs["code"]]

    def get_page_title(self) -> Any:
        return self.list.name

    def above(self) -> list[dict[str, Any]]:
        return [{"url": reverse("quality_rules"), "label": _("检查规则")}]

    @cached_property
    def form(self) -> WordsForm:
        posted = self.request.POST if self.request.method == "POST" else None
        return WordsForm(posted, initial={"words": list(words(self.list.code))})

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        if "reset" in request.POST:
            self._keep(list(self.list.own))
            messages.success(request, _("“%(list)s”已恢复原来的词。") % {"list": self.list.name})
            return redirect("quality_rules")
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        self._keep(self.form.cleaned_data["words"])
        messages.success(request, _("“%(list)s”已保存。") % {"list": self.list.name})
        return redirect("quality_rules")

    @transaction.atomic
    def _keep(self, wanted: Any) -> None:
        before = set(words(self.list.code))
        kept, _made = WordList.objects.update_or_create(code=self.list.code, defaults={"words": wanted})
        audit.record(
            "set_words",
            kept,
            by=self.request.user,
            list=str(self.list.name),
            added=sorted(set(wanted) - before),
            removed=sorted(before - set(wanted)),
        )
        memo.forget("quality.words")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = set(words(self.list.code))
        return super().get_context_data(
            **kwargs,
            form=self.form,
            list=self.list,
            added=sorted(now - set(self.list.own)),
            removed=sorted(set(self.list.own) - now),
        )

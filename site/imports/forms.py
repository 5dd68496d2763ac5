"""What is asked on the way: the file and its place, what its columns are, how to write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput

from imports.destinations import Destination
from imports.lanes import Lane
from imports.match import Match, Target
from imports.models import ImportRun
from imports.reading import limits
from imports.reading.refusals import Refused

ACCEPTED = ".xlsx,.xls,.et,.csv,.json"
FEW = 15  # places; more of them are searched by typing


class SheetFileField(forms.FileField):
    """A spreadsheet; only its size is looked at here."""

    default_error_messages = {
        "required": gettext_lazy("请选择要上传的表格文件。"),
        "invalid": gettext_lazy("没有收到文件。请重新选择，再上传。"),
        "missing": gettext_lazy("没有收到文件。请重新选择，再上传。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        # An empty file is answered with the sentence for it.
        super().__init__(label=gettext_lazy("表格文件"), allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file.size > limits.FILE:
            raise forms.ValidationError(too_large(file.size), "too_large")
        return file


def too_large(size: int) -> str:
    """The sentence on a file of so many bytes."""
    return str(Refused("too_large", size=-(-size // limits.MB), most=limits.FILE // limits.MB))


@dataclass(frozen=True)
class Wrong:
    """A field to mend: what it is called, where it stands, what is wrong."""

    label: str
    anchor: str
    errors: Sequence[str]


class StartForm(forms.Form):
    """The kind, the place for it, and the file."""

    kind = forms.ChoiceField(label=gettext_lazy("要导入什么"), widget=forms.RadioSelect)
    file = SheetFileField(
        widget=forms.FileInput(
            attrs={"accept": ACCEPTED, "aria-describedby": "file-help file-again file-errors"}
        )
    )

    def __init__(self, *args: Any, user: Any, destinations: Sequence[Destination], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.destinations = destinations
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(found.kind, found.label) for found in destinations]
        kind.error_messages = {"required": _("请选择要导入什么。"), "invalid_choice": _("没有这种内容。")}
        if len(destinations) == 1:
            kind.initial = destinations[0].kind
        self.pages = {found.kind: found.pages(user) for found in destinations}
        for found in destinations:
            self.fields[f"into-{found.kind}"] = self._place(found)

    def _place(self, found: Destination) -> forms.Field:
        pages = self.pages[found.kind]
        names = [name for _page, name in pages]
        label = found.where
        if len(pages) > FEW:
            widget = forms.TextInput(
                attrs={
                    "list": f"places-{found.kind}",
                    "aria-describedby": f"into-{found.kind}-errors",
                    "autocomplete": "off",
                    "placeholder": _("输入名称查找"),
                }
            )
            return forms.CharField(label=label, required=False, widget=widget)
        choices = [(name, name) for name in names]
        if len(pages) > 1:
            choices = [("", _("请选择")), *choices]
        select = forms.Select(attrs={"aria-describedby": f"into-{found.kind}-errors"}, choices=choices)
        return forms.CharField(label=label, required=False, widget=select)

    @property
    def had_file(self) -> bool:
        """Whether a file came with a form that is asked again: browsers forget it."""
        return self.is_bound and "file" in self.files and bool(self.errors)

    @cached_property
    def wrong(self) -> list["Wrong"]:
        """The fields with errors in the order of the screen; the first gets the focus."""
        names = ["kind", *(name for name in self.fields if name.startswith("into-")), "file"]
        fields = [self[name] for name in names if self[name].errors]
        if fields:
            fields[0].field.widget.attrs["autofocus"] = True
        return [
            Wrong(str(field.label), self._anchor(field), [str(error) for error in field.errors])
            for field in fields
        ]

    def _anchor(self, field: forms.BoundField) -> str:
        """The id of a field, or of the first radio button, which the template writes."""
        return f"kind-{self.destinations[0].kind}" if field.name == "kind" else str(field.id_for_label)

    @property
    def cards(self) -> list[dict[str, Any]]:
        """Each kind with its sentence and the field for its place."""
        chosen = self["kind"].value()
        return [
            {
                "destination": found,
                "is_chosen": found.kind == chosen,
                "place": self[f"into-{found.kind}"],
                "errors_id": f"into-{found.kind}-errors",
                "names": [name for _page, name in self.pages[found.kind]],
                "is_searched": len(self.pages[found.kind]) > FEW,
            }
            for found in self.destinations
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if not kind:
            return data
        name = f"into-{kind}"
        typed = (data.get(name) or "").strip()
        by_name = {label: page for page, label in self.pages[kind]}
        if typed in by_name:
            data["into"] = by_name[typed]
        elif not by_name:
            self.add_error(name, _("您没有可以导入到的地方。请让管理员安排。"))
        elif typed:
            self.add_error(name, _("没有找到“%(name)s”。请从列出的名称里选择。") % {"name": typed[:80]})
        else:
            self.add_error(name, _("请选择导入到哪里。"))
        return data


class ColumnsForm(forms.Form):
    """What each column of the file is on the site. Labels are not ours, so fields have numbers."""

    def __init__(
        self, *args: Any, matches: Sequence[Match], targets: Sequence[Target], chosen: dict[str, str],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.matches = matches
        choices: list[Any] = [("", _("不导入这一列"))]
        read = [(found.title, self._title(found)) for found in targets if found.is_read]
        known = [(found.title, found.title) for found in targets if not found.is_read]
        choices.append((_("网站上的列"), read))
        if known:
            choices.append((_("认得，但不用导入"), known))
        for place, match in enumerate(matches):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=match.label,
                required=False,
                choices=choices,
                initial=chosen.get(match.label, match.target),
                error_messages={"invalid_choice": _("没有这一列，请重新选择。")},
            )

    def _title(self, target: Target) -> str:
        return _("%(title)s（必填）") % {"title": target.title} if target.is_required else target.title

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for place, match in enumerate(self.matches):
            target = data.get(f"column-{place}")
            if not target:
                continue
            if target in taken:
                self.add_error(
                    f"column-{place}",
                    _("“%(other)s”已经对应到“%(target)s”了，一列只能对应一次。")
                    % {"other": taken[target], "target": target},
                )
            else:
                taken[target] = match.label
        return data

    @property
    def mapping(self) -> dict[str, str]:
        return {match.label: self.cleaned_data[f"column-{place}"] for place, match in enumerate(self.matches)}


class AnswersForm(forms.ModelForm):
    """How to write what the preview shows; only what the run leaves open is asked."""

    class Meta:
        model = ImportRun
        fields = ["missing", "accept", "outcome", "title", "effective_on"]
        widgets = {
            "missing": forms.RadioSelect,
            "accept": forms.RadioSelect,
            "outcome": forms.RadioSelect,
            "effective_on": AdminDateInput,
        }
        help_texts = {
            "title": gettext_lazy("如“第二批”“2026版”。不填就用今天的日期。"),
            "effective_on": gettext_lazy("文件从哪天起施行。不清楚可以不填。"),
        }

    def __init__(self, *args: Any, lane: Lane, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        run = self.instance
        missing, refused = run.count("missing"), run.count("refused")
        self.initial["missing"] = ImportRun.Missing.KEEP  # also where an earlier try was to retire
        self.holds_few = run.count("same") + run.count("changed") < missing
        self.retires_when_published = lane.retires_when_published
        allowed = [choice for choice in ImportRun.Outcome.choices if lane.may(user, choice[0])]
        self._offer("outcome", [(value, OUTCOMES[value]) for value, _label in allowed])
        self._offer(
            "missing",
            [
                (ImportRun.Missing.KEEP, _("保留：网站上的不动")),
                (ImportRun.Missing.RETIRE, _("移除：网站上的这 %(count)d 条不再公布") % {"count": missing}),
            ],
        )
        sound = _("只写入没有错误的行，跳过 %(count)d 行") % {"count": refused}
        self._offer("accept", [("all", _("先不写入，改好文件再来")), ("sound", sound)])
        for name, legend in {
            "missing": _("文件里没有的 %(count)d 条怎么办") % {"count": missing},
            "accept": _("有错误的 %(count)d 行怎么办") % {"count": refused},
            "outcome": _("写入以后"),
        }.items():
            self.fields[name].label = legend
        if not missing:
            del self.fields["missing"]
        if not refused:
            del self.fields["accept"]
        if not lane.makes_editions:
            del self.fields["title"], self.fields["effective_on"]
        if "outcome" in self.fields and run.outcome not in dict(allowed) and allowed:
            self.initial["outcome"] = allowed[0][0]

    @property
    def missing_field(self) -> forms.BoundField:
        return self["missing"]

    @property
    def missing_choices(self) -> Sequence[Any]:
        """Keep and retire, where the site has something that the file lacks."""
        return self["missing"].subwidgets if "missing" in self.fields else ()

    @property
    def wants_to_retire(self) -> bool:
        return self["missing"].value() == ImportRun.Missing.RETIRE

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "missing"]

    @property
    def may_write(self) -> bool:
        """Whether there is any way in which this user may write the run."""
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        return bool(outcome.choices)

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.error_messages["invalid_choice"] = _("请从列出的里选一项。")


OUTCOMES = {
    "draft": gettext_lazy("存为草稿，我再看看"),
    "review": gettext_lazy("提交审核，通过后公布"),
    "publish": gettext_lazy("直接发布，公众马上看到"),
}

"""The forms that residents fill in, and what they are told where something is not right."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.certificates.models import Certificate, CertificateListPage
from feedback import stamps
from feedback.models import DemandReport
from quality import personal_data
from quality.personal_data import Kind

FASTEST, OLDEST = 3, 86_400  # seconds from giving a form out to taking it
SAID_LENGTH, REMARK_LENGTH = 500, 300
_PHONE = re.compile(r"\+?[0-9][0-9 \-（）()]{5,18}[0-9]")
REACHES = {Kind.MOBILE, Kind.EMAIL}  # what the field for contacts is there for
_UNSEEN = re.compile(r"[^\S\n]+")


class ReadableField(forms.CharField):
    """Text without what cannot be seen; on one line unless ``has_lines``."""

    def __init__(self, *, has_lines: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.has_lines = has_lines

    def to_python(self, value: object) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        seen = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
        return _UNSEEN.sub(" ", seen).strip() if self.has_lines else " ".join(seen.split())


class PublicForm(forms.Form):
    """A form of a stranger: with a stamp, a trap for programs, and no place for personal data.

    ``texts`` names the fields that nobody needs a number in.
    """

    texts: tuple[str, ...] = ()

    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    website = ReadableField(required=False)  # people do not see it; programs fill it in

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self.texts:
            if found := personal_data.find(cleaned.get(name) or ""):
                self.add_error(name, _tell_of(found))
        stamp = self._stamp
        if self.errors:  # it has to be sent again anyway
            return cleaned
        if stamp is None or not 0 <= stamp.age < OLDEST:
            self.add_error(None, _("这一页打开得太久了。您写的内容还在，请看一眼，再按一次提交。"))
        elif stamp.age < FASTEST:
            self.add_error(None, _("按得太快了，网站没能确认是您本人。请看一眼，再按一次提交。"))
        return cleaned

    @cached_property
    def _stamp(self) -> stamps.Stamp | None:
        return stamps.read(self.data.get("stamp", "")) if self.is_bound else None

    @property
    def stamp_name(self) -> str:
        return self._stamp.name if self._stamp is not None else ""

    @property
    def next_stamp(self) -> str:
        """The stamp that the form is shown with: the one it came with, as long as that is good."""
        is_good = self._stamp is not None and 0 <= self._stamp.age < OLDEST
        return self.data["stamp"] if is_good else stamps.new()

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data["website"])

    @property
    def holds_private_data(self) -> bool:
        """Whether a text has to be masked, which the form then offers."""
        return any(name in self.errors and personal_data.find(self.data.get(name, "")) for name in self.texts)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """``[(id of the field or "", sentence)]`` for the summary above the form."""
        return [
            (self[name].id_for_label if name in self.fields else "", str(sentence))
            for name, sentences in self.errors.items()
            for sentence in sentences
        ]

    @classmethod
    def masked(cls, data: Any) -> Any:
        """What was sent, with the numbers in its texts masked."""
        copy = data.copy()
        for name in cls.texts:
            copy[name] = personal_data.mask(copy.get(name, ""))
        return copy


def _tell_of(found: list[personal_data.Finding]) -> str:
    labels = "、".join(dict.fromkeys(finding.label for finding in found))
    masked = "、".join(dict.fromkeys(finding.masked for finding in found))
    return _("这里有%(labels)s，请不要写出来。可以写成 %(masked)s，或者去掉。") % {
        "labels": labels,
        "masked": masked,
    }


def refused_certificates() -> Any:
    """Certificates of public lists that must not be issued."""
    lists = CertificateListPage.objects.live().public()
    return Certificate.all_refused().filter(owner__in=lists).select_related("owner").order_by("owner", "name")


class CertificateField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Certificate) -> str:
        return obj.name


class DemandForm(PublicForm):
    """Who still demands which certificate."""

    texts = ("unit", "said")

    certificate = CertificateField(
        label=gettext_lazy("要的是哪份证明"),
        queryset=Certificate.objects.none(),
        empty_label=gettext_lazy("请选择"),
        error_messages={
            "required": gettext_lazy("请选择要的是哪份证明。"),
            "invalid_choice": gettext_lazy("请从列出的证明里选一份。"),
        },
    )
    unit = ReadableField(
        label=gettext_lazy("哪个单位、哪个窗口要的"),
        error_messages={"required": gettext_lazy("请写明是哪个单位或者哪个窗口要的。")},
    )
    happened_on = forms.DateField(
        label=gettext_lazy("哪一天"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
        error_messages={"invalid": gettext_lazy("请写成 2026-11-22 这样的日期，记不清可以不填。")},
    )
    said = ReadableField(label=gettext_lazy("他们怎么说"), required=False, has_lines=True)
    contact = ReadableField(label=gettext_lazy("您的电话或者电子邮箱"), required=False)

    def __init__(self, *args: Any, certificates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "demand-%s"} | kwargs)
        field: Any = self.fields["certificate"]
        field.queryset = certificates

    def clean_unit(self) -> str:
        return _short_enough(self.cleaned_data["unit"], DemandReport._meta.get_field("unit").max_length or 0)

    def clean_said(self) -> str:
        return _short_enough(self.cleaned_data["said"], SAID_LENGTH)

    def clean_happened_on(self) -> Any:
        day = self.cleaned_data["happened_on"]
        if day is not None and day > timezone.localdate():
            raise ValidationError(_("日期不能晚于今天。"))
        if day is not None and day.year < timezone.localdate().year - 10:
            raise ValidationError(_("这个日期太早了，请核对年份。"))
        return day

    def clean_contact(self) -> str:
        text: str = self.cleaned_data["contact"]
        found = [finding for finding in personal_data.find(text) if finding.kind not in REACHES]
        if found:
            labels = "、".join(dict.fromkeys(finding.label for finding in found))
            raise ValidationError(
                _("这里像是%(labels)s，请不要填写。只要电话或者电子邮箱，也可以不留。") % {"labels": labels}
            )
        if text and not _PHONE.fullmatch(text):
            try:
                EmailValidator()(text)
            except ValidationError:
                raise ValidationError(_("请写一个电话号码或者一个电子邮箱，也可以不留。")) from None
        return _short_enough(text, DemandReport._meta.get_field("contact").max_length or 0)


def _short_enough(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValidationError(_("最多写 %(number)d 个字，请缩短一些。") % {"number": longest})
    return text


class UsefulForm(PublicForm):
    """Whether a page was useful, and what there is to say about that."""

    texts = ("text",)

    answer = forms.ChoiceField(
        label=gettext_lazy("有没有帮助"),
        choices=[("yes", gettext_lazy("有帮助")), ("no", gettext_lazy("没帮助"))],
        error_messages={
            "required": gettext_lazy("请按“有帮助”或者“没帮助”。"),
            "invalid_choice": gettext_lazy("请按“有帮助”或者“没帮助”。"),
        },
    )
    text = ReadableField(required=False, has_lines=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "useful-%s"} | kwargs)

    def clean_text(self) -> str:
        return _short_enough(self.cleaned_data["text"], REMARK_LENGTH)

"""What is asked about a bundle."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateTimeInput

from publishing.bundles.models import Bundle


class BundleForm(forms.ModelForm):
    class Meta:
        model = Bundle
        fields = ["name", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}


class _AtForm(forms.Form):
    """A moment to come."""

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        if at is not None and at <= timezone.now():
            raise forms.ValidationError(_("发布时间要晚于现在。"))
        return at


class TimeForm(_AtForm):
    at = forms.DateTimeField(
        label=gettext_lazy("发布时间"),
        widget=AdminDateTimeInput,
        help_text=gettext_lazy("例如：2026-03-01 09:00。到时整批一起发布。"),
    )


class HandInForm(_AtForm):
    at = forms.DateTimeField(
        label=gettext_lazy("通过后什么时候发布"),
        widget=AdminDateTimeInput,
        required=False,
        help_text=gettext_lazy("留空时，审核通过就发布。"),
    )


class CommentForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("退回的原因"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("退回时请写清楚要改什么。"),
    )

"""What is asked of the administrator who connects another system."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from api.webhooks import addresses
from api.webhooks.models import Kind, Webhook
from outside.addresses import Refused


class WebhookForm(forms.ModelForm[Webhook]):
    kinds = forms.MultipleChoiceField(
        label=_("发送哪些内容"),
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("一项都不选，就是全部。"),
    )

    class Meta:
        model = Webhook
        fields = ["name", "url", "kinds"]
        widgets = {"url": forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"})}

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            addresses.check(url)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return url

    def clean_kinds(self) -> list[Any]:
        """All of them are the same as none: kinds that are added later come too."""
        kinds = self.cleaned_data["kinds"]
        return [] if set(kinds) == set(Kind.values) else kinds

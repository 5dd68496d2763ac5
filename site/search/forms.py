"""What editors fill in to teach the search: groups of synonyms, and everyday names of guides."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from search.models import SynonymGroup
from search.synonyms import LONGEST, bare
from search.teach import guides_edited_by

ALLOWED_SIGNS = "-·"


def word_problem(word: str) -> str:
    """What is wrong with a word the search is to learn, as a sentence; empty where it is fine."""
    if len(word) > LONGEST:
        return _("“%(word)s”超过 %(number)d 个字。请只写平时的叫法，不要写成一句话。") % {
            "word": word,
            "number": LONGEST,
        }
    if any(unicodedata.category(sign)[0] in "PSC" and sign not in ALLOWED_SIGNS for sign in word):
        return _("“%(word)s”里有标点或符号。请去掉；几个词要分行写，每行一个。") % {"word": word}
    if any(sign.isspace() for sign in word) and any(sign > "\u2e7f" for sign in word):
        return _("“%(word)s”里有空格。请去掉；几个词要分行写，每行一个。") % {"word": word}
    if not bare(word):
        return _("请写一个词。")
    return ""


class SynonymForm(WagtailAdminModelForm):
    """At least two words, or one that leads to another; each a single word, and once."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        seen: set[str] = set()
        for name in ("words", "narrower"):
            for word in cleaned.get(name) or []:
                if problem := word_problem(word):
                    self.add_error(name, problem)
                elif bare(word) in seen:
                    self.add_error(name, _("“%(word)s”在这一组里写了两次。") % {"word": word})
                seen.add(bare(word))
        words, narrower = cleaned.get("words") or [], cleaned.get("narrower") or []
        for word in words if cleaned.get("kind") == SynonymGroup.Kind.TOLD else []:
            if len(bare(word)) == 1:
                self.add_error(
                    "words", _("“%(word)s”只有一个字，别的话里也常有。请写长一些。") % {"word": word}
                )
        if self.errors or narrower:
            return cleaned
        if cleaned["kind"] == SynonymGroup.Kind.TOLD:
            self.add_error("narrower", _("请写出这些说法引向的词，例如：托育。"))
        elif len(words) == 1:
            self.add_error("words", _("请至少写两个意思相同的词，或者再写一个引向的词。"))
        return cleaned


class WordField(forms.CharField):
    """One word the search is to learn."""

    def clean(self, value: Any) -> str:
        word = " ".join(super().clean(value).split())
        if problem := word_problem(word):
            raise forms.ValidationError(problem)
        return word


class WordForm(forms.Form):
    """A word for a group of synonyms that is there already."""

    text = WordField(
        label=gettext_lazy("要加的词"), error_messages={"required": gettext_lazy("请写一个词。")}
    )


class NameForm(forms.Form):
    """A name for one of the guides that ``user`` may change."""

    text = WordField(label=gettext_lazy("俗称"), error_messages={"required": gettext_lazy("请写一个词。")})
    guide: Any = forms.ModelChoiceField(
        queryset=None,
        label=gettext_lazy("办事指南"),
        error_messages={
            "required": gettext_lazy("请选择一份办事指南。"),
            "invalid_choice": gettext_lazy("这份指南不在了，或者不由您维护。请另选一份。"),
        },
    )

    def __init__(self, *args: Any, user: Any, chooser: forms.Widget, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["guide"]
        field.queryset, field.widget = guides_edited_by(user), chooser

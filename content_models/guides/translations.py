"""Guides in other languages, written by hand beside the Chinese text, which is what holds.

Such a text is a part of its guide: it stands in the guide's drafts and revisions, is checked and published
with it, and has an address below it, ``…/in/ko/``.
"""

import hashlib
import json

from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.models import Orderable

from content_models.base.blocks import RICH_TEXT_FEATURES


class Tongue(models.TextChoices):
    """The languages that guides may be written in, each by its own name; codes are those of ``lang``."""

    ENGLISH = "en", "English"
    KOREAN = "ko", "한국어"
    JAPANESE = "ja", "日本語"
    RUSSIAN = "ru", "Русский"
    FRENCH = "fr", "Français"
    SPANISH = "es", "Español"
    ARABIC = "ar", "العربية"
    VIETNAMESE = "vi", "Tiếng Việt"
    THAI = "th", "ไทย"
    TIBETAN = "bo", "བོད་ཡིག"
    UYGHUR = "ug", "ئۇيغۇرچە"
    MONGOLIAN = "mn", "Монгол"
    KAZAKH = "kk", "Қазақша"
    KAZAKH_ARABIC = "kk-arab", "قازاقشا"
    YI = "ii", "ꆈꌠꉙ"
    ZHUANG = "za", "Vahcuengh"


RIGHT_TO_LEFT = {Tongue.ARABIC, Tongue.UYGHUR, Tongue.KAZAKH_ARABIC}
# What stands above the parts; a language that is not here has the words of the page around it.
HEADINGS = {
    "who": {
        "en": "Who can apply",
        "ko": "신청 대상",
        "ja": "対象となる方",
        "ru": "Кто может обратиться",
        "fr": "Qui peut faire la demande",
        "es": "Quién puede solicitarlo",
        "ar": "من يمكنه التقديم",
    },
    "materials": {
        "en": "Documents you need",
        "ko": "준비 서류",
        "ja": "必要な書類",
        "ru": "Необходимые документы",
        "fr": "Documents à apporter",
        "es": "Documentos necesarios",
        "ar": "المستندات المطلوبة",
    },
    "steps": {
        "en": "Steps",
        "ko": "절차",
        "ja": "手続きの流れ",
        "ru": "Порядок действий",
        "fr": "Démarches",
        "es": "Pasos",
        "ar": "الخطوات",
    },
    "where": {
        "en": "Where to go, when, and fees",
        "ko": "장소, 시간, 비용",
        "ja": "場所・時間・費用",
        "ru": "Где, когда и сколько стоит",
        "fr": "Où, quand et à quel prix",
        "es": "Dónde, cuándo y cuánto cuesta",
        "ar": "المكان والموعد والرسوم",
    },
}


class GuideTranslation(Orderable):
    """One guide in one other language."""

    page = ParentalKey("guides.GuidePage", on_delete=models.CASCADE, related_name="in_other_languages")
    language = models.CharField(gettext_lazy("语言"), max_length=10, choices=Tongue.choices)
    translated_on = models.DateField(
        gettext_lazy("翻译日期"),
        default=timezone.localdate,
        help_text=gettext_lazy(
            "照哪一天的中文翻译的。中文后来改过，页面会提醒读者；译文跟着改好后，请改成当天。"
        ),
    )
    title = models.CharField(gettext_lazy("译名"), max_length=255)
    summary = models.CharField(gettext_lazy("一句话说明"), max_length=300, blank=True)
    who = RichTextField(gettext_lazy("谁可以办"), blank=True, features=RICH_TEXT_FEATURES)
    materials = RichTextField(gettext_lazy("带什么材料"), blank=True, features=RICH_TEXT_FEATURES)
    steps = RichTextField(gettext_lazy("怎么办"), blank=True, features=RICH_TEXT_FEATURES)
    where = RichTextField(gettext_lazy("在哪里办、时间和收费"), blank=True, features=RICH_TEXT_FEATURES)
    # A print of the Chinese words that were translated; empty where it is not known.
    made_from = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)

    panels = [
        FieldRowPanel([FieldPanel("language"), FieldPanel("translated_on")]),
        FieldPanel("title"),
        FieldPanel("summary"),
        FieldPanel("who"),
        FieldPanel("materials"),
        FieldPanel("steps"),
        FieldPanel("where"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = gettext_lazy("其他语言")
        verbose_name_plural = gettext_lazy("其他语言")

    def __str__(self):
        return f"{self.get_language_display()}：{self.title}"

    @property
    def tag(self):
        """For ``lang``: kk-Arab."""
        code, _hyphen, script = self.language.partition("-")
        return f"{code}-{script.title()}" if script else code

    @property
    def is_english(self):
        return self.language == Tongue.ENGLISH

    @property
    def direction(self):
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    @property
    def url(self):
        return f"{self.page.url}in/{self.language}/"

    @property
    def parts(self):
        """``[(name, heading, whether it is in this language, text)]`` of what was written."""
        words = {"who": _("谁可以办"), "materials": _("带什么材料"), "steps": _("怎么办")}
        words["where"] = _("在哪里办、时间和收费")
        return [
            (
                name,
                HEADINGS[name].get(self.language, word),
                self.language in HEADINGS[name],
                getattr(self, name),
            )
            for name, word in words.items()
            if getattr(self, name)
        ]

    @property
    def is_older(self):
        """Whether the Chinese text reads differently now from what was translated."""
        return bool(self.made_from) and self.made_from != words_of(self.page)

    @property
    def is_read_here(self):
        """Whether the words around it are in the same language."""
        return translation.get_language() == self.language


def words_of(guide):
    """A print of what residents read of a guide in Chinese, as far as translations tell of it."""
    own = ["title", "summary", "conditions", "needs_no_materials", "is_charged", "handle_forms", "visits"]
    own += ["promised_days", "promised_unit", "promised_note", "status"]
    parts = {
        "materials": ["name", "necessity", "material_kind", "originals", "copies", "condition", "fill_note"],
        "steps": ["name", "who", "limit", "standard", "result"],
        "fees": ["name", "standard", "is_reducible", "note"],
    }
    said = [getattr(guide, name) for name in own]
    said += [
        [[getattr(row, name) for name in names] for row in getattr(guide, part).all()]
        for part, names in parts.items()
    ]
    return hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()[:32]


def note_what_was_translated(guide, translations):
    """Remember of each of ``translations`` which Chinese words it renders."""
    if translations:
        words = words_of(guide)
        for each in translations:
            each.made_from = words


def languages_twice(translations):
    """The names of languages that stand more than once."""
    named = [each.get_language_display() for each in translations if each.language]
    return list(dict.fromkeys(name for name in named if named.count(name) > 1))

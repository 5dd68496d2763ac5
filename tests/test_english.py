"""Residents who read English meet no Chinese word of ours, and no other reader meets an English one."""

import gettext
import re
from collections.abc import Iterator

from django.utils import translation

from content_models.places.hours import weekdays_text
from tests.test_translations import LOCALE, PLACEHOLDER, TAG, refresh

PO = LOCALE / "en" / "LC_MESSAGES" / "django.po"
HAN = re.compile("[\u3400-\u9fff]")


def test_everything_that_residents_may_read_has_english_words() -> None:
    assert len(refresh.asked_of_residents()) > 600

    assert sorted(refresh.left_in_chinese(), key=str) == []


def entries() -> Iterator[tuple[str, list[str]]]:
    """Each message of the catalogue with its English forms."""
    known = refresh.english_catalogue()
    for context, text, plural in refresh.read_po(PO):
        if plural is None:
            yield text, [refresh.translation_of((context, text, None), known)]
        else:
            yield text, [known.ngettext(text, plural, number) for number in (1, 2)]


def test_english_words_keep_placeholders_and_tags() -> None:
    for text, forms in entries():
        for english in forms:
            assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(text)), text
            assert sorted(TAG.findall(english)) == sorted(TAG.findall(text)), text


def test_one_thing_is_said_otherwise_than_several() -> None:
    known = refresh.english_catalogue()

    for text, forms in entries():
        assert all(form.strip() or form == " " for form in forms), text
    assert [known.ngettext("%(number)s 份", "%(number)s 份", number) for number in (0, 1, 2, 21)] == [
        "%(number)s documents",
        "%(number)s document",
        "%(number)s documents",
        "%(number)s documents",
    ]


def test_the_compiled_catalogue_says_what_its_source_says() -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    compiled.add_fallback(refresh.Untranslated())

    for (context, text, plural), english in refresh.read_po(PO).items():
        if plural is None:
            assert refresh.translation_of((context, text, None), compiled) == english, text
        else:
            forms = [compiled.ngettext(text, plural, number) for number in (1, 2)]
            assert "".join(forms) == english, text  # read_po() joins them


def test_english_words_are_english() -> None:
    """Chinese stands only in examples of what to type, and in what is called so everywhere."""
    allowed = {"老年证", "残疾补贴", "残疾人", "住改商", "怎样领残疾人补贴", "合政〔", "号"}

    for _text, forms in entries():
        for english in forms:
            for word in sorted(allowed, key=len, reverse=True):
                english = english.replace(word, "")
            assert not HAN.search(english), english


def test_weekdays_read_well() -> None:
    with translation.override("en"):
        assert weekdays_text({0, 1, 2, 3, 4}) == "Monday to Friday"
        assert weekdays_text({5, 6}) == "Saturday, Sunday"
        assert weekdays_text(range(7)) == "Every day"
    assert weekdays_text({0, 1, 2, 3, 4, 6}) == "周一至周五、周日"

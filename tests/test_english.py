"""Residents who read English meet no Chinese word of ours, and no other reader meets an English one."""

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from content_models.places.hours import weekdays_text
from tests import factories
from tests.conftest import StandingContent
from tests.test_pages import KINDS, addresses, one_of_each
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
            for word in allowed:
                english = english.replace(word, "")
            assert not HAN.search(english), english


# Pages


@pytest.fixture(scope="module")
def standing(standing_content: StandingContent) -> Iterator[dict[str, Any]]:
    with standing_content():
        yield one_of_each()


@pytest.fixture
def site(standing: dict[str, Any], db: None) -> dict[str, Any]:
    return {name: factories.fresh(thing) for name, thing in standing.items()}


class Asked(gettext.NullTranslations):
    """Notes what was asked for in vain."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[str] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add(msgid1)
        return msgid1 if n == 1 else msgid2


@contextmanager
def noted() -> Iterator[set[str]]:
    known: Any = trans_real.translation("en")
    before, asked = known._fallback, Asked()
    known._fallback = asked
    try:
        yield asked.messages
    finally:
        known._fallback = before


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", [False, True], ids=["stranger", "resident"])
def test_pages_ask_for_no_word_that_is_not_there(client: Client, site: dict[str, Any], chosen: bool) -> None:
    ours = {text for _context, text, _plural in refresh.asked_by_us()}
    if chosen:
        client.cookies["community"] = str(site["community"].pk)

    others = ["/reading/", "/feeds/", "/feedback/demands/", "/feedback/receipts/", "/search/missing/", "/no/"]

    with noted() as asked:
        for address in [*addresses(site), *others, "/procedures/ratings/", "/procedures/admission/"]:
            client.get(f"/en{address}")

    assert sorted(text for text in asked & ours if HAN.search(text)) == []


@pytest.mark.django_db
def test_no_word_of_one_language_stays_for_the_next_reader(client: Client, site: dict[str, Any]) -> None:
    paths = [factories.fresh(site[kind]).url for kind in KINDS] + ["/search/?q=证明", "/open-data/"]
    chinese = {path: words(client, path) for path in paths}

    english = {path: words(client, f"/en{path}") for path in paths}

    assert {path: words(client, path) for path in paths} == chinese
    assert translation.get_language() == settings.LANGUAGE_CODE
    for path in paths:
        assert "My community" in english[path], path
        assert "My community" not in chinese[path], path


def words(client: Client, path: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|/en/', "", client.get(path).content.decode())


@pytest.mark.django_db
def test_files_are_the_same_whoever_asks_first(client: Client, site: dict[str, Any]) -> None:
    for path in (
        "/open-data/guides/latest.csv",
        f"/feeds/{site['home'].pk}/atom/",
        "/open-data/catalog.json",
    ):
        answer = client.get(f"/en{path}?x=1")

        assert (answer.status_code, answer["Location"]) == (302, f"{path}?x=1")


def test_weekdays_read_well() -> None:
    with translation.override("en"):
        assert weekdays_text({0, 1, 2, 3, 4}) == "Monday to Friday"
        assert weekdays_text({5, 6}) == "Saturday, Sunday"
        assert weekdays_text(range(7)) == "Every day"
    assert weekdays_text({0, 1, 2, 3, 4, 6}) == "周一至周五、周日"

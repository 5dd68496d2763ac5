"""The admin speaks Chinese throughout, and its translations fit what they translate."""

import gettext
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import translation

LOCALE = Path(__file__).resolve().parents[1] / "site" / "locale"
CATALOGUES = LOCALE / "zh_Hans" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sdr]|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


def load_refresh() -> ModuleType:
    """The script is run by its path, so it is loaded by its path."""
    spec = importlib.util.spec_from_file_location("refresh_catalogues", LOCALE / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


refresh = load_refresh()


def test_everything_the_installed_packages_say_is_translated() -> None:
    assert len(refresh.asked_for()) > 2000

    assert sorted(refresh.left_in_english(), key=str) == []


def test_everything_the_scripts_of_the_admin_say_is_translated() -> None:
    assert len(refresh.asked_for_in_browser()) > 80

    assert sorted(refresh.left_in_english_in_browser(), key=str) == []


def test_what_runs_through_the_installed_packages_keeps_its_placeholders() -> None:
    known = refresh.catalogue()

    assert [wrong for message in refresh.asked_for() if (wrong := misfit(message, known))] == []


def test_what_the_scripts_say_keeps_its_placeholders() -> None:
    known = refresh.catalogue_in_browser()

    assert [wrong for message in refresh.asked_for_in_browser() if (wrong := misfit(message, known))] == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_our_translations_keep_placeholders_and_links(domain: str) -> None:
    for (_context, text, plural), chinese in refresh.read_po(CATALOGUES / f"{domain}.po").items():
        assert fits(PLACEHOLDER, text, plural, chinese), text
        assert fits(TAG, text, plural, chinese), text


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_compiled_catalogues_say_what_their_sources_say(domain: str) -> None:
    source = refresh.read_po(CATALOGUES / f"{domain}.po")

    with (CATALOGUES / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    compiled.add_fallback(refresh.Untranslated())

    assert "" not in source.values()
    assert {message: refresh.translation_of(message, compiled) for message in source} == source


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Snippets", "条目"),
        ("Workflow", "审核流程"),
        ("Submit for moderation", "提交审核"),
        ("Unpublish", "取消发布"),
    ],
)
def test_editors_read_the_words_of_their_own_office(english: str, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert translation.gettext(english) == chinese


def test_the_reader_of_catalogues_joins_lines_and_keeps_plurals(tmp_path: Path) -> None:
    file = tmp_path / "x.po"
    file.write_text(
        'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n\n'
        'msgctxt "colour"\nmsgid ""\n"red "\n"\\"wine\\""\nmsgstr "红"\n\n'
        'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "几个"\n',
        encoding="utf-8",
    )

    assert refresh.read_po(file) == {("colour", 'red "wine"', None): "红", (None, "one", "many"): "几个"}


def misfit(message: tuple[str | None, str, str | None], known: gettext.NullTranslations) -> str | None:
    _context, text, plural = message
    chinese = refresh.translation_of(message, known)
    return None if fits(PLACEHOLDER, text, plural, chinese) else f"{text!r} → {chinese!r}"


def fits(pattern: re.Pattern[str], text: str, plural: str | None, chinese: str) -> bool:
    """Chinese has one form for both: it must use what both forms use, and nothing that neither has."""
    one = set(pattern.findall(text))
    many = set(pattern.findall(plural)) if plural else one
    return one & many <= set(pattern.findall(chinese)) <= one | many

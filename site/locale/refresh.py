"""Print, as .po entries, what catalogues lack; README.md tells how.

That is what the installed packages say in English under zh-hans, and what we say in Chinese under en.
"""

import ast
import functools
import os
import re
import sys
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

LANGUAGE = "zh-hans"
HERE = Path(__file__).resolve().parent
NOT_SHOWN = {"tests", "test", "contrib", "migrations", "project_template", "app_template", "locale", "static"}
# The functions that ask for a translation, and which of their arguments are text: (context, message, plural).
ASKS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
LITERAL = r"""[urURf]*(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"\b(\w+)\(({LITERAL}(?:,\s*{LITERAL})*)", re.DOTALL)

# Our own modules whose every word residents may read; of others, tests see what pages ask for.
FOR_RESIDENTS = [
    "content_models/base/amounts.py",
    "content_models/base/edition_pages.py",
    "content_models/base/listing.py",
    "content_models/communities/derived.py",
    "content_models/communities/over_time.py",
    "content_models/communities/ratings.py",
    "content_models/guides/limits.py",
    "content_models/home/site_map.py",
    "content_models/notices/disclosure.py",
    "content_models/places/distance.py",
    "content_models/policy_lists/comparison.py",
    "site/appearance/choices.py",
    "site/feedback/forms.py",
    "site/feedback/receive.py",
    "site/procedures/public_views.py",
    "site/saved/views.py",
    "site/search/insight_views.py",
    "site/search/lines.py",
]
ALSO_FOR_RESIDENTS = [
    "site/search/templates/search/missing.html",
    "site/search/templates/search/missing_form.html",
]

# A message is (context, text, plural form), with None for what it does not have.
Message = tuple[str | None, str, str | None]


class Untranslated(NullTranslations):
    """Answers nothing where gettext would answer in English."""

    def gettext(self, message: str) -> str:
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return ""

    def pgettext(self, context: str, message: str) -> str:
        return ""

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return ""


@functools.cache
def asked_for() -> set[Message]:
    """Every message in the Python and template sources of Django and the installed packages."""
    project = HERE.parents[1]
    ours = [Path(app.path) for app in apps.get_app_configs() if _is_ours(Path(app.path), project)]
    folders = [Path(app.path) for app in apps.get_app_configs() if Path(app.path) not in ours]
    folders.append(Path(django.__file__).parent)
    return {message for folder in folders for message in _in_folder(folder, set(folders) - {folder})}


def asked_for_in_browser() -> set[Message]:
    """Every message of the admin's scripts, which are installed compiled: Wagtail's own list of them."""
    english = Path(apps.get_app_config("wagtailadmin").path) / "locale/en/LC_MESSAGES/djangojs.po"
    return set(read_po(english))


def asked_of_residents() -> set[Message]:
    """What the public site says in our own words: all themes, and the modules for residents alone."""
    project = HERE.parents[1]
    templates = [*(project / "themes").rglob("*.html"), *(project / path for path in ALSO_FOR_RESIDENTS)]
    messages = {message for file in templates for message in _in_template(file)}
    return messages | {message for path in FOR_RESIDENTS for message in _in_python(project / path)}


def asked_by_us() -> set[Message]:
    """Every message of our own code and templates, the admin's too."""
    project = HERE.parents[1]
    folders = [project / name for name in ("content_models", "site", "themes")]
    python = {message for folder in folders for file in folder.rglob("*.py") for message in _in_python(file)}
    return python | {
        message for folder in folders for file in folder.rglob("*.html") for message in _in_template(file)
    }


def translation_of(message: Message, known: NullTranslations) -> str:
    """What a catalogue says for a message, or nothing if it ends in `Untranslated`."""
    match message:
        case (None, text, None):
            return known.gettext(text)
        case (None, text, str(plural)):
            return known.ngettext(text, plural, 1)
        case (str(context), text, None):
            return known.pgettext(context, text)
        case (str(context), text, str(plural)):
            return known.npgettext(context, text, plural, 1)
    raise TypeError(message)


def catalogue() -> trans_real.DjangoTranslation:
    """All catalogues that Django finds for the language, merged; ours comes first."""
    merged = trans_real.DjangoTranslation(LANGUAGE)
    merged.add_fallback(Untranslated())
    return merged


def catalogue_in_browser() -> trans_real.DjangoTranslation:
    """The same for the scripts of the admin, merged as the admin's address for them does it."""
    admin = str(Path(apps.get_app_config("wagtailadmin").path) / "locale")
    merged = trans_real.DjangoTranslation(LANGUAGE, domain="djangojs", localedirs=[admin])
    merged.add_fallback(Untranslated())
    return merged


def english_catalogue() -> trans_real.DjangoTranslation:
    """What the public site says in English."""
    merged = trans_real.DjangoTranslation("en")
    merged.add_fallback(Untranslated())
    return merged


def left_in_chinese() -> set[Message]:
    """What residents who read English would meet in Chinese."""
    known = english_catalogue()
    return {message for message in asked_of_residents() if not translation_of(message, known)}


def left_in_english() -> set[Message]:
    """What no catalogue translates, ours included."""
    known = catalogue()
    return {message for message in asked_for() if not translation_of(message, known)}


def left_in_english_in_browser() -> set[Message]:
    """The same for the scripts of the admin."""
    known = catalogue_in_browser()
    return {message for message in asked_for_in_browser() if not translation_of(message, known)}


def read_po(path: Path) -> dict[Message, str]:
    """The messages of a .po file, each with its translation."""
    messages: dict[Message, str] = {}
    for entry in path.read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in entry.splitlines():
            if found := re.match(r'(?:(msg\w+)(?:\[\d\])? )?(".*")$', line):
                name = found[1] or name
                # An English list holds one empty translation per plural form; ours has just one form.
                fields[name] = fields.get(name, "") + ast.literal_eval(found[2])
        if fields.get("msgid"):
            messages[fields.get("msgctxt"), fields["msgid"], fields.get("msgid_plural")] = fields["msgstr"]
    return messages


def _is_ours(folder: Path, project: Path) -> bool:
    return folder.is_relative_to(project) and "site-packages" not in folder.parts


def _in_folder(folder: Path, others: set[Path]) -> Iterator[Message]:
    for parent, names, files in os.walk(folder):
        here = Path(parent)
        names[:] = [name for name in names if name not in NOT_SHOWN and here / name not in others]
        for file in (here / name for name in files):
            if file.suffix == ".py":
                yield from _in_python(file)
            elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
                yield from _in_template(file)


def _in_python(file: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            yield from _message(name, texts)


def _in_template(file: Path) -> Iterator[Message]:
    # Django turns a template into calls that gettext's own tools can read; they are read here instead.
    for name, arguments in CALL.findall(templatize(file.read_text(encoding="utf-8"), origin=str(file))):
        texts = [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments, re.DOTALL)]
        yield from _message(name, texts)


def _message(name: str, texts: list[Any]) -> Iterator[Message]:
    if name in ASKS:
        context, text, plural = (
            texts[place] if place is not None and place < len(texts) else None for place in ASKS[name]
        )
        if isinstance(text, str) and text:
            yield context, text, plural


def _print(messages: set[Message], *, forms: int = 1) -> None:
    for context, text, plural in sorted(messages, key=str):
        names = {"msgctxt": context, "msgid": text, "msgid_plural": plural}
        for name, value in names.items():
            if value is not None:
                escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
                print(f'{name} "{escaped}"')
        for form in range(forms if plural is not None else 0):
            print(f'msgstr[{form}] ""')
        print("" if plural is not None else 'msgstr ""\n')


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    print("# For django.po:\n")
    _print(left_in_english())
    print("# For djangojs.po:\n")
    _print(left_in_english_in_browser())
    print("# For en/LC_MESSAGES/django.po:\n")
    _print(left_in_chinese(), forms=2)

"""Style sheets and scripts of many files are served as one, and say the same as before."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from pytest_django import Settings

from appearance.joined import JoinedFiles, whole_script, whole_sheet

# Bytes after compression that a first visit may cost.
MOST_SHEETS, MOST_SCRIPTS = 25_000, 20_000
# What a guide of many offices asks for, the most. What merges a change comes with the first change.
SCRIPTS = ["live/live.js", "saved/page.js", "civic/suggest.js", "civic/reading.js", "civic/listen.js"]
SCRIPTS += ["feedback/useful.js", "civic/near.js"]


def served(name: str) -> str:
    return Path(str(finders.find(name))).read_text(encoding="utf-8")


def size_of(*names: str) -> int:
    return sum(len(gzip.compress(served(name).encode(), 6)) for name in names)


def test_the_sheet_holds_every_layer_and_asks_for_nothing_more() -> None:
    sheet = served("civic/main.css")

    assert "@import" not in sheet
    assert sheet.startswith("@layer tokens, base, components, pages, modes;")
    for name in ("tokens", "base", "components", "pages"):
        assert f"@layer {name} {{" in sheet
    assert "@media print {" in sheet
    assert sheet.count("{") == sheet.count("}")


def test_a_sheet_keeps_layers_media_and_addresses(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a/parts").mkdir(parents=True)
    (tmp_path / "a/main.css").write_text(
        '/* x */ @import url("parts/b.css") layer(c);\n@import "parts/p.css" print;\n'
    )
    (tmp_path / "a/parts/b.css").write_text(
        'i { background: url(../img/b.svg) } u { background: url("data:,") }'
    )
    (tmp_path / "a/parts/p.css").write_text("b { color: red }")
    settings.STATICFILES_DIRS = [tmp_path]

    assert whole_sheet("a/main.css") == (
        '@layer c {\ni { background: url("img/b.svg") } u { background: url("data:,") }\n}\n'
        "@media print {\nb { color: red }\n}\n"
    )


def test_a_script_holds_its_modules_each_once_and_apart(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s/main.js").write_text(
        'import {one, two as second} from "./a.js";\nimport {b} from "./b.js";\none(b);\n'
    )
    (tmp_path / "s/a.js").write_text(
        'import {b} from "./b.js";\nexport const one = 1;\nexport function two() {}\n'
    )
    (tmp_path / "s/b.js").write_text("/* says\nmuch */\nlet hidden = 0;\nexport class b {}\n")
    settings.STATICFILES_DIRS = [tmp_path]

    whole = whole_script("s/main.js")

    assert "import" not in whole
    assert "export" not in whole
    assert "says" not in whole
    assert whole.count("let hidden") == 1
    assert whole.index("class b") < whole.index("const one") < whole.index("one(b);")
    assert "const {one, two : second} = _s_a;" in whole

    (tmp_path / "s/b.js").write_text("export default 1;\n")
    with pytest.raises(ValueError, match="export default"):
        whole_script("s/main.js")
    (tmp_path / "s/b.js").unlink()
    with pytest.raises(FileNotFoundError, match=r"s/b\.js"):
        whole_script("s/main.js")


def test_all_sheets_and_all_scripts_stay_small() -> None:
    assert size_of("civic/main.css") < MOST_SHEETS
    assert size_of(*SCRIPTS) < MOST_SCRIPTS


def test_sources_stay_and_what_is_whole_is_left_to_the_others() -> None:
    finder = JoinedFiles()

    assert finder.find("civic/tokens.css") is None
    assert finder.find("../../etc/passwd.css") is None
    assert finder.find("no/such.js") is None
    assert "civic/main.css" in [name for name, _storage in finder.list(())]
    assert "--ink" in served("civic/tokens.css")


def test_collected_files_are_the_whole_ones(tmp_path: Path, settings: Settings) -> None:
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }

    call_command("collectstatic", "--noinput", "-v0", ignore_patterns=["admin", "wagtail*", "rest_framework"])

    named = [path.name for path in (tmp_path / "static/civic").glob("main.*.css")]
    assert len(named) == 1
    assert re.fullmatch(r"main\.[0-9a-f]{12}\.css", named[0])
    assert "@import" not in (tmp_path / "static/civic" / named[0]).read_text()
    assert "import {" not in (tmp_path / "static/live/live.js").read_text()

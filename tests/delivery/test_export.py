"""The copy of the site in plain files: whole, readable from a folder, brought up to date by what changed."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import get_script_prefix, set_script_prefix
from wagtail.models import PageViewRestriction, Site

from content_models.home.models import HomePage, SiteSettings
from delivery.offline import file_of, imported, make_plain
from publishing.publish import publish, take_back
from tests import factories

LINK = re.compile(r'(?:href|src)="([^"#?]+)')


def export(folder: Path, *options: str) -> dict[str, Any]:
    said = StringIO()
    call_command("export_site", str(folder), "--json", *options, stdout=said)
    return json.loads(said.getvalue())


@pytest.fixture
def site() -> dict[str, Any]:
    home = factories.home()
    SiteSettings.for_site(Site.objects.get(is_default_site=True))  # the first reader has them made
    community = factories.community()
    office = factories.office(under=community)
    guide = factories.guide("高龄津贴", offices=[office], everyday_names=["敬老卡"])
    kept = factories.published_list()
    factories.certificate("婚姻状况证明")
    return {"home": home, "guide": guide, "office": office, "list": kept, "notice": factories.notice()}


def html_of(folder: Path, page: Any) -> str:
    return (folder / str(file_of(factories.fresh(page).url))).read_text()


@pytest.mark.django_db
def test_every_page_is_there_and_every_link_leads_to_a_file(site: dict[str, Any], tmp_path: Path) -> None:
    done = export(tmp_path / "copy")
    copy = (tmp_path / "copy").resolve()

    files = list(copy.rglob("*.html"))
    broken = [
        (file.name, link)
        for file in files
        for link in LINK.findall(file.read_text())
        if not link.startswith(("http:", "https:", "tel:", "mailto:", "data:"))
        and not (file.parent / link).resolve().is_file()
        and file.name != "404.html"
    ]
    assert done["failed"] == []
    assert done["written"] == done["pages"] >= 12
    assert broken == []
    assert "敬老卡" in (copy / "search/index.html").read_text()
    assert "甲" in html_of(copy, site["list"])
    assert all('<script type="module"' not in file.read_text() for file in files)


@pytest.mark.django_db
def test_only_what_changed_is_copied_again(site: dict[str, Any], tmp_path: Path) -> None:
    export(tmp_path)
    notice = factories.fresh(site["notice"])
    notice.title = "今晚停水"
    notice.save_revision()
    publish(notice)

    again, nothing = export(tmp_path), export(tmp_path)

    assert "今晚停水" in html_of(tmp_path, notice)
    assert 0 < again["written"] < again["pages"] // 2
    assert (nothing["written"], nothing["removed"]) == (0, 0)


@pytest.mark.django_db
def test_what_is_taken_back_or_closed_off_leaves_the_copy(site: dict[str, Any], tmp_path: Path) -> None:
    export(tmp_path)
    gone, closed = (tmp_path / str(file_of(factories.fresh(site[name]).url)) for name in ("notice", "guide"))
    assert gone.exists()
    assert closed.exists()

    take_back(site["notice"])
    PageViewRestriction.objects.create(page=factories.fresh(site["guide"]), restriction_type="login")
    done = export(tmp_path)

    assert done["removed"] == 3  # the guide's sheet as well
    assert not gone.exists()
    assert not closed.exists()
    assert not (closed.parent / "sheet/index.html").exists()
    assert "高龄津贴" not in (tmp_path / "index.html").read_text()


@pytest.mark.django_db
def test_a_page_that_comes_is_copied(site: dict[str, Any], tmp_path: Path) -> None:
    export(tmp_path)
    page = publish(factories.plain_page("新页", live=False))

    done = export(tmp_path)

    assert "新页" in html_of(tmp_path, page)
    assert done["failed"] == []


@pytest.mark.django_db
def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")

    with pytest.raises(CommandError, match="Choose an empty folder") as refused:
        export(tmp_path)

    assert refused.value.returncode == 2
    assert (tmp_path / "index.html").read_text() == "mine"


@pytest.mark.django_db
def test_a_page_that_cannot_be_made_stays_as_it_was(
    site: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(tmp_path)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(HomePage, "get_context", fail)
    with pytest.raises(CommandError, match="1 pages could not be made"):
        call_command("export_site", str(tmp_path), "--whole")

    assert "高龄津贴" in (tmp_path / "index.html").read_text()


def test_links_become_relative_and_what_needs_a_server_goes() -> None:
    html = """<html><head><link rel="stylesheet" href="/static/civic/main.css"></head><body>
      <a href="/guides/">上</a><a href="?page=2">2</a><a href="/guides/?topic=x">筛</a>
      <a href="/my-community/?next=/">社区</a><a href="https://www.example.cn/">外</a>
      <a href="/search/?q=a">找</a><form action="/guides/"><input></form>
      <p class="open">正在办公</p>
      <script src="/static/live/live.js"></script></body></html>"""

    plain = make_plain(
        html, address="/guides/a/", host="site.test", note="副本", instead={"/my-community/": "/communities/"}
    )

    assert 'href="../../static/civic/main.css"' in plain.html
    assert 'href="../index.html"' in plain.html
    assert 'href="page-2/index.html"' in plain.html
    assert 'href="../../communities/index.html"' in plain.html
    assert 'href="../../search/index.html?q=a"' in plain.html
    assert 'href="https://www.example.cn/"' in plain.html
    assert "正在办公" not in plain.html
    assert "<form" not in plain.html
    assert "<script" not in plain.html
    assert "副本" in plain.html
    assert plain.pages == {"/guides/", "/guides/a/?page=2", "/communities/"}
    assert plain.files == {"/static/civic/main.css"}


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/", "index.html"),
        ("/guides/", "guides/index.html"),
        ("/guides/?page=3", "guides/page-3/index.html"),
        ("/guides/?topic=x", "guides/index.html"),
        ("/lists/a/download/xlsx/", "lists/a/download/data.xlsx"),
        ("/lists/a/download/xlsx/?edition=1", None),
        ("/static/civic/main.css", "static/civic/main.css"),
        ("/static/../../etc/passwd", None),
        ("/static/%2e%2e/secret", None),
        ("/admin/", None),
        ("/api/v1/guides/", None),
    ],
)
def test_every_address_has_its_file_or_none(address: str, file: str | None) -> None:
    assert file_of(address) == file


def test_below_a_path_of_a_portal_the_files_lie_as_ever(settings: Any) -> None:
    settings.STATIC_URL = "/jiamenkou/static/"
    html = '<a href="/jiamenkou/guides/">上</a><link href="/jiamenkou/static/a.css"><a href="/else/">外</a>'

    before = get_script_prefix()
    set_script_prefix("/jiamenkou/")
    try:
        plain = make_plain(html, address="/guides/a/", host="site.test", note="")
    finally:
        set_script_prefix(before)

    assert 'href="../index.html"' in plain.html
    assert 'href="../../static/a.css"' in plain.html
    assert plain.pages == {"/guides/", "/else/"}


def test_style_sheets_bring_what_they_name() -> None:
    css = '@import url("base/a.css"); @import "b.css"; x{background:url(../img/c.svg#d)} y{src:url(data:x)}'

    assert imported(css, file="static/civic/main.css") == {
        "static/civic/base/a.css", "static/civic/b.css", "static/img/c.svg"
    }  # fmt: skip

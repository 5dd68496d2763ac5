"""The district's own colours, logo and picture: chosen in the admin, checked, shown and kept fresh."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.models import Site

from appearance.colours import contrast
from appearance.look import name_of, sheet
from appearance.models import DistrictLook
from staff.models import AuditEntry
from tests import factories
from tests.admin_forms import fields_of
from tests.delivery.readers import readers
from tests.factories import committed

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning"),
]
BRAND, ACCENT = "#a61d24", "#1b4f9c"


def choose(**fields: Any) -> DistrictLook:
    look = DistrictLook.for_site(Site.objects.get())
    for name, value in fields.items():
        setattr(look, name, value)
    look.save()
    return look


def picture(title: str = "标志", size: tuple[int, int] = (1600, 700)) -> Any:
    written = io.BytesIO()
    Picture.new("RGB", size, (20, 80, 120)).save(written, "PNG")
    written.seek(0)
    return get_image_model().objects.create(title=title, file=ImageFile(written, name=f"{title}.png"))


def page_of(client: Client, address: str = "/") -> Any:
    return BeautifulSoup(client.get(address).content, "html.parser")


def own_sheets(client: Client, address: str = "/") -> list[str]:
    return [
        link["href"] for link in page_of(client, address).select('link[rel="stylesheet"][href^="/look/"]')
    ]


def signed_in(role: str, place: Any = None) -> Client:
    client = Client()
    client.force_login(factories.user(role, place))
    return client


def form_address() -> str:
    return reverse("wagtailsettings:edit", args=["appearance", "districtlook", Site.objects.get().pk])


def save(client: Client, **changed: Any) -> Any:
    form = fields_of(client.get(form_address()).content.decode())
    return client.post(form_address(), {**form, **changed})


def test_nothing_is_asked_for_where_nothing_is_chosen(client: Client) -> None:
    factories.home()

    page = page_of(client)

    assert own_sheets(client) == []
    assert page.find("header").find("img") is None
    assert page.find(class_="hero__picture") is None
    assert not DistrictLook.objects.exists()  # reading writes nothing


def test_colours_come_as_a_style_sheet_that_may_be_kept_for_good(client: Client) -> None:
    factories.home()
    choose(brand=BRAND, accent=ACCENT)

    address = own_sheets(client)[0]
    answer = client.get(address)

    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f"--civic: {BRAND};" in answer.text
    assert own_sheets(client, "/zh-hant/") == [address]  # one file for all languages
    assert page_of(client).find("style") is None
    choose(brand="#5b2d82")
    assert own_sheets(client) != [address]
    assert client.get(address).text == answer.text  # a page from yesterday keeps its colours


def test_a_sheet_of_another_release_is_asked_for_again_soon(client: Client) -> None:
    old = re.sub(r"[0-9a-f]{12}$", "0" * 12, name_of(BRAND, ""))

    answer = client.get(f"/look/{old}.css")

    assert answer.text == sheet(BRAND, "")
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "name", ["--0123456789ab", "ffffff--0123456789ab", "a61d24", "zzzzzz--0123456789ab", "-"]
)
def test_there_is_no_sheet_of_colours_that_nobody_could_choose(client: Client, name: str) -> None:
    assert client.get(f"/look/{name}.css").status_code == 404


def test_the_browsers_own_bars_follow(client: Client) -> None:
    factories.home()

    def tops() -> dict[str, str]:
        metas = page_of(client).select('meta[name="theme-color"]')
        return {meta.get("media", ""): meta["content"] for meta in metas}

    usual = tops()
    choose(brand=BRAND)
    own = tops()

    assert set(usual) == {"(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"}
    assert set(own.values()).isdisjoint(usual.values())
    client.cookies["reading"] = "dark"
    assert tops() == {"": own["(prefers-color-scheme: dark)"]}


def test_a_street_with_a_theme_keeps_its_colours(client: Client) -> None:
    street, plain = factories.street("海湾街道", theme="harbour"), factories.street("别的街道")
    choose(brand=BRAND)

    assert own_sheets(client, street.url) == []
    assert len(own_sheets(client, plain.url)) == 1


def test_logo_and_picture_have_their_room_before_they_are_there(client: Client) -> None:
    factories.home()
    choose(
        logo=picture(size=(400, 200)), logo_alt="区徽", header_picture=picture("海边"), header_picture_alt=""
    )

    page = page_of(client)
    logo, wide = page.find("header").find("img"), page.find(class_="hero__picture").find("img")

    assert logo["alt"] == "区徽"
    assert wide["alt"] == ""
    assert (logo["width"], logo["height"]) == ("224", "112")
    assert int(wide["width"]) > int(wide["height"]) > 0
    assert "1280w" in wide["srcset"]
    assert wide["sizes"]
    assert page.find(class_="header__mark--plate") is not None
    assert page.find("header").find(class_="header__name").get_text(strip=True) == "家门口"


def test_a_picture_that_is_gone_leaves_the_page_standing(client: Client) -> None:
    factories.home()
    lost = picture()
    choose(logo=lost, header_picture=lost)
    lost.file.storage.delete(lost.file.name)

    assert client.get("/").status_code == 200
    lost.delete()
    assert page_of(client).find("header").find("img") is None


def test_district_editors_choose_it_and_it_is_recorded() -> None:
    home = factories.home()
    editor = signed_in("district_editor", home)

    answer = save(editor, brand=" A61D24", accent="#06c")

    assert answer.status_code == 302
    look = DistrictLook.objects.get()
    assert (look.brand, look.accent) == (BRAND, "#0066cc")
    entry = AuditEntry.objects.get(action="change_look")
    assert (entry.by_name, entry.detail["brand"]) == (str(entry.by), BRAND)
    assert "主色" in entry.detail_text
    menu = editor.get("/admin/").content.decode()
    assert reverse("wagtailsettings:edit", args=["appearance", "districtlook"]) in menu


@pytest.mark.parametrize("role", ["street_editor", "reviewer", "importer", "community_editor"])
def test_others_neither_choose_it_nor_see_what_is_tried(role: str) -> None:
    client = signed_in(role, factories.street())

    for address in (form_address(), reverse("look_preview")):
        assert client.get(address).status_code in (302, 403, 404)


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can() -> None:
    client = signed_in("administrator")

    page = BeautifulSoup(save(client, brand="#c8742f", accent="#ffe08a").content, "html.parser")

    said = page.find(id=re.compile("^(panel-child-)?.*brand.*errors?$")) or page
    text = said.get_text(" ", strip=True)
    assert "对比度是 3.5:1，正文要 4.5:1" in text
    offered = re.search(r"最接近而合用的是 (#[0-9a-f]{6})", text)
    assert offered
    assert contrast(offered[1], "#ffffff") >= 4.5
    whole = page.get_text(" ", strip=True)
    assert "线条和大字要 3" in whole
    assert DistrictLook.objects.get().brand == ""
    assert save(client, brand=offered[1], accent="").status_code == 302


@pytest.mark.parametrize("written", ["红色", "#12345", "rgb(1,2,3)", "#12345g", "}body{"])
def test_what_is_no_colour_is_refused_in_plain_words(written: str) -> None:
    answer = save(signed_in("administrator"), brand=written)

    assert "颜色要写成 # 加六位" in answer.content.decode()
    assert DistrictLook.objects.get().brand == ""


def test_what_is_not_saved_can_be_seen_by_the_editor_alone() -> None:
    factories.home()
    editor = signed_in("district_editor", factories.home())
    number = picture().pk

    answer = editor.get(reverse("look_preview"), {"brand": BRAND, "accent": "#ffffff", "logo": number})

    page = BeautifulSoup(answer.content, "html.parser")
    assert page.find(
        "link", href=f"/look/{name_of(BRAND, '')}.css"
    )  # white is not worn: nobody could read it
    assert page.select_one("header img")
    assert "no-store" in answer.headers["Cache-Control"]
    dark = editor.get(reverse("look_preview"), {"colours": "dark", "brand": "x", "logo": "9" * 30})
    assert 'data-colours="dark"' in dark.content.decode()
    assert own_sheets(Client()) == []


@committed
def test_stored_pages_take_the_new_look_at_once() -> None:
    factories.home()
    about = factories.plain_page()
    look = choose()
    with readers() as some:
        before = some.get(about.url).text
        some.get(about.url)
        assert some.rendered == [about.url]

        look.brand = BRAND
        look.save()
        some.look()
        after = some.get(about.url).text
        some.settle()

        assert "/look/" not in before
        assert name_of(BRAND, "") in (after if "/look/" in after else some.get(about.url).text)


def test_a_copy_of_the_site_has_the_colours_beside_it(tmp_path: Path) -> None:
    factories.home()
    choose(brand=BRAND)

    call_command("export_site", str(tmp_path), stdout=io.StringIO())

    kept = tmp_path / "look" / f"{name_of(BRAND, '')}.css"
    assert kept.read_text() == sheet(BRAND, "")
    assert f'href="look/{kept.name}"' in (tmp_path / "index.html").read_text()

"""What a page looks like when it is passed on, above all in WeChat."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from publishing.publish import publish
from tests import factories

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.48.2580 Language/zh_CN"
)


def shared(client: Client, address: str) -> dict[str, Any]:
    page: Any = BeautifulSoup(client.get(address, headers={"user-agent": WECHAT}).content, "html.parser")
    return {each["property"]: each for each in page.head.select("meta[property]")}


@pytest.mark.django_db
def test_a_page_is_passed_on_with_its_title_a_sentence_and_a_picture(client: Client) -> None:
    guide = factories.fresh(publish(factories.guide('老年"证"', summary="当场办结 <快>")))

    said = shared(client, guide.url)

    assert said["og:title"]["content"] == '老年"证"'
    assert said["og:description"]["content"] == "当场办结 <快>"
    assert said["og:url"]["content"] == f"http://testserver{guide.url}"
    assert said["og:type"]["content"] == "article"
    names = {each["itemprop"] for each in said.values() if each.has_attr("itemprop")}
    assert names == {"name", "description", "image"}
    picture = said["og:image"]["content"].removeprefix("http://testserver/static/")
    with Image.open(str(finders.find(picture))) as image:
        assert image.format == "PNG"
        assert image.width == image.height >= 300
    assert shared(client, f"/zh-hant{guide.url}")["og:url"]["content"].endswith(f"/zh-hant{guide.url}")
    assert shared(client, "/")["og:type"]["content"] == "website"
    assert shared(client, "/my-community/")["og:title"]["content"]


@pytest.mark.django_db
def test_what_has_no_summary_is_passed_on_with_its_first_words(client: Client) -> None:
    body = [("text", "<p>办理条件 &lt;一&gt;</p><p>满 <b>60</b> 岁。</p>" + "<p>另外。</p>" * 40)]
    notice = factories.fresh(publish(factories.notice(body=body)))
    street = factories.street(intro="<p>三十六个社区。</p>")

    told = shared(client, notice.url)["og:description"]["content"]

    assert told.startswith("办理条件 <一> 满 60 岁。 另外。")
    assert len(told) == 80
    assert shared(client, street.url)["og:description"]["content"] == "三十六个社区。"

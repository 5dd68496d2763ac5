"""Editors read how many have a page open, and how soon a change was seen."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from live import tallies
from live.hub import Hub
from live.models import Tally
from publishing.publish import publish
from tests import factories
from tests.factories import committed
from tests.live.visitors import in_thread, run, visitor
from tests.screens import answers


def count(name: str, **numbers: int) -> Tally:
    process = f"process{Tally.objects.count()}"
    return Tally.objects.create(process=process, name=name, at=timezone.now(), **numbers)


@pytest.mark.django_db
def test_the_edit_view_says_how_many_have_the_page_open(client: Client) -> None:
    guide = publish(factories.guide())
    client.force_login(factories.user("district_editor", factories.home()))
    edit = f"/admin/pages/{guide.pk}/edit/"

    assert "现在没有居民打开这个页面" in client.get(edit).content.decode()

    count(f"page:{guide.pk}", open_now=7)
    count(f"page:{guide.pk}", open_now=5)
    gone = count(f"page:{guide.pk}", open_now=100)
    Tally.objects.filter(pk=gone.pk).update(at=timezone.now() - timedelta(minutes=2))

    assert "现在有 12 位居民打开着这个页面" in client.get(edit).content.decode()
    assert client.get(f"/admin/live/{guide.pk}/").json()["open"] == "现在有 12 位居民打开着这个页面"


@pytest.mark.django_db
def test_after_publishing_the_editor_reads_who_has_seen_it(client: Client) -> None:
    guide = publish(factories.guide())
    client.force_login(factories.user("administrator"))
    count(f"page:{guide.pk}", open_now=3)
    edit = f"/admin/pages/{guide.pk}/edit/"
    data = answers(client.get(edit).context["form"]) | {"action-publish": "1"}

    response = client.post(edit, data, follow=True)

    assert f'data-live-seen="/admin/live/{guide.pk}/"' in response.content.decode()
    count(guide.topic, version=2, seen=2, seen_within_ms=840)
    count(guide.topic, version=2, seen=1, seen_within_ms=320)
    count(guide.topic, version=1, seen=9, seen_within_ms=9)
    seen = client.get(f"/admin/live/{guide.pk}/").json()["seen"]
    assert seen == "新内容已出现在 3 个打开着的页面上，用了 840 毫秒。"


@pytest.mark.django_db
def test_only_who_may_edit_the_page_learns_of_its_readers(client: Client) -> None:
    guide = factories.guide()
    elsewhere = factories.street("湖滨街道")
    address = f"/admin/live/{guide.pk}/"

    assert client.get(address).status_code == 302
    client.force_login(factories.user("street_editor", elsewhere))
    assert client.get(address).status_code in (302, 403)
    client.force_login(factories.user("administrator"))
    assert client.get(address).status_code == 200
    assert client.get("/admin/live/999999/").status_code == 404


@committed
def test_what_a_process_counts_is_written_when_it_changes_and_goes_with_it() -> None:
    guide = publish(factories.guide())
    found: list[Any] = []

    def written() -> dict[str, Any]:
        return {tally.name: (tally.open_now, tally.version, tally.seen) for tally in Tally.objects.all()}

    async def story() -> None:
        async with visitor() as page:
            [mine] = [each for each in Hub.here().attended if isinstance(each, tallies.Tallies)]

            async def round_of(now: float) -> None:
                mine.attend(now)
                if mine.writing is not None:
                    await mine.writing
                found.append(await in_thread(written)())

            await page.says({"type": "watch", "page": guide.pk, "topics": {guide.topic: 1}})
            assert await page.hears_nothing()
            await round_of(0)
            await in_thread(publish)(guide)
            heard = await page.hears()
            await page.says({"type": "seen", "topic": guide.topic, "version": heard["version"]})
            assert await page.hears_nothing()
            await round_of(4)
            before = mine.writing
            await round_of(8)
            assert mine.writing is before, "nothing had changed"
            await page.goes()
            await round_of(12)

    run(story)

    open_here = {f"page:{guide.pk}": (1, 0, 0)}
    seen = open_here | {guide.topic: (0, 2, 1)}
    assert found == [open_here, seen, seen, {guide.topic: (0, 2, 1)}]
    assert tallies.forget_old() == 0
    Tally.objects.update(at=timezone.now() - timedelta(hours=2))
    assert tallies.forget_old() == 1

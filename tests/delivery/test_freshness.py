"""Whatever changes, no page that shows it is older than a second; and pages that do not show it stay."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.models import Page, PageViewRestriction, Site

from appearance.models import DistrictLook
from content_models.base.models import Code
from content_models.certificates.models import CertificateChannel
from content_models.communities.models import CommunityChannel, HistoryEvent
from content_models.home.models import SiteSettings
from content_models.notices.models import NoticeChannel
from content_models.places import pauses
from content_models.places.models import CalendarDay, CalendarYear, OfficeChannel
from content_models.policy_lists.models import ListChannel
from publishing.publish import publish, take_back
from tests import factories
from tests.delivery.readers import Readers, as_django_says, readers
from tests.factories import committed

Scene = dict[str, Any]
MARK = "标记"
SECOND = datetime.timedelta(seconds=1)


class Clock:
    """The time, which stands still until the test moves it on."""

    def __init__(self) -> None:
        self.now = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)

    def move(self, by: datetime.timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr("django.utils.timezone.now", lambda: stopped.now)
    return stopped


@pytest.fixture
def scene(clock: Clock) -> Scene:
    """A small district with something of every kind, each shown on several pages."""
    home = factories.home()
    street = factories.street(under=home)
    community = factories.community(under=street)
    channels = {
        kind: factories.channel(kind, home)
        for kind in (NoticeChannel, OfficeChannel, CommunityChannel, CertificateChannel, ListChannel)
    }
    office = factories.office(under=community)
    topic, audience = factories.topic(), factories.audience(is_featured=True)
    guide = factories.guide("高龄津贴", offices=[office], topics=[topic], audiences=[audience])
    other = factories.guide("老年证", offices=[factories.office("另一处", under=street)])
    offered = factories.provision_edition(community)
    factories.provision(offered, guide, office=office)
    publish(offered)
    refused = factories.certificate("婚姻状况证明")
    kept = factories.policy_list(under=channels[ListChannel])
    edition = factories.list_edition(kept, published=True)
    change(kept, compared_with=edition)
    parted = factories.community("分出的社区", under=street)
    factories.figure(parted, "households", 500)
    HistoryEvent.objects.create(page=community, event_kind="split_into", other=parted)
    notice = factories.notice(under=channels[NoticeChannel])
    return {
        "home": home, "street": street, "community": community, "office": office, "guide": guide,
        "other": other, "topic": topic, "audience": audience, "notice": notice, "list": kept,
        "edition": edition, "offered": offered, "certificate": refused, "channels": channels,
        "parted": parted, "about": factories.plain_page(under=home),
    }  # fmt: skip


def addresses(scene: Scene) -> list[str]:
    """One page of each kind, and those that list them."""
    shown = ["home", "street", "community", "office", "guide", "other", "notice", "list", "about"]
    pages = [*(scene[name] for name in shown), *scene["channels"].values(), scene["guide"].get_parent()]
    pages.append(Page.objects.get(pk=scene["certificate"].owner_id))
    return [Page.objects.get(pk=page.pk).url for page in pages]


def change(thing: Any, **fields: Any) -> None:
    """As an editor changes and publishes it."""
    thing = factories.fresh(thing)
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save_revision()
    publish(thing)


def save(thing: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(thing, name, value)
    thing.save()


def new_edition(scene: Scene) -> None:
    rows = [{"事项名称": f"{MARK}申报", "类别": f"{MARK}服务"}]
    factories.list_edition(scene["list"], rows, title=f"{MARK}第二批", published=True)


def offer_elsewhere(scene: Scene) -> None:
    edition = factories.provision_edition(scene["community"])
    factories.provision(edition, scene["guide"], office=scene["office"], window=f"{MARK}9")
    publish(edition)


def add_document(scene: Scene) -> None:
    save(Document(title=MARK, file="documents/none.pdf"))


def rename_codes(scene: Scene) -> None:
    for code in Code.objects.all():
        save(code, label=f"{MARK}{code.label}")


def close_on_a_holiday(scene: Scene) -> None:
    today = timezone.localdate()
    year, _new = CalendarYear.objects.get_or_create(year=today.year)
    CalendarDay.objects.create(calendar_year=year, on=today, kind="holiday", name=f"{MARK}节")


def pause_office(scene: Scene) -> None:
    until = timezone.now() + datetime.timedelta(hours=1)
    pauses.pause_office(factories.fresh(scene["office"]), kind="paused", until=until, reason=MARK)


def resume_office(scene: Scene) -> None:
    pauses.resume_office(scene["office"].pauses.standing().get())


def count_again(scene: Scene) -> None:
    parted = factories.fresh(scene["parted"])
    counted = parted.figures.get()
    counted.value, counted.note = 600, MARK
    parted.figures = [counted]
    parted.save_revision()
    publish(parted)


def restrict(scene: Scene) -> None:
    PageViewRestriction.objects.create(page=factories.fresh(scene["other"]), restriction_type="login")


def let_in(scene: Scene) -> None:
    PageViewRestriction.objects.get(page=scene["other"]).delete()


def reorder(scene: Scene) -> None:
    channels = scene["channels"]
    first, last = channels[NoticeChannel], channels[ListChannel]
    factories.fresh(last).move(factories.fresh(first), pos="left")


# Everything that staff do which readers see: in this order, each on top of the one before.
HAPPENINGS: dict[str, Callable[[Scene], Any]] = {
    "a guide is changed": lambda s: change(s["guide"], title=f"{MARK}津贴"),
    "a guide comes": lambda s: publish(factories.guide(f"{MARK}新事项", live=False)),
    "a guide goes": lambda s: take_back(s["guide"]),
    "it comes back": lambda s: publish(s["guide"]),
    "a notice is pinned": lambda s: change(
        s["notice"], title=f"{MARK}通知", pinned_until=timezone.now() + datetime.timedelta(days=2)
    ),
    "a notice comes": lambda s: publish(
        factories.notice(f"{MARK}又一个", under=s["channels"][NoticeChannel], live=False)
    ),
    "an office moves": lambda s: change(s["office"], address=f"{MARK}路 1 号"),
    "an office is paused": pause_office,
    "it goes on": resume_office,
    "an office comes": lambda s: publish(factories.office(f"{MARK}中心", under=s["community"], live=False)),
    "what is offered changes": offer_elsewhere,
    "a list gets an edition": new_edition,
    "it is taken back": lambda s: take_back(s["list"].editions.get(is_current=True)),
    "a list is renamed": lambda s: change(s["list"], title=f"{MARK}清单"),
    "a certificate list is renamed": lambda s: change(
        Page.objects.get(pk=s["certificate"].owner_id).specific, title=f"{MARK}证明"
    ),
    "what was counted of a community it was parted from changes": count_again,
    "a community is renamed": lambda s: change(s["community"], title=f"{MARK}社区"),
    "a street is renamed": lambda s: change(s["street"], title=f"{MARK}街道"),
    "a channel is renamed": lambda s: change(s["channels"][NoticeChannel], title=f"{MARK}栏目"),
    "a plain page comes": lambda s: publish(factories.plain_page(f"{MARK}隐私", under=s["home"], live=False)),
    "channels change places": reorder,
    "a department is renamed": lambda s: save(factories.fresh(s["guide"]).department, name=f"{MARK}局"),
    "a topic is renamed": lambda s: save(s["topic"], name=f"{MARK}主题"),
    "an audience is renamed": lambda s: save(s["audience"], name=f"{MARK}人群", card_name=f"{MARK}卡"),
    "codes are renamed": rename_codes,
    "a holiday is entered": close_on_a_holiday,
    "the site is renamed": lambda s: save(
        SiteSettings.for_site(Site.objects.get(is_default_site=True)), site_name=f"{MARK}家门口"
    ),
    "the district chooses its colours": lambda s: save(
        DistrictLook.for_site(Site.objects.get(is_default_site=True)), brand="#a61d24"
    ),
    "a street takes a theme of its own": lambda s: change(s["street"], theme="harbour"),
    "a document comes": add_document,
    "a banner comes": lambda s: factories.banner(f"{MARK}台风"),
    "a page is restricted": restrict,
    "a page is opened again": let_in,
    "a guide is deleted": lambda s: factories.fresh(s["other"]).delete(),
}  # fmt: skip


def behind(some: Readers, paths: list[str], community: Any) -> list[str]:
    """Addresses at which readers get something else than Django would make now."""
    said = {"cookie": f"community={community.pk}"} if community is not None else {}
    return [path for path in paths if some.get(path, **said).text != as_django_says(path, community)]


@committed
@pytest.mark.parametrize("has_chosen", [True, pytest.param(False, marks=pytest.mark.long)])
def test_after_a_second_every_page_is_what_django_would_make(
    has_chosen: bool, scene: Scene, clock: Clock
) -> None:
    wrong = {}
    paths, community = addresses(scene), scene["community"] if has_chosen else None
    with readers() as some:
        for name, happen in {"nothing happens": lambda s: None, **HAPPENINGS}.items():
            happen(scene)
            some.look()
            clock.move(SECOND)
            if found := behind(some, paths, community):
                wrong[name] = found

    assert wrong == {}


def rendered_after(some: Readers, happen: Callable[[], Any], clock: Clock, paths: list[str]) -> set[str]:
    """The pages that are made anew once something has happened."""
    for path in paths:
        some.get(path)
    some.rendered.clear()
    happen()
    some.look()
    clock.move(SECOND)
    for path in paths:
        some.get(path)
    return set(some.rendered)


@committed
def test_what_does_not_show_a_change_is_kept(scene: Scene, clock: Clock) -> None:
    paths = addresses(scene)
    url = {name: factories.fresh(scene[name]).url for name in ("guide", "other", "notice", "about", "office")}
    SiteSettings.for_site(Site.objects.get(is_default_site=True))  # the first reader has them made
    with readers() as some:
        by_notice = rendered_after(some, lambda: change(scene["notice"], title="改"), clock, paths)
        by_guide = rendered_after(some, lambda: change(scene["guide"], title="改"), clock, paths)
        by_list = rendered_after(some, lambda: new_edition(scene), clock, paths)
        by_nothing = rendered_after(some, lambda: None, clock, paths)

    assert url["notice"] in by_notice
    assert by_notice.isdisjoint({url["guide"], url["other"], url["about"], url["office"]})
    assert url["guide"] in by_guide
    assert by_guide.isdisjoint({url["other"], url["about"], url["notice"]})
    assert by_list.isdisjoint({url["guide"], url["about"], url["office"], url["notice"]})
    assert by_nothing == set()


@committed
def test_pages_follow_the_clock(scene: Scene, clock: Clock) -> None:
    """Offices open and close, notices end, pins fall, banners come and go, and a new day begins."""
    today = clock.now.date()
    soon = clock.now + datetime.timedelta(minutes=20)
    change(scene["notice"], pinned_until=soon, expires_on=today)
    publish(factories.notice("另一个", under=scene["channels"][NoticeChannel], live=False))
    factories.banner("即将来的台风", starts_at=soon, ends_at=soon + datetime.timedelta(hours=1))
    change(scene["other"], cancel_on=today + datetime.timedelta(days=1))
    paths, wrong, told = addresses(scene), {}, set()
    with readers() as some:
        some.look()
        for _step in range(30):
            for path in paths:
                if (got := some.get(path).text) != as_django_says(path):
                    wrong[clock.now, path] = got
                told.add(got)
            clock.move(datetime.timedelta(minutes=37))

    assert wrong == {}
    assert len(told) > 2 * len(paths)

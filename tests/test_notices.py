"""Notices: numbers, validity and order; and the banner above every page."""

import datetime
import threading
from typing import Any

import pytest
import tablib
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from content_models.base.checks import NotPublishable, findings_in
from content_models.base.doc_numbers import normalise_doc_no
from content_models.notices.doc_numbers import index_number
from content_models.notices.index_numbers import check_index_number
from content_models.notices.models import EmergencyBanner, NoticeChannel, NoticePage, latest_notices
from content_models.notices.resources import NoticeResource
from publishing.publish import publish, take_back
from tests import factories

USCC = "11320000MB151840XJ"


@pytest.mark.parametrize(
    "written",
    [
        "国办发[2018]47号",
        "国办发［2018］47号",
        "国办发【2018】47号",
        "国办发(2018)47号",
        "国办发（2018）47号",
        " 国办发〔 2018 〕47号 ",
    ],
)
def test_the_year_of_a_document_number_stands_in_its_brackets(written: str) -> None:
    assert normalise_doc_no(written) == "国办发〔2018〕47号"


@pytest.mark.parametrize("written", ["", "(试行)1号", "国办发2018年47号", "第[12]号"])
def test_other_brackets_are_left_alone(written: str) -> None:
    assert normalise_doc_no(written) == written


@pytest.mark.django_db
def test_a_document_number_is_stored_with_its_brackets() -> None:
    assert factories.notice(doc_no="思政办[2026]3号").doc_no == "思政办〔2026〕3号"


# Index numbers


def test_an_index_number_is_code_year_and_number() -> None:
    assert index_number(USCC, 2026, 7) == f"{USCC}/2026-00007"


@pytest.mark.django_db
def test_notices_of_a_publisher_are_numbered_once_and_in_order() -> None:
    factories.department("区民政局", uscc=USCC)
    year = timezone.localdate().year

    first = publish(factories.notice("甲", live=False))
    second = publish(factories.notice("乙", live=False))
    again = publish(first)

    assert [page.index_no for page in (first, second, again)] == [
        f"{USCC}/{year}-00001",
        f"{USCC}/{year}-00002",
        f"{USCC}/{year}-00001",
    ]


@pytest.mark.django_db
def test_a_publisher_without_a_code_gives_no_number_and_a_draft_takes_none() -> None:
    assert publish(factories.notice(live=False)).index_no == ""

    factories.department("区民政局").delete()
    factories.department("区民政局", uscc=USCC)
    draft = factories.notice("草稿", live=False)
    draft.save_revision()

    assert factories.fresh(draft).index_no == ""


@pytest.mark.django_db
def test_a_copy_of_a_notice_does_not_take_its_number() -> None:
    factories.department("区民政局", uscc=USCC)
    notice = publish(factories.notice(live=False))

    copy = notice.copy(update_attrs={"title": "副本", "slug": "fu-ben"}, keep_live=False)

    assert copy.index_no == ""
    assert publish(copy).index_no.endswith("-00002")


@pytest.mark.django_db
def test_no_revision_changes_the_number_or_the_first_publication() -> None:
    factories.department("区民政局", uscc=USCC)
    notice = publish(factories.notice(live=False))
    revision = notice.save_revision()
    revision.content |= {"index_no": "伪造", "first_published_at": "1999-01-01T00:00:00Z"}
    revision.save()

    again = publish(notice)

    assert again.index_no == notice.index_no
    assert again.first_published_at == notice.first_published_at


@pytest.mark.django_db
def test_the_number_of_a_deleted_notice_is_not_given_again() -> None:
    factories.department("区民政局", uscc=USCC)
    publish(factories.notice("甲", live=False)).delete()

    assert publish(factories.notice("乙", live=False)).index_no.endswith("-00002")


@pytest.mark.django_db
def test_a_number_that_was_brought_along_is_kept_and_counted() -> None:
    factories.department("区民政局", uscc=USCC)
    year = timezone.localdate().year
    brought = publish(factories.notice("旧", index_no=f"{USCC}/{year}-00041", live=False))

    assert brought.index_no == f"{USCC}/{year}-00041"
    assert publish(factories.notice("新", live=False)).index_no == f"{USCC}/{year}-00042"
    with pytest.raises(NotPublishable, match="已经给过别的公告"):
        publish(factories.notice("重复", index_no=f"{USCC}/{year}-00041", live=False))


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("11320000MB151840XJ/2026-00001", ""),
        ("91350100M000100Y43/202606-00012", ""),
        ("91350100M000100Y44/2026-00001", "校验码"),
        ("91350100M000100Y43/202613-00001", "要写成"),
        ("91350100M000100Y43/2026-1", "要写成"),
        ("民政〔2026〕1号", "要写成"),
    ],
)
def test_an_index_number_is_checked_to_its_last_character(number: str, problem: str) -> None:
    if not problem:
        check_index_number(number)
        return
    with pytest.raises(ValidationError, match=problem):
        check_index_number(number)


@pytest.mark.django_db
def test_a_sheet_brings_numbers_but_changes_none_that_is_public() -> None:
    factories.department("区民政局", uscc=USCC)
    notice = publish(factories.notice("甲", live=False))
    sheet = tablib.Dataset(["甲", f"{USCC}/2019-00007"], headers=["标题", "索引号"])
    wrong = tablib.Dataset(["甲", "随便写的"], headers=["标题", "索引号"])
    empty = tablib.Dataset(["甲", ""], headers=["标题", "索引号"])

    said = [str(problem) for resource in (run(sheet), run(wrong)) for problem in resource.problems]

    assert "不能改" in said[0]
    assert all("索引号" in each for each in said[1:])
    assert len(said) >= 2
    assert run(empty).problems == []
    assert factories.fresh(notice).index_no == notice.index_no


def run(sheet: tablib.Dataset) -> NoticeResource:
    resource = NoticeResource()
    resource.import_data(sheet, raise_errors=False)
    return resource


@pytest.mark.django_db
def test_the_checkup_finds_wrong_numbers() -> None:
    notice = factories.notice(doc_no="第三号文")
    NoticePage.objects.update(index_no="91350100M000100Y44/2026-00001")
    notice.refresh_from_db()

    assert {finding.rule for finding in findings_in(notice)} >= {
        "notice-index-number", "notice-document-number"
    }  # fmt: skip


@pytest.mark.postgres
@factories.committed
def test_two_notices_at_once_never_share_a_number() -> None:
    factories.department("区民政局", uscc=USCC)
    notices = [factories.notice(f"通知{number}", live=False) for number in range(4)]
    together = threading.Barrier(len(notices))

    def run(page: NoticePage) -> None:
        together.wait(timeout=10)
        # As the admin does, which does not ask for a turn first.
        with transaction.atomic():
            page.save_revision().publish()
        connection.close()

    threads = [threading.Thread(target=run, args=(page,)) for page in notices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    numbers = NoticePage.objects.order_by("index_no").values_list("index_no", flat=True)
    assert [number[-5:] for number in numbers] == ["00001", "00002", "00003", "00004"]


# Rules


@pytest.mark.django_db
def test_a_publicity_notice_says_where_objections_go() -> None:
    notice = factories.notice(notice_kind="publicity", live=False)

    with pytest.raises(NotPublishable, match="意见反馈方式"):
        publish(notice)


@pytest.mark.django_db
def test_periods_do_not_end_before_they_begin() -> None:
    notice = factories.notice()
    early, late = datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)

    for wrong in (
        {"effective_on": late, "expires_on": early},
        {"notice_from": late, "notice_to": early},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            NoticePage.objects.filter(pk=notice.pk).update(**wrong)


@pytest.mark.parametrize(
    ("validity", "expires_in", "state"),
    [
        ("in_force", None, "in_force"),
        ("in_force", 1, "in_force"),
        ("in_force", 0, "in_force"),
        ("in_force", -1, "expired"),
        ("repealed", -1, "repealed"),
        ("expired", None, "expired"),
    ],
)
def test_a_notice_says_how_it_stands_today(validity: str, expires_in: int | None, state: str) -> None:
    day = timezone.localdate() + datetime.timedelta(days=expires_in) if expires_in is not None else None

    notice = NoticePage(validity=validity, expires_on=day)

    assert notice.state == state
    assert notice.is_in_force is (state == "in_force")


# Order


@pytest.mark.django_db
def test_pinned_notices_lead_until_their_time_is_over() -> None:
    now = timezone.now()
    hour = datetime.timedelta(hours=1)
    old = now - datetime.timedelta(days=30)
    factories.notice("旧而置顶", first_published_at=old, pinned_until=now + hour)
    factories.notice("曾经置顶", first_published_at=old, pinned_until=now - hour)
    factories.notice("新", first_published_at=now)
    factories.notice("草稿", live=False)

    assert [notice.title for notice in latest_notices(factories.home())] == ["旧而置顶", "新", "曾经置顶"]


# What is over


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "tag"),
    [
        ({"validity": "repealed"}, "已废止"),
        ({"validity": "expired"}, "已失效"),
        ({"expires_on": -1}, "已过期"),
        ({"expires_on": -1, "notice_kind": "event"}, "已结束"),
        ({"expires_on": -1, "notice_kind": "outage"}, "已结束"),
        ({"notice_to": -1, "notice_kind": "publicity", "feedback_contact": "12345"}, "已结束"),
        ({"expires_on": 0}, ""),
        ({"expires_on": 1}, ""),
        ({"notice_to": 0, "notice_kind": "publicity", "feedback_contact": "12345"}, ""),
    ],
)
def test_a_notice_that_is_over_is_marked_in_its_channel_and_left_out_of_short_lists(
    client: Client, fields: dict[str, Any], tag: str
) -> None:
    today = timezone.localdate()
    dates = {
        name: today + datetime.timedelta(days=value)
        for name, value in fields.items()
        if isinstance(value, int)
    }
    street = factories.street()
    community = factories.community(under=street)
    channel = factories.channel(NoticeChannel, community)
    notice = factories.notice("端午活动", under=channel, **(fields | dates))

    short = [client.get(page.get_url()).content.decode() for page in (factories.home(), street, community)]
    full = client.get(channel.get_url()).content.decode()
    own = client.get(notice.get_url()).content.decode()

    assert [notice.title in said for said in short] == [not tag] * 3
    assert notice.title in full
    for word in ("已废止", "已失效", "已过期", "已结束"):
        assert (f'badge--quiet">{word}<' in full) is (word == tag)
        assert (f"{word}。这份公告仅供查阅。" in own) is (word == tag)


# The banner


def moved(**hours: float) -> dict[str, Any]:
    return {name: timezone.now() + datetime.timedelta(hours=number) for name, number in hours.items()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "shows"),
    [
        ({}, True),
        ({"starts_at": -1}, True),
        ({"starts_at": 1}, False),
        ({"ends_at": 1}, True),
        ({"ends_at": -1}, False),
        ({"starts_at": -1, "ends_at": 1}, True),
        ({"starts_at": 1, "ends_at": 2}, False),
    ],
)
def test_a_banner_shows_within_its_time(hours: dict[str, int], shows: bool) -> None:
    factories.banner(**moved(**hours))

    assert EmergencyBanner.objects.showing().exists() is shows


@pytest.mark.django_db
def test_the_most_serious_banner_leads_and_a_draft_shows_nowhere() -> None:
    for text, level in (("提示", 1), ("紧急", 3), ("警示", 2)):
        factories.banner(text, level=level)
    factories.banner("草稿", level=3, published=False)

    assert [banner.text for banner in EmergencyBanner.objects.showing()] == ["紧急", "警示", "提示"]


@pytest.mark.django_db
def test_a_banner_taken_back_is_gone() -> None:
    banner = factories.banner()

    take_back(banner)

    assert not EmergencyBanner.objects.showing().exists()


@pytest.mark.django_db
def test_a_banner_ends_after_it_starts_and_has_a_level() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.banner(published=False, **moved(starts_at=2, ends_at=1))
    with pytest.raises(NotPublishable, match="级别"):
        factories.banner(level=7)

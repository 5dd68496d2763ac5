"""What can be found is what is public, from the moment it is."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import PageViewRestriction

from content_models.guides.models import GuideTranslation
from content_models.notices.models import NoticeChannel
from publishing import outbox
from publishing.publish import publish, take_back
from search import documents, follow
from search.find import find, load
from search.models import Document, Token
from tests import factories

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return [hit.document.title for hit in load(find(text).hits)]


def kept() -> set[str]:
    return set(Document.objects.values_list("title", flat=True))


def rows(*names: str, **cells: str) -> list[dict[str, Any]]:
    return [{"key": f"row-{name}", "事项名称": name, **cells} for name in names]


@pytest.fixture
def guide() -> Any:
    return publish(factories.guide("老年人优待证办理", everyday_names=["老年证"]))


def test_a_guide_is_found_as_soon_as_it_is_published(guide):
    assert found("老年证") == ["老年人优待证办理"]


def test_a_guide_is_found_by_its_translations_as_long_as_they_stand(guide):
    guide.in_other_languages.add(
        GuideTranslation(language="en", title="Senior Citizen Card", materials="<ul><li>Passport</li></ul>")
    )
    publish(guide.save_revision().as_object())
    assert found("Senior Citizen Card") == found("passport") == ["老年人优待证办理"]

    guide = factories.fresh(guide)
    guide.in_other_languages.clear()
    publish(guide.save_revision().as_object())

    assert found("Senior Citizen Card") == found("passport") == []


def test_a_draft_is_not_found():
    factories.guide("老年人优待证办理", live=False)
    documents.rebuild()

    assert "老年人优待证办理" not in kept()


def test_a_changed_draft_shows_what_is_published(guide):
    guide.title = "特殊津贴"
    guide.save_revision()
    documents.rebuild()

    assert found("特殊津贴") == []
    publish(guide)
    assert found("特殊津贴") == ["特殊津贴"]
    assert found("优待") == []


def test_a_guide_taken_back_is_gone_with_the_same_commit(guide):
    with transaction.atomic():
        take_back(guide)
        assert kept() == set()


def test_what_is_undone_was_never_there(guide):
    with transaction.atomic():
        take_back(guide)
        transaction.set_rollback(True)

    assert found("老年证") == ["老年人优待证办理"]


def test_a_deleted_page_leaves_nothing(guide):
    guide.delete()

    assert kept() == set()


def test_what_lies_below_a_restriction_is_gone_and_comes_back(guide):
    restriction = PageViewRestriction.objects.create(
        page=guide.get_parent(), restriction_type=PageViewRestriction.LOGIN
    )
    assert kept() == set()

    restriction.delete()
    assert found("老年证") == ["老年人优待证办理"]


def test_a_moved_page_belongs_to_its_new_region(guide):
    other = factories.street("八大湖街道")
    channel = factories.guide_channel(other)

    guide.move(channel, pos="last-child")

    assert Document.objects.get(title="老年人优待证办理").region_id == other.pk


def test_notices_are_told_by_their_channel_and_followed_each(guide):
    notice = publish(factories.notice("关于停水的通知"))
    assert "关于停水的通知" in kept()

    outbox.announce(f"notices:{notice.get_parent().pk}", "published", action="move")
    assert "关于停水的通知" in kept()
    PageViewRestriction.objects.create(
        page=NoticeChannel.objects.get(), restriction_type=PageViewRestriction.LOGIN
    )
    assert "关于停水的通知" not in kept()


def test_rows_follow_the_edition_in_force():
    page = factories.policy_list()
    first = factories.list_edition(page, rows("低保申报", "高龄补贴"), published=True)
    assert kept() == {"街道权责清单", "低保申报", "高龄补贴"}

    second = factories.list_edition(page, rows("低保申报", "临时救助"), title="第二批")
    assert "临时救助" not in kept()
    publish(second)
    assert {"低保申报", "临时救助"} <= kept()
    assert "高龄补贴" not in kept()

    take_back(second)
    assert {"低保申报", "高龄补贴"} <= kept()
    assert "临时救助" not in kept()
    assert first.is_current


def test_unchanged_rows_are_left_alone(django_assert_max_num_queries):
    page = factories.policy_list()
    factories.list_edition(page, rows(*(f"事项{number}" for number in range(50))), published=True)
    before = set(Document.objects.values_list("pk", flat=True))

    publish(factories.list_edition(page, rows(*(f"事项{number}" for number in range(51))), title="第二批"))

    after = set(Document.objects.values_list("pk", flat=True))
    assert before <= after
    assert len(after - before) == 1


def test_internal_lists_and_columns_are_never_found():
    secret = factories.policy_list("帮扶记录", is_internal=True)
    factories.list_edition(secret, rows("张某家的帮扶"), published=True)
    page = factories.policy_list(
        "准入清单",
        columns=[
            factories.column("事项名称", is_title=True, is_required=True),
            factories.column("联系人", is_public=False),
        ],
    )
    factories.list_edition(page, rows("报表清理", 联系人="李某某"), published=True)
    documents.rebuild()

    assert found("帮扶") == found("李某某") == []
    assert found("报表清理") == ["报表清理"]


def test_a_column_made_internal_is_forgotten_at_once():
    page: Any = factories.policy_list(
        columns=[factories.column("事项名称", is_title=True, is_required=True), factories.column("经办处室")]
    )
    publish(page)
    factories.list_edition(page, rows("报表清理", 经办处室="督查科"), published=True)
    assert found("督查科") == ["报表清理"]

    page = factories.fresh(page)
    column = page.columns.get(label="经办处室")
    column.is_public = False
    page.columns.add(column)
    publish_draft(page)

    assert found("督查科") == []
    assert found("报表清理") == ["报表清理"]


def publish_draft(page: Any) -> None:
    page.save_revision()
    publish(page)


def test_certificates_are_found_by_all_their_names_with_their_verdict():
    page = factories.certificate_list()
    factories.certificate_edition(
        page,
        [{"name": "健在证明", "aliases": ["活着证明"], "includes": ["生存证明"], "instead": ["联网核对"]}],
        published=True,
    )

    for text in ("健在证明", "活着证明", "生存证明", "还要开健在证明吗"):
        answer = find(text)
        assert [hit.document.verdict for hit in answer.verdicts] == ["must_not"], text
        item: Any = answer.verdicts[0].document.item
        assert item.name == "健在证明"


def test_what_has_ended_comes_after_what_is_in_force():
    publish(factories.guide("高龄津贴申请", status="cancelled"))
    publish(factories.guide("高龄津贴申请事项"))

    assert found("高龄津贴申请") == ["高龄津贴申请事项", "高龄津贴申请"]


def test_the_readers_community_comes_first():
    street = factories.street()
    mine, other = (factories.community(name, under=street) for name in ("花苑社区", "桃苑社区"))
    for community in (other, mine):
        publish(factories.notice("关于停水的通知", under=factories.channel(NoticeChannel, community)))

    regions = [hit.document.region_id for hit in load(find("停水", region=mine).hits)]

    assert regions == [mine.pk, other.pk]


def test_what_a_renamed_department_or_audience_offers_is_found_by_the_new_name(
    django_capture_on_commit_callbacks,
):
    department, audience = factories.department("区民政局"), factories.audience("来客")
    guide = factories.guide("高龄津贴申请", department=department)
    guide.audiences = [audience]
    guide.save_revision()
    publish(guide)
    assert (found("区民政局"), found("星河伙伴")) == (["高龄津贴申请"], [])

    with django_capture_on_commit_callbacks(execute=True):
        department.name, audience.name = "区社会工作部", "星河伙伴"
        department.save()
        audience.save()
    for queued in DBTaskResult.objects.filter(task_path=follow.refresh_pages.module_path):
        follow.refresh_pages.func(*queued.args_kwargs["args"])

    assert (found("社会工作部"), found("星河伙伴"), found("区民政局")) == (
        ["高龄津贴申请"],
        ["高龄津贴申请"],
        [],
    )


def test_much_is_written_right_after_and_what_is_gone_goes_at_once(monkeypatch):
    monkeypatch.setattr(follow, "FEW", 2)
    page = factories.policy_list()
    factories.list_edition(page, rows("低保申报", "高龄补贴"), published=True)

    second = factories.list_edition(page, rows("低保申报", "救助一", "救助二", "救助三"), title="第二批")
    publish(second)

    assert kept() == {"街道权责清单", "低保申报"}
    follow.refresh_pages.func([page.pk])
    assert {"低保申报", "救助一", "救助二", "救助三"} <= kept()
    assert "高龄补贴" not in kept()


def test_a_list_left_half_written_is_mended(guide):
    page = factories.policy_list()
    factories.list_edition(page, rows("低保申报", "高龄补贴"), published=True)
    Document.objects.filter(title="低保申报").delete()
    assert "低保申报" not in kept()

    assert documents.repair() == 1
    assert {"低保申报", "高龄补贴"} <= kept()
    assert documents.repair() == 0


def test_everything_is_written_anew_by_a_command(guide, capsys):
    Document.objects.all().delete()
    assert found("老年证") == []

    call_command("rebuild_search")

    assert found("老年证") == ["老年人优待证办理"]
    assert Token.objects.get(text="").documents == Document.objects.count()
    assert f"{Document.objects.count()} 篇" in capsys.readouterr().out


def test_words_are_counted_by_documents(guide):
    documents.count_words()

    assert Token.objects.get(text="老年").names == 1
    guide.delete()
    documents.count_words()
    assert not Token.objects.filter(text="老年").exists()


def test_a_new_word_is_found_as_soon_as_it_is_published(guide):
    documents.count_words()
    assert find("长颈鹿").hits == []

    guide.everyday_names, guide.summary = ["蓝色飞鸟"], "长颈鹿也可以。"
    guide.save_revision()
    publish(guide)

    assert find("蓝色飞鸟").hits[0].why.kind == "name"
    assert found("长颈鹿") == found("我要看长颈鹿") == ["老年人优待证办理"]
    documents.count_words()
    assert found("长颈鹿") == ["老年人优待证办理"]
    assert not Token.objects.exclude(noted_at=None).exists()


def test_what_is_noted_while_words_are_counted_stays_known(monkeypatch):
    began = timezone.now()
    monkeypatch.setattr(documents, "timezone", SimpleNamespace(now=lambda: began))
    Token.objects.create(text="颈鹿", names=1, documents=1, noted_at=began)

    documents.count_words()

    assert Token.objects.get(text="颈鹿").names == 1


def test_publishing_goes_on_where_the_search_fails(guide, monkeypatch, caplog):
    def fails(pages: Any) -> None:
        raise RuntimeError("no index")

    monkeypatch.setattr(documents, "refresh", fails)

    assert publish(factories.guide("高龄津贴申请")).live
    assert "A companion failed" in caplog.text

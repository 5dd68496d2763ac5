"""Bundles: several things reviewed, scheduled, published and taken back as one, or not at all."""

import datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from content_models.base.checks import NotPublishable
from content_models.notices.models import NoticePage
from publishing import schedule
from publishing.bundles import choices, compose, release, review
from publishing.bundles.models import Bundle
from publishing.bundles.obstacles import look, mark_of
from publishing.models import OutboxEntry, Trouble
from publishing.publish import publish, take_back
from staff.models import AuditEntry
from tests import factories
from tests.admin_forms import fields_of

pytestmark = pytest.mark.django_db
State = Bundle.State


class Batch:
    """A changed guide, a new notice and a new edition of a list, in a bundle of their editor."""

    def __init__(self) -> None:
        self.editor = factories.user("district_editor", factories.home(), display_name="王编辑")
        self.guide = publish(factories.guide("护理补贴"))
        self.guide.title = "护理补贴（新）"
        self.guide.save_revision()
        self.notice = factories.notice("停水通知", live=False)
        self.notice.save_revision()
        self.list = factories.policy_list()
        self.first = factories.list_edition(self.list, title="第一批", published=True)
        self.edition = self.first.new_draft(title="第二批")
        self.bundle = compose.make(name="低保调整", by=self.editor)
        for thing in self.things:
            compose.add(self.bundle, thing, by=self.editor)

    @property
    def things(self) -> list[Any]:
        return [self.guide, self.notice, self.edition]

    def fresh(self) -> Bundle:
        return factories.fresh(self.bundle)

    def is_public(self) -> list[bool]:
        guide, notice = factories.fresh(self.guide), factories.fresh(self.notice)
        return [guide.title == "护理补贴（新）", notice.live, factories.fresh(self.edition).is_current]


@pytest.fixture
def batch() -> Batch:
    return Batch()


@pytest.fixture
def reviewer(batch: Batch) -> Any:
    return factories.user("reviewer", factories.home(), email="reviewer@example.org")


def told_since(sequence: int) -> list[tuple[int | None, str]]:
    rows = OutboxEntry.objects.filter(sequence__gt=sequence).order_by("sequence")
    return list(rows.values_list("sequence", "topic"))


def newest() -> int:
    return OutboxEntry.objects.latest("sequence").sequence or 0


# Published as one


def test_everything_goes_public_in_one_batch_of_the_outbox(batch: Batch) -> None:
    before = newest()

    bundle = release.publish_bundle(batch.bundle, by=batch.editor)

    assert bundle.state == State.PUBLISHED
    assert batch.is_public() == [True, True, True]
    assert told_since(before) == [
        (before + 1, f"guides:{batch.guide.pk}"),
        (before + 2, f"notices:{batch.notice.get_parent().pk}"),
        (before + 3, f"lists:{batch.list.pk}"),
    ]
    actions = AuditEntry.objects.filter(by=batch.editor).order_by("pk").values_list("action", flat=True)
    assert list(actions)[-4:] == ["publish", "publish", "publish_edition", "publish_bundle"]
    entry = AuditEntry.objects.get(action="publish_bundle")
    assert entry.detail["entries"] == ["护理补贴（新）", "停水通知", str(batch.edition)]


def test_one_that_may_not_stops_all_and_is_named(batch: Batch) -> None:
    batch.notice.notice_kind = NoticePage.Kind.PUBLICITY
    batch.notice.save_revision(clean=False)
    before = newest()

    with pytest.raises(NotPublishable) as refused:
        release.publish_bundle(batch.bundle, by=batch.editor)

    assert refused.value.problems == ["“停水通知”：公示要写“意见反馈方式”。"]
    assert batch.is_public() == [False, False, False]
    assert told_since(before) == []
    assert batch.fresh().state == State.DRAFT


def test_a_second_click_publishes_nothing_again(batch: Batch) -> None:
    release.publish_bundle(batch.bundle, by=batch.editor)
    before = newest()

    bundle = release.publish_bundle(batch.bundle, by=batch.editor)

    assert bundle.state == State.PUBLISHED
    assert told_since(before) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_who_may_not_publish_one_publishes_none(batch: Batch, number: int) -> None:
    importer = factories.user("importer", factories.home())

    with pytest.raises(NotPublishable) as refused:
        release.publish_bundle(batch.bundle, by=importer)

    assert "您没有发布它的权限" in refused.value.problems[number]
    assert batch.is_public() == [False, False, False]


def _lock(batch: Batch) -> None:
    batch.notice.locked, batch.notice.locked_by = True, factories.user("administrator", display_name="张三")
    batch.notice.locked_at = timezone.now()
    batch.notice.save()


def _delete(batch: Batch) -> None:
    factories.fresh(batch.notice).delete()


def _give_own_time(batch: Batch) -> None:
    batch.notice.go_live_at = timezone.now() + datetime.timedelta(days=1)
    batch.notice.save_revision()


def _schedule_alone(batch: Batch) -> None:
    _give_own_time(batch)
    factories.fresh(batch.notice).get_latest_revision().publish()


def _poison(batch: Batch) -> None:
    revision = factories.fresh(batch.notice).latest_revision
    revision.content["body"] = 7
    revision.save()


def _replace(batch: Batch) -> None:
    publish(batch.edition)
    publish(batch.edition.new_draft(title="第三批"))


def _second_of_a_list(batch: Batch) -> None:
    compose.add(batch.bundle, batch.first.new_draft(title="第四批"), by=batch.editor)


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (_lock, "张三 从"),
        (_delete, "已经被删除"),
        (_give_own_time, "自己写着发布时间"),
        (_schedule_alone, "自己已经定时发布"),
        (_poison, "保存的内容读不出来"),
        (_replace, "已被后来的版本替换"),
        (_second_of_a_list, "同一份清单"),
    ],
)
def test_what_stands_in_the_way_is_said_before_and_stops_all(batch: Batch, happen: Any, said: str) -> None:
    happen(batch)
    before, public = newest(), batch.is_public() if happen is not _delete else None

    shown = [text for line in look(batch.bundle, batch.editor) for text in line.stops]
    with pytest.raises(NotPublishable) as refused:
        release.publish_bundle(batch.bundle, by=batch.editor)

    assert any(said in text for text in shown)
    assert any(said in text for text in refused.value.problems)
    assert told_since(before) == []
    assert public is None or batch.is_public() == public


def test_what_was_changed_after_one_looked_is_asked_again(batch: Batch) -> None:
    seen = mark_of(batch.bundle)
    row = batch.edition.rows.first()
    row.values = {**row.values, "事项名称": "改过的事项"}
    row.save()

    with pytest.raises(compose.NotNow, match="再看一遍"):
        release.publish_bundle(batch.bundle, by=batch.editor, seen=seen)

    assert batch.is_public() == [False, False, False]


# Taken back as one


def test_taking_back_gives_each_what_stood_before(batch: Batch) -> None:
    release.publish_bundle(batch.bundle, by=batch.editor)
    before = newest()

    bundle = release.take_bundle_back(batch.bundle, by=batch.editor)

    assert bundle.state == State.TAKEN_BACK
    assert factories.fresh(batch.guide).title == "护理补贴"
    assert factories.fresh(batch.guide).get_latest_revision_as_object().title == "护理补贴（新）"
    assert not factories.fresh(batch.notice).live
    assert factories.fresh(batch.first).is_current
    assert [sequence for sequence, _topic in told_since(before)] == [before + 1, before + 2, before + 3]
    assert AuditEntry.objects.filter(action="take_back_bundle", by=batch.editor).count() == 1

    release.publish_bundle(batch.bundle, by=batch.editor)
    assert batch.is_public() == [True, True, True]


def _change_alone(batch: Batch) -> None:
    guide = factories.fresh(batch.guide)
    guide.title = "护理补贴（更新）"
    guide.save_revision()
    publish(guide)


def _newer_edition(batch: Batch) -> None:
    publish(factories.fresh(batch.edition).new_draft(title="第三批"))


def _take_back_alone(batch: Batch) -> None:
    take_back(batch.notice)


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (_change_alone, "“护理补贴（更新）”之后又发布过新的内容"),
        (_newer_edition, "已不是现行版本"),
        (_take_back_alone, "“停水通知”已经单独撤下"),
        (_delete, "“停水通知”已经被删除"),
    ],
)
def test_what_has_moved_on_keeps_all_where_it_is(batch: Batch, happen: Any, said: str) -> None:
    release.publish_bundle(batch.bundle, by=batch.editor)
    happen(batch)
    before = newest()

    with pytest.raises(NotPublishable) as refused:
        release.take_bundle_back(batch.bundle, by=batch.editor)

    assert said in " ".join(refused.value.problems)
    assert told_since(before) == []
    assert batch.fresh().state == State.PUBLISHED


# Review


def test_a_reviewer_lets_all_of_it_go_public(batch: Batch, reviewer: Any) -> None:
    importer = factories.user("importer", factories.home(), email="importer@example.org")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda job, **kwargs: job())
        review.hand_in(batch.bundle, by=importer)

        assert batch.fresh().state == State.IN_REVIEW
        assert batch.is_public() == [False, False, False]
        assert [message.to for message in mail.outbox] == [["reviewer@example.org"]]

        review.approve(batch.fresh(), by=reviewer)

    assert batch.is_public() == [True, True, True]
    assert mail.outbox[-1].to == ["importer@example.org"]
    assert AuditEntry.objects.get(action="publish_bundle").by == reviewer


def test_nobody_approves_what_they_made_wrote_or_handed_in(batch: Batch, reviewer: Any) -> None:
    review.hand_in(batch.bundle, by=batch.editor)
    wrote = factories.user("reviewer", factories.home())
    elsewhere = factories.user("reviewer", factories.street())
    Revision.objects.filter(pk=batch.bundle.items.order_by("pk")[1].revision_id).update(user=wrote)

    for person in (batch.editor, wrote, elsewhere, factories.user("importer", factories.home())):
        with pytest.raises(compose.NotNow, match="不由您审核"):
            review.approve(batch.fresh(), by=person)

    assert batch.fresh().state == State.IN_REVIEW
    review.approve(batch.fresh(), by=reviewer)
    assert batch.fresh().state == State.PUBLISHED


def test_what_is_sent_back_says_why_and_may_be_changed(batch: Batch, reviewer: Any) -> None:
    review.hand_in(batch.bundle, by=batch.editor)

    review.send_back(batch.fresh(), by=reviewer, comment="电话写错了")

    bundle = batch.fresh()
    assert (bundle.state, bundle.answer, bundle.is_open) == (State.DRAFT, "电话写错了", True)
    assert not bundle.items.exclude(fingerprint="").exists()


def _edit_page(batch: Batch) -> None:
    notice = factories.fresh(batch.notice)
    notice.title = "停水通知（改）"
    notice.save_revision()


def _edit_row(batch: Batch) -> None:
    row = batch.edition.rows.first()
    row.values = {**row.values, "事项名称": "改过的事项"}
    row.save()


@pytest.mark.parametrize("change", [_edit_page, _edit_row])
def test_what_is_changed_after_review_was_asked_for_is_asked_again(
    batch: Batch, reviewer: Any, change: Any
) -> None:
    review.hand_in(batch.bundle, by=batch.editor)
    change(batch)

    assert [line.is_changed for line in look(batch.fresh(), reviewer)].count(True) == 1
    with pytest.raises(NotPublishable, match="又被改过"):
        review.approve(batch.fresh(), by=reviewer)
    assert batch.is_public() == [False, False, False]

    release.reopen(batch.fresh(), by=batch.editor)
    review.hand_in(batch.fresh(), by=batch.editor)
    review.approve(batch.fresh(), by=reviewer)
    assert batch.fresh().state == State.PUBLISHED


def test_nothing_is_added_while_it_is_reviewed(batch: Batch) -> None:
    review.hand_in(batch.bundle, by=batch.editor)

    with pytest.raises(compose.NotNow, match="请先撤回"):
        compose.add(batch.fresh(), factories.notice("又一条", live=False), by=batch.editor)


# On schedule


def scheduled(batch: Batch, *, minutes_ago: float = 1) -> Bundle:
    release.schedule_bundle(batch.bundle, at=timezone.now() + datetime.timedelta(hours=1), by=batch.editor)
    past = timezone.now() - datetime.timedelta(minutes=minutes_ago)
    Bundle.objects.filter(pk=batch.bundle.pk).update(go_live_at=past)
    return batch.fresh()


def test_a_bundle_goes_public_at_its_time_once(batch: Batch) -> None:
    scheduled(batch)
    before = newest()

    assert schedule.publish_due() == 1
    assert schedule.publish_due() == 0

    assert batch.is_public() == [True, True, True]
    assert len(told_since(before)) == 3
    assert AuditEntry.objects.get(action="publish_bundle").by is None


def test_an_approved_bundle_waits_for_its_time(batch: Batch, reviewer: Any) -> None:
    at = timezone.now() + datetime.timedelta(hours=1)
    review.hand_in(batch.bundle, by=batch.editor, at=at)

    bundle = review.approve(batch.fresh(), by=reviewer)

    assert (bundle.state, bundle.go_live_at) == (State.SCHEDULED, at)
    assert batch.is_public() == [False, False, False]


@pytest.mark.parametrize("change", [_edit_page, _edit_row])
def test_a_bundle_that_was_changed_after_it_was_scheduled_says_why_it_did_not(
    batch: Batch, change: Any
) -> None:
    scheduled(batch)
    change(batch)

    assert schedule.publish_due() == 0

    bundle = batch.fresh()
    assert bundle.state == State.FAILED
    assert "又被改过" in bundle.problem
    assert batch.is_public() == [False, False, False]
    assert Trouble.objects.get().label == "低保调整"
    assert bundle.is_open
    release.publish_bundle(bundle, by=batch.editor)
    assert batch.is_public() == [True, True, True]


def test_it_is_late_like_everything_else(batch: Batch) -> None:
    scheduled(batch, minutes_ago=20)

    since = schedule.overdue_since()

    assert since is not None
    assert timezone.now() - since >= datetime.timedelta(minutes=20)


# In the admin


@pytest.fixture
def client(batch: Batch) -> Client:
    client = Client()
    client.force_login(batch.editor)
    return client


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_editor_makes_fills_and_publishes_a_bundle(batch: Batch, client: Client) -> None:
    made = client.post("/admin/bundles/add/", {"name": "新的一批", "note": ""})
    bundle = Bundle.objects.get(name="新的一批")
    assert made["Location"] == f"/admin/bundles/{bundle.pk}/choose/"
    listed = said(client.get(made["Location"]))
    assert "停水通知" in listed
    assert "第二批" in listed

    things = [choices.value_of(thing) for thing in batch.things]
    added = client.post(made["Location"], {"thing": things}, follow=True)
    assert "已加入 3 项" in said(added)
    last = bundle.items.last()
    assert last is not None
    client.post(f"/admin/bundles/{bundle.pk}/items/{last.pk}/", {"do": "up"})
    assert [item.position for item in bundle.items.order_by("pk")] == [1, 3, 2]

    asked = client.get(f"/admin/bundles/{bundle.pk}/publish/")
    published = client.post(
        f"/admin/bundles/{bundle.pk}/publish/", {"seen": asked.context["seen"]}, follow=True
    )
    assert "已全部发布" in said(published)
    assert batch.is_public() == [True, True, True]

    back = client.post(f"/admin/bundles/{bundle.pk}/take-back/", follow=True)
    assert "已整批撤回" in said(back)
    assert not factories.fresh(batch.notice).live


def test_a_page_is_saved_and_put_into_a_bundle_from_its_own_menu(batch: Batch, client: Client) -> None:
    notice = factories.notice("新公告", live=False)
    notice.save_revision()
    shown = said(client.get(f"/admin/pages/{notice.pk}/edit/"))
    assert 'name="action-bundle"' in shown

    sent = client.post(
        f"/admin/pages/{notice.pk}/edit/",
        fields_of(shown) | {"title": "新公告（改）", "action-bundle": "保存并加入成批发布"},
    )
    to = sent["Location"]
    assert "低保调整" in said(client.get(to))
    client.post(to, {"bundle": batch.bundle.pk})

    assert batch.bundle.items.filter(label="新公告（改）").exists()


def test_an_edition_offers_it_too(batch: Batch, client: Client) -> None:
    edition = batch.first.new_draft(title="第四批")
    base = edition.snippet_viewset.get_url_name("rows")
    shown = said(client.get(reverse(base, args=[edition.pk])))

    assert f"/admin/bundles/to/{choices.value_of(edition).replace(':', '/')}/" in shown


def test_others_do_not_learn_of_it(batch: Batch) -> None:
    street = factories.street("别处街道")
    elsewhere = factories.user("street_editor", street)
    client = Client()
    client.force_login(elsewhere)

    assert client.get(f"/admin/bundles/{batch.bundle.pk}/").status_code == 404
    assert "低保调整" not in said(client.get("/admin/bundles/"))
    for name in ("publish", "take-back", "delete", "reopen"):
        assert client.post(f"/admin/bundles/{batch.bundle.pk}/{name}/").status_code == 404
    value = choices.value_of(batch.notice).replace(":", "/")
    assert client.get(f"/admin/bundles/to/{value}/").status_code == 404


def test_who_loses_sight_of_an_item_is_not_told_its_name(batch: Batch, client: Client) -> None:
    street = factories.street("本街道")
    community = factories.community("本社区", under=street)
    editor = factories.user("street_editor", street)
    mine = factories.office("我的场所", under=community, live=False)
    bundle = compose.make(name="我的一批", by=editor)
    compose.add(bundle, mine, by=editor)
    compose.add(bundle, batch.notice, by=batch.editor)
    client.force_login(editor)

    shown = said(client.get(f"/admin/bundles/{bundle.pk}/"))

    assert "我的场所" in shown
    assert "停水通知" not in shown
    assert "您无权查看的内容" in shown
    for name in ("publish", "schedule", "hand-in", "take-back"):
        answer = client.post(f"/admin/bundles/{bundle.pk}/{name}/", {"at": "2099-01-01 09:00"}, follow=True)
        assert "停水通知" not in said(answer)

    last = bundle.items.last()
    assert last is not None
    out = client.post(f"/admin/bundles/{bundle.pk}/items/{last.pk}/", {"do": "remove"}, follow=True)
    assert bundle.items.count() == 1
    assert "停水通知" not in said(out)


def test_a_refusal_names_what_stops_it_on_the_screen(batch: Batch, client: Client) -> None:
    batch.notice.notice_kind = NoticePage.Kind.PUBLICITY
    batch.notice.save_revision(clean=False)

    shown = said(client.get(f"/admin/bundles/{batch.bundle.pk}/"))
    refused = client.post(f"/admin/bundles/{batch.bundle.pk}/publish/", follow=True)

    assert "公示要写“意见反馈方式”" in shown
    assert "全部发布" not in shown
    assert "“停水通知”：公示要写“意见反馈方式”" in said(refused)


@pytest.mark.parametrize("who", ["editor", "reviewer"])
def test_an_edition_and_what_is_to_mend_in_its_rows_are_a_click_away(
    who: str, batch: Batch, reviewer: Any
) -> None:
    row = batch.edition.rows.get()
    row.values = {**row.values, next(iter(row.values)): "联系 13812343210"}
    row.save()
    client = Client()
    client.force_login({"editor": batch.editor, "reviewer": reviewer}[who])
    base = batch.edition.snippet_viewset

    shown = said(client.get(f"/admin/bundles/{batch.bundle.pk}/"))

    assert f'href="{base.url("rows", batch.edition)}"' in shown
    assert f'href="{base.url("row_edit", batch.edition, row.pk)}"' in shown


def test_the_reviewer_opens_an_edition_from_where_they_decide(batch: Batch, reviewer: Any) -> None:
    review.hand_in(batch.bundle, by=batch.editor)
    client = Client()
    client.force_login(reviewer)

    shown = said(client.get(f"/admin/bundles/{batch.bundle.pk}/decide/"))
    address = batch.edition.snippet_viewset.url("rows", batch.edition)

    assert f'href="{address}"' in shown
    assert client.get(address).status_code == 200


def test_the_reviewer_finds_it_on_the_first_screen_and_decides(batch: Batch, reviewer: Any) -> None:
    review.hand_in(batch.bundle, by=batch.editor)
    client = Client()
    client.force_login(reviewer)

    assert f"/admin/bundles/{batch.bundle.pk}/decide/" in said(client.get("/admin/"))
    refused = client.post(f"/admin/bundles/{batch.bundle.pk}/decide/", {"decision": "send_back"}, follow=True)
    assert "退回时请写清楚" in said(refused)
    client.post(f"/admin/bundles/{batch.bundle.pk}/decide/", {"decision": "approve"})

    assert batch.is_public() == [True, True, True]

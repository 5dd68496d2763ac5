"""Publishing: all or nothing, told after commit, in order, on time."""

import contextlib
import datetime
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from django_tasks import task
from wagtail.models import Page, PageViewRestriction, Revision
from wagtail.signals import page_published

from content_models.base.checks import NotPublishable
from content_models.base.models import Topic
from content_models.certificates.models import Certificate
from content_models.notices.models import EmergencyBanner, NoticePage
from content_models.places.models import OfficePause
from content_models.places.pauses import pause_office
from publishing import background, clock, outbox, registry, schedule
from publishing.bundles import compose, release, review
from publishing.bundles.models import Bundle, BundleItem
from publishing.middleware import AtomicUnsafeRequests
from publishing.models import OutboxEntry, Sequence, TopicVersion, Trouble
from publishing.publish import publish, take_back
from search.models import Document
from staff.models import AuditEntry
from tests import factories
from tests.screens import answers

# All or nothing


class FailingStatement:
    """Lets the database answer so many statements and refuses the next one; savepoints always work."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.has_failed = False
        self.failed = ""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # Django takes a failed rehearsal of a constraint (_check) for passed; the constraint still stands.
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) and '"_check"' not in sql:
            self.left -= 1
            if self.left == 0:
                self.has_failed = True
                self.failed = sql
                raise OperationalError("the database went away")
        return execute(sql, params, many, context)


def recorded() -> tuple[Any, ...]:
    """Everything a publish may leave behind."""
    return (
        list(
            Page.objects.order_by("pk").values_list(
                "pk", "title", "live", "live_revision", "last_published_at"
            )
        ),
        [
            list(
                model.objects.order_by("pk").values_list(
                    "pk", "is_current", "live", "replaces", "taken_back_at"
                )
            )
            for model in (factories.ListEdition, factories.CertificateEdition)
        ],
        list(OfficePause.objects.order_by("pk").values_list("pk", "until", "ended_at")),
        list(EmergencyBanner.objects.order_by("pk").values_list("pk", "live", "text")),
        list(factories.ListEntry.objects.order_by("pk").values_list("pk", "values", "text")),
        list(Certificate.objects.order_by("pk").values_list("key", "polarity")),
        list(Revision.objects.order_by("pk").values_list("pk", "approved_go_live_at")),
        list(Bundle.objects.order_by("pk").values_list("pk", "state", "published_at")),
        list(BundleItem.objects.order_by("pk").values_list("pk", "published_revision", "was_live")),
        list(Trouble.objects.order_by("pk").values_list("pk", "tries")),
        list(Document.objects.order_by("page", "key").values_list("page", "key", "title")),
        AuditEntry.objects.count(),
        list(OutboxEntry.objects.values_list("sequence", "topic", "version")),
        list(TopicVersion.objects.order_by("topic").values_list("topic", "version")),
        list(Sequence.objects.values_list("value", flat=True)),
    )


def publish_a_guide() -> Callable[[], Any]:
    guide = publish(factories.guide())
    guide.title = "新标题"
    guide.save_revision()
    return lambda: publish(guide)


def publish_a_list_edition() -> Callable[[], Any]:
    edition = factories.list_edition(factories.policy_list(), published=True)
    draft = edition.new_draft()
    return lambda: publish(draft)


def publish_a_certificate_edition() -> Callable[[], Any]:
    edition = factories.certificate_edition(factories.certificate_list(), ["健在证明"], published=True)
    draft = edition.new_draft()
    draft.rows.update(polarity="unlisted")
    return lambda: publish(draft)


def a_bundle() -> Bundle:
    """A changed guide, a new edition of a list and a banner."""
    editor = factories.user("administrator")
    guide = publish(factories.guide())
    guide.title = "新标题"
    guide.save_revision()
    draft = factories.list_edition(factories.policy_list(), published=True).new_draft()
    bundle = compose.make(name="一批", by=editor)
    for thing in (guide, draft, factories.banner(published=False)):
        compose.add(bundle, thing, by=editor)
    return bundle


def publish_a_bundle() -> Callable[[], Any]:
    bundle = a_bundle()
    return lambda: release.publish_bundle(bundle, by=bundle.made_by)


def take_a_bundle_back() -> Callable[[], Any]:
    bundle = a_bundle()
    release.publish_bundle(bundle, by=bundle.made_by)
    return lambda: release.take_bundle_back(bundle, by=bundle.made_by)


def publish_a_bundle_on_schedule() -> Callable[[], Any]:
    bundle, at = a_bundle(), timezone.now() + datetime.timedelta(hours=1)
    release.schedule_bundle(bundle, at=at, by=bundle.made_by)
    Bundle.objects.update(go_live_at=timezone.now())
    return schedule.publish_due


def publish_a_bundle_in_the_admin() -> Callable[[], Any]:
    bundle, client = a_bundle(), Client()
    assert bundle.made_by is not None
    client.force_login(bundle.made_by)
    return lambda: client.post(f"/admin/bundles/{bundle.pk}/publish/")


def approve_a_bundle() -> Callable[[], Any]:
    bundle, reviewer = a_bundle(), factories.user("reviewer", factories.home())
    review.hand_in(bundle, by=bundle.made_by)
    return lambda: review.approve(bundle, by=reviewer)


# How many records and announcements each leaves; one of both where nothing is said.
LEFT_BY: dict[Any, tuple[int, int]] = {
    publish_a_bundle: (4, 3),
    take_a_bundle_back: (4, 3),
    publish_a_bundle_on_schedule: (4, 3),
    publish_a_bundle_in_the_admin: (4, 3),
    approve_a_bundle: (5, 3),
}


def take_an_edition_back() -> Callable[[], Any]:
    page = factories.certificate_list()
    first = factories.certificate_edition(page, ["健在证明"], published=True)
    second = publish(first.new_draft())
    return lambda: take_back(second)


def take_a_guide_back() -> Callable[[], Any]:
    guide = publish(factories.guide())
    return lambda: take_back(guide)


def publish_in_the_admin() -> Callable[[], Any]:
    guide = publish(factories.guide())
    client = Client()
    client.force_login(factories.user("administrator"))
    address = f"/admin/pages/{guide.pk}/edit/"
    form = client.get(address).context["form"]
    data = answers(form) | {"summary": "当场办结", "action-publish": "1"}
    return lambda: client.post(address, data)


def publish_on_schedule() -> Callable[[], Any]:
    guide = factories.guide(live=False)
    revision = guide.save_revision()
    Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=timezone.now())
    return schedule.publish_due


def pause_an_office() -> Callable[[], Any]:
    office, until = publish(factories.office()), timezone.now() + datetime.timedelta(hours=1)
    return lambda: pause_office(office, kind=OfficePause.Kind.PAUSED, until=until, reason="系统维护")


def end_a_pause() -> Callable[[], Any]:
    pause_an_office()()
    OfficePause.objects.update(until=timezone.now())
    return clock.end_pauses


def show_a_banner() -> Callable[[], Any]:
    banner = factories.banner(published=False)
    return lambda: publish(banner)


@pytest.mark.django_db
@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "prepare",
    [
        publish_a_guide,
        take_a_guide_back,
        publish_in_the_admin,
        publish_on_schedule,
        publish_a_list_edition,
        publish_a_certificate_edition,
        take_an_edition_back,
        pause_an_office,
        end_a_pause,
        show_a_banner,
        *LEFT_BY,
    ],
)
def test_whatever_statement_fails_everything_happens_or_nothing(
    prepare: Callable[[], Callable[[], Any]], step: int
) -> None:
    act = prepare()
    before = recorded()
    number = 1
    while True:
        failing = FailingStatement(number)
        # The schedule leaves what failed to its next round and says so in the log only.
        with contextlib.suppress(OperationalError), connection.execute_wrapper(failing):
            act()
        if not failing.has_failed:
            break
        assert recorded() == before, f"after statement {number} failed: {failing.failed}"
        number += step

    assert number > 1
    *content, audits, announced, _versions, _numbers = zip(before, recorded(), strict=True)
    records, announcements = LEFT_BY.get(prepare, (1, 1))
    assert audits[1] == audits[0] + records
    assert len(announced[1]) == len(announced[0]) + announcements
    new = sorted(sequence for sequence, *_topic in set(announced[1]) - set(announced[0]))
    assert new == list(range(new[0], new[0] + announcements)), "not in one batch"
    assert any(after != earlier for earlier, after in content)


@pytest.mark.django_db
def test_a_publish_is_recorded_with_who_and_what() -> None:
    editor = factories.user("administrator", display_name="王编辑")
    guide = publish(factories.guide(live=False), by=editor)

    audit = AuditEntry.objects.get(action="publish", object_id=str(guide.pk))
    told = OutboxEntry.objects.get(topic=f"guides:{guide.pk}")
    assert (audit.by, audit.by_name, audit.label) == (editor, "王编辑", "残疾人护理补贴")
    assert (told.version, told.what) == (1, "published")
    assert told.detail == {"action": "publish", "page": guide.pk, "title": "残疾人护理补贴"}

    take_back(guide, by=editor)

    audit = AuditEntry.objects.get(action="take_back", object_id=str(guide.pk))
    told = OutboxEntry.objects.filter(topic=f"guides:{guide.pk}").latest("sequence")
    assert audit.by == editor
    assert (told.version, told.what) == (2, "taken_back")
    assert not factories.fresh(guide).live


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "topic"),
    [
        (lambda: factories.notice(live=False), lambda thing: f"notices:{thing.get_parent().pk}"),
        (lambda: factories.community(), lambda thing: f"communities:{thing.pk}"),
        (lambda: factories.office(), lambda thing: f"offices:{thing.pk}"),
        (lambda: factories.banner(published=False), lambda thing: "banner:0"),
        (lambda: factories.list_edition(factories.policy_list()), lambda thing: f"lists:{thing.owner_id}"),
        (
            lambda: factories.certificate_edition(factories.certificate_list()),
            lambda thing: f"certificates:{thing.owner_id}",
        ),
    ],
)
def test_each_kind_tells_of_itself_once_under_its_own_topic(
    make: Callable[[], Any], topic: Callable[[Any], str]
) -> None:
    thing = make()
    told_before = OutboxEntry.objects.count()

    publish(thing)

    assert OutboxEntry.objects.count() == told_before + 1
    assert OutboxEntry.objects.latest("sequence").topic == topic(thing)


@pytest.mark.django_db
def test_what_changes_pages_without_publishing_them_is_told_too() -> None:
    channel = factories.guide_channel()
    guide, draft = publish(factories.guide()), factories.guide("草稿", live=False)
    office = publish(factories.office())
    other = factories.community()

    def told() -> list[tuple[str, str]]:
        rows = OutboxEntry.objects.values_list("topic", "what", "pk").order_by("pk")
        new = [(topic, what) for topic, what, pk in rows if pk > told_up_to[-1]]
        told_up_to.append(max(pk for *_row, pk in rows))
        return new

    told_up_to = [OutboxEntry.objects.latest("pk").pk]
    restriction = PageViewRestriction.objects.create(page=channel, restriction_type="login")
    assert sorted(told()) == sorted([(channel.topic, "taken_back"), (guide.topic, "taken_back")])

    restriction.delete()
    assert sorted(told()) == sorted([(channel.topic, "published"), (guide.topic, "published")])

    office.move(other, pos="last-child")
    assert told() == [(office.topic, "published")]

    factories.fresh(guide).delete()
    draft.delete()
    assert told() == [(guide.topic, "taken_back")]


@pytest.mark.django_db
def test_provisions_name_the_guides_whose_pages_change() -> None:
    community = factories.community()
    factories.office(under=community)
    kept, changed, added = (factories.guide(title) for title in ("甲", "乙", "丙"))
    edition = factories.provision_edition(community)
    for guide in (kept, changed):
        factories.provision(edition, guide)
    publish(edition)
    draft = edition.new_draft()
    factories.provision(draft, added)
    row = draft.rows.get(guide=changed)
    row.phone = "0592-9"
    row.save()

    publish(draft)

    told = OutboxEntry.objects.latest("sequence")
    assert told.topic == f"provisions:{community.pk}"
    assert told.detail["guides"] == sorted([changed.pk, added.pk])


# Telling


@pytest.fixture
def told() -> Iterator[list[int]]:
    """Sequences of the outbox rows a follower was told of."""
    heard: list[int] = []

    def follower(entries: list[OutboxEntry]) -> None:
        heard.extend(entry.sequence or 0 for entry in entries)

    registry.follow(follower)
    yield heard
    registry.unfollow(follower)


@factories.committed
def test_followers_are_told_after_commit_and_never_of_what_was_undone(told: list[int]) -> None:
    with transaction.atomic():
        outbox.announce("guides:1", "published")
        assert told == []
    assert len(told) == 1

    with transaction.atomic():
        outbox.announce("guides:1", "published")
        transaction.set_rollback(True)

    assert len(told) == 1
    assert OutboxEntry.objects.filter(topic="guides:1").count() == 1
    assert OutboxEntry.objects.get(topic="guides:1").sent_at is not None


@factories.committed
def test_a_follower_that_fails_stops_neither_the_publish_nor_the_others(told: list[int]) -> None:
    def broken(entries: list[OutboxEntry]) -> None:
        raise RuntimeError("no one home")

    registry._followers.insert(0, broken)
    try:
        notice = publish(factories.notice(live=False))
    finally:
        registry.unfollow(broken)

    entry = OutboxEntry.objects.get()
    assert notice.live
    assert told == [entry.sequence]
    assert entry.sent_at is None

    assert outbox.sweep() == 1
    assert told == [entry.sequence] * 2
    assert outbox.sweep() == 0


@pytest.mark.django_db
def test_the_sweeper_sends_what_was_left_oldest_first(told: list[int]) -> None:
    for number in range(5):
        outbox.announce(f"guides:{number}", "published")

    assert outbox.sweep(limit=3) == 5
    assert outbox.sweep() == 0

    assert told == list(OutboxEntry.objects.values_list("sequence", flat=True))
    assert not OutboxEntry.objects.filter(sent_at=None).exists()


@pytest.mark.postgres
@factories.committed
def test_sequences_have_no_gaps_and_versions_no_repeats_whoever_publishes_at_once() -> None:
    def run(mine: int) -> None:
        for number in range(10):
            # Everybody tells of the same topics, each in another order; every third time it is undone.
            topics = ["guides:1", "guides:2"] if (mine + number) % 2 else ["guides:2", "guides:1"]
            with transaction.atomic():
                for topic in topics:
                    outbox.announce(topic, "published")
                if number % 3 == 0:
                    transaction.set_rollback(True)
        connection.close()

    failures: list[Any] = []
    threading.excepthook, restore = lambda args: failures.append(args.exc_value), threading.excepthook
    try:
        threads = [threading.Thread(target=run, args=(mine,)) for mine in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
    finally:
        threading.excepthook = restore

    assert failures == []
    sequences = list(OutboxEntry.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, 4 * 6 * 2 + 1))
    for topic in ("guides:1", "guides:2"):
        versions = (
            OutboxEntry.objects.filter(topic=topic).order_by("sequence").values_list("version", flat=True)
        )
        assert list(versions) == list(range(1, 25))


@pytest.mark.django_db
def test_what_is_undone_within_a_publication_is_never_numbered() -> None:
    with outbox.publication():
        outbox.announce("guides:1", "published")
        with contextlib.suppress(ValueError), transaction.atomic():
            outbox.announce("guides:2", "published")
            raise ValueError
        assert not OutboxEntry.objects.exclude(sequence=None).exists()
        outbox.announce_all([("guides:1", "published", {}), ("guides:3", "published", {})])

    rows = list(OutboxEntry.objects.values_list("topic", "version"))
    numbers = list(OutboxEntry.objects.values_list("sequence", flat=True))
    assert rows == [("guides:1", 1), ("guides:1", 2), ("guides:3", 1)]
    assert numbers == [outbox.newest() - 2, outbox.newest() - 1, outbox.newest()]


@pytest.mark.postgres
@factories.committed
def test_who_publishes_much_keeps_nobody_waiting_before_the_end() -> None:
    def publish_little() -> None:
        outbox.announce("guides:2", "published")
        connection.close()

    with outbox.publication():
        outbox.announce("guides:1", "published")
        meanwhile = threading.Thread(target=publish_little)
        meanwhile.start()
        meanwhile.join(timeout=0 if connection.vendor == "sqlite" else 60)
    meanwhile.join(timeout=60)

    order = list(OutboxEntry.objects.values_list("topic", flat=True))
    assert order == (["guides:1", "guides:2"] if connection.vendor == "sqlite" else ["guides:2", "guides:1"])


@pytest.mark.django_db
def test_old_rows_are_forgotten_but_the_last_of_each_topic(settings: Any) -> None:
    for topic in ("guides:1", "guides:2", "guides:1"):
        outbox.announce(topic, "published")
    outbox.sweep()
    month_ago = timezone.now() - datetime.timedelta(days=settings.OUTBOX_KEPT_DAYS + 1)
    OutboxEntry.objects.update(at=month_ago)
    outbox.announce("guides:2", "published")

    assert outbox.compact() == 2

    left = OutboxEntry.objects.values_list("topic", "version")
    assert sorted(left) == [("guides:1", 2), ("guides:2", 2)]
    outbox.announce("guides:1", "published")
    assert OutboxEntry.objects.latest("sequence").version == 3


# Requests


@pytest.mark.django_db
def test_an_editor_reads_why_a_page_was_not_published(client: Client) -> None:
    community = publish(factories.community())
    client.force_login(factories.user("administrator"))
    address = f"/admin/pages/{community.pk}/edit/"
    data = answers(client.get(address).context["form"]) | {"region_code": "", "action-publish": "1"}
    before = recorded()

    response = client.post(address, data)

    said = [error for errors in response.context["form"].errors.values() for error in errors]
    assert response.status_code == 200
    assert any("区划代码" in error or "必须填写" in error for error in said), said
    assert recorded() == before


def post(view: Any, **headers: str) -> HttpResponse:
    request = RequestFactory().post("/here/", headers=headers)
    request._messages = Said()  # type: ignore[attr-defined]  # what MessageMiddleware would set
    middleware = AtomicUnsafeRequests(lambda request: HttpResponse())
    return middleware.process_view(request, view, (), {})  # type: ignore[return-value]


class Said(list[Any]):
    def add(self, level: int, message: str, extra_tags: str = "") -> None:
        self.append(message)


def leave_a_trace(request: Any = None) -> HttpResponse:
    Topic.objects.create(name="留下", slug="trace")
    return HttpResponse()


@factories.committed
def test_a_request_that_fails_leaves_nothing() -> None:
    def breaks(request: Any) -> HttpResponse:
        leave_a_trace()
        raise RuntimeError

    def answers_500(request: Any) -> HttpResponse:
        leave_a_trace()
        return HttpResponse(status=500)

    def may_not_publish(request: Any) -> HttpResponse:
        leave_a_trace()
        raise NotPublishable(None, ["不行"])

    with pytest.raises(RuntimeError):
        post(breaks)
    assert post(answers_500).status_code == 500
    assert post(may_not_publish).status_code == 302
    assert not Topic.objects.filter(slug="trace").exists()


@factories.committed
def test_a_request_that_is_refused_politely_keeps_what_it_did() -> None:
    def answers_400(request: Any) -> HttpResponse:
        leave_a_trace()
        assert connection.in_atomic_block
        return HttpResponse(status=400)

    assert post(answers_400).status_code == 400
    assert Topic.objects.filter(slug="trace").exists()


@factories.committed
def test_reading_and_views_that_ask_for_it_run_without_a_transaction() -> None:
    middleware = AtomicUnsafeRequests(lambda request: HttpResponse())

    @transaction.non_atomic_requests
    def careful(request: Any) -> HttpResponse:
        return HttpResponse()

    assert post(careful) is None
    assert middleware.process_view(RequestFactory().get("/"), leave_a_trace, (), {}) is None


@pytest.mark.parametrize("referer", ["https://evil.example/", "", "//evil.example/"])
def test_a_refusal_never_leads_to_another_site(db: None, referer: str) -> None:
    def may_not_publish(request: Any) -> HttpResponse:
        raise NotPublishable(None, ["不行"])

    assert post(may_not_publish, referer=referer)["Location"] == "/here/"


# On time


def due(thing: Any, *, minutes_ago: float = 1) -> Revision:
    """Schedule the thing, and let the time pass."""
    thing.go_live_at = timezone.now() + datetime.timedelta(hours=1)
    revision = thing.save_revision()
    revision.publish()
    past = timezone.now() - datetime.timedelta(minutes=minutes_ago)
    revision.refresh_from_db()
    assert revision.approved_go_live_at is not None
    revision.approved_go_live_at, revision.content["go_live_at"] = past, past.isoformat()
    revision.save()
    return revision


@pytest.mark.django_db
def test_what_is_due_is_published_once_and_told_once() -> None:
    notice = factories.notice(live=False)
    due(notice)
    assert OutboxEntry.objects.count() == 0

    assert schedule.run_due()["published"] == 1
    assert schedule.run_due()["published"] == 0

    assert factories.fresh(notice).live
    assert OutboxEntry.objects.count() == 1
    assert AuditEntry.objects.get(action="publish").by is None


@pytest.mark.django_db
def test_the_oldest_is_published_first() -> None:
    page = factories.policy_list()
    editions = [factories.list_edition(page, title=title) for title in ("先", "后", "中")]
    for edition, minutes_ago in zip(editions, (30, 10, 20), strict=True):
        due(edition, minutes_ago=minutes_ago)

    assert schedule.publish_due() == 3

    assert factories.fresh(page).current_edition.title == "后"
    told = OutboxEntry.objects.filter(topic=f"lists:{page.pk}").values_list("detail__title", flat=True)
    assert [title.split(" · ")[1] for title in told] == ["先", "中", "后"]


@pytest.mark.django_db
def test_what_may_not_go_public_is_taken_off_the_schedule_and_recorded() -> None:
    wrong, right = factories.notice("错", live=False), factories.notice("对", live=False)
    revision = due(wrong, minutes_ago=2)
    revision.content["notice_kind"] = "publicity"
    revision.save()
    due(right)

    assert schedule.publish_due() == 1

    assert not factories.fresh(wrong).live
    assert factories.fresh(right).live
    audit = AuditEntry.objects.get(action="schedule_failed")
    assert (audit.object_id, audit.detail["problems"]) == (str(wrong.pk), ["公示要写“意见反馈方式”。"])
    assert schedule.publish_due() == 0
    assert AuditEntry.objects.filter(action="schedule_failed").count() == 1


@pytest.mark.django_db
def test_an_item_that_breaks_stops_no_other_and_is_tried_again() -> None:
    wrong, right = factories.notice("错", live=False), factories.notice("对", live=False)
    due(wrong, minutes_ago=2)
    due(right)

    def break_on_it(sender: Any, instance: Any, **kwargs: Any) -> None:
        if instance.pk == wrong.pk:
            raise RuntimeError("broken")

    page_published.connect(break_on_it)
    try:
        assert schedule.publish_due() == 1
    finally:
        page_published.disconnect(break_on_it)

    assert not factories.fresh(wrong).live
    assert factories.fresh(right).live
    assert schedule.publish_due() == 1
    assert factories.fresh(wrong).live


@pytest.mark.django_db
def test_what_has_expired_is_taken_back_once() -> None:
    past = timezone.now() - datetime.timedelta(minutes=1)
    notice = publish(factories.notice(live=False))
    banner = factories.banner()
    page = factories.policy_list()
    first = factories.list_edition(page, title="第一批", published=True)
    second = publish(first.new_draft(title="第二批"))
    things: list[Any] = [notice, banner, second]
    for thing in things:
        type(thing).objects.filter(pk=thing.pk).update(expire_at=past)

    assert schedule.expire_due() == 3
    assert schedule.expire_due() == 0

    for thing in (notice, banner, second):
        thing.refresh_from_db()
        assert (thing.live, thing.expired) == (False, True)
    assert factories.fresh(page).current_edition == first
    assert OutboxEntry.objects.filter(what="taken_back").count() == 3


@pytest.mark.postgres
@factories.committed
def test_two_schedulers_publish_an_item_once() -> None:
    notices = [factories.notice(f"通知{number}", live=False) for number in range(6)]
    for notice in notices:
        due(notice)
    published: list[int] = []

    def run() -> None:
        published.append(schedule.publish_due())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sum(published) == 6
    assert OutboxEntry.objects.count() == 6


@factories.committed
def test_the_command_does_one_round_and_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    due(factories.notice(live=False))

    call_command("run_schedule", "--once")
    first = capsys.readouterr().out
    call_command("run_schedule", "--once")

    assert "published 1" in first
    assert capsys.readouterr().out == ""


# In the background of the server


@task()
def leave_a_word(word: str) -> None:
    Topic.objects.create(name=word, slug=word)


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


@factories.committed
def test_background_threads_publish_and_work_until_they_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "SCHEDULE_EVERY", 0.1)
    notice = factories.notice(live=False)
    due(notice)
    leave_a_word.enqueue("word")
    running = background.Background()

    running.start()
    try:
        assert eventually(lambda: NoticePage.objects.filter(pk=notice.pk, live=True).exists())
        assert eventually(lambda: Topic.objects.filter(slug="word").exists())
    finally:
        running.stop()

    assert len(running.threads) == 2
    assert not any(thread.is_alive() for thread in running.threads)


@factories.committed
def test_a_background_thread_that_dies_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []

    def dies_once() -> None:
        rounds.append("round")
        if len(rounds) == 1:
            raise RuntimeError("died")

    monkeypatch.setattr(background, "SCHEDULE_EVERY", 0.05)
    monkeypatch.setattr(background, "RESTART_AFTER", 0.05)
    monkeypatch.setattr(schedule, "run_due", dies_once)
    running = background.Background()

    running.start()
    try:
        assert eventually(lambda: len(rounds) > 2)
    finally:
        running.stop()

    assert not any(thread.is_alive() for thread in running.threads)

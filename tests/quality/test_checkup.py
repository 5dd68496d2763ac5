"""Everything public checked at once: nightly, by command and by button, kept by page and told by street."""

import datetime
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from content_models.guides.models import GuideChannel
from publishing.publish import publish
from quality import checkup
from quality.models import Checked, Checkup, KeptFinding, RuleSetting
from quality.review import CHECKS
from staff.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db

ERROR: dict[str, Any] = {"result_name": "按规定"}
WARNING: dict[str, Any] = {"consult_phone": "2020001"}


def sign_in(role: str, place: Any = None) -> Client:
    client = Client()
    client.force_login(factories.user(role, place))
    return client


def audited(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


def guide_in(place: Any, title: str, **fields: Any) -> Any:
    return factories.guide(title, under=factories.channel(GuideChannel, place), **fields)


def check_all() -> None:
    made = Checkup.objects.create(total=checkup.number_of_public_things())
    checkup.run.call(made.pk)


def said_by(client: Client, name: str, **query: str) -> str:
    return client.get(reverse(name), query).content.decode()


# The command


def test_the_command_fails_on_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    factories.guide(**WARNING)

    call_command("check_content")

    assert "请带上区号" in capsys.readouterr().out
    factories.guide("另一份", **ERROR)
    with pytest.raises(SystemExit) as stopped:
        call_command("check_content")
    assert stopped.value.code == 1


def test_the_command_answers_programs(capsys: pytest.CaptureFixture[str]) -> None:
    page = factories.guide(**WARNING)

    call_command("check_content", "--json")

    told = json.loads(capsys.readouterr().out)
    [found] = [each for each in told["content"] if each["id"] == page.pk]
    assert (found["kind"], found["title"]) == ("guides.guidepage", page.title)
    assert [finding["rule"] for finding in found["findings"]] == ["guide-area-code"]
    assert told["totals"]["warning"] == 1
    assert found["percent"] < 100
    assert "表格下载" in found["missing"]


def test_drafts_are_nobodys_business(capsys: pytest.CaptureFixture[str]) -> None:
    factories.guide(live=False, **ERROR)

    call_command("check_content")

    assert "按规定" not in capsys.readouterr().out


def test_more_guides_ask_no_more_questions() -> None:
    factories.guide("甲", materials=["身份证", "户口簿"], **WARNING)
    list(checkup.results())

    with CaptureQueriesContext(connection) as one:
        list(checkup.results())
    for number in range(5):
        factories.guide(f"又一份{number}", **WARNING)
    with CaptureQueriesContext(connection) as six:
        list(checkup.results())

    assert len(six) == len(one)


# The night


def test_it_runs_once_at_night(settings: Any) -> None:
    assert checkup.check_nightly() == 1
    assert checkup.check_nightly() == 0
    assert Checkup.objects.count() == 1


def test_it_waits_for_the_night_and_no_longer_than_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime.datetime(2026, 9, 24, 12, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: noon)
    done = Checkup.objects.create(started_at=noon, finished_at=noon, seen_at=noon)

    def begun_after(hours: int) -> int:
        monkeypatch.setattr(timezone, "now", lambda: noon + datetime.timedelta(hours=hours))
        begun = checkup.check_nightly()
        Checkup.objects.exclude(pk=done.pk).delete()
        return begun

    assert [begun_after(hours) for hours in (1, 9, 14, 20, 31)] == [0, 0, 1, 0, 1]


def test_one_that_died_does_not_keep_the_next_from_running() -> None:
    long_ago = timezone.now() - datetime.timedelta(hours=40)
    Checkup.objects.create(started_at=long_ago, seen_at=long_ago)

    assert checkup.check_nightly() == 1


def test_what_fails_says_so_and_keeps_what_was_known(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.guide(**WARNING)
    check_all()
    known = KeptFinding.objects.count()
    monkeypatch.setattr(checkup, "_result", lambda thing: 1 / 0)
    made = Checkup.objects.create()

    with pytest.raises(ZeroDivisionError):
        checkup.run.call(made.pk)

    assert factories.fresh(made).has_failed
    assert KeptFinding.objects.count() == known
    assert checkup.under_way() is None


# The screens


@pytest.fixture
def two_streets() -> tuple[Any, Any]:
    here, there = factories.street("甲街道"), factories.street("乙街道")
    guide_in(here, "甲的指南", **WARNING)
    guide_in(there, "乙的指南", **ERROR)
    return here, there


def test_streets_are_told_with_their_score(two_streets: Any) -> None:
    check_all()

    said = said_by(sign_in("district_editor", factories.home()), "quality_health")

    assert said.index("乙街道") < said.index("甲街道")  # errors first
    assert "区级内容" in said
    assert "电话带区号" in said
    assert f"{Checked.objects.exclude(percent=None).earliest('pk').percent}%" in said


def test_a_street_editor_sees_the_own_street_only(two_streets: Any) -> None:
    check_all()
    client = sign_in("street_editor", two_streets[0])

    said = said_by(client, "quality_health") + said_by(client, "quality_findings_kept")
    asked_for = said_by(client, "quality_findings_kept", place=str(two_streets[1].pk))

    assert "甲的指南" in said
    assert "乙" not in said
    assert "乙的指南" not in asked_for


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"level": "error"}, {"乙的指南"}),
        ({"rule": "guide-area-code"}, {"甲的指南"}),
        ({"q": "甲的"}, {"甲的指南"}),
        ({}, {"甲的指南", "乙的指南"}),
        ({"rule": "no-such", "level": "?", "p": "x"}, {"甲的指南", "乙的指南"}),
    ],
)
def test_findings_are_narrowed(query: dict[str, str], titles: set[str], two_streets: Any) -> None:
    check_all()

    answer = sign_in("administrator").get(reverse("quality_findings_kept"), query)

    assert {thing["title"] for thing in answer.context["things"]} == titles


def test_a_finding_leads_to_its_editor(two_streets: Any) -> None:
    check_all()
    page = Checked.objects.get(title="甲的指南")

    said = said_by(sign_in("administrator"), "quality_findings_kept")

    assert f'href="/admin/pages/{page.object_id}/edit/#id_consult_phone"' in said


def test_the_button_begins_one_checkup(two_streets: Any) -> None:
    client = sign_in("street_editor", two_streets[0])

    client.post(reverse("quality_health"))
    answer = client.post(reverse("quality_health"), follow=True)

    assert Checkup.objects.count() == 1
    assert "正在检查" in answer.content.decode()
    assert answer["Refresh"]


def test_who_began_a_checkup_is_told_once_that_it_is_done(two_streets: Any) -> None:
    client = sign_in("street_editor", two_streets[0])
    client.post(reverse("quality_health"))
    Checkup.objects.update(finished_at=timezone.now(), total=7)

    first, second = client.get(reverse("quality_health")), client.get(reverse("quality_health"))

    assert "检查完了：7 个页面和清单。" in first.content.decode()
    assert "检查完了" not in second.content.decode()


def test_nothing_checked_yet_says_so() -> None:
    said = said_by(sign_in("administrator"), "quality_health")

    assert "还没有检查过" in said


def test_mended_content_is_gone_after_the_next_checkup() -> None:
    page = factories.guide(**WARNING)
    check_all()
    page.consult_phone = "0592-2020001"
    page.save_revision()
    publish(page)

    check_all()

    assert not KeptFinding.objects.exists()


# The rules


def test_every_check_is_listed_in_chinese() -> None:
    factories.guide(**WARNING)
    check_all()

    answer = sign_in("district_editor", factories.home()).get(reverse("quality_rules"))

    said = answer.content.decode()
    assert all(str(check.name) in said and str(check.wants) in said for check in CHECKS.values())
    assert {line["check"].code: line["number"] for line in answer.context["rules"]}["guide-area-code"] == 1


def levels(client: Client, **changes: str) -> Any:
    form = client.get(reverse("quality_rules")).context["form"]
    return client.post(
        reverse("quality_rules"), {name: form[name].initial for name in form.fields} | changes, follow=True
    )


def test_a_level_is_set_with_its_record() -> None:
    client = sign_in("district_editor", factories.home())

    answer = levels(client, **{"guide-area-code": "error"})

    assert "已改 1 条规则" in answer.content.decode()
    assert dict(RuleSetting.objects.values_list("code", "level")) == {"guide-area-code": "error"}
    [entry] = audited("set_rule")
    assert (entry.detail["rule"], entry.detail["after"]) == ("电话带区号", "error")
    levels(client)
    assert len(audited("set_rule")) == 1


def test_an_unknown_level_is_refused() -> None:
    levels(sign_in("administrator"), **{"guide-area-code": "sometimes"})

    assert not RuleSetting.objects.exists()


def test_words_are_changed_and_put_back_with_their_record() -> None:
    client = sign_in("administrator")
    address = reverse("quality_words", args=["catch-alls"])

    client.post(address, {"words": "等等材料\n等等材料\n\n别的材料"})
    said = client.get(address).content.decode()

    assert "后来加的：" in said
    assert "等等材料" in said
    [entry] = audited("set_words")
    assert entry.detail["added"] == ["别的材料", "等等材料"]
    client.post(address, {"reset": "1"})
    assert "后来加的：" not in client.get(address).content.decode()


def test_there_is_no_list_of_that_name() -> None:
    assert sign_in("administrator").get(reverse("quality_words", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("name", ["quality_rules", "quality_health", "quality_conflicts"])
def test_an_auditor_has_no_business_there(name: str) -> None:
    assert sign_in("auditor").get(reverse(name)).status_code == 302


def test_rules_are_for_the_district() -> None:
    client = sign_in("street_editor", factories.street())

    assert client.get(reverse("quality_rules")).status_code == 302
    assert client.post(reverse("quality_words", args=["catch-alls"]), {"words": "改"}).status_code == 302
    assert "检查规则" not in client.get("/admin/").content.decode()


def test_one_that_cannot_be_checked_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = factories.guide("坏的"), factories.guide("好的", **WARNING)
    whole = checkup.findings_in
    monkeypatch.setattr(checkup, "findings_in", lambda thing: 1 / 0 if thing == broken else whole(thing))

    check_all()

    found = {each.checked.title: each.rule for each in KeptFinding.objects.select_related("checked")}
    assert found == {"坏的": "unchecked", sound.title: "guide-area-code"}

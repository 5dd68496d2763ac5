"""A named person lets a finding pass for a reason, which everybody can read later, until the text changes."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from content_models.base.checks import NotPublishable, findings_in
from content_models.notices.models import NoticeChannel
from publishing.publish import publish
from quality.models import Override
from quality.overrides import address_of
from staff.models import AuditEntry
from tests import factories
from tests.admin_forms import submit

pytestmark = pytest.mark.django_db

MOBILE, MASKED = "13812343210", "138****3210"
OTHER = "13899993210"  # the same in its masked form
BODY = json.dumps({"blocks": [{"text": f"联系 {MOBILE}", "type": "unstyled", "key": "a"}], "entityMap": {}})
REASON = "当事人同意公开这个号码"


def draft(number: str = MOBILE, **fields: Any) -> Any:
    page = factories.notice(live=False, body=[("text", f"<p>请联系 {number}</p>")], **fields)
    page.save_revision()
    return page


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in(factories.user("district_editor", factories.home(), username="王编辑"))


def let_pass(client: Client, thing: Any, reason: str = REASON) -> Any:
    keys = [finding.key for finding in findings_in(thing.get_latest_revision_as_object()) if finding.about]
    return client.post(address_of(thing), {"findings": keys, "reason": reason})


def test_what_was_let_pass_goes_public(editor: Client) -> None:
    page = draft()
    shown = editor.get(f"{address_of(page)}?finding=x").content.decode()
    assert MASKED in shown
    assert MOBILE not in shown

    answer = let_pass(editor, page)

    assert answer.url == reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert publish(page).live
    kept = Override.objects.get()
    assert (str(kept.by), kept.reason, MASKED in kept.message) == ("王编辑", REASON, True)
    entry = AuditEntry.objects.get(action="override_finding")
    assert (entry.by_name, entry.detail["reason"]) == ("王编辑", REASON)
    assert not any(MOBILE in str(each) for each in (kept.message, entry.detail, entry.label))


@pytest.mark.parametrize(
    ("reason", "said"), [("", "请写明理由"), ("同意", "理由至少写 5 个字"), (f"已问过 {MOBILE}", MASKED)]
)
def test_a_reason_is_wanted(editor: Client, reason: str, said: str) -> None:
    page = draft()

    answer = let_pass(editor, page, reason)

    assert said in answer.content.decode()
    assert not Override.objects.exists()


def test_another_number_is_stopped_again_though_it_looks_the_same_masked(editor: Client) -> None:
    page = draft()
    let_pass(editor, page)
    page.body = [("text", f"<p>请联系 {OTHER}</p>")]
    page.save_revision()

    with pytest.raises(NotPublishable, match="138"):
        publish(page)


def test_rows_of_an_edition_are_let_pass_too(editor: Client) -> None:
    edition = factories.list_edition(factories.policy_list(), [{"事项名称": f"走访 {MOBILE}"}])

    let_pass(editor, edition)

    assert publish(edition).is_current


def test_who_may_not_publish_there_may_not_let_pass() -> None:
    street, other = factories.street(), factories.street("八大湖街道")
    page = draft(under=factories.channel(NoticeChannel, other))
    for user in (factories.user("street_editor", street), factories.user("importer", other)):
        client = signed_in(user)

        assert client.get(address_of(page)).status_code == 302
        let_pass(client, page)

    assert not Override.objects.exists()


def test_the_list_shows_what_is_of_ones_own_place() -> None:
    street, other = factories.street(), factories.street("八大湖街道")
    page = draft(title="中华街道的公告", under=factories.channel(NoticeChannel, street))
    let_pass(signed_in(factories.user("district_editor", factories.home())), page)
    address = reverse("quality_overrides")

    own = signed_in(factories.user("street_editor", street)).get(address).content.decode()
    foreign = signed_in(factories.user("street_editor", other)).get(address).content.decode()
    auditor = signed_in(factories.user("auditor")).get(address)

    assert REASON in own
    assert "中华街道的公告" in own
    assert "撤回</a>" in own
    assert REASON not in foreign
    assert "还没有放行过" in foreign
    assert auditor.status_code == 302


def test_what_is_withdrawn_stops_the_next_publish(editor: Client) -> None:
    page = draft()
    let_pass(editor, page)
    address = reverse("quality_withdraw_override", args=[Override.objects.get().pk])
    assert REASON in editor.get(address).content.decode()

    editor.post(address)

    assert not Override.objects.exists()
    assert AuditEntry.objects.filter(action="withdraw_override").count() == 1
    with pytest.raises(NotPublishable):
        publish(page)
    assert editor.post(address).status_code == 404


def test_a_second_time_keeps_the_last_reason(editor: Client) -> None:
    page = draft()
    keys = [finding.key for finding in findings_in(page) if finding.about]
    for reason in (REASON, "换了一个更清楚的理由"):
        Override.objects.all().update(finding=keys[0])
        editor.post(address_of(page), {"findings": keys, "reason": reason})

    assert Override.objects.count() == 1


def test_the_refusal_leads_to_where_it_is_let_pass(editor: Client) -> None:
    page = draft()
    edition = factories.list_edition(factories.policy_list(), [{"事项名称": f"走访 {MOBILE}"}])
    edition.save_revision()
    check = reverse(edition.snippet_viewset.get_url_name("check"), args=[edition.pk])

    beside = editor.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    refused = editor.get(check).content.decode()

    assert address_of(page) in beside
    assert MASKED in beside
    assert address_of(edition) in refused
    assert f"/{edition.pk}/{edition.rows.get().pk}/" in refused


def test_a_refused_form_says_how_to_go_on(editor: Client) -> None:
    page = draft()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    refused = submit(editor, address, **{"action-publish": "1", "body-0-value": BODY}).content.decode()

    assert "确实要照原样公开？" in refused
    assert address_of(page) in refused
    assert not factories.fresh(page).live

"""What no resident may ever see, planted in every place where it could leak from."""

from typing import Any

from wagtail.models import PageViewRestriction

from content_models.notices.models import NoticeChannel
from tests import factories
from tests.factories import column

WORD = "勿外传"


def plant() -> dict[str, Any]:
    """A district with public content of each kind and, in and beside it, texts that hold WORD.

    Returns the pages that must answer 404: a restricted street, its channel, an unpublished street.
    """
    street = factories.street()
    community = factories.community(under=street)
    office = factories.office(under=community)
    guide = factories.guide(offices=[office])
    notice = factories.notice()
    for page in (guide, notice, office, community, street):
        page.title = f"{WORD}：改到一半"
        page.save_revision()
    factories.notice(f"{WORD}：没发布", live=False)
    factories.guide(f"{WORD}：没发布", offices=[office], live=False)

    columns = [column("事项", is_title=True), column("内部意见", is_public=False)]
    policy_list = factories.policy_list(columns=columns)
    rows = [{"事项": "甲", "内部意见": f"{WORD}：内部栏目", "key": "a"}]
    edition = factories.list_edition(policy_list, rows, published=True)
    factories.fill(edition.new_draft(title=f"{WORD}：草稿版本"), [{"事项": f"{WORD}：草稿条目"}])
    internal = factories.policy_list(f"{WORD}：内部清单", is_internal=True)
    factories.list_edition(internal, [{"事项名称": f"{WORD}：内部条目"}], published=True)
    certificates = factories.certificate_list()
    public = factories.certificate_edition(certificates, published=True)
    factories.certificate_item(public.new_draft(title=f"{WORD}：草稿"), name=f"{WORD}：草稿证明")

    closed = factories.street(f"{WORD}街道")
    channel = factories.channel(NoticeChannel, under=closed)
    factories.notice(f"{WORD}：限制访问", under=channel)
    PageViewRestriction.objects.create(page=closed, restriction_type=PageViewRestriction.LOGIN)
    gone = factories.street(f"{WORD}：撤下的街道", live=False)
    return {"closed": closed, "channel": channel, "gone": gone}

"""Whether something is there: asked politely, at public addresses only, following at most five times."""

from typing import NamedTuple
from urllib.parse import urljoin

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from urllib3.response import BaseHTTPResponse
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.models import Page, Site

from care.models import Link
from outside.addresses import Inside, Refused, Unknown, places_of, target_of
from outside.exchange import FAILED, UNTRUSTED, exchange

WITHIN = 5.0  # seconds for each question
MOST_REDIRECTS = 5
MOST_READ = 64 * 1024  # bytes of an answer
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Doorstep-LinkCheck/1; robot; checks links of a public site)",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
}
MOVED = (301, 302, 303, 307, 308)
# Answers that say "not you" or "not now", and not "it is gone".
GUARDED = (401, 403, 405, 406, 407, 409, 412, 418, 421, 423, 425, 426, 429, 451)
GOOD, GONE, UNREACHED, NEVER = "good", "gone", "unreached", "never"


class Answer(NamedTuple):
    """``good``; ``gone``, as its host says; ``unreached``: nobody answered; ``never``: may not be asked."""

    found: str
    error: str = ""


def ask(link: Link) -> Answer:
    """What came of looking for what ``link`` leads to. Never raises for what others answer."""
    if link.target == Link.Target.DOCUMENT:
        return _document(link.address)
    if link.target == Link.Target.PAGE:
        return _page(link.address)
    return ask_outside(link.address)


def ask_outside(address: str) -> Answer:
    """HEAD, and GET where that is not good: some servers answer only to that."""
    answer = _follow("HEAD", address)
    return _follow("GET", address) if answer.found == GONE else answer


def _follow(method: str, address: str) -> Answer:
    for _step in range(MOST_REDIRECTS + 1):
        try:
            target = target_of(address.partition("#")[0])
            # Looked up anew at every step, and connected to what was looked up: nothing leads inside.
            places = places_of(target)
            status, location = exchange(
                method, target, places, headers=HEADERS, within=WITHIN, read=_status_and_location
            )
        except Inside:
            return Answer(NEVER, _("在内网或保留网段，不检查。"))
        except Unknown:
            return Answer(UNREACHED, _("找不到这台主机。"))
        except Refused as refusal:
            return Answer(NEVER, str(refusal)[:200])
        except UNTRUSTED:
            return Answer(GONE, _("对方的证书有问题，浏览器会拦住居民。"))
        except FAILED:
            return Answer(UNREACHED, _("连接不上，或者没有及时回答。"))
        if status in MOVED and location:
            address = urljoin(address, location)
            continue
        return _judge(method, status)
    return Answer(GONE, _("转来转去超过 %(number)d 次。") % {"number": MOST_REDIRECTS})


def _status_and_location(response: BaseHTTPResponse) -> tuple[int, str]:
    response.read1(MOST_READ, decode_content=False)  # a polite reader takes the beginning
    return response.status, response.headers.get("Location", "")[:2000]


def _judge(method: str, status: int) -> Answer:
    if status < 400 or (status in GUARDED and method == "GET"):
        return Answer(GOOD)
    if status in (404, 410):
        return Answer(GONE, _("对方说没有这一页（%(status)d）。") % {"status": status})
    return Answer(GONE, _("对方回答 %(status)d。") % {"status": status})


# Our own


def _document(number: str) -> Answer:
    document = get_document_model().objects.filter(pk=number).first()
    if document is None:
        return Answer(GONE, _("附件已经删除。"))
    if not default_storage.exists(document.file.name):
        return Answer(GONE, _("附件的文件不在了。"))
    return Answer(GOOD)


def _page(address: str) -> Answer:
    if address.isdecimal():
        page = Page.objects.filter(pk=address).first()
        if page is None:
            return Answer(GONE, _("页面已经删除。"))
        return Answer(GOOD) if page.live else Answer(GONE, _("页面已经撤下，居民打不开。"))
    return _address(address)


def _address(path: str) -> Answer:
    """Whether something of ours answers at ``path``: a page, a redirect, a file or a view."""
    gone = Answer(GONE, _("本站没有这一页。"))
    try:
        match = resolve(path)
    except Resolver404:
        return gone
    if "document_id" in match.kwargs:
        return _document(str(match.kwargs["document_id"]))
    if match.url_name != "wagtail_serve":
        return Answer(GOOD)
    if Redirect.objects.filter(old_path=Redirect.normalise_path(path)).exists():
        return Answer(GOOD)
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    if site is None:
        return gone
    try:
        site.root_page.specific.route(HttpRequest(), [part for part in path.split("/") if part])
    except Http404:
        return gone
    return Answer(GOOD)

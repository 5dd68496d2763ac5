"""The feed of changes for programs: public, without a token; asks again or waits for what comes next."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified, QueryDict
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from api.addresses import with_parameter
from api.changes.feed import KINDS, MOST, USUAL, Ahead, Part, read
from api.content.schema import ContentSchema, Description, parameter
from api.problems import Problem, answer_error
from api.views import AlwaysJson
from publishing.models import OutboxEntry

LONGEST_WAIT = 30  # seconds
LOOK_EVERY = 1.0  # seconds, where the server cannot be told
MOST_DIGITS = 15
# How a request comes from ``api.changes.http``, which has done the waiting: under this key of its scope.
WAITING = "api.changes.waiting"
WAITED, TOO_MANY = "waited", "too many"


@dataclass(frozen=True)
class Asked:
    """What a reader of the feed asks for."""

    after: int = 0
    limit: int = USUAL
    wait: int = 0
    kinds: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> "Asked":
        """Raises Problem with a sentence for each parameter that cannot be meant."""
        errors: list[dict[str, str]] = []
        after = _number(query, "after", range(10**MOST_DIGITS), 0, errors)
        limit = _number(query, "limit", range(1, MOST + 1), USUAL, errors)
        wait = _number(query, "wait", range(LONGEST_WAIT + 1), 0, errors)
        for name in query:
            if name not in ("after", "limit", "wait", "kind"):
                sentence = _("没有“%(name)s”这个参数。可用的有：after、kind、limit、wait。")
                errors.append({"field": name[:40], "message": sentence % {"name": name[:40]}})
        kinds = tuple(dict.fromkeys(query.getlist("kind")))
        for kind in kinds:
            if kind not in KINDS:
                sentence = _("没有“%(kind)s”这种内容。可以写：%(kinds)s。")
                told = {"kind": kind[:40], "kinds": "、".join(KINDS)}
                errors.append({"field": "kind", "message": sentence % told})
        if errors:
            raise Problem("invalid", errors[0]["message"], errors=errors)
        return cls(after, limit, wait, kinds)


def _number(query: QueryDict, name: str, allowed: range, usual: int, errors: list[dict[str, str]]) -> int:
    text = query.get(name, str(usual))
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS and int(text) in allowed:
        return int(text)
    if name == "after":
        message = _("after 是上一次回答里的 last；从头开始就写 0。")
    else:
        sentence = _("%(name)s 是 %(least)d 到 %(most)d 的整数。")
        message = sentence % {"name": name, "least": allowed.start, "most": allowed.stop - 1}
    errors.append({"field": name, "message": message})
    return usual


class ChangeSerializer(serializers.Serializer):
    sequence = serializers.IntegerField()
    topic = serializers.CharField(help_text=gettext_lazy("例如 guides:12"))
    kind = serializers.CharField()
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    what = serializers.ChoiceField(choices=OutboxEntry.What.choices)
    at = serializers.DateTimeField()
    url = serializers.URLField(allow_null=True)
    api_url = serializers.URLField(allow_null=True)
    guides = serializers.ListField(child=serializers.IntegerField(), required=False)


class Changes(APIView):
    """What was published and withdrawn after a number, in the order in which it was committed."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head"]
    schema: Any = ContentSchema()

    @classmethod
    def described(cls) -> Description:
        most_wait: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT}
        return Description(
            name="changes",
            group=_("变更"),
            title=_("什么变了"),
            said=_("按提交的先后列出每一次发布和撤回。记住 last，下次作为 after，就不漏也不重。"),
            parameters=[
                parameter(
                    "after", _("上一次回答里的 last；从头开始写 0。"), {"type": "integer", "minimum": 0}
                ),
                parameter(
                    "limit",
                    _("一次最多几条，不写是 %(usual)d。") % {"usual": USUAL},
                    {"type": "integer", "minimum": 1, "maximum": MOST},
                ),
                parameter("kind", _("只要这些内容。"), many=True, enum=KINDS),
                parameter("wait", _("没有新的变更时，最多等几秒再回答。"), most_wait),
            ],
            answer=inline_serializer(
                "Changes",
                {
                    "changes": ChangeSerializer(many=True),
                    "last": serializers.IntegerField(help_text=_("下次的 after")),
                    "newest": serializers.IntegerField(help_text=_("现在最新的编号")),
                    "next": serializers.URLField(allow_null=True, help_text=_("还有更多时的下一页")),
                },
            ),
            errors=(503,),
        )

    def get_exception_handler(self) -> Any:
        return answer_error

    def get(self, request: Any) -> HttpResponseBase:
        asked = Asked.of(request.GET)
        waiting = getattr(request._request, "scope", {}).get(WAITING)
        if waiting == TOO_MANY:
            sentence = _("等候的程序太多了。请过几秒再问，或者不带 wait。")
            raise Problem("away", sentence, headers={"Retry-After": "5"})
        try:
            part = self._part(asked, wait=0 if waiting else asked.wait)
        except Ahead as error:
            sentence = _("after 比最新的编号还大：数据可能恢复过备份。请从 0 重新开始。")
            errors = [{"field": "after", "message": sentence}]
            raise Problem("invalid", sentence, errors=errors) from error
        return self._unless_known(
            {
                "changes": part.changes,
                "last": part.last,
                "newest": part.newest,
                "next": None if part.is_all else with_parameter(self.request, "after", part.last),
            }
        )

    def _part(self, asked: Asked, *, wait: float) -> Part:
        """Without the server's help one looks again and again, in a thread of one's own."""
        origin = self.request.build_absolute_uri("/").removesuffix("/")
        until, after = time.monotonic() + wait, asked.after
        while True:
            part = read(after, limit=asked.limit, kinds=asked.kinds, absolute=origin.__add__)
            left = until - time.monotonic()
            if part.changes or not part.is_all or left <= 0:
                return part
            after = part.last
            time.sleep(min(LOOK_EVERY, left))

    def _unless_known(self, answer: dict[str, Any]) -> HttpResponseBase:
        """The answer, or that it is the one which the reader has: who asks often hears the same often."""
        content = JSONRenderer().render(answer)
        etag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        headers = {"Cache-Control": "no-cache", "ETag": etag}
        known = {tag.strip() for tag in self.request.headers.get("If-None-Match", "").split(",")}
        if etag in known or "*" in known:
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(content, headers=headers, content_type="application/json")

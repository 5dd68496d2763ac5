"""The residents' search for programs: public, without a token or a cookie."""

from typing import Any

from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from api import describe_search
from api.content.schema import ContentSchema, Description, common, parameter
from api.problems import Problem, answer_error
from api.views import AlwaysJson
from content_models.communities.reader import find_community
from search import find
from search.query import Unavailable
from search.results import Results, readable
from search.views import LONGEST

FILTERS = ("kind", "audience", "topic", "community", "department", "form")
PAGE_SIZES = range(1, 101)
KEPT = 60  # seconds


class Search(APIView):
    """What ``q`` finds, best first, as the public page finds it; ``near`` is a reader's community."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head"]
    schema = ContentSchema()

    @classmethod
    def described(cls) -> Description:
        return Description(
            name="search",
            group=_("搜索"),
            title=_("居民怎么搜，这里就怎么搜"),
            said=_("一个词、拼音或者一句话；各种筛选的值在答案的 facets 里。"),
            parameters=[
                parameter("q", _("要找什么，最多读 100 个字。")),
                parameter("near", _("社区的编号：它的排在前面。"), int),
                parameter("page", _("第几页。"), int),
                common("page_size"),
                *(parameter(name, _("筛选，值见 facets。"), many=True) for name in FILTERS),
            ],
            answer=inline_serializer(
                "SearchResults",
                {
                    "query": serializers.CharField(),
                    "meant": serializers.CharField(),
                    "count": serializers.IntegerField(),
                    "is_all": serializers.BooleanField(),
                    "page": serializers.IntegerField(),
                    "pages": serializers.IntegerField(),
                    "next": serializers.URLField(allow_null=True),
                    "previous": serializers.URLField(allow_null=True),
                    "notes": serializers.ListField(child=serializers.CharField()),
                    "verdicts": serializers.ListField(child=serializers.DictField()),
                    "results": serializers.ListField(child=serializers.DictField()),
                    "nearest": serializers.ListField(child=serializers.DictField()),
                    "facets": serializers.DictField(),
                },
            ),
            has_tag=False,
            errors=(503,),
        )

    def get_exception_handler(self) -> Any:
        return answer_error

    def get(self, request: Any) -> Response:
        asked = readable(request.GET.get("q", ""), LONGEST)
        near = request.GET.get("near", "")
        community = find_community(near) if near else None
        if near and community is None:
            raise Problem("invalid", _("没有编号是“%(near)s”的社区。") % {"near": near[:20]})
        try:
            found = find.find(asked, region=community)
        except Unavailable as away:
            raise Problem("away", _("搜索暂时用不了，请过几分钟再试。")) from away
        results = Results(found, asked, request=request._request, community=community)
        results.page_size = _page_size(request.GET.get("page_size"))
        response = Response(describe_search.answer(asked, found, results, request))
        patch_cache_control(response, public=True, max_age=KEPT)
        return response


def _page_size(text: str | None) -> int:
    if text is None:
        return 20
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and int(text) in PAGE_SIZES):
        sentence = _("page_size 是 1 到 %(most)d 的整数。")
        raise Problem("invalid", sentence % {"most": PAGE_SIZES.stop - 1})
    return int(text)

"""What all addresses below /api/ share."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from api.access import HasScope, TokenAuthentication
from api.problems import PRIVATE, Problem, answer_error, not_found, respond
from imports.reading import limits

FORM_LIMIT = 64 * 1024  # bytes of a request without a file
UPLOAD_LIMIT = limits.FILE + limits.MB  # and of one with a file


class AlwaysJson(DefaultContentNegotiation):
    """There is one format; what a client says it would rather have changes nothing."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


# What reads or writes at length runs in transactions of its own.
@method_decorator(non_atomic_requests, name="dispatch")
class StaffView(APIView):
    """Answers a program that acts for a member of staff. Requests are forms, answers JSON."""

    authentication_classes = [TokenAuthentication]
    permission_classes = [HasScope]
    parser_classes = [MultiPartParser, FormParser]
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head", "post"]
    schema: Any = None  # docs/api.md describes them
    scope: ClassVar[str]
    body_limit: ClassVar[int] = FORM_LIMIT

    def get_exception_handler(self) -> Callable[..., HttpResponse]:
        return answer_error

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_large(request, self.body_limit)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = PRIVATE
        return response


def refuse_large(request: HttpRequest, limit: int) -> None:
    """Before anything of the body is looked at."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        raise Problem("length-required", _("请写明 Content-Length，不要分块发送。"))
    if length.isdecimal() and int(length) > limit:
        sentence = _("发来的内容有 %(size)d kB，这里最多 %(most)d kB。")
        raise Problem("too-large", sentence % {"size": -(-int(length) // 1024), "most": limit // 1024})


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Every other address below /api/."""
    return respond(not_found())

"""What an API answers when it cannot do what was asked: problem details as RFC 9457 defines them."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

logger = logging.getLogger("api")
MEDIA_TYPE = "application/problem+json"
PRIVATE = "private, no-store"
ROOT = "/api/"

# By name, which is the end of the problem's type: its status and its title.
KINDS: dict[str, tuple[int, Any]] = {
    "bad-request": (400, _("请求的格式不对")),
    "unauthenticated": (401, _("没有可用的访问令牌")),
    "forbidden": (403, _("没有权限")),
    "not-found": (404, _("没有找到")),
    "method-not-allowed": (405, _("这个地址不能这样用")),
    "not-now": (409, _("现在不能做这一步")),
    "gone": (410, _("文件已经不在了")),
    "length-required": (411, _("没有写明长度")),
    "too-large": (413, _("内容太大")),
    "unsupported-media-type": (415, _("不认识这种格式")),
    "invalid": (422, _("有几项要改")),
    "file-refused": (422, _("文件不能读取")),
    "columns-unsure": (422, _("有的列要请您对应")),
    "key-reused": (422, _("同一个编号用在了不同的内容上")),
    "unexpected": (500, _("出了意外")),
    "away": (503, _("暂时用不了")),
}


class Problem(exceptions.APIException):
    """A refusal: its kind, the sentence for a person, what is wrong where, and whatever else helps."""

    def __init__(
        self,
        kind: str,
        detail: Any,
        *,
        errors: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(str(detail))
        self.kind, self.errors, self.headers, self.more = kind, list(errors), headers or {}, more
        self.status_code = KINDS[kind][0]

    def as_json(self) -> dict[str, Any]:
        status, title = KINDS[self.kind]
        return {
            "type": f"urn:doorstep:problem:{self.kind}",
            "title": str(title),
            "status": status,
            "detail": str(self.detail),
            "errors": self.errors,
            **self.more,
        }


def respond(problem: Problem) -> HttpResponse:
    headers = {"Cache-Control": PRIVATE, **problem.headers}
    return JsonResponse(
        problem.as_json(),
        status=problem.status_code,
        headers=headers,
        content_type=MEDIA_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def answer_error(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The framework's hook for whatever a view raises."""
    return respond(problem_of(error))


def problem_of(error: Exception) -> Problem:
    headers = {"WWW-Authenticate": error.auth_header} if hasattr(error, "auth_header") else {}
    match error:
        case Problem():
            return error
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            sentence = _("请在 Authorization 里写“Bearer ”和您的访问令牌。令牌可能已过期、停用或抄错了。")
            return Problem("unauthenticated", sentence, headers=headers)
        case exceptions.PermissionDenied() | PermissionDenied():
            return Problem("forbidden", _("您或这个令牌没有做这件事的权限。"))
        case exceptions.NotFound() | Http404():
            return not_found()
        case exceptions.MethodNotAllowed():
            return Problem("method-not-allowed", _("请核对方法（GET 或 POST）和地址。"))
        case exceptions.UnsupportedMediaType():
            return Problem("unsupported-media-type", _("请用表单（multipart/form-data）发送。"))
        case RequestDataTooBig():
            return Problem("too-large", _("文件以外的内容太多了。"))
        case exceptions.ParseError() | SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return bad_request()
    logger.exception("An API request failed", exc_info=error)
    return unexpected()


def bad_request() -> Problem:
    return Problem("bad-request", _("发来的内容读不懂。请核对格式，再试一次。"))


def not_found() -> Problem:
    return Problem(
        "not-found", _("没有找到。网址可能写错了（末尾要有“/”），内容也可能已经撤下，或者不是您的。")
    )


def unexpected() -> Problem:
    return Problem("unexpected", _("请再试一次；还不行就告诉管理员。"))


def or_page(problem: Callable[[], Problem], page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An error page for people that is a problem below /api/."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_for_programs = request.path_info.startswith(ROOT)
        return respond(problem()) if is_for_programs else page(request, *args, **kwargs)

    return answer

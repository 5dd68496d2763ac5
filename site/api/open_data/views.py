"""The public pages and files of open data."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from api.open_data import catalog, datasets, files
from api.open_data.facts import Facts
from api.open_data.filters import DataSetFilters, data_pages
from appearance.languages import same_in_every_language
from content_models.base.listing import Listing
from content_models.base.public_tables import MEDIA_TYPES

PIECE = 1 << 18


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every data set, to narrow by kind, street and name."""
    facts = Facts(request)
    whole = [of_whole(facts) for of_whole in datasets.WHOLE.values()]
    whole = [made for made in whole if made.shown.rows]
    listing: Any = Listing(
        data_pages(),
        request=request,
        filterset_class=DataSetFilters,
        filterset_kwargs={"whole": whole},
    )
    found_whole = listing.filterset.found_whole
    ids = [page.pk for page in listing.page]
    context = {
        "listing": listing,
        "whole": found_whole if listing.page.number == 1 else [],
        "data_sets": datasets.of_ids(ids, facts),
        "number": listing.count + len(found_whole),
        "licence": facts.licence,
    }
    return render(request, "open_data/index.html", context)


@require_safe
def data_set(request: HttpRequest, name: str) -> HttpResponse:
    """What one data set is, its columns, its editions and where to get it."""
    made = datasets.find(name, Facts(request))
    if made is None:
        raise Http404
    context = {
        "data_set": made,
        "json_ld": catalog.as_script(catalog.json_ld(made, request)),
        "api_address": request.build_absolute_uri(made.api_url) if made.api_url else "",
    }
    return render(request, "open_data/data_set.html", context)


@same_in_every_language
@require_safe
@conditional_page
def catalogue(request: HttpRequest) -> HttpResponse:
    """All of it for programs."""
    facts = Facts(request)
    answer = JsonResponse(
        catalog.catalogue(datasets.all_of_them(facts), facts, request),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    return open_to_all(answer)


@same_in_every_language
@require_safe
def file(request: HttpRequest, name: str, edition: str, form: str) -> HttpResponseBase:
    """One edition as a file, made the first time somebody asks for it."""
    try:
        found = files.find(name, edition, form)
        status = found.path.stat()
    except (files.NotThere, FileNotFoundError):
        raise Http404 from None
    except files.Changing:
        sentence = _("数据正在更新，请过一会儿再下载。")
        return HttpResponse(
            sentence, status=503, content_type="text/plain; charset=utf-8", headers={"Retry-After": "10"}
        )
    tag = f'W/"{found.stamp}"'
    answer: Any = get_conditional_response(request, etag=tag, last_modified=int(status.st_mtime))
    if answer is None:
        answer = StreamingHttpResponse(content_type=MEDIA_TYPES[form])
        answer["Content-Length"] = str(status.st_size)
        file_name = f"{found.data_set.file_name(found.edition)}.{form}"
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file_name)}"
        answer.streaming_content = pieces_for(request, found.path)
    answer["ETag"], answer["Last-Modified"] = tag, http_date(status.st_mtime)
    return open_to_all(answer)


def open_to_all(answer: Any) -> Any:
    """For pages of other sites as well, and asked about each time: what is taken back is gone at once."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "public, no-cache"
    return answer


def pieces_for(request: HttpRequest, path: Path) -> Iterator[bytes] | AsyncIterator[bytes]:
    """The file piece by piece in the way that the server reads: the other way it would be held in memory."""
    return pieces_in_turn(path) if isinstance(request, ASGIRequest) else pieces(path)


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece


async def pieces_in_turn(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as opened:
        while piece := await asyncio.to_thread(opened.read, PIECE):
            yield piece

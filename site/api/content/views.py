"""Content for other front ends: read-only, public, the same as residents see."""

import hashlib
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date, parse_http_date_safe
from django.utils.translation import gettext as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from api.addresses import with_parameter
from api.content import asked as questions
from api.content import cursor, state
from api.content.cursor import BadCursor
from api.content.schema import ContentSchema, Description, common, of_filters, page_of
from api.content.script import TRADITIONAL, in_traditional
from api.problems import Problem, answer_error, not_found
from api.views import AlwaysJson
from content_models.base.api import Asked, ContentApi
from content_models.base.serializers import Addresses, Answer, PublicSerializer
from content_models.certificates.api import CertificateApi
from content_models.certificates.models import CertificateEdition, CertificateListPage
from content_models.policy_lists.api import EntryApi, ListApi, json_schema
from content_models.policy_lists.filters import filterset_of
from content_models.policy_lists.models import ListEdition, PolicyListPage

_made = threading.local()
MOST = 2**31 - 1  # numbers of pages
SETTLED = timedelta(seconds=2)  # after a change: until then its second may bring another


class PublicView(APIView):
    """Answers anybody, with validators that let a reader ask again at little cost."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = AlwaysJson
    http_method_names = ["get", "head"]
    schema: Any = ContentSchema()
    # Whether the answer changes with the clock, so that no date says when it changed.
    goes_by_the_clock: ClassVar[bool] = False

    def get_exception_handler(self) -> Any:
        return answer_error

    def get(self, request: Any, **place: Any) -> HttpResponse:
        if any("\0" in str(part) or (isinstance(part, int) and part > MOST) for part in place.values()):
            raise not_found()
        newest = state.read()
        self.given = questions.given_of(request)
        if not self.goes_by_the_clock and _is_known(request, newest):
            return self._finish(HttpResponse(status=304), newest)
        language = questions.language_of(self.given.get("lang"))
        answer = self.answer(request, **place)
        if language == TRADITIONAL:
            answer = in_traditional(answer)
        content = orjson.dumps(answer)
        response = HttpResponse(content, content_type="application/json")
        response["ETag"] = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        if response["ETag"] in _tags(request):
            response = _not_modified(response)
        response["Content-Language"] = "zh-Hant" if language == TRADITIONAL else "zh-Hans"
        return self._finish(response, newest)

    def answer(self, request: Any, **place: Any) -> Any:
        """What there is to say, as plain data."""
        raise NotImplementedError

    @classmethod
    def described(cls) -> Description:
        """The same in the words of the reference."""
        raise NotImplementedError

    def _finish(self, response: HttpResponse, newest: datetime) -> HttpResponse:
        response["Cache-Control"] = "public, no-cache"
        if not self.goes_by_the_clock and timezone.now() - newest > SETTLED:
            response["Last-Modified"] = http_date(newest.timestamp())
        return response


def _tags(request: Any) -> list[str]:
    return [
        f"W/{tag.strip().removeprefix('W/')}" for tag in request.headers.get("If-None-Match", "").split(",")
    ]


def _not_modified(response: HttpResponse) -> HttpResponse:
    known = HttpResponse(status=304)
    known["ETag"] = response["ETag"]
    return known


def _is_known(request: Any, newest: datetime) -> bool:
    """Whether the reader has what was true at ``newest``; a tag, where there is one, says it better."""
    if "If-None-Match" in request.headers or timezone.now() - newest <= SETTLED:
        return False
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and datetime.fromtimestamp(since, UTC) >= newest.replace(microsecond=0)


class ContentView(PublicView):
    """Answers for one kind."""

    api: ContentApi
    # Parameters beside those of all addresses and the filters.
    further: ClassVar[tuple[str, ...]] = ()
    is_brief: ClassVar[bool] = False
    group: ClassVar[Any] = None  # where the reference lists it; with its own kind if nothing is said

    def read(self, request: Any, known: Iterable[str], **context: Any) -> Asked:
        """What the request asks for; ``known`` are the parameters this address takes."""
        questions.refuse_unknown(self.given, [*known, *self.further])
        brief = self.api.brief if self.is_brief else frozenset()
        return questions.read(self.given, serializer_of(self.api).fields, brief, context)

    def show(self, rows: list[Any], asked: Asked) -> list[dict[str, Any]]:
        """Rows as they are answered."""
        addresses = Addresses(self.request.build_absolute_uri("/"))
        answer = Answer(addresses, root=addresses.absolute(reverse("api:root")))
        serializer = serializer_of(self.api)
        serializer.begin(answer)
        shown = [serializer.show(row, asked.fields) for row in rows]
        answer.bodies.fill()
        return shown


def serializer_of(api: ContentApi) -> PublicSerializer:
    """The serializer of a kind, made once for each thread."""
    made = _made.__dict__
    if api.name not in made:
        made[api.name] = api.serializer()
    return made[api.name]


class ContentList(ContentView):
    """Rows of one kind, page by page, each in brief."""

    is_brief = True

    @classmethod
    def described(cls) -> Description:
        api = cls.api
        names = [*cls.parameters([]), *cls.further]
        return Description(
            name=f"{api.name}_list",
            group=cls.group or api.title,
            title=_("%(kind)s：列表") % {"kind": api.title},
            said=api.said,
            parameters=[*map(common, names), *of_filters(api.filterset)],
            answer=page_of(api.name.capitalize(), api.serializer),
        )

    def answer(self, request: Any, **place: Any) -> Any:
        given = self.given
        filters = self.filterset(request, **place)
        asked = self.read(request, self.known(filters), **self.context(request, **place))
        rows = self._filtered(filters, self.api.rows(asked), request)
        if self.api.path and (region := questions.region_of(given.get("region"))):
            rows = rows.filter(**{f"{self.api.path}__startswith": region.path})
        if (numbers := questions.ids_of(given.getlist("id"))) is not None:
            rows = rows.filter(pk__in=numbers)
        answer = {}
        if questions.yes_or_no("count", given.get("count")):
            answer["count"] = rows.count()
        found, next_cursor = self._page(rows, given)
        self.api.prepare(found, asked)
        next_url = with_parameter(request, "cursor", next_cursor) if next_cursor else None
        return {**answer, "next": next_url, "results": self.show(found, asked)}

    @classmethod
    def parameters(cls, filters: Iterable[str]) -> list[str]:
        """The names this address takes."""
        return [
            name
            for name in (*questions.MANY, *filters)
            if (name != "region" or cls.api.path)
            and (name != "id" or cls.api.has_numbers)
            and (name != "community" or cls.api.is_local)
        ]

    def filterset(self, request: Any, **place: Any) -> Any:
        """The class whose filters hold here."""
        return self.api.filterset

    def known(self, filters: Any) -> list[str]:
        """The names this request may use."""
        return self.parameters(filters.base_filters)

    def context(self, request: Any, **place: Any) -> dict[str, Any]:
        """What of the request the kind has to know."""
        return {}

    def _filtered(self, filters: Any, rows: Any, request: Any) -> Any:
        filterset = filters(self.given, queryset=rows, request=request)
        if not filterset.form.is_valid():
            errors = [
                {"field": name, "message": questions.sentence_on(name, filterset.form, error)}
                for name, found in filterset.form.errors.as_data().items()
                for error in found
            ]
            raise Problem("invalid", errors[0]["message"], errors=errors)
        return filterset.found()

    def _page(self, rows: Any, given: Any) -> tuple[list[Any], str]:
        size, position = questions.page_size_of(given.get("page_size")), given.get("cursor")
        rows = rows.order_by(*self.api.order)
        try:
            if position:
                rows = cursor.after(rows, position, self.api.order)
            found = list(rows[: size + 1])
        except BadCursor:
            raise questions.invalid("cursor", _("cursor 请照抄上一页 next 里的。")) from None
        has_more = len(found) > size
        found = found[:size]
        return found, cursor.place_of(found[-1], self.api.order) if has_more else ""


def names_of_one(api: ContentApi) -> list[str]:
    """The names of parameters that a single row of a kind takes."""
    return [name for name in questions.ONE if name != "community" or api.is_local]


class ContentDetail(ContentView):
    """One row of a kind by its number."""

    @classmethod
    def described(cls) -> Description:
        api = cls.api
        return Description(
            name=f"{api.name}_detail",
            group=cls.group or api.title,
            title=_("%(kind)s：一条") % {"kind": api.title},
            said="",
            parameters=[*map(common, (*names_of_one(api), *cls.further))],
            answer=api.serializer,
        )

    def answer(self, request: Any, **place: Any) -> Any:
        return self.show_one(self.read(request, names_of_one(self.api)), **place)

    def show_one(self, asked: Asked, **place: Any) -> Any:
        """The row that the lookups of ``place`` name."""
        row = self.api.rows(asked).filter(**place).first()
        if row is None:
            raise not_found()
        self.api.prepare([row], asked)
        return self.show([row], asked)[0]


# Lists and their entries


def list_of(reference: str) -> PolicyListPage:
    """The public list with this number, or this slug where only one has it."""
    lists = PolicyListPage.objects.live().public().filter(is_internal=False).select_related("owner_unit")
    is_number = reference.isascii() and reference.isdecimal() and len(reference) <= questions.LONGEST_NUMBER
    found = list(lists.filter(pk=int(reference))) if is_number else []
    found = found or list(lists.filter(slug=reference)[:2])
    if len(found) > 1:
        numbers = "、".join(str(page.pk) for page in lists.filter(slug=reference).order_by("pk"))
        raise questions.invalid("lists", _("有几个清单叫这个名字，请用编号：%(ids)s。") % {"ids": numbers})
    if not found:
        raise not_found()
    return found[0]


def edition_of(page: Any, given: Any) -> Any:
    """The edition asked for by ``edition`` or ``as_of``, else the current one."""
    number, day = given.get("edition"), given.get("as_of")
    if number is not None and day is not None:
        raise questions.invalid("edition", _("edition 和 as_of 只能用一个。"))
    sentence = _("没有这个版本。")
    if number is not None:
        edition = page.public_editions.filter(number=questions.number_of("edition", number)).first()
    elif day is not None:
        edition, sentence = page.edition_on(questions.day_of(day).isoformat())
    else:
        edition, sentence = page.current_edition, _("还没有发布过任何版本。")
    if edition is None:
        raise Problem("not-found", sentence)
    edition.owner = page
    return edition


class ListDetail(ContentDetail):
    """A list by its number or its slug."""

    api = ListApi()

    def answer(self, request: Any, **place: Any) -> Any:
        return super().answer(request, pk=list_of(place["reference"]).pk)


class ListEntries(ContentList):
    """The entries of one edition of a list, filtered by its columns."""

    api = EntryApi()
    group = ListApi.title
    further: ClassVar[tuple[str, ...]] = ("edition", "as_of")
    edition: ListEdition

    def edition_asked(self, **place: Any) -> ListEdition:
        """The edition that the request names, with its list."""
        return edition_of(list_of(place["reference"]), self.given)

    def context(self, request: Any, **place: Any) -> dict[str, Any]:
        return {"edition": self.edition}

    def filterset(self, request: Any, **place: Any) -> Any:
        self.edition = self.edition_asked(**place)
        return filterset_of(self.edition, only=set(self.given))

    def known(self, filters: Any) -> list[str]:
        names = [name for column in self.edition.public_columns for name in column.filter_names]
        return self.parameters(["q", *names])


class ListEntry(ContentDetail):
    """An entry by its key, which it has in every edition."""

    api = EntryApi()
    group = ListApi.title
    further = ("edition", "as_of")

    def answer(self, request: Any, **place: Any) -> Any:
        edition = edition_of(list_of(place["reference"]), self.given)
        return self.show_one(self.read(request, names_of_one(self.api), edition=edition), key=place["key"])


class EntrySchema(PublicView):
    """JSON Schema of the entries of one edition."""

    @classmethod
    def described(cls) -> Description:
        return Description(
            name="lists_schema",
            group=ListApi.title,
            title=_("清单条目的 JSON Schema"),
            said=_("一个版本的条目里 values 的写法：每一栏是什么类型。"),
            parameters=[*map(common, ("edition", "as_of", "lang"))],
            answer=inline_serializer("JsonSchema", {"$id": serializers.URLField()}),
        )

    def answer(self, request: Any, **place: Any) -> Any:
        questions.refuse_unknown(self.given, ("edition", "as_of", "lang"))
        edition = edition_of(list_of(place["reference"]), self.given)
        return json_schema(edition, address=request.build_absolute_uri())


# Certificates


class CertificateList(ContentList):
    """Certificates of all lists in force, or of those that were on a day."""

    api = CertificateApi()
    further = ("as_of",)

    def context(self, request: Any, **place: Any) -> dict[str, Any]:
        day = self.given.get("as_of")
        return {"edition_ids": editions_on(questions.day_of(day))} if day is not None else {}


def editions_on(day: Any) -> list[int]:
    """Of each list the edition that held on a day."""
    found: dict[int, CertificateEdition] = {}
    for edition in CertificateEdition.objects.in_force_on(day):
        found.setdefault(edition.owner_id, edition)
    return [each.pk for each in found.values() if not (each.repealed_on and each.repealed_on <= day)]


class CertificateDetail(ContentDetail):
    """A certificate of a list by its key."""

    api = CertificateApi()
    further = ("edition", "as_of")

    def answer(self, request: Any, **place: Any) -> Any:
        page = CertificateListPage.objects.live().public().filter(pk=place["pk"]).first()
        if page is None:
            raise not_found()
        edition = edition_of(page, self.given)
        asked = self.read(request, names_of_one(self.api), edition_ids=[edition.pk])
        return self.show_one(asked, key=place["key"])

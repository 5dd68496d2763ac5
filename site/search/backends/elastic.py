"""Wagtail's search on OpenSearch and Elasticsearch: the words, queries and order of the databases.

The server analyses nothing: texts arrive as words of ``search.words`` with blanks between, queries as
conditions on these. What changes is noted in the database, sent after the commit, and again until the server
has taken it in; no request waits for it longer than its timeout.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterable
from copy import deepcopy
from itertools import groupby
from typing import Any, ClassVar
from urllib.parse import unquote

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from modelsearch.backends.elasticsearchbase import (
    ElasticsearchAtomicIndexRebuilder,
    ElasticsearchBaseMapping,
    ElasticsearchBaseSearchBackend,
    ElasticsearchBaseSearchQueryCompiler,
    ElasticsearchBaseSearchResults,
)
from modelsearch.index import AutocompleteField, SearchField
from modelsearch.utils import get_content_type_pk

from search.backends.bodies import Body, anywhere, together
from search.backends.facets import facet_field
from search.backends.server import Server
from search.models import IndexChange
from search.query import EVERYTHING, NOTHING, Unavailable, Words, condition_of, settled
from search.texts import Columns, line, text_of, weight_of, words_of_field

logger = logging.getLogger("search")

WORDS = {"type": "text", "analyzer": "words", "norms": False, "index_options": "docs"}
NAMES, EITHER, BEGUN = ("_names",), ("_names", "_words"), ("_begun",)
BEST_FIRST: list[Body] = [{"_score": "desc"}, {"_weight": "desc"}, {"_newest": "desc"}]
NEWEST_FIRST: list[Body] = [{"_newest": "desc"}]
WINDOW = 10_000  # results that a server puts in order, unless told otherwise
FACETS = 1_000  # values that are counted
AT_ONCE = {"chunk_size": 100, "max_chunk_bytes": 1_000_000}  # documents and bytes of one request
MISSED = 500  # changes that are sent again together
PATIENCE = 60  # seconds that building an index waits for each answer


class WordsMapping(ElasticsearchBaseMapping):
    """What a document holds: words of all its names and texts, what ranks it, and its fields one by one."""

    def get_field_mapping(self, field: Any) -> tuple[str, Body]:
        if isinstance(field, SearchField | AutocompleteField):
            return self.get_field_column_name(field), dict(WORDS)
        return super().get_field_mapping(field)

    def get_mapping(self) -> Body:
        columns: dict[str, Body] = {
            "_django_content_type": {"type": "keyword"},
            **{column: dict(WORDS) for column in (*EITHER, *BEGUN)},
            "_weight": {"type": "double"},
            "_newest": {"type": "long"},
        }
        return {"properties": columns | dict(map(self.get_field_mapping, self._fields()))}

    def get_document(self, thing: Any) -> Body:
        found_by = Columns.of(thing)
        document = {
            "_django_content_type": self.get_all_content_types(),
            "_names": found_by.names,
            "_words": found_by.words,
            "_begun": found_by.begun,
            "_weight": weight_of(thing),
        }
        if isinstance(thing.pk, int):
            document["_newest"] = thing.pk
        for field in self._fields():
            name, value, _begun = self._get_document_field_data(field, thing)
            document[name] = value
        return document

    def _fields(self) -> list[Any]:
        """Fields with a column of their own: names and beginnings of words have theirs in common."""
        return [
            field
            for field in self.model.get_search_fields()
            if not isinstance(field, AutocompleteField)
            and not (isinstance(field, SearchField) and field.field_name == "title")
        ]

    def _get_document_field_data(self, field: Any, thing: Any) -> tuple[str, Any, list[str]]:
        if isinstance(field, SearchField | AutocompleteField):
            words = words_of_field(field.field_name, text_of(thing, field))
            return self.get_field_column_name(field), line(words), []
        return super()._get_document_field_data(field, thing)


class WordsCompiler(ElasticsearchBaseSearchQueryCompiler):
    """A query on one model as the server's own: which documents meet it, and in which order."""

    DEFAULT_OPERATOR = "and"
    columns: tuple[str, ...] = EITHER
    is_begun = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.condition = settled(condition_of(self.query, is_begun=self.is_begun))
        if self.condition == EVERYTHING:
            self.order_by_relevance = False

    def get_inner_query(self) -> Body:
        if self.condition == EVERYTHING:
            return {"match_all": {}}
        if self.condition == NOTHING:
            return {"match_none": {}}
        columns, fields = self._columns(), self._asked_columns()
        met = anywhere(self.condition, columns)
        inner = {"filter": [met, together(self.condition, fields)] if fields else met}
        if columns == EITHER:
            inner["should"] = {"constant_score": {"filter": anywhere(self.condition, NAMES)}}
        return {"bool": inner}

    def _columns(self) -> tuple[str, ...]:
        if isinstance(self.query, Words):
            return NAMES if self.query.of_names else ("_words",)
        return NAMES if set(self.fields or ()) == {"title"} else self.columns

    def _asked_columns(self) -> list[str]:
        """The columns of the asked fields, unless these are all, or the names, which have one in common."""
        if not self.fields or self.is_begun or set(self.fields) == {"title"}:
            return []
        known = {field.field_name: field for field in self.get_searchable_fields()}
        return [
            "_names" if name == "title" else self.mapping.get_field_column_name(known[name])
            for name in self.fields
        ]

    def get_sort(self) -> list[Body]:
        if self.order_by_relevance:
            return BEST_FIRST
        return [
            {self.mapping.get_field_column_name(field): "desc" if is_reversed else "asc"}
            for is_reversed, field in self._get_order_by()
        ] or NEWEST_FIRST


class BegunCompiler(WordsCompiler):
    """The same while the last word is still being typed."""

    columns = BEGUN
    is_begun = True


class WordsResults(ElasticsearchBaseSearchResults):
    """Found objects, as far as they are still there; the first ``WINDOW`` at most."""

    def keys(self, most: int) -> list[Any]:
        """Keys of the best objects, without the objects."""
        return [self.model._meta.pk.to_python(hit["_id"]) for hit in self._hits(0, most)]

    def _do_search(self) -> list[Any]:
        hits = self._hits(self.start, self.stop)
        found = self.query_compiler.queryset.order_by().in_bulk([hit["_id"] for hit in hits]) if hits else {}
        things = {str(key): thing for key, thing in found.items()}
        ordered = []
        for hit in hits:
            if thing := things.get(hit["_id"]):
                ordered.append(thing)
                if self._score_field and self.query_compiler.order_by_relevance:
                    is_named, weight, _newest = hit["sort"]
                    setattr(thing, self._score_field, 1000.0 * is_named + weight)
        return ordered

    def _hits(self, start: int, stop: int | None) -> list[Body]:
        stop = WINDOW if stop is None else min(stop, WINDOW)
        if stop <= start:
            return []
        return self._ask(self._get_es_body(), from_=start, size=stop - start, _source=False)["hits"]["hits"]

    def _ask(self, body: Body, **options: Any) -> Any:
        index = self.backend.get_index_for_model(self.model)
        with self.backend.server.asked():
            return self._backend_do_search(body, index=index.name, **options)

    def _do_count(self) -> int:
        with self.backend.server.asked():
            return int(super()._do_count())

    def facet(self, field_name: str) -> OrderedDict[Any, int]:
        field = facet_field(self.query_compiler, field_name)
        column = self.query_compiler.mapping.get_field_column_name(field)
        counted = {
            "values": {"terms": {"field": column, "size": FACETS}},
            "none": {"missing": {"field": column}},
        }
        answer = self._ask(self._get_es_body(for_count=True) | {"aggregations": counted}, size=0)
        values, none = answer["aggregations"]["values"], answer["aggregations"]["none"]
        counts = {bucket["key"]: bucket["doc_count"] for bucket in values["buckets"]}
        if none["doc_count"]:
            counts[None] = none["doc_count"]
        return OrderedDict(sorted(counts.items(), key=lambda count: -count[1]))


class WordsRebuilder(ElasticsearchAtomicIndexRebuilder):
    """Builds an index beside the one in use; what changes meanwhile is then sent to it as well."""

    def __init__(self, index: Any) -> None:
        index.es = index.backend.wait_for_answers(PATIENCE)
        super().__init__(index)

    def start(self) -> Any:
        self.started_at = timezone.now()
        with self.index.backend.server.asked():
            return super().start()

    def finish(self) -> None:
        super().finish()
        IndexChange.objects.filter(sent_at__gte=self.started_at).update(sent_at=None)


class WordsBackend(ElasticsearchBaseSearchBackend):
    """Wagtail's backend with our words, which a server that is away neither fails nor holds up."""

    settings: ClassVar[Body] = {
        "settings": {"analysis": {"analyzer": {"words": {"type": "custom", "tokenizer": "whitespace"}}}}
    }
    atomic_rebuilder_class = WordsRebuilder
    _servers: ClassVar[dict[str, Server]] = {}

    def client_class(self, **options: Any) -> Any:
        """The client for these options, one for the whole process."""
        self._options = deepcopy(options)
        for each in (options, *options["hosts"]):
            for name in ("http_auth", "basic_auth"):
                if each.get(name):
                    each[name] = tuple(map(unquote, each[name]))
        options.setdefault("max_retries", len(options["hosts"]) - 1)
        key = f"{super().client_class} {options}"
        if key not in self._servers:
            self._servers[key] = Server(super().client_class(**options))
        self.server = self._servers[key]
        return self.server.client

    def wait_for_answers(self, seconds: float) -> Any:
        """Use a client that waits so long, and return it."""
        self.es = self.client_class(**self._options | {self.timeout_kwarg_name: seconds})
        return self.es

    def bulk(self, *args: Any, **kwargs: Any) -> Any:
        return super().bulk(*args, **AT_ONCE, **kwargs)

    def add(self, thing: Any) -> None:
        self.note(type(thing), [thing.pk])

    def add_bulk(self, model: Any, things: Iterable[Any]) -> None:
        self.note(model, [thing.pk for thing in things])

    def delete(self, thing: Any) -> None:
        self.note(type(thing), [thing.pk])

    def delete_keys(self, model: Any, keys: Iterable[Any]) -> None:
        self.note(model, keys)

    def note(self, model: Any, keys: Iterable[Any]) -> None:
        """Send how these objects are, or that they are gone, once the caller's transaction is committed."""
        kind = get_content_type_pk(model)
        changes = IndexChange.objects.bulk_create(
            IndexChange(content_type_id=kind, object_id=str(key)) for key in keys
        )
        transaction.on_commit(lambda: self.send(changes), robust=True)

    def send(self, changes: list[IndexChange]) -> bool:
        """Tell the server how what has changed is now; False where it could not be told."""
        changes = sorted(changes, key=_kind)
        try:
            for kind, some in groupby(changes, key=_kind):
                self._send(ContentType.objects.get_for_id(kind).model_class(), some)
        except Unavailable:
            return False
        sent = IndexChange.objects.filter(pk__in=[change.pk for change in changes])
        sent.update(sent_at=timezone.now())
        return True

    def send_missed(self) -> int:
        """Send what the server does not know yet, oldest first; returns how much it took in."""
        number = 0
        while missed := list(IndexChange.objects.filter(sent_at=None).order_by("pk")[:MISSED]):
            if not self.send(missed):
                break
            number += len(missed)
        return number

    def _send(self, model: Any, changes: Iterable[IndexChange]) -> None:
        mapping, index = self.mapping_class(model), self.get_index_for_model(model)
        keys = [change.object_id for change in changes]
        actions: dict[str, Body] = {key: {"_op_type": "delete", "_id": key} for key in keys}
        for thing in model.get_indexed_objects().filter(pk__in=keys):
            key = mapping.get_document_id(thing)
            actions[key] = {"_id": key, **mapping.get_document(thing)}
        with self.server.asked():
            # Without require_alias the server would make an index of its own that knows nothing of words.
            _number, failures = self.bulk(
                self.es, actions.values(), index=index.name, require_alias=True, raise_on_error=False
            )
            for failure in failures:
                _heed(failure)


def _kind(change: IndexChange) -> int:
    return change.content_type_id


def _heed(failure: dict[str, Body]) -> None:
    """Raise ``Unavailable`` for what may succeed later; log what never will."""
    ((operation, told),) = failure.items()
    status, reason = told["status"], told.get("error")
    if operation == "delete" and status == 404 and not reason:
        return  # was not there
    if status in (404, 429) or status >= 500:
        raise Unavailable(f"{told['_index']}: {reason}")
    logger.error("The search server refuses %s %s: %s", told["_index"], told["_id"], reason)


def with_words(stock: Any) -> Any:
    """One of Wagtail's backends for OpenSearch or Elasticsearch with our words."""
    mapping = type("Mapping", (WordsMapping, stock.mapping_class), {})
    compiler, mapped = stock.query_compiler_class, {"mapping_class": mapping}
    return type(
        "SearchBackend",
        (WordsBackend, stock),
        mapped
        | {
            "query_compiler_class": type("Compiler", (WordsCompiler, compiler), mapped),
            "autocomplete_query_compiler_class": type("BegunCompiler", (BegunCompiler, compiler), mapped),
            "results_class": type("Results", (WordsResults, stock.results_class), {}),
        },
    )

"""As much of OpenSearch and Elasticsearch as our search uses, in memory: what mappings and bodies mean.

Stricter than a server: a field without a mapping, a query it does not know, or an order that would depend on
how often a word occurs, is an error.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Body = dict[str, Any]
MOST_CLAUSES = 1024  # OpenSearch's default
WINDOW = 10_000
TYPES: dict[str, Any] = {
    "text": str,
    "keyword": str,
    "long": int,
    "integer": int,
    "double": float,
    "boolean": bool,
}
UNSAID = float("nan")  # the score of what each server weighs in its own way


class Refused(Exception):
    """What a server answers with a status other than 200."""

    def __init__(self, status: int, kind: str, reason: str = "") -> None:
        super().__init__(f"{kind}: {reason}")
        self.status = status
        self.error = {"type": kind, "reason": reason}


class Index:
    """One index: its mapping, its documents, and where each word stands."""

    def __init__(self, settings: Body | None = None) -> None:
        self.analyzers = set((settings or {}).get("analysis", {}).get("analyzer", {}))
        self.properties: dict[str, Body] = {}
        self.documents: dict[str, Body] = {}
        self._postings: dict[str, dict[Any, set[str]]] = {}

    def put_mapping(self, properties: dict[str, Body]) -> None:
        for name, mapping in properties.items():
            if self.properties.setdefault(name, mapping) != mapping:
                raise Refused(400, "illegal_argument_exception", f"mapper [{name}] cannot be changed")
            if mapping.get("analyzer", "words") not in {"words", *self.analyzers}:
                raise Refused(400, "mapper_parsing_exception", f"analyzer of [{name}] not found")

    def put(self, key: str, document: Body) -> None:
        for name, value in document.items():
            if name not in self.properties:
                raise Refused(400, "strict_dynamic_mapping_exception", name)
            fits = TYPES.get(self.properties[name]["type"], object)
            if not all(isinstance(each, fits) for each in _listed(value) if each is not None):
                raise Refused(400, "mapper_parsing_exception", f"failed to parse field [{name}]")
        self.documents[key] = document
        self._postings.clear()

    def drop(self, key: str) -> bool:
        self._postings.clear()
        return self.documents.pop(key, None) is not None

    def search(self, query: Body, sort: list[Body]) -> list[Body]:
        """All hits in order."""
        if clauses(query) > MOST_CLAUSES:
            raise Refused(400, "too_many_clauses")
        scores = self.found(query)
        hits: list[Body] = [{"_id": key, "_score": scores[key]} for key in scores]
        for order in reversed(sort):
            ((name, direction),) = order.items()
            places = {key: self._place(key, name, scores) for key in scores}
            if any(place != place for place in places.values()):
                raise AssertionError(f"An order by what the server thinks of {query}")
            for hit in hits:
                hit["sort"] = [places[hit["_id"]], *hit.get("sort", [])]
            hits.sort(key=lambda hit: hit["sort"][0], reverse=direction == "desc")
        return hits

    def _place(self, key: str, name: str, scores: dict[str, float]) -> Any:
        if name == "_score":
            return scores[key]
        if name not in self.properties:
            raise Refused(400, "query_shard_exception", f"No mapping found for [{name}] in order to sort on")
        return self.documents[key][name]

    def count(self, query: Body, column: str) -> dict[Any, int]:
        """How many of what meets ``query`` have each value; those without any under None."""
        counts: dict[Any, int] = defaultdict(int)
        for key in self.found(query):
            for value in self._values(column, self.documents[key]) or [None]:
                counts[value] += 1
        return dict(counts)

    def found(self, query: Body) -> dict[str, float]:
        """What meets ``query``, with its score."""
        ((kind, told),) = query.items()
        if kind == "bool":
            return self._found_by_parts(**{name: _listed(part) for name, part in told.items()})
        if kind == "constant_score":
            return dict.fromkeys(self.found(told["filter"]), float(told.get("boost", 1)))
        if kind == "match_all":
            return dict.fromkeys(self.documents, 1.0)
        if kind == "match_none":
            return {}
        return dict.fromkeys(self._keys(kind, told), UNSAID)

    def _found_by_parts(
        self,
        must: Iterable[Body] = (),
        filter: Iterable[Body] = (),
        should: Iterable[Body] = (),
        must_not: Iterable[Body] = (),
        minimum_should_match: Iterable[int] = (),
    ) -> dict[str, float]:
        scores = dict.fromkeys(self.documents, 0.0)
        for part in map(self.found, filter):
            scores = {key: 0.0 for key in scores if key in part}
        for part in map(self.found, must):
            scores = {key: scores[key] + part[key] for key in scores if key in part}
        for part in map(self.found, must_not):
            scores = {key: scores[key] for key in scores if key not in part}
        wished = [self.found(part) for part in should]
        (least,) = minimum_should_match or [0 if not wished or must or filter else 1]
        met = {key: [part[key] for part in wished if key in part] for key in scores}
        return {key: scores[key] + sum(met[key]) for key in scores if len(met[key]) >= least}

    def _keys(self, kind: str, told: Body) -> set[str]:
        if kind == "exists":
            return _union(self._words(told["field"]).values())
        ((column, value),) = told.items()
        words = self._words(column)
        if kind == "match" and self.properties[column]["type"] == "text":
            assert value["operator"] == "and"
            return set.intersection(*(words.get(word, set()) for word in value["query"].split()))
        if kind in ("term", "match"):
            return words.get(value, set())
        if kind == "terms":
            return _union(words.get(each, set()) for each in value)
        if kind == "prefix":
            return _union(keys for word, keys in words.items() if word.startswith(value))
        raise Refused(400, "parsing_exception", f"unknown query [{kind}]")

    def _words(self, column: str) -> dict[Any, set[str]]:
        if column not in self._postings:
            postings: dict[Any, set[str]] = defaultdict(set)
            for key, document in self.documents.items():
                for word in self._values(column, document):
                    postings[word].add(key)
            self._postings[column] = dict(postings)
        return self._postings[column]

    def _values(self, column: str, document: Body) -> list[Any]:
        value = document.get(column)
        if self.properties[column]["type"] == "text":
            return value.split() if value else []
        return [each for each in _listed(value) if each is not None]


def clauses(query: Body) -> int:
    """How many clauses a server counts: a word each, but one for any of many words."""
    ((kind, told),) = query.items()
    if kind == "bool":
        parts = [
            part for name, some in told.items() if name != "minimum_should_match" for part in _listed(some)
        ]
        return sum(map(clauses, parts))
    if kind == "constant_score":
        return clauses(told["filter"])
    if kind == "match":
        (value,) = told.values()
        return len(value["query"].split()) if isinstance(value, dict) else 1
    return 1


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _union(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)


class Cluster:
    """All indexes of a server, their aliases, and what it was asked."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.aliases: dict[str, set[str]] = defaultdict(set)
        self.requests: list[tuple[str, str, Any]] = []
        self.authorization: str | None = None
        self.mood = ""  # away: hangs up; mute: never answers; busy: has no room
        self.refused: set[str] = set()  # documents it will not have
        self.is_over = threading.Event()

    def index(self, name: str) -> Index:
        """The one index of this name, or behind the alias."""
        names = self.aliases.get(name) or {name}
        if not names <= self.indexes.keys():
            raise Refused(404, "index_not_found_exception", f"no such index [{name}]")
        (only,) = names
        return self.indexes[only]

    def answer(self, method: str, path: str, options: dict[str, str], body: Any) -> Any:
        match (method, *path.strip("/").split("/")):
            case ("PUT", name):
                self.indexes[name] = Index(body["settings"])
            case ("DELETE", name):
                if self.indexes.pop(name, None) is None:
                    raise Refused(404, "index_not_found_exception", f"no such index [{name}]")
                for names in self.aliases.values():
                    names.discard(name)
            case ("PUT", name, "_mapping"):
                self.index(name).put_mapping(body["properties"])
            case ("PUT", name, "_alias" | "_aliases", alias):
                self.aliases[alias].add(name)
            case ("HEAD", "_alias", alias):
                if not self.aliases.get(alias):
                    raise Refused(404, "alias_not_found")
            case ("GET", "_alias", alias):
                return {name: {"aliases": {alias: {}}} for name in self.aliases[alias]}
            case ("POST", name, "_refresh"):
                self.index(name)
            case ("POST" | "PUT", name, "_bulk"):
                return {"errors": True, "items": list(self._bulk(name, options, body))}
            case ("POST", name, "_count"):
                return {"count": len(self.index(name).search(body["query"], []))}
            case ("POST", name, "_search"):
                return self._search(self.index(name), options | body)
            case _:
                raise Refused(400, "no_handler", f"{method} {path}")
        return {"acknowledged": True}

    def _bulk(self, name: str, options: dict[str, str], lines: list[Body]) -> Iterator[Body]:
        rest = iter(lines)
        for line in rest:
            ((operation, told),) = line.items()
            document = next(rest) if operation == "index" else {}
            yield {
                operation: {"_index": name, "_id": told["_id"]} | self._write(name, told, options, document)
            }

    def _write(self, name: str, told: Body, options: dict[str, str], document: Body) -> Body:
        try:
            if self.mood == "busy":
                raise Refused(429, "rejected_execution_exception")
            if options.get("require_alias") == "true" and not self.aliases.get(name):
                raise Refused(404, "index_not_found_exception", f"[{name}] is not an alias")
            if not self.aliases.get(name) and name not in self.indexes:
                self.indexes[name] = Index()  # as a server does, with a mapping of its own making
            if told["_id"] in self.refused:
                raise Refused(400, "mapper_parsing_exception", told["_id"])
            if document:
                self.index(name).put(told["_id"], document)
                return {"status": 201, "result": "created"}
            was_there = self.index(name).drop(told["_id"])
            return (
                {"status": 200, "result": "deleted"} if was_there else {"status": 404, "result": "not_found"}
            )
        except Refused as no:
            return {"status": no.status, "error": no.error}

    def _search(self, index: Index, asked: Body) -> Body:
        start, size = int(asked.get("from", 0)), int(asked.get("size", 10))
        if start + size > WINDOW:
            raise Refused(400, "illegal_argument_exception", "Result window is too large")
        hits = index.search(asked["query"], asked.get("sort", []))
        return {
            "hits": {"total": {"value": len(hits), "relation": "eq"}, "hits": hits[start : start + size]},
            "aggregations": {
                name: self._aggregated(index, asked["query"], told)
                for name, told in asked.get("aggregations", {}).items()
            },
        }

    def _aggregated(self, index: Index, query: Body, asked: Body) -> Body:
        ((kind, told),) = asked.items()
        counts = index.count(query, told["field"])
        if kind == "missing":
            return {"doc_count": counts.get(None, 0)}
        counts.pop(None, None)
        best = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[: told.get("size", 10)]
        return {"buckets": [{"key": value, "doc_count": number} for value, number in best]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # headers and text leave together
    cluster: Cluster

    def _answer(self) -> None:
        cluster, address = self.cluster, urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_many = address.path.endswith("_bulk")
        body = [json.loads(line) for line in text.splitlines()] if is_many else json.loads(text or "{}")
        cluster.requests.append((self.command, address.path, body))
        cluster.authorization = self.headers.get("Authorization")
        if cluster.mood == "mute":
            cluster.is_over.wait()
        if cluster.mood in ("away", "mute"):
            self.close_connection = True
            return
        try:
            self._say(200, cluster.answer(self.command, address.path, dict(parse_qsl(address.query)), body))
        except Refused as no:
            self._say(no.status, {"error": no.error, "status": no.status})

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

    def _say(self, status: int, answer: Any) -> None:
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(cluster: Cluster) -> Iterator[str]:
    """Serve ``cluster`` on this machine's own address; gives its URL."""
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            cluster.is_over.set()
            server.shutdown()
            thread.join()

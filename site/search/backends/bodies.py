"""Conditions in the query language of OpenSearch and Elasticsearch."""

from collections.abc import Iterable
from typing import Any as AnyType
from typing import TypeAlias

from search.query import All, Any, Begun, Condition, Without, has_negation

Body: TypeAlias = dict[str, AnyType]


def anywhere(condition: Condition, columns: Iterable[str]) -> Body:
    """``condition`` met within any one of ``columns``."""
    match condition:
        case Without():
            return {"bool": {"must_not": anywhere(condition.part, columns)}}
        case All() if has_negation(condition):
            return _all([anywhere(part, columns) for part in condition.parts])
        case Any() if has_negation(condition):
            return _any([anywhere(part, columns) for part in condition.parts])
    return _any([within(condition, column) for column in columns])


def within(condition: Condition, column: str) -> Body:
    """``condition``, which holds no negation, met within one column; as few clauses as can be."""
    match condition:
        case Begun():
            return {"prefix": {column: condition.text}}
        case All() if _is_plain(condition):
            return {"match": {column: {"query": " ".join(map(str, condition.parts)), "operator": "and"}}}
        case Any() if _is_plain(condition):
            return {"terms": {column: list(condition.parts)}}
        case All():
            return _all([within(part, column) for part in condition.parts])
        case Any():
            return _any([within(part, column) for part in condition.parts])
    return {"term": {column: condition}}


def together(condition: Condition, columns: Iterable[str]) -> Body:
    """``condition`` met by the words of all ``columns`` together."""
    match condition:
        case Without():
            return {"bool": {"must_not": together(condition.part, columns)}}
        case All():
            return _all([together(part, columns) for part in condition.parts])
        case Any():
            return _any([together(part, columns) for part in condition.parts])
    return anywhere(condition, columns)


def _is_plain(condition: All | Any) -> bool:
    return all(isinstance(part, str) for part in condition.parts)


def _all(bodies: list[Body]) -> Body:
    return bodies[0] if len(bodies) == 1 else {"bool": {"filter": bodies}}


def _any(bodies: list[Body]) -> Body:
    return bodies[0] if len(bodies) == 1 else {"bool": {"should": bodies, "minimum_should_match": 1}}

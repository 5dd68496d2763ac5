"""Keeps documents and index at what is public; a document that is up to date is left alone."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from wagtail.search.backends import get_search_backends

from content_models.base.bulk import batches
from content_models.base.edition_pages import EditionedPage
from content_models.base.inserts import insert, reserve_keys
from content_models.certificates.models import CertificateListPage
from content_models.policy_lists.models import PolicyListPage
from publishing import outbox
from search.describe import (
    PAGES,
    Description,
    columns_print,
    describe_pages,
    describe_rows,
    public_pages,
    rows_of,
)
from search.folding import fold
from search.models import Document, Token
from search.sounds import alike, syllables
from search.synonyms import bare
from search.words import is_chinese, plain_words, runs, words_by_sound

BATCH = 1000
LITTLE = 500  # documents whose words are noted at once
MANY = 50  # from which on new documents are written all at once
LISTS = (CertificateListPage, PolicyListPage)
PLAIN = ["title", "names", "summary", "body", "handle_forms", "verdict", "published_at"]
PLAIN += ["starts_on", "ends_on", "has_ended", "digest"]
WRITTEN = ["kind", "region", "department", "folded", "sounds", "text", "columns", *PLAIN]


# Taking away


def drop(pages: Iterable[int]) -> int:
    """Drop all documents of these pages, public or not."""
    return _drop(Document.objects.filter(page__in=pages))


def withdraw(pages: Iterable[int]) -> int:
    """Drop documents that are no longer true: of pages not public any more, of rows gone or changed."""
    pages = list(pages)
    public = {pk for kind in PAGES for pk in public_pages(kind.model, pages).values_list("pk", flat=True)}
    number = _drop(Document.objects.filter(page__in=set(pages) - public))
    for page in _lists(public):
        number += _drop(_outdated(page))
    return number


def _lists(pages: Iterable[int]) -> Iterator[Any]:
    for model in LISTS:
        yield from public_pages(model, pages)


def _outdated(page: EditionedPage) -> models.QuerySet[Document]:
    """Documents of rows that are not what the current edition has, or whose columns have changed."""
    documents = Document.objects.filter(page=page.pk).exclude(key="")
    listed = Document.objects.filter(page=page.pk, key="").values_list("columns", flat=True).first()
    if listed is not None and listed != columns_print(page):
        return documents
    same = rows_of(page).filter(key=OuterRef("key"), digest=OuterRef("digest"))
    return documents.filter(~Exists(same))


def _drop(documents: models.QuerySet[Document]) -> int:
    keys = list(documents.values_list("pk", flat=True))
    for some in batches(keys, BATCH):
        with transaction.atomic():
            for backend in get_search_backends(with_auto_update=True):
                backend.delete_keys(Document, some)
            Document.objects.filter(pk__in=some).delete()
    return len(keys)


# Bringing up to date


def refresh(pages: Iterable[int], *, anew: bool = False) -> int:
    """Bring documents of these pages, and of the rows of those that are lists, up to date.

    Writes a batch at a time, so that nobody waits long; ``anew`` writes what seems up to date, too. Returns
    how many documents were written.
    """
    pages = list(pages)
    descriptions = list(describe_pages(pages))
    public = {each.page for each in descriptions}
    _drop(Document.objects.filter(page__in=set(pages) - public))
    lists = list(_lists(public))
    for page in lists:
        _drop(_outdated(page))
    number = sum(_write(some, anew=anew) for some in batches(descriptions, BATCH))
    for page in lists:
        rows = describe_rows(page) if anew else describe_rows(page, list(_missing_rows(page)))
        number += sum(_write(some, anew=anew) for some in batches(rows, BATCH))
    return number


def _missing_rows(page: EditionedPage) -> Any:
    """Keys of the rows that have no document yet."""
    same = Document.objects.filter(page=page.pk, key=OuterRef("key"), digest=OuterRef("digest"))
    return rows_of(page).filter(~Exists(same)).values_list("key", flat=True)


def count_missing_rows(pages: Iterable[int]) -> int:
    """How many rows of the lists among ``pages`` have no document yet."""
    return sum(_missing_rows(page).count() for page in _lists(pages))


def repair() -> int:
    """Write what a crash left out: rows of public lists without their document."""
    number = 0
    for model in LISTS:
        for page in public_pages(model).iterator():
            if _missing_rows(page).exists() or _outdated(page).exists():
                number += refresh([page.pk])
    return number


def _write(descriptions: list[Description], *, anew: bool) -> int:
    known = {
        (page, key): digest
        for page, key, digest in Document.objects.filter(
            page__in={each.page for each in descriptions}, key__in={each.key for each in descriptions}
        ).values_list("page", "key", "digest")
    }
    changed = [each for each in descriptions if anew or known.get((each.page, each.key)) != each.digest]
    if changed:
        write(changed, are_new=not known)
    return len(changed)


def write(descriptions: list[Description], *, are_new: bool = False) -> None:
    """Store documents and put them into the index; many at a time where none of them was there."""
    documents = [_document(each) for each in descriptions]
    if are_new and len(documents) > MANY:
        try:
            with transaction.atomic():
                for document, key in zip(documents, reserve_keys(Document, len(documents)), strict=True):
                    document.pk = key
                insert(Document, documents)
                _relate(descriptions, documents)
                _index(documents, are_new=True)
                _note_words(documents)
        except IntegrityError:  # somebody else was writing them as well
            documents = [_document(each) for each in descriptions]
        else:
            return
    with transaction.atomic():
        Document.objects.bulk_create(
            documents,
            batch_size=BATCH // 4,
            update_conflicts=True,
            unique_fields=["page", "key"],
            update_fields=WRITTEN,
        )
        for through in (Document.audiences.through, Document.topics.through):
            through.objects.filter(document__in=[document.pk for document in documents]).delete()
        _relate(descriptions, documents)
        _index(documents, are_new=False)
        _note_words(documents)


def _index(documents: list[Document], *, are_new: bool) -> None:
    for backend in get_search_backends(with_auto_update=True):
        index = backend.get_index_for_model(Document)
        if are_new and hasattr(index, "add_new"):
            index.add_new(Document, documents)
        else:
            backend.add_bulk(Document, documents)


def _relate(descriptions: list[Description], documents: list[Document]) -> None:
    for name in ("audiences", "topics"):
        through = getattr(Document, name).through
        column = f"{getattr(Document, name).field.m2m_reverse_field_name()}_id"
        through.objects.bulk_create(
            through(document_id=document.pk, **{column: key})
            for document, told in zip(documents, descriptions, strict=True)
            for key in getattr(told, name)
        )


def _document(told: Description) -> Document:
    names = [bare(name) for name in (told.title, *told.names)]
    return Document(
        kind=told.kind,
        page_id=told.page,
        key=told.key,
        columns=told.columns,
        region_id=told.region,
        department_id=told.department,
        folded="\n".join(names),
        sounds="\n".join(" ".join(map(alike, syllables(name))) for name in names),
        text=fold(f"{told.summary} {told.body}"),
        **{name: getattr(told, name) for name in PLAIN},
    )


def all_pages() -> list[int]:
    """Keys of all public pages that have documents."""
    return [pk for kind in PAGES for pk in public_pages(kind.model).values_list("pk", flat=True)]


def rebuild() -> int:
    """Write every document anew and drop what should not be there; readers search on meanwhile."""
    pages = all_pages()
    _drop(Document.objects.exclude(page__in=pages))
    return sum(refresh(some, anew=True) for some in batches(pages, BATCH))


# Counting words


_counted_at = -1


def count_words_again() -> int:
    """Count words where something was published since this process last did."""
    global _counted_at
    now = outbox.newest()
    if now == _counted_at:
        return 0
    number = count_words()
    _counted_at = now
    return number


def count_words() -> int:
    """Count anew in how many documents each word stands; returns how many words there are."""
    began = timezone.now()
    number = Document.objects.count()
    named, anywhere = Counter({"": number}), Counter({"": number})
    documents = Document.objects.values_list("folded", "sounds", "text")
    for folded, sounds, text in documents.iterator(chunk_size=BATCH):
        names = set(_words_of_names(folded, sounds))
        named.update(names)
        anywhere.update(names.union(plain_words(text)))
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {Token._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        kept = set(Token.objects.filter(noted_at__gte=began).values_list("text", flat=True))
        Token.objects.exclude(noted_at__gte=began)._raw_delete(Token.objects.db)
        tokens = (
            Token(text=text, names=named[text], documents=count)
            for text, count in anywhere.items()
            if text not in kept
        )
        for some in batches(tokens, BATCH):
            insert(Token, some)
    return len(anywhere)


def _note_words(documents: list[Document]) -> None:
    """Let words be known that no document had; in how many they stand is counted later.

    Much is counted right after it was written.
    """
    if len(documents) > LITTLE:
        return
    names, anywhere = set(), set()
    for document in documents:
        of_names = set(_words_of_names(document.folded, document.sounds))
        names |= of_names
        anywhere |= of_names.union(plain_words(document.text))
    now = timezone.now()
    # In one order, so that two who publish at once wait for each other rather than both.
    noted = [Token(text=text, names=text in names, documents=1, noted_at=now) for text in sorted(anywhere)]
    Token.objects.bulk_create(noted, batch_size=LITTLE, ignore_conflicts=True)
    for some in batches(sorted(names), LITTLE):
        Token.objects.filter(text__in=some, names=0).update(names=1, noted_at=now)


def _words_of_names(folded: str, sounds: str) -> Iterator[str]:
    for run in runs(folded):
        if is_chinese(run):
            yield from run
    yield from plain_words(folded)
    for line in sounds.split("\n"):
        yield from words_by_sound(line.split())

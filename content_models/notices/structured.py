"""Notices in the terms of schema.org: NewsArticle, or SpecialAnnouncement where something is cut off."""

from wagtail.rich_text import get_text_for_indexing

from content_models.base.structured import coded, listed, thing

DESCRIPTION = 200  # characters
HEADLINE = 110


def notice_page(scene, page):
    text, url = body_text(page), scene.url(page)
    shared = {
        "url": url,
        "publisher": thing("GovernmentOrganization", name=page.publisher),
        "inLanguage": "zh-Hans",
        "expires": day(page.expires_on),
        "identifier": listed(
            *(coded(page._meta.get_field(name).verbose_name, getattr(page, name)) for name in CODES)
        ),
    }
    if page.notice_kind == page.Kind.OUTAGE:
        scope = thing("Place", name=page.scope) if page.scope else None
        return [
            thing(
                "SpecialAnnouncement",
                name=page.title,
                text=text,
                datePosted=moment(page.first_published_at),
                spatialCoverage=scope,
                **shared,
            )
        ]
    return [
        thing(
            "NewsArticle",
            headline=page.title[:HEADLINE],
            description=text[:DESCRIPTION],
            articleSection=page.get_notice_kind_display(),
            datePublished=moment(page.first_published_at),
            dateModified=moment(page.last_published_at),
            author=thing("GovernmentOrganization", name=page.content_source) if page.content_source else None,
            mainEntityOfPage=url,
            **shared,
        )
    ]


CODES = ["doc_no", "index_no"]


def body_text(page):
    """The words of a notice without pictures, tables and files; asks the database nothing."""
    texts = [
        get_text_for_indexing(block["value"])
        for block in page.body.raw_data
        if block["type"] in ("heading", "text") and block["value"]
    ]
    return " ".join(filter(None, texts))


def moment(at):
    return at.isoformat(timespec="seconds") if at else ""


def day(on):
    return on.isoformat() if on else ""

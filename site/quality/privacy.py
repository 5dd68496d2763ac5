"""Personal data in whatever is about to go public: texts, rows of lists, attachments, what pictures tell.

Nothing of it is kept, logged or shown but in its masked form.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.checks import Finding
from content_models.base.models import Edition
from quality.attachments.pictures import told_by
from quality.attachments.scan import UNREADABLE, Report, look_through
from quality.names import Sensitive
from quality.personal_data import SENSITIVE_WORDS, Kind, find, mark, mask, may_hold
from quality.personal_data import Finding as Datum
from quality.review import check, found
from quality.rich import Change
from quality.texts import Attached, Contents, Passage, Row, named, row_url
from quality.words import word_list, words

MOST = 200  # findings of one kind of place; the rest are one more finding together
BATCH = 50
ACROSS_CELLS = {Kind.CASE, Kind.ADDRESS, Kind.NAME}
SHOWN = 60  # characters of a row's text, as it is offered
REACHES_RESIDENTS = {Kind.MOBILE, Kind.EMAIL}  # where a field is there to be called or written to

WORDS = word_list(
    "sensitive-words",
    gettext_lazy("不能和姓名写在一起的词"),
    SENSITIVE_WORDS,
    about=gettext_lazy("姓名旁边有这些词，就等于公开了一个人的病情、困难或经历。"),
)


def sensitive() -> Sensitive:
    """The words that no name may stand beside, as editors have them."""
    return _sensitive(words(WORDS.code))


_made: dict[tuple[str, ...], Sensitive] = {}


def _sensitive(some: tuple[str, ...]) -> Sensitive:
    if some not in _made:
        _made.clear()
        _made[some] = Sensitive(some)
    return _made[some]


@check(
    "personal-data",
    gettext_lazy("个人信息"),
    level="error",
    wants=gettext_lazy("身份证号码、手机号、银行卡号、住址等个人信息要打码后再公开。"),
    of=Contents,
)
def personal_data(contents: Contents) -> Iterator[Finding]:
    asked = sensitive()
    yield from capped(finding for passage in contents.passages for finding in in_passage(passage, asked))
    rows = suspects(contents.rows, asked)
    yield from capped(finding for row in rows for finding in in_row(contents.thing, row, asked))
    for place, document, report in looked_through(contents, asked):
        yield from capped(in_document(document, report, place))
    for place, image in contents.images:
        yield from in_picture(image, place)


def capped(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first of many findings, and one more that stands for the rest."""
    findings = iter(findings)
    yield from islice(findings, MOST)
    rest = list(findings)
    if rest:
        about = salted_hmac("quality.rest", "\n".join(finding.key for finding in rest)).hexdigest()
        said = _("还有 %(number)d 处个人信息，改好上面这些后再检查。") % {"number": len(rest)}
        yield found(said, may_be_overridden=True, about=about)


def data_in(passage: Passage, asked: Sensitive) -> list[Datum]:
    text = passage.shown
    if not may_hold(text, sensitive=asked):
        return []
    data = find(text, sensitive=asked)
    return [each for each in data if not (passage.is_contact and each.kind in REACHES_RESIDENTS)]


def masked(passage: Passage, data: Iterable[Datum]) -> list[Change]:
    return [Change(datum.start, datum.end, datum.masked) for datum in data]


def in_passage(passage: Passage, asked: Sensitive) -> Iterator[Finding]:
    data = data_in(passage, asked)
    mend = passage.mend(_("打码"), masked(passage, data)) if data else None
    for datum in data:
        said = _("“%(where)s”里有%(what)s %(masked)s。请打码后再公开。") % {
            "where": passage.label, "what": datum.label, "masked": datum.masked,
        }  # fmt: skip
        yield found(
            said, passage.field, row=passage.row, mend=mend, may_be_overridden=True, about=mark(datum)
        )


# Rows


def suspects(rows: Sequence[Row], asked: Sensitive) -> Iterator[Row]:
    """The rows that are worth a closer look; cheaper than looking at each."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        if may_hold("\n".join(row.whole for row in batch), sensitive=asked):
            yield from (row for row in batch if may_hold(row.whole, sensitive=asked))


def in_row(edition: Edition, row: Row, asked: Sensitive) -> Iterator[Finding]:
    told = {}
    for passage in row.texts:
        if data := data_in(passage, asked):
            offered = shortened(mask(passage.shown, sensitive=asked))
            for datum in data:
                told[datum.kind, datum.text] = (passage, datum, offered)
    # A name in one cell and what is said of the person in another, or where they live.
    start = 0
    across = find(row.whole, sensitive=asked)
    for passage in row.texts:
        end = start + len(passage.shown)
        for datum in across:
            if start <= datum.start and datum.end <= end and datum.kind in ACROSS_CELLS:
                text = passage.shown
                offered = text[: datum.start - start] + datum.masked + text[datum.end - start :]
                told.setdefault((datum.kind, datum.text), (passage, datum, shortened(offered)))
        start = end + 1
    for passage, datum, offered in told.values():
        said = _("“%(where)s”里有%(what)s %(masked)s。请改成“%(offered)s”。") % {
            "where": named(row, passage), "what": datum.label, "masked": datum.masked, "offered": offered,
        }  # fmt: skip
        yield found(said, may_be_overridden=True, about=mark(datum), url=row_url(edition, row.pk))


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


# Files


def looked_through(contents: Contents, asked: Sensitive) -> Iterator[tuple[Attached, Any, Report]]:
    reports = look_through([document for _place, document in contents.documents], asked)
    return ((place, document, reports[document.pk]) for place, document in contents.documents)


def in_document(document: Any, report: Report, place: Attached) -> Iterator[Finding]:
    told: dict[str, Any] = {"where": place.label, "file": document.filename}
    if report.unread:
        said = _("“%(where)s”的附件“%(file)s”读不出来：%(why)s。请用 WPS 或 Office 打开，另存后重新上传。")
        told["why"] = UNREADABLE.get(report.unread, report.unread)
        yield found(said % told, place.field, row=place.row, may_be_overridden=True, about=document.file_hash)
    for each in report.found:
        said = _("“%(where)s”的附件“%(file)s”（%(at)s）里有%(what)s %(masked)s。请打码后换一个文件。")
        told |= {"at": each.where, "what": each.label, "masked": each.masked}
        yield found(said % told, place.field, row=place.row, may_be_overridden=True, about=each.mark)


def in_picture(image: Any, place: Attached) -> Iterator[Finding]:
    for what in told_by(image):
        said = _("“%(where)s”的图片“%(file)s”带着%(what)s。请重新上传这张图片，上传时会自动去掉。")
        told = {"where": place.label, "file": image.filename, "what": what}
        yield found(said % told, place.field, row=place.row, may_be_overridden=True, about=image.file_hash)


@check(
    "unread-attachments",
    gettext_lazy("没有检查的附件"),
    level="hint",
    wants=gettext_lazy("扫描件、图片和压缩包里的文字读不出来，请自己看一遍有没有个人信息。"),
    of=Contents,
)
def unread_attachments(contents: Contents) -> Iterator[Finding]:
    for place, document, report in looked_through(contents, sensitive()):
        if report.is_foreign or (report.is_mute and not report.unread):
            said = _("附件“%(file)s”里的文字读不出来（扫描件、图片或压缩包）。请看一遍有没有个人信息。")
            yield found(said % {"file": document.filename}, place.field, row=place.row)

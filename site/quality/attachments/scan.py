"""Personal data in the documents that content offers, and what stands there about who made them."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from quality.confined import PYTHON, Conversation, Failed
from quality.models import FileScan
from quality.names import Sensitive
from quality.personal_data import find, mark

PROCESS = [*PYTHON, "quality.attachments.child"]
SECONDS = 5  # to read a file
STARTS_IN = 30  # seconds at most, on a busy machine
MESSAGE = 9 << 20  # bytes: a little more than all text that is read of a file
MOST = 200  # findings of one file; who has mended those is told of more
RULES = 1  # goes up when files are to be looked through anew
READABLE = {"csv", "doc", "docx", "pdf", "ppt", "pptx", "txt", "xls", "xlsx"}
PICTURES = {"jpeg", "jpg", "png"}  # without metadata, by which they came in

UNREADABLE = {
    "encrypted": gettext_lazy("文件设了密码"),
    "damaged": gettext_lazy("文件已损坏，或不是它的后缀所说的格式"),
    "too_large": gettext_lazy("文件太大，或展开后太大"),
    "too_slow": gettext_lazy("读的时间太长"),
    "too_much_memory": gettext_lazy("文件太大，或展开后太大"),
    "crashed": gettext_lazy("文件已损坏"),
    "missing": gettext_lazy("文件不在服务器上"),
}


@dataclass(frozen=True)
class Found:
    """Personal data in a file: where, of which kind, as it may be shown; a mark tells it from others."""

    place: tuple[Any, ...]
    label: str
    masked: str
    mark: str

    @property
    def where(self) -> str:
        return said_of(self.place)


@dataclass(frozen=True)
class Report:
    """What a look through a file brought to light; ``unread`` is why it could not be read."""

    found: tuple[Found, ...] = ()
    unread: str = ""
    is_mute: bool = False  # nothing to read in it: a scan, a picture
    is_foreign: bool = False  # nothing here reads such files


def look_through(documents: Iterable[Any], sensitive: Sensitive) -> dict[Any, Report]:
    """What is in each of these documents, by their key; asks the reading process only about new ones."""
    documents = list(documents)
    if not documents:
        return {}
    digests = {document.pk: digest_of(document) for document in documents}
    rules = rules_of(sensitive)
    known = {
        scan.digest: report_of(scan.report)
        for scan in FileScan.objects.filter(digest__in=set(digests.values()), rules=rules)
    }
    fresh: dict[str, Report] = {}
    for document in documents:
        digest = digests[document.pk]
        if digest not in known:
            known[digest] = fresh[digest] = read(document, sensitive)
    FileScan.objects.bulk_create(
        [
            FileScan(digest=digest, rules=rules, report=asdict(report))
            for digest, report in fresh.items()
            if report.unread not in ("missing", "too_slow")  # which may be otherwise tomorrow
        ],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["rules", "report"],
    )
    return {pk: known[digest] for pk, digest in digests.items()}


def digest_of(document: Any) -> str:
    """What tells its contents from others; its own key where there is no file any more."""
    try:
        return str(document.get_file_hash())
    except OSError:
        return f"missing {document.pk}"


def rules_of(sensitive: Sensitive) -> str:
    said = "\n".join([str(RULES), *sensitive.words])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def report_of(stored: dict[str, Any]) -> Report:
    found = tuple(Found(**{**each, "place": tuple(each["place"])}) for each in stored["found"])
    return Report(**{**stored, "found": found})


def read(document: Any, sensitive: Sensitive) -> Report:
    """Look through one document in a process of its own."""
    suffix = PurePath(document.filename).suffix.lower().removeprefix(".")
    if suffix in PICTURES:
        return Report(is_mute=True)
    if suffix not in READABLE:
        return Report(is_foreign=True)
    try:
        with document.open_file() as file:
            return _asked(_handed_over(file), suffix, sensitive)
    except OSError:
        return Report(unread="missing")
    except Failed as failure:
        return Report(unread=failure.why)


def _asked(file: Any, suffix: str, sensitive: Sensitive) -> Report:
    found: dict[tuple[Any, ...], Found] = {}
    is_mute = True
    command = [*PROCESS, suffix, str(SECONDS)]
    reader = Conversation(command, file, seconds=STARTS_IN, most=MESSAGE)
    for kind, *said in reader.messages():
        if kind == "ready":
            reader.left = SECONDS
        elif kind == "refused":
            return Report(unread=said[0])
        elif kind == "text":
            place, text = said
            is_mute = is_mute and not (text.strip() and place[0] != "about")
            for each in _found(tuple(place), text, sensitive):
                found.setdefault((each.place, each.mark), each)
        if len(found) >= MOST:
            break
    return Report(tuple(found.values())[:MOST], is_mute=is_mute)


def _handed_over(file: Any) -> Any:
    """The file as a process can be given it: as it lies on the disk, else from memory."""
    try:
        os.lseek(file.fileno(), 0, os.SEEK_SET)
    except (AttributeError, OSError):
        file.seek(0)
        return io.BytesIO(file.read())
    return file


def _found(place: tuple[Any, ...], text: str, sensitive: Sensitive) -> Iterator[Found]:
    for each in find(text, sensitive=sensitive):
        at = place
        if place[0] == "row":
            column = place[3] + text.count("\t", 0, each.start)
            at = ("cell", place[1], f"{letters(column)}{place[2]}")
        yield Found(at, each.label, each.masked, mark(each))


def letters(column: int) -> str:
    """The name of a column of a spreadsheet: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def said_of(place: tuple[Any, ...]) -> str:
    """Where in a file something stands, in the words of whoever looks at it."""
    word, *more = place
    match word:
        case "page":
            return _("第 %d 页") % more[0]
        case "cell":
            return _("工作表“%(sheet)s”%(cell)s") % {"sheet": more[0], "cell": more[1]}
        case "slide":
            return _("第 %d 张幻灯片") % more[0]
        case "line":
            return _("第 %d 行") % more[0]
        case "document":
            return _("第 %d 段") % more[0]
        case "header" | "footer":
            return _("页眉或页脚")
        case "footnotes" | "endnotes":
            return _("脚注或尾注")
        case "comments":
            return _("批注")
        case "about":
            return _("文件属性里的作者")
    return pgettext("in a file", "文中")

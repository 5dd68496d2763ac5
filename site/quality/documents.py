"""What a government site owes with its content: numbers of documents, dates of figures."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.base.checks import Finding
from content_models.notices.index_numbers import check_index_number, code_of
from content_models.notices.models import NoticePage
from content_models.places.models import RegionPage
from quality.review import check, found

# 国办发〔2018〕47号: who, the year, which.
DOC_NO = re.compile(r"[^\s〔〕]+〔(?:19|20)\d\d〕(?:第\s*)?\d+\s*号")


def notice_of(thing: Any) -> NoticePage | None:
    return thing if isinstance(thing, NoticePage) else None


@check(
    "notice-index-number",
    gettext_lazy("索引号"),
    wants=gettext_lazy("公告有索引号，由发布机构的统一社会信用代码、年份和编号组成，不和别的公告重复。"),
    of=notice_of,
)
def index_numbers(notice: NoticePage) -> Iterator[Finding]:
    if not notice.index_no:
        if not code_of(notice.publisher):
            said = _(
                "发布机构“%(name)s”没有统一社会信用代码，编不出索引号。请在“部门”里登记这个机构和它的代码。"
            )
            yield Finding("", said % {"name": notice.publisher}, "hint", "publisher")
        return
    try:
        check_index_number(notice.index_no)
    except ValidationError as error:
        yield found(" ".join(error.messages), "index_no")
    if NoticePage.objects.filter(index_no=notice.index_no).exclude(pk=notice.pk).exists():
        yield found(_("索引号 %(number)s 和别的公告重复。") % {"number": notice.index_no}, "index_no")


@check(
    "notice-document-number",
    gettext_lazy("文号的写法"),
    level="hint",
    wants=gettext_lazy("文号写成“机关代字〔年份〕序号号”，例如 国办发〔2018〕47号。"),
    of=notice_of,
)
def document_numbers(notice: NoticePage) -> Iterator[Finding]:
    if notice.doc_no and not DOC_NO.fullmatch(notice.doc_no):
        said = _("文号“%(number)s”不是常见的写法，例如 国办发〔2018〕47号。请核对。")
        yield found(said % {"number": notice.doc_no}, "doc_no")


@check(
    "figure-date",
    gettext_lazy("数据的日期"),
    wants=gettext_lazy("每个数据写明截至日期，居民才知道是什么时候的数。"),
    of=lambda thing: list(thing.figures.all()) if isinstance(thing, RegionPage) else None,
)
def dates_of_figures(figures: list[Any]) -> Iterator[Finding]:
    for row, figure in enumerate(figures):
        if not figure.is_dated:
            said = _("“%(label)s”没有日期，页面上写着“未注明日期”。请补上截至日期。")
            yield found(said % {"label": figure.metric_label}, "figures.as_of", row=row)

"""索引号: publisher's code, year and running number. What was given once is never given again."""

import re

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content_models.notices.doc_numbers import index_number
from content_models.places.codes import check_uscc
from content_models.places.models import Department

INDEX_NUMBER = re.compile(r"(?P<uscc>[0-9A-Z]{18})/(?:19|20)\d\d(?:0[1-9]|1[0-2])?-\d{5}")
MOST_TRIES = 50


def check_index_number(value):
    """Raise unless ``value`` is written as index numbers are, with a right code of its publisher."""
    found = INDEX_NUMBER.fullmatch(value)
    if found is None:
        raise ValidationError(
            _("索引号要写成“统一社会信用代码/年份-五位编号”，例如 11320000MB151840XJ/2026-00001。")
        )
    check_uscc(found["uscc"])


class IndexNumber(models.Model):
    """A number that was given; it stays when its notice is deleted."""

    number = models.CharField(gettext_lazy("索引号"), max_length=40, unique=True)
    page = models.ForeignKey(
        "notices.NoticePage",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=gettext_lazy("公告"),
    )
    given_at = models.DateTimeField(gettext_lazy("编号时间"), default=timezone.now)

    class Meta:
        verbose_name = gettext_lazy("索引号")
        verbose_name_plural = gettext_lazy("索引号")

    def __str__(self):
        return self.number


def is_taken(number, *, page):
    """Whether ``number`` was ever given to another notice than ``page``."""
    return IndexNumber.objects.filter(number=number).exclude(page_id=page.pk).exists()


def give_index_number(notice):
    """Number a notice once, when it first goes public and its publisher's code is known.

    A number that it brought along is entered; the database refuses one that was given before.
    """
    if notice.first_published_at is None:
        return
    if notice.index_no:
        if not IndexNumber.objects.filter(number=notice.index_no, page_id=notice.pk).exists():
            _enter(notice.index_no, notice)
        return
    uscc = code_of(notice.publisher)
    if uscc:
        year = timezone.localtime(notice.first_published_at).year
        type(notice).objects.filter(pk=notice.pk).update(index_no=_next(uscc, year, notice))


def code_of(publisher):
    """The unified social credit code of the department of that name; empty where there is none."""
    return Department.objects.filter(name=publisher).values_list("uscc", flat=True).first() or ""


def _next(uscc, year, notice):
    """Enter the next number; others who do the same at the same time get another one."""
    prefix = index_number(uscc, year, 0)[:-5]
    for _try in range(MOST_TRIES):
        given = IndexNumber.objects.filter(number__startswith=prefix).order_by("-number")
        newest = given.values_list("number", flat=True).first()
        number = index_number(uscc, year, int(newest[-5:]) + 1 if newest else 1)
        try:
            with transaction.atomic():
                _enter(number, notice)
        except IntegrityError:
            continue
        return number
    raise IntegrityError(f"No index number free after {prefix}")


def _enter(number, notice):
    # In bulk, which tells nobody: no page is made from this.
    IndexNumber.objects.bulk_create([IndexNumber(number=number, page_id=notice.pk)])

"""Taking a form that anybody may send: once each, not too often, and nothing from programs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from feedback import limits
from feedback.forms import PublicForm
from feedback.models import Sending
from publishing.outbox import publication
from staff.sign_in import guesses
from staff.sign_in.address import address_of

KEPT = timedelta(days=2)
TOO_MANY = 429


def receive(request: HttpRequest, form: PublicForm, *, keep: Callable[[], str], thanks: str) -> str | None:
    """The address to show the sender of a valid form; None where it is refused, which the form then says.

    ``keep`` stores what was sent and gives that address; programs that fill in everything are shown
    ``thanks``, and nothing is kept. Must not run inside a transaction: what was counted stays counted.
    """
    if form.is_from_a_program:
        return thanks
    if led_to := _sent_before(form):
        return led_to
    contact = form.cleaned_data.get("contact", "")
    try:
        guesses.count(limits.of_sender(type(form).__name__, address_of(request), contact))
    except guesses.TooMany as refused:
        if led_to := _sent_before(form):  # the other of two clicks, which came first after all
            return led_to
        form.add_error(None, _too_many(refused.seconds))
        return None
    try:
        with publication():
            led_to = keep()
            Sending.objects.create(stamp=form.stamp_name, led_to=led_to)
    except IntegrityError:
        if led_to := _sent_before(form):
            return led_to
        raise
    return led_to


def _sent_before(form: PublicForm) -> str | None:
    return Sending.objects.filter(stamp=form.stamp_name).values_list("led_to", flat=True).first()


def _too_many(seconds: int) -> Any:
    if seconds > limits.MINUTE + 1:
        return _("今天从您这里收到的已经很多了，请明天再提交，或者拨打下面的电话。")
    return _("刚刚已经收到一条，请过 %(seconds)d 秒再按一次提交。您写的内容还在。") % {"seconds": seconds}


def forget_sendings() -> int:
    """Delete the stamps of forms that would be too old by now anyway; returns how many."""
    return Sending.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]

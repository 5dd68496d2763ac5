"""What readers send back of a search: which result they opened, and what they missed."""

import json
import threading
import time
from urllib.parse import urlencode

from django import forms
from django.db.transaction import non_atomic_requests
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from search import insight
from search.models import Missing

BODY_LIMIT = 1024  # bytes
MESSAGES_A_DAY = 500
TELEPHONE = 7  # digits, of the shortest number that reaches somebody


TOO_SHORT = gettext_lazy("请写几个字再提交。")


class Tap:
    """Lets ``rate`` a second through, and ``most`` at once."""

    def __init__(self, rate: float, most: int) -> None:
        self.rate, self.most = rate, most
        self.left, self.at = float(most), time.monotonic()
        self.lock = threading.Lock()

    def lets_through(self) -> bool:
        with self.lock:
            now = time.monotonic()
            self.left = min(self.most, self.left + (now - self.at) * self.rate)
            self.at = now
            if self.left < 1:
                return False
            self.left -= 1
            return True


_clicks = Tap(rate=50, most=200)  # of this process; who sends more loses counts, nothing else


@non_atomic_requests  # writes nothing itself, so that nobody waits for the database
@csrf_exempt  # adds to a count and nothing else; and other sites' pages may not send JSON here unasked
@require_POST
def clicked(request: HttpRequest) -> HttpResponse:
    """Take ``{"text": what was asked, "document": which result was opened}`` from a beacon."""
    if not _clicks.lets_through():
        return HttpResponse(status=429)
    body = request.read(BODY_LIMIT + 1) if request.content_type == "application/json" else b""
    try:
        told = json.loads(body) if len(body) <= BODY_LIMIT else None
    except (ValueError, RecursionError):
        told = None
    text, document = (told.get("text"), told.get("document")) if isinstance(told, dict) else (None, None)
    if not isinstance(text, str) or type(document) is not int:
        return HttpResponse(status=400)
    insight.note_click(text, document)
    return HttpResponse(status=204)


class ReadableField(forms.CharField):
    """One line without what cannot be seen."""

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class MissingForm(forms.Form):
    """What a reader did not find, in their words, and what they had searched for."""

    text = ReadableField(required=False)
    message = ReadableField(error_messages={"required": TOO_SHORT})
    website = ReadableField(required=False)  # people do not see it; programs fill it in

    def clean_text(self) -> str:
        return insight.keepable(self.cleaned_data["text"])

    def clean_message(self) -> str:
        message: str = self.cleaned_data["message"]
        longest = Missing._meta.get_field("message").max_length or 0
        if len(message) > longest:
            raise forms.ValidationError(_("最多写 %(number)d 个字，请缩短一些。") % {"number": longest})
        if not any(sign.isalnum() for sign in message):
            raise forms.ValidationError(TOO_SHORT)
        if insight.has_digits(message, TELEPHONE):
            raise forms.ValidationError(
                _("请去掉电话号码、证件号码等数字，只写您想找的事。这里不需要个人信息。")
            )
        if "@" in message or "＠" in message:
            raise forms.ValidationError(_("请去掉电子邮箱，只写您想找的事。这里不需要个人信息。"))
        return message

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.cleaned_data["website"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def missing(request: HttpRequest) -> HttpResponse:
    """Take what a reader missed: thanks beside the search they came from, or the form with its reasons."""
    if request.method != "POST":
        return render(request, "search/missing.html")
    form = MissingForm(request.POST)
    if not form.is_valid():
        return render(request, "search/missing.html", {"form": form})
    if not form.is_from_a_program and not _keep(form):
        form.add_error("message", _("今天收到的留言已经很多，请明天再写，或者拨打下面的电话询问。"))
        return render(request, "search/missing.html", {"form": form}, status=429)
    asked = request.POST.get("text", "")[:100]
    return redirect(f"{reverse('search_missing')}?{urlencode({'told': 1, 'q': asked})}")


def _keep(form: MissingForm) -> bool:
    """Whether it is kept now; what is sent twice is kept once."""
    told = {name: form.cleaned_data[name] for name in ("text", "message")}
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = Missing.objects.filter(at__gte=midnight)
    if today.filter(**told).exists():
        return True
    if today.count() >= MESSAGES_A_DAY:
        return False
    Missing.objects.create(**told)
    return True

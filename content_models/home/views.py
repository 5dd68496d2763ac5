"""What is answered where there is no page."""

from django.http import HttpResponseNotFound, HttpResponseServerError
from django.template import loader


def not_found(request, exception=None):
    return HttpResponseNotFound(loader.get_template("404.html").render({}, request))


def server_error(request):
    # No context of ours: whatever broke may break it too.
    number = getattr(request, "scope", {}).get("request_id", "")
    # It is read out on the phone: of nginx's long names a part will do to find the whole.
    shown = number[:8] if len(number) == 32 else number
    return HttpResponseServerError(loader.get_template("500.html").render({"error_number": shown}))

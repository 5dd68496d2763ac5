"""What is answered where there is no page."""

from django.http import HttpResponseNotFound, HttpResponseServerError
from django.template import loader


def not_found(request, exception=None):
    return HttpResponseNotFound(loader.get_template("404.html").render({}, request))


def server_error(request):
    # No context: whatever broke may break the context too.
    return HttpResponseServerError(loader.get_template("500.html").render())

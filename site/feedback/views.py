"""The public pages of feedback: small forms that are never kept in a cache, and the state of a report."""

from typing import Any

from django.db.transaction import non_atomic_requests
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from feedback import reports, usefulness
from feedback.forms import DemandForm, UsefulForm, refused_certificates
from feedback.models import CODE_LENGTH, DemandReport
from feedback.receive import TOO_MANY, receive

OFFICES_SUGGESTED = 1_000
LARGEST_KEY = 2**63 - 1


# 有人还在要这个证明？


@never_cache
@non_atomic_requests  # a count of what was sent is never undone with the request (feedback.receive)
@require_http_methods(["GET", "HEAD", "POST"])
def demand(request: HttpRequest, list_id: int | None = None, key: str = "") -> HttpResponse:
    """Report that somebody still demands a certificate: of this list and key, or one to be chosen."""
    certificates = refused_certificates()
    if list_id is not None:
        of_list = certificates.filter(owner=_small(list_id))
        certificates = of_list if key or of_list.exists() else certificates
    preset = _preset(certificates, key) if key else None
    if request.method != "POST":
        return _show_demand(request, DemandForm(certificates=certificates), preset)
    data: Any = request.POST.copy()
    if preset is not None:
        data["certificate"] = str(preset.pk)
    if "mask" in data:
        form = DemandForm(DemandForm.masked(data), certificates=certificates)
        return _show_demand(request, form, preset, is_masked=True)
    form = DemandForm(data, certificates=certificates)
    if not form.is_valid():
        return _show_demand(request, form, preset)

    def keep() -> str:
        told = form.cleaned_data
        report = reports.take(
            told["certificate"],
            unit=told["unit"],
            happened_on=told["happened_on"],
            said=told["said"],
            contact=told["contact"],
        )
        return f"{reverse('feedback_receipt', args=[report.code])}?told=1"

    address = receive(request, form, keep=keep, thanks=f"{reverse('feedback_receipts')}?told=1")
    return redirect(address) if address else _show_demand(request, form, preset, status=TOO_MANY)


def _preset(certificates: Any, key: str) -> Any:
    found = None if "\0" in key else certificates.filter(key=key).first()
    if found is None:
        raise Http404
    return found


def _show_demand(
    request: HttpRequest, form: DemandForm, preset: Any, *, status: int = 200, is_masked: bool = False
) -> HttpResponse:
    names = reports.known_offices().values_list("title", flat=True)[:OFFICES_SUGGESTED]
    context = {
        "form": form,
        "preset": preset,
        "problems": [] if is_masked else form.problems,
        "is_masked": is_masked,
        "offices": dict.fromkeys(names),
    }
    return render(request, "feedback/demand.html", context, status=status)


@never_cache
@require_safe
def receipts(request: HttpRequest) -> HttpResponse:
    """Ask for a receipt number, and lead to what became of that report."""
    asked = request.GET.get("code", "")
    code = "".join(sign for sign in asked.upper() if sign.isalnum())[: CODE_LENGTH + 1]
    if code and DemandReport.objects.filter(code=code).exists():
        return redirect("feedback_receipt", code)
    return _private(
        render(request, "feedback/receipts.html", {"asked": asked[:40], "is_unknown": bool(asked)})
    )


@never_cache
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """What became of a report, for whoever has its number: nothing of who sent it, or what they wrote."""
    report = None if "\0" in code else DemandReport.objects.filter(code=code).first()
    if report is None:
        raise Http404
    return _private(render(request, "feedback/receipt.html", {"report": report}))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


# 这一页对您有帮助吗？


@never_cache
@non_atomic_requests
@require_http_methods(["GET", "HEAD", "POST"])
def useful(request: HttpRequest, page_id: int, key: str = "") -> HttpResponse:
    """Say whether a page was useful; the answer may be chosen already by the link that led here."""
    if "\0" in key:
        raise Http404
    thing = usefulness.rated(_small(page_id), key)
    if request.method != "POST":
        return _show_useful(request, UsefulForm(), thing, request.GET.get("answer", ""))
    answer = request.POST.get("answer", "")
    if "mask" in request.POST:
        form = UsefulForm(UsefulForm.masked(request.POST))
        return _show_useful(request, form, thing, request.POST.get("chosen", ""), is_masked=True)
    form = UsefulForm(request.POST)
    if not form.is_valid():
        return _show_useful(request, form, thing, answer)
    thanks = f"{request.path}?{urlencode({'told': 1})}"

    def keep() -> str:
        is_useful = form.cleaned_data["answer"] == "yes"
        usefulness.note(thing, is_useful=is_useful, text=form.cleaned_data["text"])
        return thanks

    address = receive(request, form, keep=keep, thanks=thanks)
    return redirect(address) if address else _show_useful(request, form, thing, answer, status=TOO_MANY)


def _show_useful(
    request: HttpRequest,
    form: UsefulForm,
    thing: usefulness.Rated,
    answer: str,
    *,
    status: int = 200,
    is_masked: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "thing": thing,
        "answer": answer if answer in ("yes", "no") else "",
        "problems": [] if is_masked else form.problems,
        "is_masked": is_masked,
        "is_told": "told" in request.GET and not form.is_bound,
    }
    return render(request, "feedback/useful.html", context, status=status)


def _small(number: int) -> int:
    """A number that a database may be asked for."""
    if number > LARGEST_KEY:
        raise Http404
    return number

"""The screen that compares two spreadsheets. Files stay in memory and go with the answer."""

import base64
import io
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from content_models.base.spreadsheets import MEDIA_TYPES, write_xlsx
from imports.compare import FILE_LIMIT, compare, proposed_keys, sheets_of, table_in
from imports.lanes import NotNow
from imports.reading.refusals import Refused

SHOWN = 200  # rows of each answer on the page; the download has all


class MemoryOnly(MemoryFileUploadHandler):
    """Keeps an upload in memory whatever its size, and stops one that is larger than allowed."""

    is_too_large = False

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.received = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> Any:
        self.received += len(raw_data)
        if self.received > FILE_LIMIT:
            self.is_too_large = True  # said by the form
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)


class CompareForm(forms.Form):
    """Two files, and by which columns their rows belong together."""

    a = forms.FileField(label=gettext_lazy("表 A"))
    b = forms.FileField(label=gettext_lazy("表 B"))
    key_a = forms.CharField(
        label=gettext_lazy("A 用哪一列对应"),
        required=False,
        help_text=gettext_lazy("写列名，例如：身份证号。留空则自动选择。"),
    )
    key_b = forms.CharField(label=gettext_lazy("B 用哪一列对应"), required=False)
    columns = forms.CharField(
        label=gettext_lazy("比较哪些列"),
        required=False,
        help_text=gettext_lazy("A 的列名，用顿号隔开。留空则比较两边都有的列。"),
    )

    def columns_chosen(self) -> list[str] | None:
        names = [name.strip() for name in self.cleaned_data["columns"].split("、") if name.strip()]
        return names or None


def in_memory(view: Any) -> Any:
    """Put our handler in place before anything reads the request; then check it as always."""
    checked = csrf_protect(view)

    @csrf_exempt
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [MemoryOnly(request)]
        response = checked(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    return wrapped


@in_memory
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "POST"])
def compare_screen(request: HttpRequest) -> HttpResponse:
    """Ask for two files; show what is in both, only in one, and different, with a download on the page."""
    form = CompareForm(request.POST, request.FILES) if request.method == "POST" else CompareForm()
    context: dict[str, Any] = {
        "form": form,
        "limit": FILE_LIMIT >> 20,
        "shown": SHOWN,
        "shown_slice": f":{SHOWN}",
    }
    if request.method == "POST":
        is_valid = form.is_valid()
        if any(getattr(handler, "is_too_large", False) for handler in request.upload_handlers):
            form.errors.clear()
            form.add_error(None, _("文件最大 %(limit)d MB。") % {"limit": FILE_LIMIT >> 20})
        elif is_valid:
            context |= _answer(form)
    return render(request, "imports/compare.html", context)


@sensitive_variables()
def _answer(form: CompareForm) -> dict[str, Any]:
    data = form.cleaned_data
    tables = []
    for name in ("a", "b"):
        try:
            tables.append(table_in(data[name].read(), data[name].name))
        except (Refused, NotNow) as error:
            form.add_error(name, str(error))
            return {}
    try:
        result = compare(
            tables[0],
            tables[1],
            key_a=data["key_a"].strip(),
            key_b=data["key_b"].strip(),
            columns=form.columns_chosen(),
        )
    except (Refused, NotNow) as error:
        form.add_error("key_a", str(error))
        return {"labels_a": tables[0].labels, "labels_b": tables[1].labels}
    file = io.BytesIO()
    write_xlsx(sheets_of(result), file)
    content = base64.b64encode(file.getvalue()).decode()
    return {
        "result": result,
        "lists": [(_("只在 A 里"), result.a, result.only_a), (_("只在 B 里"), result.b, result.only_b)],
        "download": f"data:{MEDIA_TYPES['xlsx']};base64,{content}",
    }


@in_memory
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@require_POST
def compare_headers(request: HttpRequest) -> JsonResponse:
    """The columns of two files, for choosing among them before they are compared."""
    files = [request.FILES.get(name) for name in ("a", "b")]
    try:
        tables = [table_in(file.read(), file.name or "") for file in files if isinstance(file, UploadedFile)]
    except (Refused, NotNow) as error:
        return JsonResponse({"error": str(error)}, status=400)
    if len(tables) < len(files):
        return JsonResponse({"error": _("请选择两个文件。")}, status=400)
    a, b = (table.labels for table in tables)
    key_a, key_b = proposed_keys(a, b)
    return JsonResponse({"a": a, "b": b, "key_a": key_a, "key_b": key_b})

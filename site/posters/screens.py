"""The screens for posters and cards: choose, look, print, take along."""

from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.models import Page

from content_models.home.models import SiteSettings
from content_models.places.models import RegionPage
from posters import things
from posters.fonts import NoFont
from posters.layout import SHAPES, Sheet, sheets_of
from posters.pdf import MissingCharacters, pdf_of
from posters.svg import svg_of
from posters.things import KINDS, Poster
from quality.places import own

MOST = 200  # posters in one file or on one page
SHAPE_NAMES = {
    "poster": gettext_lazy("海报，每张 A4 一个"),
    "cards": gettext_lazy("卡片，每张 A4 八个，剪开用"),
}


class Screen(View):
    """What these screens share: they are for whoever works on content, and show their own part of it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not user_has_any_page_permission(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def posters(self) -> list[Poster]:
        """Everything that was asked for."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What it is called, as a file too."""
        raise NotImplementedError

    def address(self, kind: str) -> str:
        """The same choice as ``print``, ``pdf`` or the screen itself."""
        raise NotImplementedError

    @property
    def shape(self) -> str:
        asked = self.request.GET.get("shape", "")
        return asked if asked in SHAPES else "poster"

    @cached_property
    def parts(self) -> list[list[Poster]]:
        """The posters in parts that make one file each."""
        found = self.posters
        return [found[first : first + MOST] for first in range(0, len(found), MOST)]

    @property
    def part(self) -> int:
        asked = self.request.GET.get("part", "")
        is_number = asked.isascii() and asked.isdigit() and len(asked) <= 6
        return min(max(int(asked), 1), max(len(self.parts), 1)) if is_number else 1

    @property
    def chosen(self) -> list[Poster]:
        return self.parts[self.part - 1] if self.parts else []

    @cached_property
    def sheets(self) -> list[Sheet]:
        site_name = SiteSettings.for_request(self.request).site_name
        return sheets_of(self.chosen, shape=self.shape, site_name=site_name)

    def absolute(self, address: str) -> str:
        return self.request.build_absolute_uri(address)

    def query(self, **changes: Any) -> str:
        names = ("place", "kind", "shape", "part", "key")
        kept = {name: self.request.GET[name] for name in names if self.request.GET.get(name)}
        return urlencode({name: value for name, value in (kept | changes).items() if value})


class ShowsScreen(WagtailAdminTemplateMixin, Screen):
    """The screen on which one chooses and sees what comes out."""

    page_title = gettext_lazy("海报与二维码")
    header_icon = "image"
    template_name = "posters/screen.html"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        items = [{"url": reverse("wagtailadmin_home"), "label": _("首页")}, *self.further_breadcrumbs()]
        return [*items, {"url": "", "label": str(self.get_page_title())}]

    def further_breadcrumbs(self) -> list[dict[str, str]]:
        return []

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        posters = self.posters
        context = self.get_context_data(
            number=len(posters),
            shapes=[(value, name, value == self.shape) for value, name in SHAPE_NAMES.items()],
            files=[
                {
                    "number": number,
                    "first": (number - 1) * MOST + 1,
                    "last": (number - 1) * MOST + len(part),
                    "print": self.address("print") + f"?{self.query(shape=self.shape, part=number)}",
                    "pdf": self.address("pdf") + f"?{self.query(shape=self.shape, part=number)}",
                }
                for number, part in enumerate(self.parts, 1)
            ],
            sample=mark_safe(svg_of(self.sheets[0], label=self.name)) if self.sheets else "",  # escaped there
            further=self.further(),
            name=self.name,
        )
        return self.render_to_response(context)

    def further(self) -> dict[str, Any]:
        return {}


class PrintsPosters(Screen):
    """A page of sheets of paper, to be printed with the browser's own fonts."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.chosen:
            raise Http404
        svgs = [mark_safe(svg_of(sheet, label=self.name)) for sheet in self.sheets]  # escaped there
        return render(
            request,
            "posters/print.html",
            {"svgs": svgs, "name": self.name, "back": f"{self.address('')}?{self.query()}"},
        )


class GivesPdf(Screen):
    """The posters as a PDF file; where a font is missing, a word about it and the way out."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.chosen:
            raise Http404
        try:
            content = pdf_of(self.sheets, title=self.name)
        except NoFont:
            messages.error(
                request,
                _(
                    "服务器上没有中文字体，生成不了 PDF。请用“打印”，在打印窗口里可以另存为 PDF；"
                    "或请管理员安装字体（fonts-noto-cjk），或在 POSTER_FONT 里写上字体文件。"
                ),
            )
        except MissingCharacters as missing:
            messages.error(
                request,
                _("字体里没有这些字：%(characters)s。请用“打印”，在打印窗口里可以另存为 PDF。")
                % {"characters": "、".join(missing.characters)},
            )
        else:
            return _file(content, "application/pdf", f"{self.name}.pdf")
        return redirect(f"{self.address('')}?{self.query()}")


class OfPlace(Screen):
    """What is there for a place: ``?place=…&kind=guides&shape=cards``."""

    @cached_property
    def places(self) -> list[RegionPage]:
        """The district, streets and communities that the user works on."""
        return list(own(RegionPage.objects.live().public(), self.request.user).order_by("path"))

    @cached_property
    def place(self) -> RegionPage | None:
        asked = self.request.GET.get("place", "")
        found = next((place for place in self.places if str(place.pk) == asked), None)
        return found if found or asked else next(iter(self.places), None)

    @property
    def kind(self) -> str:
        asked = self.request.GET.get("kind", "")
        return asked if asked in KINDS else next(iter(KINDS))

    @cached_property
    def posters(self) -> list[Poster]:
        if self.place is None:
            return []
        return things.within(self.place, self.kind, absolute=self.absolute)

    @property
    def name(self) -> str:
        return f"{self.place.title if self.place else ''} {KINDS[self.kind]}"

    def address(self, kind: str) -> str:
        return reverse(f"posters:{kind or 'index'}")


class Many(OfPlace, ShowsScreen):
    def further(self) -> dict[str, Any]:
        return {
            "places": [(place.pk, place.title, place.depth, place == self.place) for place in self.places],
            "kinds": [(value, name, value == self.kind) for value, name in KINDS.items()],
        }


class PrintMany(OfPlace, PrintsPosters):
    pass


class PdfOfMany(OfPlace, GivesPdf):
    pass


class OfOne(Screen):
    """What is there for one page that the user works on; ``?key=`` names one certificate of a list."""

    @cached_property
    def page(self) -> Page:
        return get_object_or_404(own(Page.objects.live(), self.request.user), pk=self.kwargs["page_id"])

    @cached_property
    def posters(self) -> list[Poster]:
        found = things.of_page(self.page, absolute=self.absolute, key=self.request.GET.get("key", ""))
        if found is None:
            raise Http404
        return found

    @property
    def name(self) -> str:
        return self.posters[0].title if len(self.posters) == 1 else self.page.title

    def address(self, kind: str) -> str:
        names = {"": "page", "print": "print_page", "pdf": "pdf_of_page", "svg": "svg_of_page"}
        return reverse(f"posters:{names[kind]}", args=[self.page.pk])


class OfPage(OfOne, ShowsScreen):
    def further_breadcrumbs(self) -> list[dict[str, str]]:
        edit = reverse("wagtailadmin_pages:edit", args=[self.page.pk])
        return [{"url": edit, "label": self.page.title}]

    def further(self) -> dict[str, Any]:
        if len(self.posters) != 1:
            each = [(poster.title, f"?{self.query(key=poster.key, part='')}") for poster in self.posters]
            return {"singles": each}
        return {"svg": f"{self.address('svg')}?{self.query(shape='', part='')}"}


class PrintPage(OfOne, PrintsPosters):
    pass


class PdfOfPage(OfOne, GivesPdf):
    pass


class SvgOfPage(OfOne):
    """One poster as a drawing that others may lay out further."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if len(self.posters) != 1:
            raise Http404
        return _file(svg_of(self.sheets[0], label=self.name).encode(), "image/svg+xml", f"{self.name}.svg")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to keep, named as people call it."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    return response

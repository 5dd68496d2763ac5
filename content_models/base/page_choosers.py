"""Choosing several pages: a short list in the form and a dialog with search, however many pages there are."""

import functools
import operator

from django import forms
from django.apps import apps
from django.db.models import Q
from django.http import Http404
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import View
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.models import Page

from content_models.base.rights import visible_pages

MATCHES_ABOVE = 100


def named(pages, text):
    """Those of ``pages`` whose name, or the name of a page above them, holds ``text``."""
    above = Page.objects.filter(title__icontains=text, depth__gt=1, numchild__gt=0)
    paths = above.order_by("depth").values_list("path", flat=True)[:MATCHES_ABOVE]
    return pages.filter(
        functools.reduce(operator.or_, (Q(path__startswith=path) for path in paths), Q(title__icontains=text))
    )


def names_on_the_way(pages):
    """``{path: [name]}`` of the pages above each of ``pages``, from the site's home down; one query."""
    above = {page.path[:end] for page in pages for end in range(Page.steplen, len(page.path), Page.steplen)}
    titles = dict(Page.objects.filter(path__in=above, depth__gt=1).values_list("path", "title"))
    return {
        page.path: [
            titles[page.path[:end]]
            for end in range(Page.steplen, len(page.path), Page.steplen)
            if page.path[:end] in titles
        ]
        for page in pages
    }


def described(pages):
    """``[{"id", "title", "where"}]``: what the form shows of chosen pages, in the order of their names."""
    way = names_on_the_way(pages)
    return [
        {
            "id": str(page.pk),
            "title": page.get_admin_display_title()
            if page.live
            else _("%(title)s（未发布）") % {"title": page.get_admin_display_title()},
            "where": " › ".join(way[page.path]),
        }
        for page in pages
    ]


class PagesChooser(forms.Widget):
    """Several pages of one kind: each with a button that takes it off, and one that opens the dialog."""

    template_name = "page_admin/pages_chooser.html"
    allow_multiple_selected = True

    def __init__(self, model, attrs=None):
        super().__init__(attrs)
        self.model = model

    def format_value(self, value):
        return [str(getattr(page, "pk", page)) for page in value or ()]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        chosen = Page.objects.filter(pk__in=[pk for pk in self.format_value(value) if pk.isdecimal()])
        context["widget"] |= {
            "pages": described(list(chosen.order_by("title", "pk"))),
            "url": f"{reverse('choose_pages')}?kind={self.model._meta.label_lower}&multiple=1",
            "noun": self.model._meta.verbose_name,
        }
        return context

    def value_from_datadict(self, data, files, name):
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)

    def value_omitted_from_datadict(self, data, files, name):
        # Nothing chosen sends nothing.
        return False

    @property
    def media(self):
        return forms.Media(
            js=[versioned_static("wagtailadmin/js/chooser-modal.js"), "page_admin/pages_chooser.js"]
        )


# The dialog


class NameFilter(BaseFilterForm):
    """Finds pages by a part of their name or of the place they are in."""

    q = forms.CharField(
        label=gettext_lazy("按名称或所在位置查找"), required=False, widget=forms.TextInput({"type": "search"})
    )

    def filter(self, objects):
        text = self.cleaned_data["q"].strip()
        if not text:
            return objects
        self.is_searching, self.search_query = True, text
        return named(objects, text)


class OfOneKind(View):
    """The pages of the kind in the address that the user may see."""

    def dispatch(self, request, *args, **kwargs):
        if not user_has_any_page_permission(request.user) or self.model_class is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def model_class(self):
        app, _dot, name = self.request.GET.get("kind", "").partition(".")
        model = apps.all_models.get(app, {}).get(name)
        return model if model is not None and issubclass(model, Page) else None

    def get_object_list(self):
        return self.model_class.objects.filter(pk__in=visible_pages(self.request.user).values("pk"))


class PagesList(OfOneKind):
    """One page of the dialog's list."""

    per_page = 20
    ordering = ["title", "pk"]
    preserve_url_parameters = ["multiple", "kind"]
    results_url_name = "choose_pages_results"
    chosen_multiple_url_name = "chosen_pages"
    filter_form_class = NameFilter
    is_multiple_choice = True
    icon = "doc-empty-inverse"

    @property
    def page_title(self):
        return _("选择%(noun)s") % {"noun": self.model_class._meta.verbose_name}

    def can_create(self):
        return False

    @property
    def columns(self):
        way = names_on_the_way(list(self.results))
        return [
            self.title_column,
            Column("where", label=_("所在位置"), accessor=lambda page: " › ".join(way[page.path])),
            Column("state", label=_("状态"), accessor=lambda page: _("已发布") if page.live else _("未发布")),
        ]


class ChoosePagesView(PagesList, chooser.ChooseView):
    """The dialog."""


class ChoosePagesResultsView(PagesList, chooser.ChooseResultsView):
    """Its list after a search or on another page."""


class ChosenPagesView(OfOneKind, chooser.ChosenMultipleView):
    """What was ticked, for the form behind the dialog."""

    def get_objects(self, pks):
        wanted = [pk for pk in pks if pk.isdecimal()]
        return self.get_object_list().filter(pk__in=wanted).order_by("title", "pk")

    def get_multiple_chosen_response(self, items):
        return self._wrap_chosen_response_data(described(list(items)))


urlpatterns = [
    path("choose-pages/", ChoosePagesView.as_view(), name="choose_pages"),
    path("choose-pages/results/", ChoosePagesResultsView.as_view(), name="choose_pages_results"),
    path("choose-pages/chosen/", ChosenPagesView.as_view(), name="chosen_pages"),
]

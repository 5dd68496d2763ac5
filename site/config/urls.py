from django.urls import include, path, re_path
from django.views.defaults import bad_request
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from api import problems
from content_models.communities.views import choose_community
from content_models.home import views as home
from quality import held_back
from staff import documents
from staff.sign_in.views import to_sign_in

urlpatterns = [
    path("api/", include("api.urls")),
    path("admin/", include("staff.urls")),
    path("", include("staff.sign_in.shared_passwords")),
    path("_util/login/", to_sign_in),  # for pages that staff alone may read: there is one way in
    path("admin/", include(wagtailadmin_urls)),
    path("documents/<int:document_id>/<path:document_filename>", held_back.give_document),
    path("documents/", include(wagtaildocs_urls)),
    path("my-community/", choose_community, name="choose_community"),
    path("", include("api.public_urls")),
    path("search/", include("search.urls")),
    path("feedback/", include("feedback.urls")),
    path("procedures/", include("procedures.urls")),
    path("open-data/", include("api.open_data.urls")),
    # Pictures only: documents are served by Wagtail, which asks for rights.
    re_path(
        r"^media/(?P<path>(?:images|original_images)/.+\.(?:avif|gif|jpe?g|png|webp))$",
        documents.give_picture,
    ),
    path("", include(wagtail_urls)),
]

handler400 = problems.or_page(problems.bad_request, bad_request)
handler404 = problems.or_page(problems.not_found, home.not_found)
handler500 = problems.or_page(problems.unexpected, home.server_error)

from django.urls import path

from posters import screens

app_name = "posters"
urlpatterns = [
    path("", screens.Many.as_view(), name="index"),
    path("print/", screens.PrintMany.as_view(), name="print"),
    path("pdf/", screens.PdfOfMany.as_view(), name="pdf"),
    path("<int:page_id>/", screens.OfPage.as_view(), name="page"),
    path("<int:page_id>/print/", screens.PrintPage.as_view(), name="print_page"),
    path("<int:page_id>/pdf/", screens.PdfOfPage.as_view(), name="pdf_of_page"),
    path("<int:page_id>/svg/", screens.SvgOfPage.as_view(), name="svg_of_page"),
]

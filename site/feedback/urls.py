from django.urls import path

from feedback import views

urlpatterns = [
    path("demands/", views.demand, name="feedback_demand"),
    path("demands/<int:list_id>/", views.demand, name="feedback_demand_in"),
    path("demands/<int:list_id>/<str:key>/", views.demand, name="feedback_demand_of"),
    path("receipts/", views.receipts, name="feedback_receipts"),
    path("receipts/<str:code>/", views.receipt, name="feedback_receipt"),
    path("useful/<int:page_id>/", views.useful, name="feedback_useful"),
    path("useful/<int:page_id>/<str:key>/", views.useful, name="feedback_useful_of"),
]

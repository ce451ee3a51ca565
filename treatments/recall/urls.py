from django.urls import path

from treatments.recall import views

app_name = "recall"
LOT = "lots/<uuid:lot_id>/"
urlpatterns = [
    path("lots/", views.index, name="index"),
    path("products/<uuid:product_id>/", views.product, name="product"),
    path(LOT, views.lot, name="lot"),
    path(f"{LOT}correct/", views.lot_edit, name="lot-edit"),
    path(f"{LOT}stock/", views.lot_stock, name="lot-stock"),
    path(f"{LOT}finish/", views.lot_finish, name="lot-finish"),
    path(f"{LOT}recall/", views.lot_recall, name="lot-recall"),
    path(f"{LOT}calls/", views.lot_calls, name="lot-calls"),
    path(f"{LOT}calls.csv", views.lot_calls_csv, name="lot-calls-csv"),
]

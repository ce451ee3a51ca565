from django.urls import path

from treatments.products import act_views, views

app_name = "products"
LOT = "lots/<uuid:lot_id>/"
urlpatterns = [
    path("lots/", views.index, name="index"),
    path("products/add/", views.product_add, name="product-add"),
    path("products/<uuid:product_id>/", views.product, name="product"),
    path("products/<uuid:product_id>/correct/", views.product_edit, name="product-edit"),
    path("products/<uuid:product_id>/corrections/", views.product_corrections, name="product-corrections"),
    path("lots/receive/", views.lot_receive, name="lot-receive"),
    path(LOT, views.lot, name="lot"),
    path(f"{LOT}correct/", views.lot_edit, name="lot-edit"),
    path(f"{LOT}corrections/", views.lot_corrections, name="lot-corrections"),
    path(f"{LOT}open/", views.lot_open, name="lot-open"),
    path(f"{LOT}finish/", act_views.lot_finish, name="lot-finish"),
    path(f"{LOT}recall/", act_views.lot_recall, name="lot-recall"),
    path(f"{LOT}put-back/", act_views.lot_put_back, name="lot-put-back"),
    path(f"{LOT}calls/", views.lot_calls, name="lot-calls"),
    path(f"{LOT}calls.csv", views.lot_calls_csv, name="lot-calls-csv"),
]

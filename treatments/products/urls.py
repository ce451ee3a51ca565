from django.urls import path

from treatments.products import views

app_name = "products"
LOT = "lots/<uuid:lot_id>/"
urlpatterns = [
    path("products/add/", views.product_add, name="product-add"),
    path("products/<uuid:product_id>/correct/", views.product_edit, name="product-edit"),
    path("products/<uuid:product_id>/corrections/", views.product_corrections, name="product-corrections"),
    path("lots/receive/", views.lot_receive, name="lot-receive"),
    path(f"{LOT}corrections/", views.lot_corrections, name="lot-corrections"),
    path(f"{LOT}open/", views.lot_open, name="lot-open"),
    path(f"{LOT}count/", views.lot_count, name="lot-count"),
    path(f"{LOT}put-back/", views.lot_put_back, name="lot-put-back"),
]

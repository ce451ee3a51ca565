from django.urls import path

from clinic.sign_in.cover import views

urlpatterns = [
    path("cover/", views.cover, name="cover"),
    path("cover/touched/", views.touched, name="touched"),
    path("cover/uncover/", views.uncover, name="uncover"),
    path("pin/", views.device_pin, name="device-pin"),
    path("pin/remove/", views.remove_pin, name="remove-pin"),
]

from django.urls import path

from clinic.sign_in import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/again/", views.sign_in_again, name="sign-in-again"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("clinics/<int:membership_id>/choose/", views.choose_clinic, name="choose-clinic"),
]

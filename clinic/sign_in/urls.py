from django.urls import include, path

from clinic.sign_in import views

urlpatterns = [
    path("", include("clinic.sign_in.own_page.urls")),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/again/", views.sign_in_again, name="sign-in-again"),
    path("sign-in/passkey/", views.passkey_options, name="passkey-options"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("", include("clinic.sign_in.cover.urls")),
    path("clinics/<int:membership_id>/choose/", views.choose_clinic, name="choose-clinic"),
]

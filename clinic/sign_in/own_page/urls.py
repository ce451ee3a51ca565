from django.urls import path

from clinic.sign_in.own_page import views

urlpatterns = [
    path("own-page/", views.own_page, name="own-page"),
    path("own-page/password/", views.password, name="own-password"),
    path("own-page/app/", views.app, name="own-app"),
    path("own-page/passkeys/add/", views.add_passkey, name="own-passkey"),
    path("own-page/passkeys/options/", views.new_passkey_options, name="own-passkey-options"),
    path("own-page/remove/", views.remove_factor, name="own-remove"),
    path("own-page/recovery-codes/", views.recovery_codes, name="own-recovery-codes"),
    path("own-page/devices/end/", views.end_device, name="own-end-device"),
]

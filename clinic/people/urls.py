from django.urls import path

from clinic.people import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/add/", views.add_person, name="person-add"),
    path("people/<int:membership_id>/", views.person, name="person"),
    path("people/<int:membership_id>/role/", views.change_role, name="person-role"),
    path("people/<int:membership_id>/end/", views.end_person, name="person-end"),
    path("people/<int:membership_id>/return/", views.let_come_back, name="person-return"),
    path("people/<int:membership_id>/sign-out/", views.sign_out_person, name="person-sign-out"),
    path("people/<int:membership_id>/link/", views.link_for_person, name="person-link"),
    path("people/<int:membership_id>/link/cancel/", views.cancel_link, name="person-link-cancel"),
    path("clinic/", views.clinic_settings, name="clinic-settings"),
    path("link/<str:secret>/passkey/", views.link_passkey_options, name="one-time-link-passkey"),
    path("link/<str:secret>/", views.one_time_link, name="one-time-link"),
]

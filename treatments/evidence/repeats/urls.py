"""The clinic's own repeat counts; part of the namespace `evidence`."""

from django.urls import path

from treatments.evidence.repeats import views

REPEATS = "clinic/repeat-counts/"
urlpatterns = [
    path(REPEATS, views.repeats, name="repeats"),
    path(f"{REPEATS}add/", views.add, name="repeats-add"),
    path(f"{REPEATS}use/", views.use, name="repeats-use"),
    path(f"{REPEATS}<uuid:repeat_id>/strike-out/", views.strike_out, name="repeats-strike-out"),
]

from django.urls import path

from treatments.identity.merge import views

urlpatterns = [
    path("merge/", views.merge, name="merge"),
    path("merges/<uuid:merge_id>/take-apart/", views.take_apart, name="take-apart"),
]

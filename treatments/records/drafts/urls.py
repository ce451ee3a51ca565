from django.urls import path

from treatments.records.drafts import views

app_name = "records"
urlpatterns = [
    path("", views.draft, name="draft"),
    path("keep/", views.keep, name="keep"),
]

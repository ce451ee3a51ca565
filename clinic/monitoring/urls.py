from django.urls import path

from clinic.monitoring import views

urlpatterns = [
    path("metrics", views.metrics, name="metrics"),
    path("support/", views.support, name="support"),
]

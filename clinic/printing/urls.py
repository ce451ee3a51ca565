from django.urls import path

from clinic.printing import views

urlpatterns = [path("printed/", views.printed, name="printed")]

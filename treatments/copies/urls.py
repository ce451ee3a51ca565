from django.urls import path

from treatments.copies.first_page.views import begin
from treatments.copies.views import copies

urlpatterns = [
    path("copies/", copies, name="copies"),
    path("begin/<str:secret>/", begin, name="begin"),
]

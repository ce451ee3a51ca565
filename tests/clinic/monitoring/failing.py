"""The addresses of Anagen, and one whose page breaks with a patient's name in its error."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.staff.access import Can, requires
from clinic.urls import handler400, handler403, handler404, handler500
from clinic.urls import urlpatterns as usual

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@requires(Can.SEE_PEOPLE)
def fails(request: HttpRequest, **ids: Any) -> HttpResponse:
    secret = "Ida Invented"
    raise IntegrityError(f"Key (name)=({secret}) already exists.")


urlpatterns = [path("fails/<uuid:patient_id>/", fails, name="fails"), *usual]

from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.staff.access import Can, requires

app_name = "timeline"


@requires(Can.SEE_RECORD)
def soon(request: HttpRequest, patient_id: object = None) -> HttpResponse:
    return HttpResponse("soon")


@requires(Can.SEE_PEOPLE)
def today(request: HttpRequest) -> HttpResponse:
    return HttpResponse("soon")


urlpatterns = [path("patients/<uuid:patient_id>/", soon, name="patient")]

from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.staff.access import Can, requires

app_name = "safety"


@requires(Can.SEE_RECORD)
def soon(request: HttpRequest) -> HttpResponse:
    return HttpResponse("soon")


urlpatterns = [path("adverse-events/", soon, name="index")]

from django.urls import include, path

from clinic.operations.views import health, live, ready

urlpatterns = [
    path("health/", health, name="health"),
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
    path("", include("clinic.monitoring.urls")),
    path("", include("clinic.people.urls")),
    path("", include("clinic.printing.urls")),
    path("", include("clinic.sign_in.urls")),
    path("", include("treatments.urls")),
]
handler400 = "clinic.errors.bad_request"
handler403 = "clinic.errors.forbidden"
handler404 = "clinic.errors.not_found"
handler500 = "clinic.errors.server_error"

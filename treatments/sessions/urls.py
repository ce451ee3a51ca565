from django.urls import include, path

app_name = "sessions"
urlpatterns = [
    path("", include("treatments.sessions.plan.urls")),
    path("", include("treatments.sessions.past.urls")),
    path("", include("treatments.sessions.log.urls")),
]

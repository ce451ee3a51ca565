from django.urls import include, path

from treatments.timeline.views import calls, first_start, today

urlpatterns = [
    path("", today, name="today"),
    path("calls/", calls, name="calls"),
    path("first-start/", first_start, name="first-start"),
    path("drafts/", include("treatments.records.drafts.urls")),
    path("", include("treatments.audit_trail.urls")),
    path("", include("treatments.timeline.urls")),
    path("", include("treatments.registry.urls")),
    path("", include("treatments.identity.urls")),
    path("", include("treatments.consents.urls")),
    path("", include("treatments.recall.urls")),
    path("", include("treatments.products.urls")),
    path("", include("treatments.examination.urls")),
    path("", include("treatments.assessments.urls")),
    path("", include("treatments.photos.urls")),
    path("", include("treatments.safety.urls")),
    path("", include("treatments.sessions.urls")),
    path("", include("treatments.appointments.urls")),
    path("", include("treatments.papers.urls")),
    path("", include("treatments.transfer.urls")),
    path("", include("treatments.evidence.urls")),
    path("", include("treatments.whole_record.urls")),
    path("", include("treatments.copies.urls")),
    path("", include("treatments.evidence.reading.urls")),
]

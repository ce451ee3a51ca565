"""Which views were photographed before a patient's treatment began: what a later visit can be set against."""

import datetime

from treatments.courses.models import Course, ExosomeSession
from treatments.patients.models import Patient
from treatments.photos.models import Photo


def views_with_baseline(patient: Patient, day: datetime.date) -> set[str]:
    """Views photographed before the treatment began, or before that day where there is no course."""
    photos = Photo.objects.standing().filter(patient=patient)
    course = Course.objects.on(patient, day)
    if course is None:
        return set(photos.filter(taken_on__lt=day).values_list("view", flat=True))
    sessions = ExosomeSession.objects.standing().filter(course=course).order_by("performed_on")
    first = sessions.values_list("performed_on", flat=True).first()
    last_day = max(first, course.baseline_on) if first else course.baseline_on
    return set(photos.filter(taken_on__lte=last_day).values_list("view", flat=True))

"""Which views were photographed before a patient's treatment began: what a later visit can be set against."""

from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.photos.patient_photos import baseline_photo, load
from treatments.records.partial_dates import PartialDate


def views_with_baseline(patient: Patient, course: Course | None, visit: PartialDate) -> set[str]:
    """Views whose baseline was photographed before a visit; without a course nothing began, and any photo serves."""
    photos = load(patient)
    calendar = photos.course_calendar(course) if course is not None else None
    views = set()
    for group in photos.groups.values():
        before = [photo for photo in group if photo.when.earliest < visit.earliest]
        if before and (calendar is None or baseline_photo(before, calendar)):
            views.add(before[0].view)
    return views

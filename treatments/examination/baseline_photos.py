"""Which views were photographed before a patient's treatment began: what a later visit can be set against."""

from collections import defaultdict

from treatments.assessments.baseline import baseline_of
from treatments.assessments.previous_visits import course_start
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.records.partial_dates import PartialDate


def views_with_baseline(patient: Patient, course: Course | None, visit: PartialDate) -> set[str]:
    """Views whose baseline was photographed before a visit."""
    by_view: dict[str, list[Photo]] = defaultdict(list)
    for photo in Photo.objects.standing().filter(patient=patient):
        by_view[photo.view].append(photo)
    start = course_start(course)
    baselines = {
        view: baseline_of(photos, start, alike=lambda photo: photo.when.earliest < visit.earliest)
        for view, photos in by_view.items()
    }
    return {view for view, photo in baselines.items() if photo}

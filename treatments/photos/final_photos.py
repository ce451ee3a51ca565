"""Whether a course has the photos that its plan ends with."""

import datetime
import uuid
from collections.abc import Collection

from treatments.courses.models import Course
from treatments.photos.models import Photo


def are_missing(patient_id: uuid.UUID, views: Collection[str], since: datetime.date | None) -> bool:
    """Whether a view of the plan was not taken on or after that day; False while no day is set."""
    if since is None:
        return False
    taken = Photo.objects.standing().filter(patient_id=patient_id, taken_on__gte=since)
    return not set(views) <= set(taken.values_list("view", flat=True))


def recompute_for(photo: Photo) -> None:
    """Set anew which courses of its patient miss their final photos; in the transaction that changed the photo."""
    ended = Course.objects.standing().filter(patient_id=photo.patient_id, final_photos_from__isnull=False)
    for course in ended.only("views", "final_photos_from", "final_photos_missing"):
        missing = are_missing(photo.patient_id, course.views, course.final_photos_from)
        if missing != course.final_photos_missing:
            Course.objects.filter(pk=course.pk).update(final_photos_missing=missing)

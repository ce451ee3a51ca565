"""Whether a course has the photos that its plan ends with."""

import datetime
from collections.abc import Collection
from typing import Any

from treatments.courses.models import Course
from treatments.photos.models import Photo


def are_missing(patient_id: Any, views: Collection[str], since: datetime.date | None) -> bool:
    """Whether a view of the plan was not taken on or after that day; False while no day is set."""
    if since is None:
        return False
    taken = Photo.objects.standing().filter(patient_id=patient_id, taken_on__gte=since)
    return not set(views) <= set(taken.values_list("view", flat=True))


def settle(patient_id: Any) -> None:
    """Look again whether the patient's courses miss their final photos; in the transaction that changed a photo."""
    ended = Course.objects.standing().filter(patient_id=patient_id, final_photos_from__isnull=False)
    for course in ended.only("views", "final_photos_from", "final_photos_missing"):
        missing = are_missing(patient_id, course.views, course.final_photos_from)
        if missing != course.final_photos_missing:
            Course.objects.filter(pk=course.pk).update(final_photos_missing=missing)

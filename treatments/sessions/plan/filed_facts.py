"""What is filed under a course besides its sessions: taken in when the first course is planned, named before a course
is struck out, and handed on afterwards."""

from typing import Any

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import User
from treatments.assessments.laboratory.models import LaboratoryReport
from treatments.assessments.models import Assessment, Measurement
from treatments.courses.models import Course
from treatments.photos.models import Photo
from treatments.records.actions import correct
from treatments.records.formatting import count
from treatments.safety.models import AdverseEvent

_KINDS: dict[type[Any], str] = {
    Assessment: "assessment",
    Measurement: "measurement",
    LaboratoryReport: "laboratory report",
    Photo: "photo",
    AdverseEvent: "event",
}


def take_in(course: Course, *, by: User) -> None:
    """Give the patient's only course what was recorded before there was one."""
    if Course.objects.of_patient(course.patient).exclude(pk=course.pk).exists():
        return
    numbers = {
        name: kind.objects.filter(patient=course.patient_id, course__isnull=True).update(course=course)
        for kind, name in _KINDS.items()
    }
    if any(numbers.values()):
        log.record("linked_facts", by=by, clinic=course.clinic, target=course, detail=numbers)


def counts(course: Course) -> list[str]:
    """ "1 assessment", "12 photos": what stands under a course besides its sessions."""
    numbers = {
        name: kind.objects.filter(course=course, struck_out_at__isnull=True).count() for kind, name in _KINDS.items()
    }
    return [count(number, name) for name, number in numbers.items() if number]


def hand_on(course: Course, *, to: Course, reason: str, by: User) -> int:
    """Give what stands under a course to another course of the patient, each as a correction; how many there were."""
    number = 0
    with transaction.atomic():
        for kind in _KINDS:
            for fact in kind.objects.filter(course=course, struck_out_at__isnull=True).order_by("id"):
                correct(fact, changes={"course": to}, reason=reason, expected_version=fact.version, by=by)
                number += 1
    return number

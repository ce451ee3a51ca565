"""To which course a record belongs, on its own page."""

from typing import Any

from django import template
from django.urls import reverse

from treatments.courses.membership import Courses
from treatments.courses.models import Course
from treatments.models import AdverseEvent, Assessment, LaboratoryReport, Measurement, Photo
from treatments.records.months import label

register = template.Library()

_CORRECT = {
    Assessment: "examination:correct",
    Measurement: "assessments:measurement-correct",
    LaboratoryReport: "assessments:laboratory-correct",
    Photo: "photos:correct",
    AdverseEvent: "safety:correct",
}


@register.inclusion_tag("components/own_course.html", takes_context=True)
def own_course(
    context: Any, record: Assessment | Measurement | LaboratoryReport | Photo | AdverseEvent
) -> dict[str, Any]:
    """The Month of a record in its own course, with the course where there are several; or the question which it is."""
    courses = Courses(Course.objects.filter(patient=record.patient_id).order_by("baseline_on", "id"))
    session, visit = getattr(record, "exosome_session", None), getattr(record, "assessment", None)
    links = [record.course_id, *(each.course_id for each in (session, visit) if each is not None)]
    membership = courses.of(*links, when=record.when)
    course = membership.course
    return {
        "month": label(course.when, record.when).text if course else "",
        "course": course if len(courses.standing) > 1 else None,
        "asks": membership if membership.is_open and not record.is_struck_out else None,
        "url": reverse(_CORRECT[type(record)], args=[record.patient_id, record.pk]),
        "can": context.get("can"),
    }

"""Fills the course of every fact where it follows from a session or an assessment, or from its date beyond doubt.

What may belong to more than one course is left open, and the page asks for it. Rows that carry a course keep it. The
rule is written out here as it was when the link came, so that a later change of it does not change this migration.
"""

import calendar
import datetime

from django.db import migrations
from django.db.models import Count, OuterRef, Subquery

FACTS = {
    "Assessment": ("assessed_on", "assessed_precision"),
    "Measurement": ("measured_on", "measured_precision"),
    "Photo": ("taken_on", "taken_precision"),
    "AdverseEvent": ("happened", "onset"),
}
SCREENING_DAYS = 92


def from_what_it_came_with(apps):
    """The course of the session first; then that of the assessment, which may just have got its own."""
    for name, link, source in (
        ("Photo", "exosome_session", "ExosomeSession"),
        ("AdverseEvent", "exosome_session", "ExosomeSession"),
        ("Photo", "assessment", "Assessment"),
        ("Measurement", "assessment", "Assessment"),
    ):
        rows = apps.get_model("treatments", name).objects.filter(course__isnull=True, **{f"{link}__isnull": False})
        course = apps.get_model("treatments", source).objects.filter(pk=OuterRef(link)).values("course_id")[:1]
        rows.update(course_id=Subquery(course))


def from_the_only_course(apps):
    course = apps.get_model("treatments", "Course")
    standing = course.objects.filter(struck_out_at__isnull=True)
    alone = (
        standing.order_by().values("patient_id").annotate(courses=Count("pk")).filter(courses=1).values("patient_id")
    )
    own = standing.filter(patient_id=OuterRef("patient_id")).values("pk")[:1]
    for name in FACTS:
        rows = apps.get_model("treatments", name).objects.filter(course__isnull=True, patient_id__in=alone)
        rows.update(course_id=Subquery(own))


def from_the_date(apps):
    """Patient by patient, where there are several courses."""
    course = apps.get_model("treatments", "Course")
    standing = course.objects.filter(struck_out_at__isnull=True)
    several = standing.order_by().values("patient_id").annotate(courses=Count("pk")).filter(courses__gt=1)
    for patient_id in several.values_list("patient_id", flat=True).iterator(chunk_size=500):
        courses = list(standing.filter(patient_id=patient_id).order_by("baseline_on", "id"))
        for name, (day, precision) in FACTS.items():
            facts = apps.get_model("treatments", name).objects.filter(patient_id=patient_id, course__isnull=True)
            if name == "Measurement":  # one made at an assessment goes with it
                facts = facts.filter(assessment__isnull=True)
            for pk, on, known_to in list(facts.values_list("pk", day, precision)):
                own = the_only_one_meant(courses, *span(on, known_to))
                if own is not None:
                    facts.model.objects.filter(pk=pk).update(course_id=own.pk)


def the_only_one_meant(courses, earliest, latest):
    meant = [course for course in courses if may_be_meant(course, courses, earliest, latest)]
    if not meant and latest < courses[0].baseline_on:
        return courses[0]
    return meant[0] if len(meant) == 1 else None


def may_be_meant(course, courses, earliest, latest):
    """Within the screening of a course or after it, and not behind its end in the time of a later one."""
    if latest < course.baseline_on - datetime.timedelta(days=SCREENING_DAYS):
        return False
    end = course.stopped_on or (course.last_session_on if course.state == "finished" else None)
    later = (other for other in courses if other.baseline_on > course.baseline_on)
    begun = any(span(other.baseline_on, other.baseline_precision)[1] <= earliest for other in later)
    return not (end is not None and end < earliest and begun)


def span(day, known_to):
    """The days that a fact may be of. `known_to` is "day", "month", or the onset of an event as it is stored ("2024-05~"),
    where nothing is known of the onset the day it is filed under counts."""
    parts = str(known_to or "day").rstrip("~").split("-")
    if str(known_to).endswith("~"):
        return day - datetime.timedelta(days=366), day + datetime.timedelta(days=731)
    if known_to == "month" or len(parts) == 2:
        return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if len(parts) == 1 and parts[0].isdecimal():
        return datetime.date(int(parts[0]), 1, 1), datetime.date(int(parts[0]), 12, 31)
    return day, day


def fill(apps, schema_editor):
    from_what_it_came_with(apps)
    from_the_only_course(apps)
    from_the_date(apps)
    from_what_it_came_with(apps)


class Migration(migrations.Migration):

    dependencies = [("treatments", "0011_course_of_each_fact")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]

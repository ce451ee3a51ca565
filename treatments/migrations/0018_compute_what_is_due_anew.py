"""Work out again what is due in each course: spans, broken-off sessions and the end of the opening run now count."""

from collections import defaultdict

from django.db import migrations

from treatments.courses.intervals import Given
from treatments.courses.schedule import PlanFacts, next_due, places_filled, state_after
from treatments.courses.vocabulary import Phase
from treatments.records.models import partial

AT_ONCE = 500
OPEN = ("induction", "maintenance", "refresh")
COLUMNS = [
    "state", "next_due", "next_due_on", "next_due_until", "next_due_place", "last_session_precision",
    "final_photos_from", "final_photos_missing",
]  # fmt: skip


def compute_courses(apps, schema_editor):
    courses = apps.get_model("treatments", "Course").objects
    sessions = apps.get_model("treatments", "ExosomeSession").objects.filter(struck_out_at__isnull=True)
    for chunk in _in_chunks(courses):
        given = defaultdict(list)
        rows = sessions.filter(course__in=[course.pk for course in chunk]).order_by("performed_on", "performed_precision", "id")
        for row in rows.values_list("course_id", "phase", "performed_on", "performed_precision", "outcome"):
            given[row[0]].append(Given(row[1], partial(row[2], row[3]), row[4]))
        for course in chunk:
            _compute(course, given[course.pk])
        courses.bulk_update(chunk, COLUMNS)


def _in_chunks(rows):
    """The rows by id, some hundred at a time, so that a large clinic needs no more memory than a small one."""
    chunk = list(rows.order_by("pk")[:AT_ONCE])
    while chunk:
        yield chunk
        chunk = list(rows.filter(pk__gt=chunk[-1].pk).order_by("pk")[:AT_ONCE])


def _compute(course, given):
    plan = PlanFacts(**{name: getattr(course, name, None) for name in PlanFacts.__dataclass_fields__})
    baseline = partial(course.baseline_on, course.baseline_precision)
    stopped = course.stopped_on is not None
    due = None if stopped else next_due(plan, baseline=baseline, given=given)
    course.state = state_after(plan, baseline=baseline, given=given, stopped=stopped)
    course.next_due = due.window.text if due else ""
    course.next_due_on = due.on if due else None
    course.next_due_until = due.until if due else None
    course.next_due_place = due.number if due else None
    if given:
        course.last_session_precision = f"{given[-1].when.precision}{'~' if given[-1].when.approximate else ''}"
    if places_filled(given, Phase.INDUCTION) < course.sessions_planned:
        course.final_photos_from, course.final_photos_missing = None, False


def compute_patients(apps, schema_editor):
    """Of a patient's open courses that whose next session is the first to be overdue."""
    patients = apps.get_model("treatments", "Patient").objects
    courses = apps.get_model("treatments", "Course").objects.filter(struck_out_at__isnull=True)
    for chunk in _in_chunks(patients):
        by_patient = defaultdict(list)
        for course in courses.filter(patient__in=[patient.pk for patient in chunk]).order_by("-baseline_on", "-id"):
            by_patient[course.patient_id].append(course)
        for patient in chunk:
            own = by_patient[patient.pk]
            due = [course for course in own if course.state in OPEN and course.next_due]
            first = min(due, key=lambda course: (course.next_due_until, course.next_due_on), default=None)
            patient.next_due = first.next_due if first else ""
            patient.next_due_on = first.next_due_on if first else None
            patient.next_due_until = first.next_due_until if first else None
            newest = sorted(own, key=lambda course: course.state not in OPEN)
            patient.course_state = newest[0].state if newest else ""
        patients.bulk_update(chunk, ["next_due", "next_due_on", "next_due_until", "course_state"])


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0017_spans_of_what_is_due"),
    ]

    operations = [
        migrations.RunPython(compute_courses, migrations.RunPython.noop),
        migrations.RunPython(compute_patients, migrations.RunPython.noop),
    ]

"""Nobody is called any more for a course that was overdue already when a newer one of the same patient began."""

from django.db import migrations
from django.db.models import Exists, OuterRef

OPEN = ("induction", "maintenance", "follow_up", "refresh")
NOTHING = {"next_due": "", "next_due_on": None, "next_due_until": None, "next_due_visit": "session"}


def leave_older(apps, schema_editor):
    courses = apps.get_model("treatments", "Course").objects.filter(struck_out_at__isnull=True)
    newer = courses.filter(
        patient=OuterRef("patient"), stopped_on__isnull=True, sessions_done__gt=0, baseline_on__gt=OuterRef("next_due_until")
    )
    # A newer course is not overdue before it began, so that none is its own.
    left = courses.filter(Exists(newer), state__in=OPEN)
    patients = set(left.values_list("patient", flat=True))
    columns = {**NOTHING, "next_due_place": None, "postponed_to": None, "does_not_want": False}
    for pk in list(left.values_list("pk", flat=True)):
        courses.filter(pk=pk).update(**columns)
    for pk in patients:
        due = courses.filter(patient=pk, state__in=OPEN, next_due_until__isnull=False)
        first = due.order_by("next_due_until", "next_due_on").values(*NOTHING).first()
        apps.get_model("treatments", "Patient").objects.filter(pk=pk).update(**(first or NOTHING))


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0038_courses_of_walk_ins"),
    ]

    operations = [
        migrations.RunPython(leave_older, migrations.RunPython.noop),
    ]

import django.db.models.deletion
import django.utils.timezone
import treatments.records.ids
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0010_audit_by_action"),
        ("treatments", "0029_updates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("struck_out_at", models.DateTimeField(editable=False, null=True)),
                ("struck_out_reason", models.CharField(blank=True, editable=False, max_length=300)),
                ("day", models.DateField(verbose_name="Day")),
                ("time", models.TimeField(verbose_name="Time")),
                ("minutes", models.PositiveSmallIntegerField(default=30, verbose_name="Minutes")),
                ("room", models.CharField(blank=True, max_length=40, verbose_name="Room")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("session", "Session"),
                            ("assessment", "Assessment"),
                            ("follow_up", "Follow-up"),
                            ("consultation", "Consultation"),
                            ("other", "Other"),
                        ],
                        default="session",
                        max_length=16,
                        verbose_name="What for?",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="Note for the desk")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "Booked"),
                            ("came", "Came"),
                            ("did_not_come", "Did not come"),
                            ("cancelled", "Cancelled"),
                            ("moved", "Moved"),
                        ],
                        default="booked",
                        editable=False,
                        max_length=16,
                    ),
                ),
                ("state_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("came_by_record", models.BooleanField(default=False, editable=False)),
                ("cancel_reason", models.CharField(blank=True, editable=False, max_length=300)),
                ("calendar_id", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("sequence", models.PositiveSmallIntegerField(default=0, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, verbose_name="Which calendar reads it?")),
                (
                    "names",
                    models.CharField(
                        choices=[
                            ("none", "Nobody: “Booked, Room 1”"),
                            ("initials", "Initials and record number: “Booked: E. E., HC-0007”"),
                            ("names", "Full names: “Booked: Eva Example”"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="Who is named in it?",
                    ),
                ),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_read_on", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("struck_out_at", models.DateTimeField(editable=False, null=True)),
                ("struck_out_reason", models.CharField(blank=True, editable=False, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("not_reached", "Not reached"),
                            ("booked", "Booked"),
                            ("postponed", "Postponed"),
                            ("does_not_want", "Does not want to come"),
                            ("written_to", "Written to"),
                        ],
                        max_length=16,
                        verbose_name="What came of it?",
                    ),
                ),
                ("until", models.DateField(blank=True, null=True, verbose_name="Call again on")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="Note")),
                ("about_due", models.CharField(blank=True, editable=False, max_length=23)),
            ],
        ),
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reminder", "Reminder of a booking"),
                            ("confirmation", "Confirmation of a booking"),
                            ("please_call", "Please call us"),
                            ("aftercare", "After the visit"),
                        ],
                        max_length=16,
                        verbose_name="What is it for?",
                    ),
                ),
                ("language", models.CharField(default="English", max_length=40, verbose_name="Language")),
                ("subject", models.CharField(max_length=120, verbose_name="Subject of the mail")),
                ("text", models.TextField(max_length=1200, verbose_name="Text")),
            ],
        ),
        migrations.RemoveIndex(
            model_name="course",
            name="courses_due",
        ),
        migrations.RemoveIndex(
            model_name="course",
            name="courses_due_within_a_window",
        ),
        migrations.RemoveIndex(
            model_name="course",
            name="courses_overdue",
        ),
        migrations.AddField(
            model_name="course",
            name="booked_until",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="course",
            name="does_not_want",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="course",
            name="postponed_to",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(
                    ("patient_archived", False),
                    ("struck_out_at__isnull", True),
                    ("does_not_want", False),
                    ("next_due_on__isnull", False),
                ),
                fields=["clinic", "next_due_on", "id"],
                name="courses_due",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(
                    ("patient_archived", False),
                    ("struck_out_at__isnull", True),
                    ("does_not_want", False),
                    ("next_due_until__gt", models.F("next_due_on")),
                ),
                fields=["clinic", "next_due_until", "next_due_on", "id"],
                name="courses_due_within_a_window",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(
                    ("patient_archived", False),
                    ("struck_out_at__isnull", True),
                    ("does_not_want", False),
                    ("next_due_until__isnull", False),
                ),
                fields=["clinic", "next_due_until", "id"],
                name="courses_overdue",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(
                    ("patient_archived", False),
                    ("struck_out_at__isnull", True),
                    ("does_not_want", False),
                    ("postponed_to__isnull", False),
                ),
                fields=["clinic", "postponed_to", "id"],
                name="courses_postponed",
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(
                    ("patient_archived", False), ("struck_out_at__isnull", True), ("does_not_want", True)
                ),
                fields=["clinic", "next_due_until", "id"],
                name="courses_not_wanted",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="clinic",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.clinic"
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="course",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="treatments.course",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="instead_of",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="next",
                to="treatments.appointment",
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="appointments", to="treatments.patient"
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="state_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="appointment",
            name="struck_out_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="clinic",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.clinic"),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="revoked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="appointment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="treatments.appointment",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="clinic",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.clinic"
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="course",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="treatments.course",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="lot",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="treatments.lot",
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="treatments.patient"
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="struck_out_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="clinic",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.clinic"
            ),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="entered by",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["clinic", "day", "time", "id"], name="appointments_of_a_day"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["patient", "day"], name="appointments_of_a_patient"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("struck_out_at__isnull", True), ("struck_out_by__isnull", True)),
                        models.Q(("struck_out_at__isnull", False), ("struck_out_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("struck_out_at__isnull", True),
                        models.Q(("struck_out_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="appointment_struck_out_with_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["session", "assessment", "follow_up", "consultation", "other"])),
                name="a_visit_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["booked", "came", "did_not_come", "cancelled", "moved"])),
                name="a_booking_is_in_a_known_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__range", (5, 600))), name="a_visit_lasts_5_to_600_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), _negated=True),
                    models.Q(("cancel_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="a_cancelled_booking_has_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("came_by_record", False), ("state", "came"), _connector="OR"),
                name="only_who_came_came_by_a_record",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                fields=("calendar_id", "sequence"), name="a_booking_is_changed_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(("names__in", ["none", "initials", "names"])),
                name="a_feed_names_nobody_initials_or_names",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", True), ("revoked_by__isnull", True)),
                    models.Q(("revoked_at__isnull", False), ("revoked_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_feed_is_revoked_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["patient", "-at"], name="calls_of_a_patient"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["lot", "patient", "-at"], name="calls_about_a_lot"),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("struck_out_at__isnull", True), ("struck_out_by__isnull", True)),
                        models.Q(("struck_out_at__isnull", False), ("struck_out_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("struck_out_at__isnull", True),
                        models.Q(("struck_out_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="call_struck_out_with_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome__in", ["reached", "not_reached", "booked", "postponed", "does_not_want", "written_to"])
                ),
                name="a_call_has_a_known_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "postponed"), ("until__isnull", False)),
                    models.Q(models.Q(("outcome", "postponed"), _negated=True), ("until__isnull", True)),
                    _connector="OR",
                ),
                name="who_postpones_names_the_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagetemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["reminder", "confirmation", "please_call", "aftercare"])),
                name="a_message_is_of_a_known_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="messagetemplate",
            constraint=models.UniqueConstraint(
                fields=("clinic", "kind", "language"),
                name="one_text_of_a_kind_in_a_language",
                violation_error_message="There is a text of this kind in this language already. Change that one.",
            ),
        ),
    ]

import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.appointments import desk, rules
from treatments.appointments.clock_field import ClockField
from treatments.appointments.models import LONGEST, SHORTEST, Appointment, Call
from treatments.appointments.vocabulary import AppointmentState, Outcome, VisitKind
from treatments.assessments import next_visit
from treatments.courses import schedule
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import VersionField, WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm, Section
from treatments.records.partial_dates import of_day

PLANNED_KINDS = {VisitKind.SESSION, VisitKind.FOLLOW_UP}
"""What the plan says a time for."""


class BookForm(RecordForm):
    """A day and a time for a patient. `instead_of` is the booking that this one replaces."""

    sections = (
        Section("When", (("day", "time", "minutes"), "room")),
        Section("What for", ("kind", "course", "note")),
    )
    time = ClockField(label="Time")
    minutes = WholeNumberField(label="Minutes", low=SHORTEST, high=LONGEST, required=True)
    # How the booking came about, where a row of a list to telephone led here: "visit", or the id of a recalled lot.
    call = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    class Meta:
        model = Appointment
        fields = ("day", "time", "minutes", "room", "kind", "course", "note")
        widgets: ClassVar[dict[str, Any]] = {"kind": forms.RadioSelect}

    def __init__(
        self,
        *args: Any,
        patient: Patient,
        clinic: Clinic,
        courses: list[Course],
        sees_record: bool,
        instead_of: Appointment | None = None,
        **kwargs: Any,
    ) -> None:
        self.patient, self.clinic, self.courses, self.instead_of = patient, clinic, courses, instead_of
        super().__init__(*args, **kwargs)
        self.rooms = desk.rooms_of(clinic)
        self.fields["day"].error_messages["required"] = "Choose the day."
        self.fields["time"].error_messages["required"] = "Write the time."
        self.fields["room"].widget.attrs.update({"list": "rooms", "autocomplete": "off"})
        self.fields["note"].help_text = "Everyone at the clinic can see this: nothing about health."
        self.fields["room"].help_text = "A calendar program may show it: no names."
        self._ask_for_plan(sees_record)

    def _ask_for_plan(self, sees_record: bool) -> None:
        """Only where there are several; the plan is named by its dates for whoever sees no record."""
        if len(self.courses) < 2:
            del self.fields["course"]
            return
        _ask_for_plan(self.fields["course"], self.courses, sees_record, question="For which plan?")

    @property
    def own_course(self) -> Course | None:
        """The plan that was chosen; where there is one alone, that one."""
        if "course" in self.fields:
            return self.cleaned_data.get("course")
        return self.courses[0] if self.courses else None

    def values(self) -> dict[str, Any]:
        return super().values() | {"course": self.own_course}

    def recent_duplicate(self, **asked_of: Any) -> Any | None:
        """One that was cancelled or moved since is not kept: who books that time again means it."""
        duplicate = super().recent_duplicate(**asked_of)
        gone = {AppointmentState.CANCELLED, AppointmentState.MOVED}
        return None if duplicate is not None and duplicate.state in gone else duplicate

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, time, minutes = cleaned.get("day"), cleaned.get("time"), cleaned.get("minutes")
        if day is None:
            return cleaned
        today, zone = timezone.localdate(), self.clinic.zone
        self.judge(self.patient.treatment_day_problems(of_day(day), field="day", what="visit"))
        self.judge(rules.day_problems(day, today=today))
        if cleaned.get("kind") in PLANNED_KINDS and self.own_course is not None:
            self.judge(rules.plan_problems(day, span_of(self.own_course, cleaned["kind"]), today=today))
        if time is None or minutes is None:
            return cleaned
        self.judge(rules.clock_problems(day, time, zone))
        slot = rules.Slot(day, time, minutes, cleaned.get("room", ""), str(self.patient.pk))
        own = {self.own_id, *([self.instead_of.pk] if self.instead_of else [])}
        self.judge(rules.clash_problems(slot, desk.others_on(self.clinic, day, leaving_out=own), zone))
        return cleaned


class CallForm(RecordForm):
    """What came of a call. `outcomes` are those that are asked; a booking is made by booking."""

    conditions = (AskedWhen("outcome", (Outcome.POSTPONED,), ("until",)),)
    sections = (Section("What came of it", ("outcome", "until", "note")),)
    ASKED = (Outcome.REACHED, Outcome.NOT_REACHED, Outcome.POSTPONED, Outcome.DOES_NOT_WANT, Outcome.WRITTEN_TO)

    class Meta:
        model = Call
        fields = ("outcome", "until", "note", "course", "appointment", "lot")
        widgets: ClassVar[dict[str, Any]] = {
            "outcome": forms.RadioSelect,
            "course": forms.HiddenInput,
            "appointment": forms.HiddenInput,
            "lot": forms.HiddenInput,
        }

    def __init__(
        self,
        *args: Any,
        patient: Patient,
        clinic: Clinic,
        courses: list[Course],
        sees_record: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["course"].queryset = Course.objects.of_patient(patient)
        fields["appointment"].queryset = Appointment.objects.standing().filter(patient=patient)
        fields["lot"].queryset = fields["lot"].queryset.filter(clinic=clinic)
        if len(courses) > 1 and not self._is_about_something_else:
            _ask_for_plan(fields["course"], courses, sees_record, question="About which plan?")
        fields["outcome"].choices = [(each.value, each.label) for each in self.ASKED]
        fields["outcome"].error_messages["required"] = "Choose what came of the call."
        fields["until"].required = True
        fields["until"].error_messages["required"] = "Choose the day on which you will call again."
        fields["note"].help_text = "Everyone at the clinic can see this: nothing about health."

    @property
    def _is_about_something_else(self) -> bool:
        """A lot or a booking."""
        return any(self[name].value() for name in ("appointment", "lot"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge(rules.postponing_problems(cleaned.get("until"), today=timezone.localdate()))
        return cleaned


class CancelForm(PlainTextForm, forms.Form):
    version = VersionField()
    reason = forms.CharField(
        label="Why is it cancelled?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: the patient telephoned. Everyone at the clinic can see this.",
        error_messages={"required": "Write why it is cancelled."},
    )


def _ask_for_plan(field: Any, courses: list[Course], sees_record: bool, *, question: str) -> None:
    if field.widget.is_hidden:
        field.widget = forms.Select()
    field.queryset = Course.objects.filter(pk__in=[course.pk for course in courses])
    field.label, field.empty_label = question, "None of them"
    field.label_from_instance = lambda course: _name_of(course, sees_record)


def span_of(course: Course, kind: str) -> tuple[datetime.date, datetime.date] | None:
    """The days between which a session, or the follow-up, is in time by the plan; None where it plans none."""
    if course.stopped_on is not None or course.is_struck_out:
        return None
    given, seen = next_visit.sessions_given(course), next_visit.visits_seen(course)
    if kind == VisitKind.FOLLOW_UP:
        window = schedule.follow_up_window(course.facts, baseline=course.baseline, given=given, seen=seen)
        return (window.on - schedule.FOLLOW_UP_TOLERANCE, window.until) if window else None
    due = schedule.next_due(course.facts, baseline=course.baseline, given=given)
    return (due.earliest, due.latest) if due else None


def _name_of(course: Course, sees_record: bool) -> str:
    due = f"next visit due {course.due.label()}" if course.due else "nothing due"
    return f"{course.distinct_name}; {due}" if sees_record else f"The plan from {course.baseline.label()}; {due}"

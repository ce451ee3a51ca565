"""The question to which course a fact belongs, on the form of the fact."""

from collections.abc import Sequence
from typing import Any

from django import forms

from treatments.courses.membership import by_date, is_unambiguous
from treatments.courses.models import Course
from treatments.patients.models import Patient
from treatments.records.forms.record_form import RecordForm
from treatments.records.partial_dates import PartialDate

HELP = "“By its date” follows the date. Months and changes are counted from Month 0 of this course."


class OwnCourseForm(RecordForm):
    """Asks for the course where a patient has several, or where that of the record is not settled.

    The first choice follows the date that is typed on the form. Without the field the action gives a new record its
    course, and a correction leaves it.
    """

    def ask_for_course(self, patient: Patient, standing: Sequence[Course] | None = None) -> None:
        """To be called at the end of `__init__`. `standing` are the patient's courses, where the page has read them."""
        self.standing_courses = list(Course.objects.of_patient(patient) if standing is None else standing)
        own: Course | None = self.instance.course if self.is_correction else None
        is_settled = own in self.standing_courses or not self.is_correction
        if len(self.standing_courses) < 2 and (is_settled or not self.standing_courses):
            return
        known = [*self.standing_courses, *([own] if own is not None and own.is_struck_out else [])]
        field = forms.ModelChoiceField(
            Course.objects.filter(pk__in=[course.pk for course in known]),
            label="Which course does it belong to?",
            required=False,
            help_text=HELP,
        )
        self.fields["course"] = field
        self._date_before = self.date_of_fact
        if own is not None and (own.is_struck_out or own != self._course_by_date(self.date_of_fact)):
            self.initial["course"] = own.pk
        else:
            self.initial.pop("course", None)
        self._name_choices()

    @property
    def date_of_fact(self) -> PartialDate | None:
        """The date that was typed, once it is checked; else the one that the form is shown with."""
        typed: PartialDate | None = getattr(self, "cleaned_data", {}).get("when")
        return typed or self.initial.get("when")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "course" in self.fields:
            self._name_choices()
        return cleaned

    def values(self) -> dict[str, Any]:
        values = super().values()
        if "course" in self.fields:
            values["course"] = self.cleaned_data["course"] = self.own_course
        return values

    @property
    def own_course(self) -> Course | None:
        """The course that was chosen, else the one of the date; what nobody decided yet stays open."""
        chosen: Course | None = self.cleaned_data.get("course")
        when = self.date_of_fact
        if chosen is not None or when is None:
            return chosen
        kept: Course | None = self.instance.course if self.is_correction else None
        if kept is not None and when == self._date_before:
            return kept
        if self.is_correction and kept is None and not is_unambiguous(self.standing_courses, when):
            return None
        return self._course_by_date(when)

    def _course_by_date(self, when: PartialDate | None) -> Course | None:
        return by_date(self.standing_courses, when) if when is not None else None

    def _name_choices(self) -> None:
        field: Any = self.fields["course"]
        own = self._course_by_date(self.date_of_fact)
        blank = f"By its date: {own.distinct_name}" if own else "By its date"
        field.choices = [
            ("", blank),
            *(
                (str(course.pk), course.distinct_name + (", entered in error" if course.is_struck_out else ""))
                for course in field.queryset.order_by("baseline_on", "id")
            ),
        ]

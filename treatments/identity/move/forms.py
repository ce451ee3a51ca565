from typing import Any

from django import forms

from treatments.courses.models import Course, ExosomeSession
from treatments.identity.move import checks
from treatments.identity.move.actions import Destination
from treatments.identity.move.belongings import Group, belongings
from treatments.patients.models import Patient
from treatments.patients.moves import RecordMove
from treatments.records.forms.fields import VersionField
from treatments.records.forms.record_form import RecordForm
from treatments.records.models import ClinicalRecord
from treatments.safety.models import AdverseEvent
from treatments.safety.suspected_sessions import suspects

USUAL_REASON = "Filed under the wrong patient"


class MoveForm(RecordForm):
    """Where a record goes, what goes with it, and why. The rules are those of the right patient."""

    record_version = VersionField()
    along = forms.MultipleChoiceField(
        label="What should move with it?", required=False, choices=(), widget=forms.CheckboxSelectMultiple
    )
    course = forms.ModelChoiceField(
        label="Into which course?", queryset=Course.objects.none(), required=False, empty_label="Choose the course"
    )
    session = forms.ModelChoiceField(
        label="After which session did it happen?",
        queryset=ExosomeSession.objects.none(),
        required=False,
        empty_label="None, or not known",
    )

    class Meta:
        model = RecordMove
        fields = ["reason"]
        help_texts = {"reason": "Read in both records."}

    def __init__(self, *args: Any, record: ClinicalRecord, to: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record, self.to = record, to
        self.groups = belongings(record)
        self.initial.update({"record_version": record.version, "reason": USUAL_REASON})
        self._offer_groups()
        self._offer_course()
        self._offer_session()

    def _offer_groups(self) -> None:
        field: Any = self.fields["along"]
        field.choices = [(group.code, group.label) for group in self.groups]
        self.initial["along"] = [group.code for group in self.groups if group.link]
        if not self.groups:
            del self.fields["along"]

    def _offer_course(self) -> None:
        field: Any = self.fields["course"]
        if not isinstance(self.record, ExosomeSession):
            del self.fields["course"]
            return
        field.queryset = Course.objects.standing().filter(patient=self.to).newest_first()
        field.required = True
        field.error_messages["required"] = "Choose the course that the session belongs to."
        self.initial["course"] = Course.objects.on(self.to, self.record.performed_on)

    def _offer_session(self) -> None:
        field: Any = self.fields["session"]
        there = suspects(self.to) if isinstance(self.record, AdverseEvent) else []
        if not there:
            del self.fields["session"]
            return
        labels = {suspect.session.pk: suspect.label for suspect in there}
        field.queryset = ExosomeSession.objects.standing().filter(pk__in=labels).order_by("-performed_on")
        field.label_from_instance = lambda session: labels[session.pk]
        here = getattr(self.record, "exosome_session", None)
        same_day = [each.session for each in there if here and each.session.performed_on == here.performed_on]
        self.initial["session"] = next(iter(same_day), None)

    @property
    def has_no_course(self) -> bool:
        """Whether a session cannot go there yet, because nothing is planned there."""
        field: Any = self.fields.get("course")
        return field is not None and not field.queryset.exists()

    @property
    def taken(self) -> list[Group]:
        """The groups that go along: as ticked, or as proposed."""
        codes = self.cleaned_data.get("along", []) if self.is_bound else self.initial["along"]
        return [group for group in self.groups if group.code in codes]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge(checks.problems(self.record, self.taken, self.to))
        return cleaned

    def recent_duplicate(self, **asked_of: Any) -> None:
        """None: what was moved is gone from here, so that the next one of the same words is another act."""

    def destination(self) -> Destination:
        chosen = self.cleaned_data if self.is_bound else self.initial
        return Destination(self.to, course=chosen.get("course"), session=chosen.get("session"))

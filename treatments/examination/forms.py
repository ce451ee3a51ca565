"""The grading visit: stage, examination, opinions, and one measurement."""

import datetime
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from clinic.staff.models import Clinic, User
from treatments.assessments import previous_visits
from treatments.assessments.measurement_kinds import Method
from treatments.assessments.measurements.forms import CHANGE, InlineMeasurementForm, staff_of
from treatments.assessments.models import Assessment
from treatments.assessments.previous_visits import Neighbours
from treatments.assessments.rules import (
    SCORES,
    baseline_photo_problems,
    jump_problems,
    pull_test_problems,
    pull_test_result,
    scale_problems,
    score_problems,
    stage_problems,
)
from treatments.assessments.scales.basp import FRONTAL_LOSS, VERTEX_LOSS
from treatments.assessments.scales.catalogue import Grading
from treatments.assessments.vocabulary import (
    AGAINST_SIMPLE_AGA,
    FINDING_NOTES,
    Differential,
    Finding,
    FindingGrade,
    GlobalChange,
    Presence,
    PullTestResult,
    SafetyNegative,
    Satisfaction,
    TrichoscopyFinding,
)
from treatments.courses.models import Course
from treatments.examination import stage_picker
from treatments.examination.baseline_photos import views_with_baseline
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.records.actions import Passed
from treatments.records.forms.record_form import FormWarning, RecordForm
from treatments.records.regions import Region

REST_NONE = "scalp_rest_none"
_RARE_PULL = ("pull_site", "pull_grasped", "pull_extracted", "pull_rule", "pull_hours_since_wash", "pull_shed")


def _several(choices: Any, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _one(choices: Any, label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class AssessmentForm(RecordForm):
    """Scale and stage are picked as one; findings and trichoscopy as one field each, kept only when examined."""

    when_columns = ("assessed_on", "assessed_precision")
    when_label = "When was the patient seen?"

    grade = forms.ChoiceField(
        label="Stage",
        choices=stage_picker.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a stage, or “Not graded this time”: a blank would say neither."},
    )
    basp_vertex = _one([("", "None"), *((code, code) for code in VERTEX_LOSS)], "Thinning around the vertex")
    basp_frontal = _one([("", "None"), *((code, code) for code in FRONTAL_LOSS)], "Thinning over the whole top")
    savin_frontal = forms.BooleanField(label="With frontal accentuation", required=False)
    regions = _several(Region.choices, "Where is the hair thin?")
    scalp_rest_none = forms.BooleanField(label="All others examined: none", required=False)
    differentials = _several(Differential.choices, "Also considered")
    safety_negatives = _several(SafetyNegative.choices, "Asked about, and none")

    class Meta:
        model = Assessment
        fields = [
            "assessor", "reported_label", "stage_note", "diagnosis", "diagnosis_note", "differentials", "regions",
            "lighting", "examination", "fitzpatrick", "findings_note", "trichoscopy_note", "pull_result", "pull_site",
            "pull_grasped", "pull_extracted", "pull_rule", "pull_hours_since_wash", "pull_shed", "change_seen",
            "global_change", "patient_change", "satisfaction", "dlqi", "patient_words", "safety_negatives", "plan",
        ]  # fmt: skip
        labels = {
            "lighting": "In which light was the scalp seen?",
            "examination": "What do you see?",
            "change_seen": "What has changed since the baseline?",
            "global_change": "Clinician: hair against the baseline photos",
            "patient_change": "Patient: hair against the beginning",
            "satisfaction": "How satisfied is the patient?",
            "patient_words": "In the patient’s own words",
            "findings_note": "Note on the scalp",
            "dlqi": "DLQI total",
            "plan": "What is planned?",
        }
        help_texts = {
            "examination": "For example: thinning at the crown and vertex, recession at the temples.",
            "diagnosis_note": "For example: clinical, from the pattern; no laboratory tests, no histopathology.",
            "dlqi": "0 to 30, asked for the last week.",
            "reported_label": "Only for a visit that is taken over from another record, for example “Month 3”.",
        }
        widgets: ClassVar[dict[str, Any]] = {
            "fitzpatrick": forms.RadioSelect,
            "pull_result": forms.RadioSelect,
            "global_change": forms.RadioSelect,
            "patient_change": forms.RadioSelect,
            "satisfaction": forms.RadioSelect,
            "examination": forms.Textarea(attrs={"rows": 3}),
            "change_seen": forms.Textarea(attrs={"rows": 3}),
            "patient_words": forms.Textarea(attrs={"rows": 3}),
            "plan": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, patient: Patient, clinic: Clinic, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        # Validation writes the posted day onto the instance.
        self._day_before = self.instance.assessed_on if self.is_correction else None
        self._add_findings()
        self._say_what_a_blank_means()
        assessor: Any = self.fields["assessor"]
        assessor.empty_label = "Not stated"
        assessor.queryset = staff_of(clinic, self.instance.assessor if self.is_correction else None)
        if self.is_correction:
            kept = self.instance
            self.initial.update(stage_picker.spell(kept.scale, kept.stage))
            self.initial.update({f"finding_{code}": str(grade) for code, grade in kept.findings.items()})
            self.initial.update({f"sign_{code}": answer for code, answer in kept.trichoscopy.items()})
        else:
            self.initial.setdefault("assessor", by.pk)
        self.measurement = None if self.is_correction else self._measurement(args, clinic, by)

    def _add_findings(self) -> None:
        grades = [("", "Not examined"), *((str(g.value), str(g.label)) for g in FindingGrade)]
        for finding in Finding:
            self.fields[f"finding_{finding.value}"] = _one(grades, str(finding.label))
            self.fields[f"finding_{finding.value}"].help_text = FINDING_NOTES.get(finding, "")
        answers = [("", "Not examined"), *((p.value, str(p.label)) for p in (Presence.PRESENT, Presence.ABSENT))]
        for sign in TrichoscopyFinding:
            self.fields[f"sign_{sign.value}"] = _one(answers, str(sign.label))
            against = "Speaks against simple pattern hair loss" if sign in AGAINST_SIMPLE_AGA else ""
            self.fields[f"sign_{sign.value}"].help_text = against

    def _say_what_a_blank_means(self) -> None:
        fields: dict[str, Any] = self.fields
        blanks = {"fitzpatrick": "Not graded", "pull_result": "Not recorded", "lighting": "Not recorded"}
        blanks |= {name: "Not recorded" for name in ("pull_site", "pull_rule", "pull_shed")}
        for name, blank in {**blanks, "diagnosis": "Not stated"}.items():
            fields[name].choices = [("", blank), *(c for c in fields[name].choices if c[0])]
        for name in ("global_change", "patient_change"):
            numbered = [(g.value, f"{g.value:+d}".replace("-", "−").replace("+0", "0")) for g in GlobalChange]
            fields[name].choices = [("", "Not asked" if name == "patient_change" else "Not judged"), *numbered]
            fields[name].error_messages["invalid_choice"] = "This is a whole number from −3 to +3."
        fields["satisfaction"].choices = [("", "Not asked"), *((s.value, s.label) for s in Satisfaction)]
        fields["dlqi"].widget.attrs |= {"inputmode": "numeric", "min": 0, "max": SCORES["dlqi"][1]}

    def _measurement(self, args: tuple[Any, ...], clinic: Clinic, by: User) -> InlineMeasurementForm:
        seen = self.patient.assessments.standing().in_order().last()
        initial: dict[str, Any] = {"site": (seen.regions[:1] or ["vertex"])[0] if seen else "vertex"}
        if seen is not None:
            initial |= {"kind": CHANGE, "method": Method.CLINICIAN_VISUAL_ESTIMATE.value}
        return InlineMeasurementForm(*args[:1], patient=self.patient, clinic=clinic, by=by, initial=initial)

    # ── Checking ───────────────────────────────────────────────────────────────────────────────

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (when := cleaned.get("when")) and when.earliest <= timezone.localdate():
            birth = self.patient.birth or None
            self.judge(event_date_problems(when, field="when", what="visit", today=timezone.localdate(), birth=birth))
        self._read_the_stage(cleaned)
        self._read_the_scalp(cleaned)
        self._read_the_pull_test(cleaned)
        self.judge(score_problems("dlqi", cleaned.get("dlqi")))
        day = self.happened_on
        if cleaned.get("global_change") is not None and day:
            self.judge(baseline_photo_problems(views_with_baseline(self.patient, day)))
        self._check_the_measurement()
        return cleaned

    def _read_the_stage(self, cleaned: dict[str, Any]) -> None:
        cleaned["scale"] = cleaned["stage"] = ""
        if not cleaned.get("grade"):
            return
        parts = {name: cleaned.get(name) or "" for name in ("basp_vertex", "basp_frontal")}
        try:
            grading = stage_picker.read(cleaned["grade"], savin_frontal=bool(cleaned.get("savin_frontal")), **parts)
        except ValueError as reason:
            self.add_error("grade", str(reason))
            return
        if grading is not None:
            cleaned["scale"], cleaned["stage"] = grading
            self._judge_the_stage(grading)

    def _judge_the_stage(self, grading: Grading) -> None:
        self.judge(stage_problems(grading.scale, grading.stage, field="grade"))
        around = self.graded_around
        before = around.before
        same_course = before is not None and before.course_id in {None, getattr(self.course, "pk", None)}
        self.judge(
            scale_problems(
                grading.scale,
                sex=self.patient.sex,
                scale_before=before.scale if before is not None and same_course else "",
                field="grade",
            )
        )
        day = self.happened_on
        if day and before is not None:
            self.judge(jump_problems(previous_visits.grading(before), before.assessed_on, grading, day, field="grade"))
        if day and around.after is not None:
            after = around.after
            self.judge(jump_problems(grading, day, previous_visits.grading(after), after.assessed_on, field="grade"))

    def _read_the_scalp(self, cleaned: dict[str, Any]) -> None:
        rest = "0" if cleaned.get(REST_NONE) else ""
        grades = {f.value: cleaned.get(f"finding_{f.value}") or rest for f in Finding}
        cleaned["findings"] = {code: int(grade) for code, grade in grades.items() if grade}
        signs = {t.value: cleaned.get(f"sign_{t.value}") or "" for t in TrichoscopyFinding}
        cleaned["trichoscopy"] = {code: answer for code, answer in signs.items() if answer}
        if cleaned["findings"].get(Finding.SCARRING_SIGN):
            sentence = "Signs of scarring: pattern hair loss does not scar. Think of a scarring alopecia."
            self.warn(f"finding_{Finding.SCARRING_SIGN.value}", "9", sentence)

    def _read_the_pull_test(self, cleaned: dict[str, Any]) -> None:
        grasped, extracted = cleaned.get("pull_grasped"), cleaned.get("pull_extracted")
        rule = cleaned.get("pull_rule") or ""
        if cleaned.get("pull_result") == PullTestResult.NOT_DONE and (grasped is not None or extracted is not None):
            self.add_error("pull_result", "Hairs were counted, so it was done. Choose the result, or clear the counts.")
            return
        if grasped is not None and extracted is not None and not rule:
            self.add_error(
                "pull_rule", "Choose the rule: 3 to 5 of 60 hairs are positive by one and negative by the other."
            )
        if grasped is not None and extracted is not None and rule and not cleaned.get("pull_result"):
            cleaned["pull_result"] = pull_test_result(grasped, extracted, rule).value
        result = cleaned.get("pull_result") or ""
        self.judge(pull_test_problems(result=result, grasped=grasped, extracted=extracted, rule=rule))

    def _check_the_measurement(self) -> None:
        made = self.measurement_made
        if made is None:
            return
        made.made_on(self.happened_on)
        for name, problems in made.errors.items():
            label = made.fields[name].label if name in made.fields else "as a whole"
            for problem in problems:
                self.add_error(None, f"Measurement, {str(label).lower().rstrip('?')}: {problem}")

    # ── What the page and the action read ──────────────────────────────────────────────────────

    @property
    def day(self) -> datetime.date:
        """The visit's day as far as it is known by now."""
        typed = self.happened_on if hasattr(self, "cleaned_data") else None
        return typed or (self.instance.assessed_on if self.is_correction else timezone.localdate())

    @property
    def course(self) -> Any | None:
        return Course.objects.on(self.patient, self.day)

    @property
    def graded_around(self) -> Neighbours:
        return previous_visits.graded_around(self.patient, self.day, leaving_out=self.instance.pk)

    @property
    def unpassed(self) -> list[FormWarning]:
        return [*super().unpassed, *(self.measurement_made.unpassed if self.measurement_made else [])]

    @property
    def passed(self) -> list[Passed]:
        return [*super().passed, *(self.measurement_made.passed if self.measurement_made else [])]

    @property
    def measurement_made(self) -> InlineMeasurementForm | None:
        """The measurement's form when something was typed into it."""
        return self.measurement if self.measurement and self.is_bound and self.measurement.is_used else None

    def values(self) -> dict[str, Any]:
        worked_out = {name: self.cleaned_data[name] for name in ("scale", "stage", "findings", "trichoscopy")}
        if self.is_correction and self.happened_on != self._day_before:
            # A visit moved to another day may belong to another course.
            worked_out["course"] = self.cleaned_data["course"] = self.course
        return super().values() | worked_out

    def drawings(self) -> list[stage_picker.Panel]:
        return stage_picker.panels(self["grade"], sex=self.patient.sex)

    @property
    def findings(self) -> Iterator[Any]:
        return (self[f"finding_{finding.value}"] for finding in Finding)

    @property
    def signs(self) -> Iterator[Any]:
        return (self[f"sign_{sign.value}"] for sign in TrichoscopyFinding)

    def _holds(self, *names: str) -> bool:
        return any(self[n].errors or self.warnings_of(n) or self[n].value() not in (None, "", [], False) for n in names)

    @property
    def has_pull_counts(self) -> bool:
        return self._holds(*_RARE_PULL)

    @property
    def has_signs(self) -> bool:
        return self._holds("trichoscopy_note", *(f"sign_{sign.value}" for sign in TrichoscopyFinding))

    @property
    def has_diagnosis(self) -> bool:
        return self._holds("diagnosis", "diagnosis_note", "differentials")

    @property
    def has_change(self) -> bool:
        return self._holds("change_seen", "global_change")

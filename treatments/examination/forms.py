"""The grading visit: stage, examination, opinions, and what was measured."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.staff.access import Can, people_who_may
from clinic.staff.models import Clinic, User
from treatments.assessments import previous_visits
from treatments.assessments.measurement_kinds import Method
from treatments.assessments.measurements.forms import CHANGE, relabel_blank
from treatments.assessments.measurements.rows import MeasurementRows
from treatments.assessments.models import Assessment
from treatments.assessments.rules import (
    baseline_photo_problems,
    improvement_problems,
    jump_problems,
    pull_test_problems,
    pull_test_result,
    scale_problems,
    score_problems,
    stage_problems,
)
from treatments.assessments.scales.basp import FRONTAL_LOSS, VERTEX_LOSS
from treatments.assessments.scales.catalogue import BASP, SAVIN, Grading
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
    StageHow,
    TrichoscopyFinding,
)
from treatments.courses.forms import OwnCourseForm
from treatments.courses.models import Course, ExosomeSession
from treatments.courses.vocabulary import AssessmentPart, usual_assessment_parts
from treatments.examination import stage_picker
from treatments.examination.baseline_photos import views_with_baseline
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems
from treatments.photos.models import Photo
from treatments.records.forms import named_person
from treatments.records.forms.conditions import AskedWhen
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import warning
from treatments.records.regions import Region

REST_NONE = "scalp_rest_none"
_RARE_PULL = ("pull_site", "pull_grasped", "pull_extracted", "pull_rule", "pull_hours_since_wash", "pull_shed")
_RARE_FINDINGS = (
    Finding.PUSTULES_FOLLICULITIS, Finding.ATROPHY, Finding.SCARRING_SIGN, Finding.ACTIVE_INFECTION,
)  # fmt: skip
_FOLDS = {
    "copied": ("reported_label",),
    "stage_note": ("stage_note",),
    "rare_findings": tuple(f"finding_{finding.value}" for finding in _RARE_FINDINGS),
    "scalp_note": ("lighting", "findings_note"),
    "pull": _RARE_PULL,
    "skin": ("fitzpatrick",),
    "signs": (*(f"sign_{code}" for code in TrichoscopyFinding.values), "trichoscopy_note"),
    "diagnosis": ("diagnosis", "diagnosis_note", "differentials"),
    "change": ("change_seen", "global_change"),
    "opinion": ("patient_words", "satisfaction", "dlqi"),
}
"""The fields in each part of the page that is folded away while nothing is in it."""
_BLANKS = {
    "fitzpatrick": "Not graded", "pull_result": "Not recorded", "lighting": "Not recorded", "pull_site": "Not recorded",
    "pull_rule": "Not recorded", "pull_shed": "Not recorded", "diagnosis": "Not stated",
    "global_change": "Not assessed", "patient_change": "Not asked", "satisfaction": "Not asked",
}  # fmt: skip
_GRADES = [("", "Not examined"), *((str(grade.value), str(grade.label)) for grade in FindingGrade)]
_PRESENCE = [("", "Not examined"), *((p.value, str(p.label)) for p in (Presence.PRESENT, Presence.ABSENT))]
_SEVEN_POINTS = [(step.value, f"{step.value:+d}".replace("-", "−").replace("+0", "0")) for step in GlobalChange]


def _several(choices: Any, label: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _one(choices: Any, label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


_SINCE = ("change_seen", "global_change", "patient_change", "satisfaction")
"""What makes no sense at a first visit: nothing was there before."""
_SKIN, _DIAGNOSIS, _COPIED = "skin", "diagnosis", "copied"
_PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    AssessmentPart.MEASUREMENTS: ("Measurements", ()),
    AssessmentPart.CHANGE: ("Change since the baseline", _FOLDS["change"]),
    AssessmentPart.PATIENT: ("The patient", ("patient_change", *_FOLDS["opinion"])),
    AssessmentPart.EXAMINATION: ("Examination", ("regions", "examination")),
    AssessmentPart.SCALP: (
        "Scalp",
        (*(f"finding_{finding.value}" for finding in Finding), REST_NONE, *_FOLDS["scalp_note"]),
    ),
    AssessmentPart.PULL_TEST: ("Pull test", ("pull_result", *_RARE_PULL)),
    AssessmentPart.TRICHOSCOPY: ("Trichoscopy", _FOLDS["signs"]),
    AssessmentPart.SAFETY: ("Asked, and none", ("safety_negatives",)),
    AssessmentPart.PLAN: ("Plan", ("plan",)),
    _DIAGNOSIS: ("Diagnosis", _FOLDS["diagnosis"]),
    _SKIN: ("Skin type", _FOLDS["skin"]),
    _COPIED: ("Copied from another record", _FOLDS["copied"]),
}
"""Every part of the page but the visit and the stage: its name and its fields. The rows of measurements are apart."""
_AT_FIRST = {AssessmentPart.EXAMINATION, _DIAGNOSIS, _SKIN}


@dataclass(frozen=True)
class Part:
    """A part of the page. One that is not asked is folded, and opens when something is in it."""

    code: str
    name: str
    recorded: int
    is_asked: bool
    is_open: bool

    @property
    def template(self) -> str:
        return f"treatments/examination/parts/{self.code}.html"


@dataclass(frozen=True)
class Fold:
    """A part of the page that is folded away: how many of its fields hold something, and whether it must stand open."""

    recorded: int
    is_open: bool


class AssessmentForm(MeasurementRows, OwnCourseForm):
    """Scale and stage are picked as one; each finding and each sign of trichoscopy has a field of its own, and gets
    into the record only when it was examined."""

    conditions = (
        AskedWhen("grade", stage_picker.grades_of(BASP), ("basp_vertex", "basp_frontal")),
        AskedWhen("grade", stage_picker.grades_of(SAVIN), ("savin_frontal",)),
    )
    when_columns = ("assessed_on", "assessed_precision")
    when_label = "When was the patient seen?"

    grade = forms.ChoiceField(
        label="Stage",
        choices=stage_picker.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a stage, or “Not graded this time”."},
    )
    basp_vertex = _one([("", "None"), *((code, code) for code in VERTEX_LOSS)], "Thinning around the vertex")
    basp_frontal = _one([("", "None"), *((code, code) for code in FRONTAL_LOSS)], "Thinning over the whole top")
    savin_frontal = forms.BooleanField(label="With frontal accentuation", required=False)
    regions = _several(Region.choices, "Where is the hair thin?")
    scalp_rest_none = forms.BooleanField(label="All others: examined, none found", required=False)
    differentials = _several(Differential.choices, "Also considered")
    safety_negatives = _several(SafetyNegative.choices, "Asked, and none")

    class Meta:
        model = Assessment
        fields = [
            "assessor", "assessor_name", "reported_label", "stage_note", "diagnosis", "diagnosis_note", "differentials",
            "regions",
            "lighting", "examination", "fitzpatrick", "findings_note", "trichoscopy_note", "pull_result", "pull_site",
            "pull_grasped", "pull_extracted", "pull_rule", "pull_hours_since_wash", "pull_shed", "change_seen",
            "global_change", "patient_change", "satisfaction", "dlqi", "patient_words", "safety_negatives", "plan",
        ]  # fmt: skip
        labels = {
            "assessor_name": "Or graded by somebody without an account",
            "lighting": "In which light was the scalp seen?",
            "examination": "What do you see?",
            "change_seen": "What has changed since the baseline?",
            "global_change": "Clinician: hair compared with the baseline photos",
            "patient_change": "Patient: hair compared with the beginning",
            "satisfaction": "How satisfied is the patient?",
            "patient_words": "In the patient’s own words",
            "findings_note": "Note on the scalp",
            "dlqi": "DLQI total",
            "plan": "What is planned?",
        }
        help_texts = {
            "examination": "For example: thinning at the crown and vertex, recession at the temples.",
            "diagnosis_note": "For example: clinical, from the pattern; no laboratory tests, no histopathology.",
            "dlqi": "0 to 30, about the last week.",
            "reported_label": "Only for a visit that you copy from another record, for example “Month 3”.",
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
        self._add_findings()
        self._set_choices(clinic)
        self.ask_for_course(patient)
        self._ask_nothing_of_before()
        self._offer_same_stage()
        if self.is_correction:
            self.initial.update(stage_picker.spell(self.instance.scale, self.instance.stage))
            self.initial.update({f"finding_{code}": str(grade) for code, grade in self.instance.findings.items()})
            self.initial.update({f"sign_{code}": answer for code, answer in self.instance.trichoscopy.items()})
        else:
            self.initial.setdefault("assessor", by.pk)
            data = args[0] if args else None
            self.add_rows(data, patient=patient, clinic=clinic, by=by, begin=self._usual_measurements())

    @cached_property
    def is_first(self) -> bool:
        """Whether the record holds nothing from before this visit: none was assessed, no session given, and no photo
        taken in an earlier month."""
        visits = Assessment.objects.standing().filter(patient=self.patient)
        sessions = ExosomeSession.objects.standing().filter(patient=self.patient)
        day = timezone.localdate()
        if self.is_correction:
            day = self.instance.assessed_on
            visits = visits.filter(assessed_on__lte=day).exclude(pk=self.instance.pk)
            sessions = sessions.filter(performed_on__lt=day)
        photos = Photo.objects.standing().filter(patient=self.patient, taken_on__lt=day.replace(day=1))
        return not (visits.exists() or sessions.exists() or photos.exists())

    def _ask_nothing_of_before(self) -> None:
        """At a first visit; but what was sent, or is in the record, is read, shown and kept."""
        for name in _SINCE if self.is_first else ():
            sent = str(self.data.get(name, "")).strip() if self.is_bound else ""
            if not sent and getattr(self.instance, name) in (None, ""):
                del self.fields[name]

    def _offer_same_stage(self) -> None:
        """The stage of the last graded visit, to be confirmed by one who has looked: never taken over by itself. The
        choice names that visit, so that it is no other one's where the day is changed."""
        self.same: Assessment | None = None
        if self.is_correction:
            return
        sent = stage_picker.same_as(str(self.data.get("grade", ""))) if self.is_bound else None
        graded = Assessment.objects.standing().filter(patient=self.patient).exclude(stage="")
        is_checked = hasattr(self, "cleaned_data")
        self.same = graded.filter(pk=sent).first() if sent and not is_checked else None
        self.same = self.same or self.last_graded
        field: Any = self.fields["grade"]
        same = (
            [(stage_picker.same_choice(self.same.pk), f"Same as last time: {self.same.stage_text}")]
            if self.same
            else []
        )
        field.choices = [*same, *stage_picker.choices()]

    def _add_findings(self) -> None:
        for finding in Finding:
            field = self.fields[f"finding_{finding.value}"] = _one(_GRADES, str(finding.label))
            field.help_text = FINDING_NOTES.get(finding, "")
        for sign in TrichoscopyFinding:
            field = self.fields[f"sign_{sign.value}"] = _one(_PRESENCE, str(sign.label))
            field.help_text = "Not typical for simple pattern hair loss" if sign in AGAINST_SIMPLE_AGA else ""

    def _set_choices(self, clinic: Clinic) -> None:
        fields: dict[str, Any] = self.fields
        for name in ("global_change", "patient_change"):
            fields[name].choices = _SEVEN_POINTS
            fields[name].error_messages["invalid_choice"] = "This is a whole number from −3 to +3."
        for name, blank in _BLANKS.items():
            relabel_blank(fields[name], blank)
        fields["assessor"].empty_label = "Not stated"
        fields["assessor"].queryset = people_who_may(
            Can.WRITE_RECORD, clinic=clinic, named_id=self.instance.assessor_id
        )

    def _usual_measurements(self) -> list[dict[str, Any]]:
        """What was measured last is measured again, in the same way; else, from the second visit on, most often a
        change is estimated."""
        last = previous_visits.last_measurement(self.patient)
        site = previous_visits.usual_site(self.patient, last)
        if last is not None and last.kind != CHANGE:
            return [_measured_again(each) for each in previous_visits.measured_with(last)]
        if last is None and self.is_first:
            return [{"site": site}]
        return [{"site": site, "kind": CHANGE, "method": Method.CLINICIAN_VISUAL_ESTIMATE.value}]

    # ── Checking ───────────────────────────────────────────────────────────────────────────────

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        today = timezone.localdate()
        if (when := cleaned.get("when")) and when.earliest <= today:
            birth = self.patient.birth or None
            self.judge(
                event_date_problems(when, field="when", what="visit", today=today, birth=birth, death=self.patient.died)
            )
        named_person.settle(self, cleaned, "assessor")
        self._read_stage(cleaned)
        self._read_scalp(cleaned)
        self._read_pull_test(cleaned)
        self.judge(score_problems("dlqi", cleaned.get("dlqi")))
        if cleaned.get("global_change") is not None and self.happened_on:
            self.judge(baseline_photo_problems(views_with_baseline(self.patient, self.judged_course, self.seen)))
        seen_by = (cleaned.get("assessor"), cleaned.get("assessor_name", ""))
        self.check_rows(cleaned.get("when"), measured_by=seen_by)
        self._offer_same_stage()
        return cleaned

    def _read_stage(self, cleaned: dict[str, Any]) -> None:
        cleaned["scale"] = cleaned["stage"] = cleaned["stage_how"] = ""
        if not cleaned.get("grade"):
            return
        if stage_picker.same_as(cleaned["grade"]):
            self._read_same_stage(cleaned)
            return
        try:
            grading = stage_picker.read(
                cleaned["grade"],
                basp_vertex=cleaned.get("basp_vertex", ""),
                basp_frontal=cleaned.get("basp_frontal", ""),
                savin_frontal=cleaned.get("savin_frontal", False),
            )
        except ValueError as reason:
            self.add_error("grade", str(reason))
            return
        if grading is not None:
            cleaned["scale"], cleaned["stage"] = grading
            is_kept = self.is_correction and grading == (self.instance.scale, self.instance.stage)
            cleaned["stage_how"] = self.instance.stage_how if is_kept else StageHow.PICKED.value
            self._judge_stage(grading)

    def _read_same_stage(self, cleaned: dict[str, Any]) -> None:
        """The stage that was confirmed, as long as its visit is the last one before this day."""
        last = self.last_graded
        if self.same is None or last is None or last.pk != self.same.pk:
            found = f"it was {last.stage_text}, {last.assessed.label()}" if last else "nobody had graded it"
            self.add_error("grade", f"Before this day {found}. Choose the stage again.")
            return
        cleaned["scale"], cleaned["stage"], cleaned["stage_how"] = last.scale, last.stage, StageHow.CONFIRMED.value
        self._judge_stage(previous_visits.grading(last))

    def _judge_stage(self, grading: Grading) -> None:
        """Rules 4 and 5, and rule 6 against the visits graded before and after this one, and the baseline."""
        before, scale_before = self.last_graded, ""
        if before and before.course_id in {None, getattr(self.judged_course, "pk", None)}:
            scale_before = before.scale
        self.judge(stage_problems(grading.scale, grading.stage, field="grade"))
        self.judge(scale_problems(grading.scale, sex=self.patient.sex, scale_before=scale_before, field="grade"))
        when = self.cleaned_data.get("when")
        if when is None:
            return
        if before:
            self.judge(jump_problems(previous_visits.grading(before), before.when, grading, when, field="grade"))
        if after := previous_visits.graded_after(self.patient, when, pk=self.instance.pk):
            self.judge(jump_problems(grading, when, previous_visits.grading(after), after.when, field="grade"))
        baseline = previous_visits.baseline_grading(
            self.patient, self.judged_course, scale=grading.scale, leaving_out=self.instance.pk
        )
        if baseline and before and baseline.pk != before.pk:
            found = previous_visits.grading(baseline)
            self.judge(improvement_problems(found, baseline.when, grading, when, field="grade"))

    def _read_scalp(self, cleaned: dict[str, Any]) -> None:
        """The findings and signs that were examined, by code; one tick grades all other findings as absent."""
        rest = "0" if cleaned.get(REST_NONE) else ""
        grades = _answers(cleaned, "finding", Finding.values, rest)
        cleaned["findings"] = {code: int(grade) for code, grade in grades.items()}
        cleaned["trichoscopy"] = _answers(cleaned, "sign", TrichoscopyFinding.values)
        if cleaned["findings"].get(Finding.SCARRING_SIGN):
            sentence = "Signs of scarring: pattern hair loss does not scar. Think of a scarring alopecia."
            self.judge([warning(9, f"finding_{Finding.SCARRING_SIGN.value}", sentence, "scarring_found")])

    def _read_pull_test(self, cleaned: dict[str, Any]) -> None:
        """With both counts and a rule the result is worked out, unless it was chosen."""
        grasped, extracted = cleaned.get("pull_grasped"), cleaned.get("pull_extracted")
        rule, result = cleaned.get("pull_rule", ""), cleaned.get("pull_result", "")
        if result == PullTestResult.NOT_DONE and (grasped, extracted) != (None, None):
            self.add_error(
                "pull_result", ("You wrote counts, so the test was done. Choose the result, or clear the counts.")
            )
            return
        if grasped is not None and extracted is not None:
            if not rule:
                sentence = "Choose the rule. With 3 to 5 of 60 hairs, one rule says positive and the other negative."
                self.add_error("pull_rule", sentence)
            elif not result:
                result = cleaned["pull_result"] = pull_test_result(grasped, extracted, rule).value
        self.judge(pull_test_problems(result=result, grasped=grasped, extracted=extracted, rule=rule))

    # ── What the page and the action read ──────────────────────────────────────────────────────

    @property
    def day(self) -> datetime.date:
        """The visit's day: the one that was typed, once it is checked; else that of the record, or today."""
        typed = self.happened_on if hasattr(self, "cleaned_data") else None
        return typed or (self.instance.assessed_on if self.is_correction else timezone.localdate())

    @property
    def seen(self) -> PartialDate:
        """The same as far as it is known: a day, or a month."""
        typed = self.cleaned_data.get("when") if hasattr(self, "cleaned_data") else None
        return typed or (self.instance.when if self.is_correction else of_day(timezone.localdate()))

    @property
    def judged_course(self) -> Course | None:
        """The course that the visit is judged against: the chosen one, else that of the record or of the day."""
        if "course" in self.fields and hasattr(self, "cleaned_data"):
            return self.own_course
        kept: Course | None = self.instance.course if self.is_correction else None
        return kept or Course.objects.on(self.patient, self.date_of_fact or self.day)

    @property
    def last_graded(self) -> Assessment | None:
        return previous_visits.graded_before(self.patient, self.seen, pk=self.instance.pk)

    def values(self) -> dict[str, Any]:
        derived = {name: self.cleaned_data[name] for name in ("scale", "stage", "stage_how", "findings", "trichoscopy")}
        return super().values() | derived

    @property
    def same_stage(self) -> Any:
        """The choice "same as last time"; None where nobody graded before."""
        return next(iter(self["grade"])) if self.same is not None else None

    @property
    def not_graded(self) -> Any:
        """The choice that nobody graded this time."""
        return next(option for option in self["grade"] if option.data["value"] == stage_picker.NOT_GRADED)

    @property
    def picks_from_drawings(self) -> bool:
        """Whether the drawings stand open: nobody graded before, or one of them is chosen."""
        return self.same is None or ":" in str(self["grade"].value() or "").replace(f"{stage_picker.SAME}:", "")

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the page: first those that the protocol asks, then the others."""
        course = self.judged_course
        asked = set(course.assessment_parts if course is not None else usual_assessment_parts())
        if self.is_first:
            asked = (asked | _AT_FIRST) - {AssessmentPart.CHANGE}
        elif previous_visits.last_with(self.patient, "diagnosis") is None:
            asked |= {_DIAGNOSIS}
        parts = [self._part(code, code in asked) for code in _PARTS if self._has_part(code)]
        return sorted(parts, key=lambda part: not part.is_asked)

    def _has_part(self, code: str) -> bool:
        if code == AssessmentPart.MEASUREMENTS:
            return bool(self.rows)
        return any(name in self.fields for name in _PARTS[code][1])

    def _part(self, code: str, is_asked: bool) -> Part:
        name, names = _PARTS[code]
        fold = self._fold(each for each in names if each in self.fields)
        recorded = len(self.rows_made) if code == AssessmentPart.MEASUREMENTS else fold.recorded
        return Part(str(code), name, recorded, is_asked, is_asked or fold.is_open or recorded > 0)

    @property
    def asked_parts(self) -> list[Part]:
        return [part for part in self.parts if part.is_asked]

    @property
    def other_parts(self) -> list[Part]:
        return [part for part in self.parts if not part.is_asked]

    def stage_panels(self) -> list[stage_picker.Panel]:
        return stage_picker.panels(self["grade"], sex=self.patient.sex)

    @property
    def findings(self) -> Iterator[BoundField]:
        """Those that are often there; `rare_findings` stand in a part of their own."""
        return (self[f"finding_{finding.value}"] for finding in Finding if finding not in _RARE_FINDINGS)

    @property
    def rare_findings(self) -> Iterator[BoundField]:
        return (self[name] for name in _FOLDS["rare_findings"])

    @property
    def signs(self) -> Iterator[BoundField]:
        return (self[f"sign_{code}"] for code in TrichoscopyFinding.values)

    @property
    def folds(self) -> dict[str, Fold]:
        """Each folded part by its name. One with a value, an error or a warning stands open."""
        return {part: self._fold(name for name in names if name in self.fields) for part, names in _FOLDS.items()}

    def _fold(self, names: Iterable[str]) -> Fold:
        names = list(names)
        recorded = sum(_is_answer(self[name].value()) for name in names)
        return Fold(recorded, recorded > 0 or any(self[n].errors or self.warnings_of(n) for n in names))


def _measured_again(last: Any) -> dict[str, Any]:
    """What a row begins with where the same is measured again; clipped and dyed is asked each time."""
    kept = ("kind", "site", "method", "site_detail", "device", "area_cm2", "magnification", "vellus_cutoff_um")
    return {name: getattr(last, name) for name in kept}


def _is_answer(value: Any) -> bool:
    """Whether a field holds something; a 0 is an answer."""
    return value not in (None, "", []) and value is not False


def _answers(cleaned: dict[str, Any], prefix: str, codes: Iterable[str], blank: str = "") -> dict[str, str]:
    """What was answered in a group of fields, by code; `blank` stands for those that were left empty."""
    answers = {code: cleaned.get(f"{prefix}_{code}") or blank for code in codes}
    return {code: answer for code, answer in answers.items() if answer}

import datetime
import re
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.patients import search_index
from treatments.patients.rules import treatment_day_problems
from treatments.patients.vocabulary import (
    TRANSPLANT_CODES,
    Caution,
    Complaint,
    DoseUnit,
    FamilyStatus,
    HairLossCourse,
    Relative,
    Sex,
    TherapyKind,
    TherapyResponse,
)
from treatments.records.fields import PartialDateField
from treatments.records.formatting import day, listed, number
from treatments.records.models import ClinicalRecord, Record, struck_out_together
from treatments.records.months import age_on
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem
from treatments.records.regions import Region
from treatments.records.text.text_folding import digits, digits_with_trunk_zero, fold, identifier_key
from treatments.records.vocabulary import Asked

MAX_WORDS = 6
LOCAL_DIGITS = 8
"""Of a telephone number, without country and area codes, which are written or left out."""
_IN_A_TELEPHONE_NUMBER = set("0123456789+-/.()")
_HYPHEN_BEFORE_FIGURES = re.compile(r"(?<=[^\W\d_])-(?=[0-9])")
_FIGURES_AFTER_LETTERS = re.compile(r"(?<=[^\W\d_])(?=[0-9])")


class PatientQuerySet(models.QuerySet["Patient"]):
    def of(self, clinic: Clinic) -> Self:
        return self.filter(clinic=clinic)

    def active(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def matching(self, text: str, *, all_of_many: bool = True) -> Self:
        """Patients of whom each word of `text` occurs in the name, record number or telephone number.

        A number typed with dashes or brackets is also matched as its digits alone. The index is queried at once. Where
        it gives only some of them, all rows are read to find the others; without `all_of_many` those are enough.
        """
        choices = _choices(text)
        if not choices:
            return self
        matches = search_index.find(self, choices)
        is_enough = matches.is_complete or (matches.is_exact and not all_of_many)
        # Also the one whose record number this is in another spelling: "HC0777" of "HC 0777".
        numbered = list(self.filter(record_key=identifier_key(text)).order_by().values_list("pk", flat=True))
        patients = self.filter(pk__in=[*matches.ids, *numbered]) if is_enough else self
        has_all = [reduce(or_, map(search_index.contains, choice)) for choice in choices]
        return patients.filter(reduce(and_, has_all) | models.Q(pk__in=numbered) if numbered else reduce(and_, has_all))

    def beginning_with(self, text: str) -> Self:
        return self.filter(_begins(text))

    def not_beginning_with(self, text: str) -> Self:
        return self.exclude(_begins(text))

    def by_name(self) -> Self:
        """In the order of the folded names, the same on both databases."""
        return self.order_by("search_text", "id")


def _words(text: str) -> list[str]:
    return fold(text.replace("\x00", " ")).split()[:MAX_WORDS]


def _choices(text: str) -> list[list[str]]:
    """What is looked for: of each word one of its spellings; of a whole telephone number its last eight digits, so that
    it is found however its country and area are written. A record number may be written like one."""
    words, whole = _words(text), fold(text.replace("\x00", " "))
    number = digits(whole)
    begins_as_one = whole.lstrip("( ").startswith(("+", "0"))
    if begins_as_one and len(number) >= LOCAL_DIGITS and set(whole) <= _IN_A_TELEPHONE_NUMBER | {" "}:
        return [[number[-LOCAL_DIGITS:], word] for word in words]
    return [_spellings(word) for word in words]


def _spellings(word: str) -> list[str]:
    """A word, as digits alone where it may be a telephone number, and with and without the hyphen before figures that
    some leave out of a record number: hc0777 and hc-0777."""
    number = digits(word) if set(word) <= _IN_A_TELEPHONE_NUMBER else ""
    others = (number, _HYPHEN_BEFORE_FIGURES.sub("", word), _FIGURES_AFTER_LETTERS.sub("-", word))
    return list(dict.fromkeys(filter(None, (word, *others))))


def _begins(text: str) -> models.Q:
    start = " ".join(_words(text))
    return models.Q(search_text__gte=start, search_text__lt=start + search_index.LAST_LETTER)


def _list_index(name: str, *columns: str) -> models.Index:
    due = {"next_due_until__isnull": False} if "next_due_until" in columns else {}
    condition = models.Q(archived_at__isnull=True, **due)
    return models.Index(fields=["clinic", *columns, "search_text", "id"], condition=condition, name=name)


class Patient(Record):
    """A person treated. Names and contact details are for everyone at the clinic; all else is clinical."""

    name = models.CharField("Name", max_length=160)
    record_number = models.CharField("Record number", max_length=32)
    # The number without what two spellings of it differ in. NULL where another record of the clinic had the same number
    # in another spelling before this was refused; pages say so until one of the two gets another number.
    record_key = models.CharField(max_length=600, null=True, editable=False)  # noqa: DJ001 -- "" would be one number
    sex = models.CharField("Sex recorded for clinical use", max_length=8, choices=Sex.choices)
    birth = PartialDateField("Date of birth", blank=True)
    birth_as_told = models.CharField("Date of birth (patient’s words)", max_length=60, blank=True)
    ethnicity = models.CharField("Ethnicity", max_length=60, blank=True)
    phone = models.CharField("Telephone", max_length=40, blank=True)
    email = models.EmailField("E-mail", blank=True)
    contact_note = models.CharField("How best to reach the patient", max_length=200, blank=True)
    search_text = models.CharField(max_length=400, editable=False)
    # Copies from the patient's course and visits, so that lists and Today can sort and filter by an index.
    next_due = models.CharField(max_length=23, blank=True, default="", editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    next_due_until = models.DateField(null=True, editable=False)
    # "session" or "follow_up".
    next_due_visit = models.CharField(max_length=9, default="session", editable=False)
    latest_stage = models.CharField(max_length=40, blank=True, editable=False)
    course_state = models.CharField(max_length=12, blank=True, editable=False)
    # The first day of the last session or assessment.
    last_seen_on = models.DateField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    archived_reason = models.CharField(max_length=300, blank=True, editable=False)
    # The record under which this one is read since the two were merged; it keeps its name and number, and no records.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged_records", null=True, blank=True, editable=False
    )
    # Name, number and telephone of the records that were merged into this one, so that the search finds them here.
    search_also = models.CharField(max_length=240, blank=True, editable=False)
    # Asked for when a patient is archived. Of those archived before it was asked for, it is not known.
    has_died = models.BooleanField(default=False, editable=False)
    died = PartialDateField("Died", blank=True, editable=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "record_number"],
                name="a_record_number_is_used_once_in_a_clinic",
                violation_error_message="Another patient has this record number. Use the next free one.",
            ),
            models.UniqueConstraint(
                fields=["clinic", "record_key"],
                name="a_record_number_is_one_in_any_spelling",
                violation_error_message="Another patient has this record number. Use the next free one.",
            ),
            models.CheckConstraint(condition=models.Q(sex__in=Sex.values), name="sex_is_a_known_code"),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_patient_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(has_died=False) | models.Q(archived_at__isnull=False),
                name="who_has_died_is_archived",
            ),
            models.CheckConstraint(
                condition=models.Q(died="") | models.Q(has_died=True), name="a_day_of_death_is_of_one_who_died"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "birth"], name="patients_by_birth"),
            # One for each combination of filters, in the order of the list, so that no page of it needs sorting.
            _list_index("active_by_name"),
            _list_index("active_by_course_state", "course_state"),
            _list_index("active_by_stage", "latest_stage"),
            _list_index("active_by_state_and_stage", "course_state", "latest_stage"),
            _list_index("active_by_due_date", "next_due_until", "next_due_on"),
            _list_index("active_by_state_due", "course_state", "next_due_until", "next_due_on"),
            _list_index("active_by_stage_due", "latest_stage", "next_due_until", "next_due_on"),
            _list_index("active_by_state_stage_due", "course_state", "latest_stage", "next_due_until", "next_due_on"),
            _list_index("active_by_last_seen", "last_seen_on"),
            models.Index(
                fields=["clinic", "record_number", "id"],
                condition=models.Q(archived_at__isnull=True),
                name="active_by_number",
            ),
            # Who follows in the order by what is due, having no date.
            models.Index(
                fields=["clinic", "search_text", "id"],
                condition=models.Q(archived_at__isnull=True, next_due_until__isnull=True),
                name="active_without_due_date",
            ),
            models.Index(
                fields=["clinic", "search_text", "id"],
                condition=models.Q(archived_at__isnull=False),
                name="archived_by_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def distinct_name(self) -> str:
        """The number: who reads one patient's record need not learn the name of another."""
        return self.record_number

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = self.folded()
        if self._state.adding or self.record_key is not None:
            self.record_key = identifier_key(self.record_number)
        super().save(*args, **kwargs)

    def folded(self) -> str:
        """What the search reads and the lists are ordered by. Two spaces end the name: Tan comes before Tan Ah."""
        inside = digits_with_trunk_zero(self.phone)
        numbers = [digits(self.phone), *([inside] if inside != digits(self.phone) else [])]
        more = " ".join(fold(part) for part in (self.record_number, *numbers, self.search_also) if part)
        return f"{fold(self.name)}  {more}"[:400]

    def get_absolute_url(self) -> str:
        return reverse("timeline:patient", args=[self.pk])

    def treatment_day_problems(self, when: PartialDate, *, field: str, what: str) -> list[Problem]:
        """What forbids that a session or a course of that day is entered; as the patient's row stands now."""
        now = Patient.objects.only("archived_at", "has_died", "died").get(pk=self.pk)
        return treatment_day_problems(
            when, field=field, what=what, archived_on=now.archived_on, has_died=now.has_died, death=now.died
        )

    @property
    def archived_on(self) -> datetime.date | None:
        return timezone.localdate(self.archived_at) if self.archived_at else None

    @property
    def state_text(self) -> str:
        """ "died 3 May 2025", "archived 3 May 2025: Moved abroad"; "" for a patient of the clinic."""
        if self.has_died:
            return f"died {self.died.label()}" if self.died else "died, day not recorded"
        return f"archived {day(self.archived_on)}: {self.archived_reason}" if self.archived_on else ""

    def age(self, on: PartialDate | datetime.date) -> tuple[int, bool] | None:
        """Whole years on that day, and whether they are approximate; None when no birth date is known."""
        return age_on(self.birth, on) if self.birth else None


def dose_in_words(dose: Decimal | None, unit: str) -> str:
    """ "1 mg", "0.25 mg", "5 %"; "" where none was recorded."""
    return f"{number(dose)}\u00a0{DoseUnit(unit).label}" if dose is not None and unit in DoseUnit.values else ""


class HairHistory(ClinicalRecord):
    """How the hair loss came about, and what else matters before an injection. One for a patient.

    Every question distinguishes "not asked", "asked, none" and an answer.
    """

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="history")
    # Blank in histories that were recorded before this was asked: of them the day of entry is known alone.
    taken_on = PartialDateField("When was it taken?", blank=True)
    onset = PartialDateField("When did the hair loss begin?", blank=True)
    onset_as_told = models.CharField("Beginning (patient’s words)", max_length=60, blank=True)
    course = models.CharField(
        ("Has the hair loss become worse, better or stayed the same?"),
        max_length=20,
        choices=HairLossCourse.choices,
        blank=True,
    )
    complaint = models.CharField("Main complaint", max_length=12, choices=Complaint.choices, blank=True)
    regions = models.JSONField("Where", default=list, blank=True)
    story = models.TextField("In the patient's words, or yours", max_length=4000, blank=True)
    earlier_treatment = models.CharField(
        "Any treatment for it before?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    family = models.CharField("Hair loss in the family?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED)
    # {"father": "affected", "brother": "unaffected"}; a relative who is not in it was not asked about.
    relatives = models.JSONField("Relatives", default=dict, blank=True)
    family_note = models.CharField("Other hair disease in the family", max_length=300, blank=True)
    allergies = models.CharField("Allergies?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED)
    allergies_text = models.CharField("Which allergies", max_length=400, blank=True)
    conditions = models.CharField("Other illness?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED)
    conditions_text = models.TextField("Which illness", max_length=2000, blank=True)
    medicines = models.CharField(
        "Medicines in the past year?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    medicines_text = models.TextField("Which medicines", max_length=2000, blank=True)
    cautions_asked = models.CharField(
        "Is there any reason not to inject?", max_length=10, choices=Asked.choices, default=Asked.NOT_ASKED
    )
    cautions = models.JSONField("Reasons not to inject", default=list, blank=True)
    smoking = models.CharField("Smoking", max_length=60, blank=True)
    impact = models.TextField("What it means to the patient", max_length=2000, blank=True)

    class Meta:
        constraints = [
            struck_out_together("history_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=models.Q(allergies_text="") | models.Q(allergies=Asked.YES),
                name="named_allergies_mean_that_there_are_some",
            ),
        ]

    def __str__(self) -> str:
        return f"Hair-loss history of {self.patient}"

    @property
    def region_labels(self) -> list[str]:
        return [str(Region(code).label).lower() for code in self.regions]

    @property
    def caution_labels(self) -> list[str]:
        return [str(Caution(code).label).lower() for code in self.cautions]

    @property
    def relatives_text(self) -> str:
        """ "father affected, brother not affected"."""
        labels = [f"{Relative(code).label} {FamilyStatus(status).label}" for code, status in self.relatives.items()]
        return ", ".join(labels).lower()

    @property
    def happened_on(self) -> datetime.date:
        return self.when.earliest

    @property
    def when(self) -> PartialDate:
        """When it was taken; where that was not asked, the day of its entry."""
        return self.taken_on or of_day(timezone.localdate(self.created_at))


class Therapy(ClinicalRecord):
    """A treatment for hair loss other than the clinic's sessions, earlier or at the same time."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="therapies")
    kind = models.CharField("Treatment", max_length=32, choices=TherapyKind.choices)
    dose = models.DecimalField("Dose", max_digits=9, decimal_places=3, null=True, blank=True)
    dose_unit = models.CharField("Unit", max_length=8, choices=DoseUnit.choices, blank=True)
    # What was written of strength and dose before the two above were asked for stays here as it is.
    detail = models.CharField("How it is taken", max_length=160, blank=True)
    grafts = models.PositiveIntegerField("Number of grafts", null=True, blank=True)
    grafted_regions = models.JSONField("Where were they placed", default=list, blank=True)
    place = models.CharField("Where was it done", max_length=160, blank=True)
    started = PartialDateField("Begun", blank=True)
    ended = PartialDateField("Ended", blank=True)
    is_ongoing = models.BooleanField("Still going on", null=True)
    response = models.CharField("Response", max_length=12, choices=TherapyResponse.choices, blank=True)
    note = models.CharField("Adherence, or why it was stopped", max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "therapies"
        constraints = [
            struck_out_together("therapy_struck_out_with_who_and_why"),
            models.CheckConstraint(
                condition=models.Q(ended="") | ~models.Q(is_ongoing=True), name="a_therapy_that_ended_is_not_ongoing"
            ),
            models.CheckConstraint(
                condition=models.Q(dose__isnull=True, dose_unit="")
                | (models.Q(dose__isnull=False) & ~models.Q(dose_unit="")),
                name="a_dose_has_its_unit",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=TRANSPLANT_CODES) | models.Q(grafts__isnull=True, place=""),
                name="only_a_transplant_has_grafts",
            ),
        ]
        indexes = [models.Index(fields=["patient"], name="therapies_of_a_patient")]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_transplant(self) -> bool:
        return self.kind in TRANSPLANT_CODES

    @property
    def dose_text(self) -> str:
        """ "1 mg, once a day", "5 %", "2400 grafts at the vertex, Example Clinic": how much of it, in words."""
        return ", ".join(filter(None, [dose_in_words(self.dose, self.dose_unit), self.grafts_text, self.detail]))

    @property
    def grafts_text(self) -> str:
        """ "2400 grafts, frontal and vertex, at Example Clinic"; "" for what is no transplant."""
        if not self.is_transplant:
            return ""
        where = listed([str(Region(code).label).lower() for code in self.grafted_regions])
        number_of = f"{self.grafts} grafts" if self.grafts is not None else ""
        return ", ".join(filter(None, [number_of, where, self.place and f"at {self.place}"]))

    @property
    def happened_on(self) -> datetime.date:
        return self.started.earliest if self.started else timezone.localdate(self.created_at)

    @property
    def when(self) -> PartialDate:
        """When it was begun; where that was not asked, the day of its entry."""
        return self.started or of_day(self.happened_on)

"""Several past sessions, a row for each: every row is a session's form by itself, read from names with its prefix."""

import uuid
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clinic.staff.models import Clinic
from treatments.courses.intervals import Given
from treatments.courses.models import Course, ExosomeSession, Protocol
from treatments.courses.schedule import Timing, next_due, timing
from treatments.courses.vocabulary import Phase
from treatments.courses.volumes import FIRST_SHOWN, ORDER, volumes_of
from treatments.patients.models import Patient
from treatments.records.fields import DatePrecision
from treatments.records.formatting import number
from treatments.records.forms.fields import PartialDateFormField
from treatments.records.forms.record_form import REASON_INPUT, SENTENCE_INPUT, FormWarning
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked
from treatments.sessions.log import pre_session_checks
from treatments.sessions.log.forms import SessionForm
from treatments.sessions.past.actions import PastSession

FIRST_ROWS, MOST_ROWS = 3, 24
NEW = "new:"
"""Before the id of a protocol: a course is planned from it at once."""
COMMON = ("operator", "operator_name", "route", "product", "lot", "lot_number")
"""What is asked once above the rows; lot and product may differ in a row."""
_LOT = ("lot", "lot_number")
_SAYS_SOMETHING = ("when", "lot", "lot_number", "product", "pain_during", "note")


class PastRow(SessionForm):
    """One session of a paper file. It is judged as one that is logged alone, and against the rows before it too."""

    reactions = forms.ChoiceField(
        label="Reactions that day",
        required=False,
        choices=[(Asked.NOT_ASKED, "Not asked"), (Asked.NONE, "Asked, none")],
    )

    class Meta(SessionForm.Meta):
        fields = [*SessionForm.Meta.fields, "reactions"]

    def __init__(
        self,
        *args: Any,
        rows_before: Sequence[Given],
        rows_after: Sequence[PartialDate] = (),
        phase: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows_before, self.rows_after = rows_before, rows_after
        self.initial["when"], self.initial["phase"] = None, phase

    def clean_reactions(self) -> str:
        return self.cleaned_data["reactions"] or Asked.NOT_ASKED.value

    def other_sessions(self) -> list[Given]:
        return [*super().other_sessions(), *self.rows_before]

    def saved_with(self) -> Sequence[PartialDate]:
        return self.rows_after


class Row:
    """A row of the page: `form` is None while nothing is written in it."""

    def __init__(self, place: int, data: QueryDict, volumes: dict[str, str]) -> None:
        self.place, self.data, self.planned = place, data, volumes
        self.form: PastRow | None = None
        self.refusals: list[str] = []

    @property
    def prefix(self) -> str:
        return f"row-{self.place}-"

    @property
    def number(self) -> int:
        return self.place + 1

    @cached_property
    def id(self) -> str:
        try:
            return str(uuid.UUID(self.data.get("id", "")))
        except ValueError:
            return str(new_id())

    @property
    def is_filled(self) -> bool:
        """Volumes are carried down, so they say nothing while they are those of the plan."""
        said = any(self.data.get(name, "").strip() for name in _SAYS_SOMETHING)
        asked = self.data.get("reactions", "") not in ("", Asked.NOT_ASKED)
        return said or asked or any(each["ml"] and each["ml"] != each["planned"] for each in self.volumes)

    @cached_property
    def when(self) -> PartialDate | None:
        """The day, None where it is not readable yet."""
        try:
            when: PartialDate | None = PartialDateFormField(at_least="month", required=False).clean(
                self.data.get("when", "")[:60]
            )
        except ValidationError:
            return None
        return when

    @property
    def volumes(self) -> list[dict[str, Any]]:
        """Each region with the mL that stand in it: those of the plan first, and `is_more` of the others."""
        first = list(self.planned) or [region.value for region in ORDER[:FIRST_SHOWN]]
        codes = [*first, *(region.value for region in ORDER if region.value not in first)]
        rows = []
        for code in codes:
            name = f"volume-{code}"
            planned = self.planned.get(code, "")
            text = self.data.get(name, planned if not self.data else "")
            errors = self.form[name].errors if self.form is not None and self.form.has_field(name) else []
            is_more = code not in first
            label = str(Region(code).label)
            rows.append(
                {"name": name, "label": label, "ml": text, "planned": planned, "errors": errors, "is_more": is_more}
            )
        return rows

    @property
    def more_is_used(self) -> bool:
        return any(each["is_more"] and (each["ml"] or each["errors"]) for each in self.volumes)

    def text(self, name: str) -> str:
        return str(self.data.get(name, ""))

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the row's other fields, for the template."""
        return {name: self.text(name) for name in (*_SAYS_SOMETHING, "reactions", "as_told")}

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Field and sentence of all that is wrong in it."""
        if self.form is None:
            return [("when", sentence) for sentence in self.refusals]
        found = [(name, str(each)) for name, errors in self.form.errors.items() for each in errors]
        return found + [("when", sentence) for sentence in self.refusals]

    @property
    def errors_by_field(self) -> dict[str, str]:
        by_field: dict[str, str] = {}
        for name, sentence in self.errors:
            by_field[name] = f"{by_field.get(name, '')} {sentence}".strip()
        return by_field

    @property
    def other_errors(self) -> list[str]:
        """Those of fields that the row does not ask for, or of the whole session."""
        shown = {*_SAYS_SOMETHING, "reactions", *(each["name"] for each in self.volumes)}
        return [sentence for name, sentence in self.errors if name not in shown]

    @property
    def warnings(self) -> list[FormWarning]:
        return self.form.warnings if self.form is not None else []

    @property
    def summary(self) -> list[str]:
        sentences = [sentence for _name, sentence in self.errors]
        return sentences + ([each.sentence for each in self.form.unpassed] if self.form is not None else [])


class PastSessions:
    """All rows with what is common to them. `data` is what was posted, None for the page as it is opened."""

    def __init__(
        self, data: QueryDict | None, *, clinic: Clinic, patient: Patient, course: Course | None, may_override: bool
    ) -> None:
        self.data: Any = data if data is not None else QueryDict()
        self.is_bound = data is not None
        self.clinic, self.patient, self.course, self.may_override = clinic, patient, course, may_override
        self.given = self._given() if course is not None else []
        self.planned = self._planned_volumes()
        self.rows = [Row(place, self._data_of(place), self.planned) for place in range(self._count())]

    @property
    def is_new_course(self) -> bool:
        return self.course is not None and self.course._state.adding

    def _given(self) -> list[Given]:
        sessions = ExosomeSession.objects.standing().filter(course=self.course)
        return [session.given for session in sessions]

    def _planned_volumes(self) -> dict[str, str]:
        """Those of the plan; where it names none, those of the last session of the course."""
        if self.course is None:
            return {}
        volumes = self.course.volumes_ml
        if not volumes and self.given:
            last: Any = ExosomeSession.objects.standing().filter(course=self.course).in_order().last()
            volumes = volumes_of(last.region_volumes.all())[0]
        return {region: number(ml) for region, ml in volumes.items()}

    def _count(self) -> int:
        try:
            rows = int(self.data.get("rows", FIRST_ROWS))
        except ValueError:
            rows = FIRST_ROWS
        return max(1, min(rows + (self.data.get("act") == "add"), MOST_ROWS))

    @property
    def may_add(self) -> bool:
        return len(self.rows) < MOST_ROWS

    def _data_of(self, place: int) -> QueryDict:
        """What was posted for one row, under the names that a session's form reads."""
        prefix, own = f"row-{place}-", QueryDict(mutable=True)
        for name in self.data:
            if name.startswith(prefix):
                own.setlist(name.removeprefix(prefix), self.data.getlist(name))
        return own

    def common(self, name: str) -> str:
        default = {"route": self.course.route, "product": str(self.course.product_id or "")} if self.course else {}
        return str(self.data.get(name, default.get(name, "")))

    @property
    def commons(self) -> dict[str, str]:
        return {name: self.common(name) for name in COMMON}

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if row.is_filled]

    def is_valid(self) -> bool:
        """Judge each row that is filled, by its date among the others."""
        checks = pre_session_checks.load(self.patient)
        in_order = sorted(self.filled, key=lambda row: (row.when.earliest.isoformat() if row.when else "", row.place))
        before: list[Given] = []
        for place, row in enumerate(in_order, start=1):
            after = [later.when for later in in_order[place:] if later.when is not None]
            row.form = self._form_of(row, before, after, checks)
            row.form.full_clean()
            if row.when is not None:
                before = [*before, Given(str(row.form.cleaned_data.get("phase") or Phase.INDUCTION), row.when)]
        return bool(in_order) and all(row.form is not None and row.form.is_valid() for row in in_order)

    def _form_of(
        self,
        row: Row,
        before: Sequence[Given],
        after: Sequence[PartialDate],
        checks: pre_session_checks.PreSessionChecks,
    ) -> PastRow:
        assert self.course is not None  # noqa: S101 -- the page asks for it before it reads rows
        data = row.data.copy()
        has_lot = any(data.get(name, "").strip() for name in _LOT)
        for name in COMMON:
            # A lot that the row names, by choice or by number, is instead of the common one.
            if not data.get(name, "").strip() and not (has_lot and name in _LOT):
                data[name] = self.common(name)
        data["id"] = row.id
        self._pass_shown(data)
        course = self.course
        return PastRow(
            data,
            clinic=self.clinic,
            patient=self.patient,
            course=course,
            may_override=self.may_override,
            rows_before=before,
            rows_after=after,
            phase=self._phase(course, [*self.given, *before], row.when),
            checks=checks,
        )

    @staticmethod
    def _phase(course: Course, given: Sequence[Given], when: PartialDate | None) -> Phase:
        """Of the session that the plan asks for next; one long before the yearly refresh is none."""
        due = next_due(course.facts, baseline=course.baseline, given=given)
        if due is None:
            return Phase.MAINTENANCE
        is_early = when is not None and timing(due, when)[0] is Timing.EARLY
        return Phase.MAINTENANCE if due.phase == Phase.ANNUAL_REFRESH and is_early else due.phase

    def _pass_shown(self, data: Any) -> None:
        """The one reason that was written for all passes every warning that the page showed and that has no reason of
        its own; a warning that is new is asked about."""
        reason = str(self.data.get("all-reason", "")).strip()
        for name in [each for each in data if each.startswith(SENTENCE_INPUT)] if reason else []:
            key = f"{REASON_INPUT}{name.removeprefix(SENTENCE_INPUT)}"
            if not data.get(key, "").strip():
                data[key] = reason

    def submissions(self) -> dict[uuid.UUID, str]:
        """The id and the digest of each row that is filled, once it was judged."""
        return {uuid.UUID(row.id): row.form.digest() for row in self.filled if row.form is not None}

    def sessions(self) -> list[PastSession]:
        """Once it is valid: what `actions.log_sessions` is called with, in the order of `filled`."""
        made = []
        for row in self.filled:
            form = row.form
            assert form is not None and self.course is not None  # noqa: S101 -- is_valid made it
            session = form.new_record(clinic=self.clinic, patient=self.patient, course=self.course)
            made.append(PastSession(session, form.volumes.ml_by_region, form.region_labels, form.passed))
        return made

    @property
    def has_warnings(self) -> bool:
        return any(row.form is not None and row.form.unpassed for row in self.rows)

    @property
    def objections(self) -> list[tuple[Row, str]]:
        return [(row, sentence) for row in self.rows for sentence in row.summary]


def course_from(
    protocol: Protocol, *, patient: Patient, course_id: uuid.UUID, rows: Iterable[PartialDate | None]
) -> Course:
    """An unsaved course as the protocol plans it, whose Month 0 is the first of the days that are written."""
    days = sorted((when for when in rows if when is not None), key=lambda when: when.earliest)
    columns = {each.name for each in Protocol._meta.fields} & {each.name for each in Course._meta.fields}
    columns -= {"id", "clinic", "version", "submission", "created_at", "created_by", "archived_at"}
    course = Course(
        clinic=patient.clinic,
        patient=patient,
        protocol=protocol,
        **{name: getattr(protocol, name) for name in columns},
    )
    course.pk = course_id
    course.submission = ""
    if days:
        first = PartialDate(days[0].text.removesuffix("~"))
        course.baseline_on, course.baseline_precision = first.earliest, DatePrecision.of(first)
    return course

"""What all forms of records share: id, version, warnings, partial dates."""

import copy
import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db.models import QuerySet
from django.forms import BoundField
from django.forms.models import ModelFormMetaclass
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.staff.models import Clinic, User
from treatments.records.actions import CorrectionArguments, Passed, UpdateArguments, display_value
from treatments.records.fields import DatePrecision
from treatments.records.forms.blank_choices import label_blank_choice
from treatments.records.forms.conditions import AskedWhen
from treatments.records.forms.fields import PartialDateFormField, VersionField, asked_here
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.ids import new_id
from treatments.records.models import ChangeKind, ClinicalRecord, PassedWarning, Record, partial
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.problems import Problem

MIN_REASON = 3
MAX_REASON = 300
MAX_SENTENCE = 400
# Under these names a form posts the reason for passing a warning, and the sentence that the reason was typed for.
REASON_INPUT, SENTENCE_INPUT = "pass-", "_sentence-"
DIGEST_LENGTH = 8
# What a form posts besides its content. Names that begin with "_" are the page's own.
_NOT_CONTENT = {"csrfmiddlewaretoken", "version", "id"}
# Endings of columns that go with another one: the date as it was typed, and its precision.
_COMPANIONS = ("_as_told", "_precision")
DUPLICATE_MINUTES = 30
CHANGE_KINDS = [
    (ChangeKind.UPDATE.value, "Something changed: the old entry was right until then"),
    (ChangeKind.CORRECTION.value, "It was never right: the old entry was a mistake"),
]


@dataclass(frozen=True)
class Section:
    """A titled part of a form. A nested tuple of field names is one row."""

    title: str
    fields: Sequence[str | tuple[str, ...]]
    help: str = ""
    # A part that is rarely needed is folded, and opens by itself when it has a value or an error.
    folded: bool = False


@dataclass(frozen=True)
class _Keyed:
    """What is posted under a warning's key: the reason, and beside it the sentence that the reason was typed for."""

    key: str

    @property
    def input_name(self) -> str:
        return f"{REASON_INPUT}{self.key}"

    @property
    def sentence_input_name(self) -> str:
        return f"{SENTENCE_INPUT}{self.key}"


@dataclass(frozen=True)
class OtherReason(_Keyed):
    """A reason that was typed for a sentence which the form does not show now: it passes nothing, and stays in sight.

    `sentence` is "" where what was read is not known.
    """

    sentence: str
    reason: str

    @property
    def rule(self) -> str:
        return self.key.split("-", 1)[0]


@dataclass(frozen=True)
class FormWarning(_Keyed):
    """A warning beside a field. `reason` is what the person typed to pass it.

    `key` names the rule, what it objects to and the sentence that was shown, so that a reason passes the sentence that
    was read and no other. `others` are reasons typed for other sentences, shown beside this one.
    """

    rule: str
    field: str
    sentence: str
    reason: str
    others: tuple[OtherReason, ...] = ()

    @property
    def is_passed(self) -> bool:
        return len(self.reason) >= MIN_REASON

    @property
    def sentence_id(self) -> str:
        """The id of the sentence on the page, by which its field and the input of its reason name it."""
        return f"{self.input_name}-sentence"


def _key_of(problem: Problem, field: str) -> str:
    read = hashlib.sha256(f"{field}\n{problem.sentence}".encode()).hexdigest()
    return f"{problem.rule}-{problem.code}-{read[:DIGEST_LENGTH]}"


def _with_unix_newlines(value: Any) -> Any:
    """A plain form posts CR LF and a script LF: neither is a change of the text."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _posted(data: Any, name: str) -> list[str]:
    return [str(value) for value in (data.getlist(name) if hasattr(data, "getlist") else [data[name]])]


def _fingerprint(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


class _RecordFormMeta(ModelFormMetaclass):
    """Asks for every column that is a day or a number by the one field for it."""

    def __new__(mcs, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().__new__(mcs, *args, **kwargs)
        for name, field in form.base_fields.items():
            form.base_fields[name] = asked_here(field)
        return form


class RecordForm(PlainTextForm, forms.ModelForm, metaclass=_RecordFormMeta):
    """A ModelForm that validates and normalises; an action does the writing.

    Subclasses give `sections` for the page, and `when_columns` (date column, precision column) where the record has a
    date that may be known to the month only. `judge` takes the problems that the clinical rules report.
    """

    sections: ClassVar[Sequence[Section]] = ()
    when_columns: ClassVar[tuple[str, str] | None] = None
    when_label: ClassVar[str] = "When?"
    # Beside which field a problem is shown, where a rule names a column that the form asks for under another name.
    field_of: ClassVar[Mapping[str, str]] = {}
    # What a form that is sent with another one is called in the summary of what is wrong.
    part_name: ClassVar[str] = ""
    # A field whose "5 years ago" counts from the day in another field, on which it was told.
    counted_from: ClassVar[Mapping[str, str]] = {}
    # Whether what is recorded can change without having been wrong: then a day is asked for before a reason.
    may_change: ClassVar[bool] = False
    # Of such a record, what does not change once it is known, and what to say where it is changed all the same.
    never_changes: ClassVar[Mapping[str, str]] = {}

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = VersionField(required=False)
    correction_reason = forms.CharField(
        label="Why is it corrected?",
        max_length=300,
        required=False,
        help_text="Saved with the old value, and shown on the timeline.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Validation writes the posted values onto the instance; the caller's row must keep what the database says.
        if kwargs.get("instance") is not None:
            kwargs["instance"] = copy.copy(kwargs["instance"])
        super().__init__(*args, **kwargs)
        self.is_correction = not self.instance._state.adding
        self._warnings: dict[str, FormWarning] = {}
        # Forms that are sent and checked with this one: their warnings read the same posted reasons.
        self.sent_with: list[RecordForm] = []
        self.use_required_attribute = False
        if self.is_correction:
            self.initial.setdefault("version", self.instance.version)
            self.fields["correction_reason"].required = True
            self.fields["correction_reason"].error_messages["required"] = (
                "Write why it is corrected, for example: syringe misread."
            )
            del self.fields["id"]
            if self.may_change:
                self._ask_what_it_is()
        else:
            self.initial.setdefault("id", new_id())
            del self.fields["version"]
            del self.fields["correction_reason"]
        if self.when_columns:
            self._add_when(*self.when_columns)
        for field in self.fields.values():
            label_blank_choice(field)

    def _ask_what_it_is(self) -> None:
        """An update or a correction; a page of an earlier release asks for the reason of a correction alone."""
        self.fields["change_kind"] = forms.ChoiceField(
            label="Has it changed, or was it never right?",
            choices=CHANGE_KINDS,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose one of the two."},
        )
        self.fields["changed_since"] = PartialDateFormField(
            label="Since when?",
            help_text="As exactly as you know it: 14 May 2025, May 2025. The old entry is kept as true until then.",
            error_messages={"required": "Write since when, as exactly as you know it."},
        )
        self.initial.setdefault("change_kind", ChangeKind.UPDATE)
        self.initial.setdefault("changed_since", of_day(timezone.localdate()))
        self.conditions = (
            *self.conditions,
            AskedWhen("change_kind", (ChangeKind.UPDATE.value,), ("changed_since",)),
            AskedWhen("change_kind", (ChangeKind.CORRECTION.value,), ("correction_reason",)),
        )
        if self.is_bound and "change_kind" not in self.data and "correction_reason" in self.data:
            self._set_posted("change_kind", ChangeKind.CORRECTION.value)

    def _add_when(self, column: str, precision: str) -> None:
        field = PartialDateFormField(
            label=self.when_label,
            at_least="month",
            help_text="14 May 2025. If you do not know the day, write the month: May 2025.",
        )
        self.fields["when"] = field
        if self.is_correction:
            self.initial["when"] = partial(getattr(self.instance, column), getattr(self.instance, precision))
        else:
            self.initial.setdefault("when", of_day(timezone.localdate()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.may_change and self.is_correction and self.is_update:
            self._check_update()
        when = cleaned.get("when")
        if self.when_columns and when is not None:
            column, precision = self.when_columns
            cleaned[column] = when.earliest
            cleaned[precision] = DatePrecision.of(when)
            setattr(self.instance, column, when.earliest)
            setattr(self.instance, precision, cleaned[precision])
            if when.earliest > timezone.localdate():
                self.add_error("when", "This date is in the future. Write the day on which it happened.")
        return cleaned

    @property
    def is_update(self) -> bool:
        """Whether something changed, where the form asks for that; else it is a correction."""
        return self.cleaned_data.get("change_kind") == ChangeKind.UPDATE

    def _check_update(self) -> None:
        since = self.cleaned_data.get("changed_since")
        if since is not None and since.earliest > timezone.localdate():
            self.add_error("changed_since", "This day is in the future. Write it down when it has come.")
        for name, sentence in self.never_changes.items():
            if name in self.changed_data and self.initial.get(name):
                self.add_error(name, sentence)

    def full_clean(self) -> None:
        if self.is_bound:
            self.count_from_own_dates()
        super().full_clean()

    def count_from_own_dates(self) -> None:
        """Let "5 years ago" count from the day on which it was said, where the form asks for that."""
        for name, told in self.counted_from.items():
            try:
                when = self[told].field.clean(self[told].data)
            except ValidationError:
                continue  # said beside that field
            if when is not None:
                day = when.earliest if isinstance(when, PartialDate) else when
                field: Any = self[name].field
                field.counted_from = min(day, timezone.localdate())

    def _get_validation_exclusions(self) -> set[str]:
        """Columns that are not asked and stay empty are not said to be missing: their fields are out of sight."""
        needed = {column.name for column in self.instance._meta.fields if not column.blank}
        unasked = {name for name in needed & set(self.fields) if not self.is_asked(name)}
        exclude: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return exclude | {name for name in unasked if self.cleaned_data.get(name) in EMPTY_VALUES}

    def validate_constraints(self) -> None:
        """Only where nothing else is wrong: the rules refuse the same in a sentence that says what to do."""
        if not self.errors:
            super().validate_constraints()

    @property
    def own_id(self) -> uuid.UUID:
        """The id of this form's row, saved or not. A comparison with other rows leaves it out, so that a form that is
        sent twice does not contradict itself."""
        if self.is_correction:
            return self.instance.pk
        try:
            return uuid.UUID(str(self.data.get("id")))
        except ValueError:
            return uuid.UUID(int=0)

    @property
    def happened_on(self) -> datetime.date | None:
        """The day under validation, once `clean` of this base has run."""
        return self.cleaned_data.get(self.when_columns[0]) if self.when_columns else None

    def judge(self, problems: Iterable[Problem]) -> None:
        """Put clinical problems beside their fields: an error refuses, a warning asks for a reason."""
        for problem in problems:
            name = self.field_of.get(problem.field, problem.field)
            field = name if self.has_field(name) else ""
            if problem.is_error:
                self.add_error(field or None, problem.sentence)
            else:
                self._warn(problem, field)

    def _warn(self, problem: Problem, field: str) -> None:
        if (str(problem.rule), problem.sentence[:MAX_SENTENCE]) in self.passed_before:
            return
        key = _key_of(problem, field)
        reason = str(self.data.get(f"{REASON_INPUT}{key}", "")).strip()[:MAX_REASON]
        self._warnings.setdefault(key, FormWarning(key, str(problem.rule), field, problem.sentence, reason))

    @cached_property
    def passed_before(self) -> set[tuple[str, str]]:
        """Rule and sentence of what was passed when the record was entered or corrected: read and answered already."""
        if not self.is_correction:
            return set()
        return set(PassedWarning.objects.filter(record_id=self.instance.pk).values_list("rule", "sentence"))

    @property
    def warnings(self) -> list[FormWarning]:
        """In the order in which they were found, each with the reasons typed for other sentences of its rule; those of
        a rule that does not speak now stand beside the first warning that asks for a reason."""
        warnings, others = list(self._warnings.values()), self.other_reasons
        asking = [warning for warning in self._all_warnings.values() if not warning.is_passed]
        if not others or not asking:
            return warnings
        beside: dict[str, list[OtherReason]] = {}
        for other in others:
            of_its_rule = (warning for warning in asking if warning.rule == other.rule)
            beside.setdefault(next(of_its_rule, asking[0]).key, []).append(other)
        return [replace(warning, others=tuple(beside.get(warning.key, ()))) for warning in warnings]

    @property
    def _all_warnings(self) -> dict[str, FormWarning]:
        return reduce(or_, (form._warnings for form in self.sent_with), self._warnings)

    @property
    def other_reasons(self) -> list[OtherReason]:
        """The reasons that were typed for sentences which are not shown now. The page sends them again, so that a
        sentence which comes back finds its reason."""
        names = [name for name in self.data if name.startswith(REASON_INPUT)]
        return [
            OtherReason(
                key=key,
                sentence=str(self.data.get(f"{SENTENCE_INPUT}{key}", "")).strip()[:MAX_SENTENCE],
                reason=reason[:MAX_REASON],
            )
            for key in (name.removeprefix(REASON_INPUT) for name in names)
            if key not in self._all_warnings and (reason := str(self.data.get(f"{REASON_INPUT}{key}", "")).strip())
        ]

    def warnings_of(self, field: str) -> list[FormWarning]:
        return [warning for warning in self.warnings if warning.field == field]

    @property
    def general_warnings(self) -> list[FormWarning]:
        return [warning for warning in self.warnings if not self.has_field(warning.field)]

    @property
    def unpassed(self) -> list[FormWarning]:
        return [warning for warning in self.warnings if not warning.is_passed]

    @property
    def fields_shown(self) -> Iterable[BoundField]:
        """Every field of the page, those of forms that are sent with this one too; the summary lists their errors."""
        return self

    def is_valid(self) -> bool:
        return super().is_valid() and not self.unpassed and not any(field.errors for field in self.fields_shown)

    @property
    def passed(self) -> list[Passed]:
        return [Passed(w.rule, w.sentence, w.reason) for w in self.warnings if w.is_passed]

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("correction_reason", ""))

    @property
    def expected_version(self) -> int:
        return self.cleaned_data.get("version") or 0

    def correction(self, *, by: User) -> CorrectionArguments:
        """What an action that corrects is called with."""
        return {
            "changes": self.values(),
            "reason": self.reason,
            "expected_version": self.expected_version,
            "passed": self.passed,
            "by": by,
        }

    def update(self, *, by: User) -> UpdateArguments:
        """What an action that updates is called with."""
        return {
            "changes": self.values(),
            "since": self.cleaned_data["changed_since"],
            "expected_version": self.expected_version,
            "passed": self.passed,
            "by": by,
        }

    def values(self) -> dict[str, Any]:
        """Column names and checked values, for an action to insert or to correct with."""
        columns = {field.name for field in self.instance._meta.fields} - {"id", "version"}
        names = [*(name for name in self.fields if name in columns), *(self.when_columns or ())]
        return {name: _with_unix_newlines(self.cleaned_data[name]) for name in names}

    def words_of(self, name: str) -> str:
        """The words in which a date was told. Where a correction leaves the date as it was, they stay: the page shows
        the date as it is spelled here, and what was not changed is no correction."""
        if self.is_correction and name not in self.changed_data:
            return str(getattr(self.instance, f"{name}_as_told"))
        return str(self.data.get(name, "")).strip()[:60]

    def new_record(self, **more: Any) -> Any:
        """The unsaved row that this form describes, under the id that the form was shown with."""
        record = type(self.instance)(**self.values(), **more)
        record.pk = self.cleaned_data.get("id") or new_id()
        record.submission = self.digest()
        return record

    def digest(self) -> str:
        """SHA-256 of what was posted, files too, without the id and the reasons for passing a warning.

        Equal for a repeated submit, and for the same record entered twice.
        """
        names = [name for name in self.data if name not in _NOT_CONTENT and not name.startswith(("_", REASON_INPUT))]
        content = [(name, _posted(self.data, name)) for name in names]
        content += [(name, list(map(_fingerprint, self.files.getlist(name)))) for name in self.files]
        return hashlib.sha256(repr(sorted(content)).encode()).hexdigest()

    def recent_duplicate(self, *, by: User, clinic: Clinic, patient: Record | None = None) -> Any | None:
        """A record with the same content but another id, saved by this person within half an hour, for this patient."""
        model: Any = type(self.instance)
        since = timezone.now() - datetime.timedelta(minutes=DUPLICATE_MINUTES)
        rows: QuerySet[Any] = model._default_manager.filter(
            clinic=clinic, created_by=by, submission=self.digest(), created_at__gte=since
        )
        if issubclass(model, ClinicalRecord):
            rows = rows.filter(patient=patient, struck_out_at__isnull=True)
        return rows.exclude(pk=self.own_id).order_by("-created_at").first()

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Each column whose posted value differs from the current row: label, theirs, mine."""
        rows = []
        for name, value in self.values().items():
            if name.endswith(_COMPANIONS):
                continue
            field = current._meta.get_field(name)
            theirs, mine = display_value(field, getattr(current, name)), display_value(field, value)
            if theirs != mine:
                label = self[name].label if self.has_field(name) else getattr(field, "verbose_name", name)
                rows.append({"label": str(label), "theirs": theirs, "mine": mine})
        return rows

    def take_version_of(self, current: Any) -> None:
        """Let the next submit of this form count as made against the current row."""
        self._set_posted("version", str(current.version))

    def take_new_id(self) -> None:
        """Let the next submit of this form make a row of its own."""
        self._set_posted("id", str(new_id()))

    def _set_posted(self, name: str, value: str) -> None:
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[name] = value
        self.data = data

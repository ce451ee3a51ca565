"""The three ways a record changes: inserted once, corrected with a reason, struck out with a reason."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from clinic.audit import log
from clinic.staff.models import User
from treatments.records.models import ClinicalRecord, Correction, PassedWarning, Record

R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=ClinicalRecord)


@dataclass(frozen=True)
class Passed:
    """A warning the person passed: the rule's number or code, the sentence they read, their reason."""

    rule: str
    sentence: str
    reason: str


class CorrectionArguments(TypedDict):
    """What every correction is called with: the columns and their new values, why, the version of the row that the
    person saw, the warnings passed on the way, and who corrects. A form gives it as `form.correction(by=…)`."""

    changes: dict[str, Any]
    reason: str
    expected_version: int
    passed: NotRequired[Iterable[Passed]]
    by: User


class AlreadySaved(Exception):
    """The id was used before, for other content; nothing was written. `record` is what is kept."""

    def __init__(self, record: Record) -> None:
        super().__init__("This form was already saved, with other content.")
        self.record = record


class IdInUse(ValidationError):
    """The id was used before, and not for this patient: nothing was written, and nothing of what is kept is told."""

    def __init__(self) -> None:
        super().__init__("Nothing is saved yet: this form was used before, for somebody else. Press Save once more.")


class Conflict(Exception):
    """Somebody else changed the record first; nothing was written. `current` is the record as it stands."""

    def __init__(self, current: Record) -> None:
        super().__init__("Somebody else changed this while you were editing it.")
        self.current = current


def insert(
    record: R,
    *,
    event: str,
    by: User,
    passed: Iterable[Passed] = (),
    then: Callable[[R], None] | None = None,
    detail: dict[str, Any] | None = None,
) -> R:
    """Write a new record, what belongs to it (`then`), its passed warnings and its audit event, all or nothing.

    The database's primary key decides between twins: whoever comes second gets the first one's row back, without
    an error, if the form said the same. Raises AlreadySaved if it said something else, IdInUse if it was about
    somebody else, and ValidationError if another row stands in the way.
    """
    record.created_by = by
    try:
        with transaction.atomic():
            record.save(force_insert=True)
            if then is not None:
                then(record)
            _keep_passed(record, passed, by=by)
            log.record(event, by=by, clinic=record.clinic, target=record, detail=detail)
    except IntegrityError:
        kept = type(record)._default_manager.filter(pk=record.pk).first()
        if kept is None:
            _say_what_stands_in_the_way(record)
            raise
        if not _is_of_the_same(kept, record):
            raise IdInUse from None
        if _said(kept) != _said(record):
            raise AlreadySaved(kept) from None
        return kept
    return record


def correct(
    record: R,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    by: User,
    event: str = "corrected",
    passed: Iterable[Passed] = (),
    then: Callable[[R], list[dict[str, str]] | None] | None = None,
) -> R:
    """Change columns of a record, keeping each value before and after with the reason.

    `changes` maps column names to new values; equal ones are left out, and when nothing differs nothing is
    written. `then` changes what belongs to the record and may return further {"field", "label", "before", "after"}.
    Raises Conflict when the record is no longer at `expected_version`, unless it was this very correction that moved
    it on: a double click, or a retry after an answer that was lost.
    """
    told = [_change(record, name, value) for name, value in changes.items() if _differs(record, name, value)]
    with transaction.atomic():
        if not _move_on(record, changes, expected_version=expected_version):
            current = type(record)._default_manager.get(pk=record.pk)
            if _is_repeat(current, changes, reason=reason, expected_version=expected_version, then=then, by=by):
                return current
            raise Conflict(current)
        more = (then(record) if then is not None else None) or []
        if not told and not more:
            transaction.set_rollback(True)
            return record
        record.refresh_from_db()
        Correction.objects.create(
            clinic_id=record.clinic_id,
            patient_id=_patient_id(record),
            record_type=record._meta.model_name or "",
            record_id=record.pk,
            version=record.version,
            changes=told + more,
            reason=reason,
            by=by,
        )
        _keep_passed(record, passed, by=by)
        fields = [change["field"] for change in told + more]
        log.record(event, by=by, clinic=record.clinic, target=record, detail={"fields": fields})
    return record


def _move_on(record: Record, changes: dict[str, Any], *, expected_version: int) -> bool:
    """Write the columns if the record is still at that version."""
    held = type(record)._default_manager.filter(pk=record.pk, version=expected_version)
    try:
        with transaction.atomic():
            return bool(held.update(version=F("version") + 1, **changes))
    except IntegrityError:
        changed = copy.copy(record)
        for name, value in changes.items():
            setattr(changed, name, value)
        _say_what_stands_in_the_way(changed)
        raise


def _is_of_the_same(kept: Record, record: Record) -> bool:
    """Whether whoever sends this may be shown what is kept under its id: the patient's own, or their own entry."""
    if kept.clinic_id != record.clinic_id:
        return False
    if kept._meta.model_name == "patient":
        return kept.created_by_id == record.created_by_id
    return bool(getattr(kept, "patient_id", None) == getattr(record, "patient_id", None))


def _said(record: Record) -> tuple[Any, ...]:
    """Who said what about whom: alike for the twins of one submit."""
    return record.submission, record.created_by_id, getattr(record, "patient_id", None)


def _say_what_stands_in_the_way(record: Record) -> None:
    """Somebody else was quicker with what may exist only once: raise Django's sentence about it."""
    record.validate_unique()
    record.validate_constraints()


def _is_repeat(
    current: R,
    changes: dict[str, Any],
    *,
    reason: str,
    expected_version: int,
    then: Callable[[R], list[dict[str, str]] | None] | None,
    by: User,
) -> bool:
    """Whether the same person made the same correction from the same version; whatever this tries is undone."""
    done = Correction.objects.filter(record_id=current.pk, version=expected_version + 1, by=by, reason=reason)
    if current.version != expected_version + 1 or not done.exists():
        return False
    if any(_differs(current, name, value) for name, value in changes.items()):
        return False
    with transaction.atomic():
        differs = bool(then(current)) if then is not None else False
        transaction.set_rollback(True)
    return not differs


def strike_out(
    record: C, *, reason: str, expected_version: int, by: User, then: Callable[[C], None] | None = None
) -> C:
    """Mark a clinical record as entered in error; it stays readable and leaves every count.

    Raises Conflict when the record is no longer at `expected_version`.
    """
    with transaction.atomic():
        held = type(record)._default_manager.filter(pk=record.pk, version=expected_version, struck_out_at__isnull=True)
        if not held.update(
            version=F("version") + 1, struck_out_at=timezone.now(), struck_out_by=by, struck_out_reason=reason
        ):
            raise Conflict(type(record)._default_manager.get(pk=record.pk))
        record.refresh_from_db()
        if then is not None:
            then(record)
        log.record("struck_out", by=by, clinic=record.clinic, target=record)
    return record


def _patient_id(record: Record) -> Any:
    return record.pk if record._meta.model_name == "patient" else getattr(record, "patient_id", None)


def _keep_passed(record: Record, passed: Iterable[Passed], *, by: User) -> None:
    PassedWarning.objects.bulk_create(
        PassedWarning(
            clinic_id=record.clinic_id,
            patient_id=_patient_id(record),
            record_type=record._meta.model_name or "",
            record_id=record.pk,
            rule=each.rule,
            sentence=each.sentence[:400],
            reason=each.reason[:300],
            by=by,
        )
        for each in passed
    )


def _differs(record: Record, name: str, value: Any) -> bool:
    return bool(getattr(record, name) != value)


def _change(record: Record, name: str, value: Any) -> dict[str, str]:
    field = record._meta.get_field(name)
    before = getattr(record, name)
    return {
        "field": name,
        "label": str(getattr(field, "verbose_name", name)),
        "before": as_read(field, before),
        "after": as_read(field, value),
        "raw": "" if before is None else str(getattr(before, "pk", before)),
    }


def as_read(field: Any, value: Any) -> str:
    """A column's value in the words a person reads on the page; "not recorded" for a blank."""
    if value is None or value == "" or value == [] or value == {}:
        return "not recorded"
    if isinstance(field, models.ForeignKey):
        return str(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if hasattr(value, "label") and callable(value.label):
        return str(value.label())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if hasattr(value, "isoformat") and not hasattr(value, "hour"):
        return date_format(value, "j M Y")
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {item}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(item).replace("_", " ") for item in value)
    return str(value)

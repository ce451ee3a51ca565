"""The four ways in which a record changes: inserted once, updated with a day, corrected with a reason, struck out.

Each of them locks the row of its record. An act that locks more than one row takes all of its locks in one order, so
that no two acts wait for each other: patients by id (`patients.actions.wait_for`), courses by id, lots by id
(`products.stock.lock`), and then the rows that it changes.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NotRequired, TypedDict, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import User
from treatments.records.formatting import day, ml, number
from treatments.records.models import VOLUMES, ChangeKind, ClinicalRecord, Correction, PassedWarning, Record
from treatments.records.partial_dates import PartialDate

R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=ClinicalRecord)
Changes = list[dict[str, str]]


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


class UpdateArguments(TypedDict):
    """What every update is called with: the columns and their new values, the day from which they are true, the version
    of the row that the person saw, and who says so. A form gives it as `form.update(by=…)`."""

    changes: dict[str, Any]
    since: PartialDate
    expected_version: int
    passed: NotRequired[Iterable[Passed]]
    by: User


class AlreadySaved(Exception):
    """The id was used before, for other content; nothing was written. `record` is the row with that id."""

    def __init__(self, record: Record) -> None:
        super().__init__("This form was already saved with other answers.")
        self.record = record


class StruckOutSince(AlreadySaved):
    """The record of this id was struck out since it was saved; nothing was written. `record` is that row."""


class IdInUse(ValidationError):
    """The id was used before, and not for this patient; nothing was written, and nothing of that row is shown."""

    def __init__(self) -> None:
        super().__init__("Nothing is saved yet. This form was used before for another patient. Press Save again.")


class Conflict(Exception):
    """Somebody else changed the record first; nothing was written. `current` is the row as it is now."""

    def __init__(self, current: Record) -> None:
        super().__init__("Somebody else changed this while you were editing it.")
        self.current = current


def _nothing_more(record: Record) -> None:
    """Where no other rows belong to a record."""


def insert(
    record: R,
    *,
    event: str,
    by: User,
    passed: Iterable[Passed] = (),
    then: Callable[[R], None] = _nothing_more,
    detail: dict[str, Any] | None = None,
) -> R:
    """Write a new record, what belongs to it (`then`), its passed warnings and its audit event, all or nothing.

    The primary key detects a repeated submit: the second one gets the row of the first, without an error, if the form
    had the same content. Raises AlreadySaved if it had other content, StruckOutSince if the row no longer counts,
    IdInUse if that row is about somebody else, and ValidationError if another row excludes this one.
    """
    record.created_by = by
    try:
        with transaction.atomic():
            record.save(force_insert=True)
            then(record)
            _save_passed(record, passed, by=by)
            log.record(event, by=by, clinic=record.clinic, target=record, detail=detail)
    except IntegrityError:
        saved = type(record)._default_manager.filter(pk=record.pk).first()
        if saved is None:
            _validate_uniqueness(record)
            raise
        if not _may_be_shown(saved, record):
            raise IdInUse from None
        if getattr(saved, "struck_out_at", None) is not None:
            raise StruckOutSince(saved) from None
        if _submit_of(saved) != _submit_of(record):
            raise AlreadySaved(saved) from None
        return saved
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
    then: Callable[[R], Changes | None] = _nothing_more,
) -> R:
    """Change columns that were never right, and write each value before and after, with the reason, as a correction.

    `changes` maps column names to new values; equal ones are left out, and when nothing differs nothing is
    written. `then` changes what belongs to the record and may return further {"field", "label", "before", "after"}.
    Raises Conflict when the record is no longer at `expected_version`, unless this very correction changed it
    already: a double click, or a retry after an answer that was lost.
    """
    told = Correction(kind=ChangeKind.CORRECTION, reason=reason, by=by)
    return _change_to(record, changes, told, expected_version=expected_version, event=event, passed=passed, then=then)


def update(
    record: R,
    *,
    changes: dict[str, Any],
    since: PartialDate,
    expected_version: int,
    by: User,
    reason: str = "",
    confirmed: Iterable[str] = (),
    event: str = "updated",
    passed: Iterable[Passed] = (),
    then: Callable[[R], Changes | None] = _nothing_more,
) -> R:
    """Change columns because something changed on the day `since`; the values of before are kept as true until then.

    `confirmed` names in words what was asked again and answered as before: an update with nothing else is written too.
    All other rules are those of `correct`.
    """
    told = Correction(kind=ChangeKind.UPDATE, since=since, confirmed=list(confirmed), reason=reason, by=by)
    return _change_to(record, changes, told, expected_version=expected_version, event=event, passed=passed, then=then)


def _change_to(
    record: R,
    changes: dict[str, Any],
    told: Correction,
    *,
    expected_version: int,
    event: str,
    passed: Iterable[Passed],
    then: Callable[[R], Changes | None],
) -> R:
    """Write the columns, and `told` with the differences. `told` is unsaved and knows kind, day, reason and person."""
    differences = _differences(record, changes)
    if told.is_update:
        differences = [each | {"was": as_json(getattr(record, each["field"]))} for each in differences]
    with transaction.atomic():
        if not _update(record, changes, expected_version=expected_version):
            current = type(record)._default_manager.get(pk=record.pk)
            if _is_repeat(current, changes, told, expected_version=expected_version, then=then):
                return current
            raise Conflict(current)
        differences += then(record) or []
        if not differences and not told.confirmed:
            transaction.set_rollback(True)
            return record
        record.refresh_from_db()
        told.clinic_id, told.patient_id = record.clinic_id, _patient_id(record)
        told.record_type, told.record_id = record._meta.model_name or "", record.pk
        told.version, told.changes = record.version, differences
        told.save(force_insert=True)
        _save_passed(record, passed, by=told.by)
        fields = [each["field"] for each in differences]
        log.record(event, by=told.by, clinic=record.clinic, target=record, detail={"fields": fields})
    return record


def _update(record: Record, changes: dict[str, Any], *, expected_version: int) -> bool:
    """Write the columns and the next version if the record is still at that version."""
    rows = type(record)._default_manager.filter(pk=record.pk, version=expected_version)
    try:
        with transaction.atomic():
            return bool(rows.update(version=F("version") + 1, **changes))
    except IntegrityError:
        changed = copy.copy(record)
        for name, value in changes.items():
            setattr(changed, name, value)
        _validate_uniqueness(changed)
        raise


def _may_be_shown(saved: Record, record: Record) -> bool:
    """Whether who sends `record` may see the row with its id: one of the same patient, or a patient they registered."""
    if saved._meta.model_name == "patient":
        return (saved.clinic_id, saved.created_by_id) == (record.clinic_id, record.created_by_id)
    return (saved.clinic_id, _patient_id(saved)) == (record.clinic_id, _patient_id(record))


def _submit_of(record: Record) -> tuple[Any, ...]:
    """Content, person and patient of the form that made a row: the same for a repeated submit."""
    return record.submission, record.created_by_id, getattr(record, "patient_id", None)


def _validate_uniqueness(record: Record) -> None:
    """Raise Django's sentence about what may exist only once, where somebody else was quicker to save it."""
    record.validate_unique()
    record.validate_constraints()


def _is_repeat(
    current: R,
    changes: dict[str, Any],
    told: Correction,
    *,
    expected_version: int,
    then: Callable[[R], Changes | None],
) -> bool:
    """Whether the same person made the same change from the same version. What `then` writes is rolled back."""
    version = expected_version + 1
    same = {"kind": told.kind, "since": told.since or "", "reason": told.reason, "by": told.by}
    made = Correction.objects.filter(record_id=current.pk, version=version, **same).first()
    if current.version != version or made is None or made.confirmed != told.confirmed:
        return False
    if _differences(current, changes):
        return False
    with transaction.atomic():
        more = then(current)
        transaction.set_rollback(True)
    return not more


def strike_out(
    record: C, *, reason: str, expected_version: int, by: User, then: Callable[[C], None] = _nothing_more
) -> C:
    """Mark a clinical record as entered in error; it stays readable, and no longer counts.

    Raises Conflict when the record is no longer at `expected_version`.
    """
    with transaction.atomic():
        rows = type(record)._default_manager.filter(pk=record.pk, version=expected_version, struck_out_at__isnull=True)
        if not rows.update(
            version=F("version") + 1, struck_out_at=timezone.now(), struck_out_by=by, struck_out_reason=reason
        ):
            raise Conflict(type(record)._default_manager.get(pk=record.pk))
        record.refresh_from_db()
        then(record)
        log.record("struck_out", by=by, clinic=record.clinic, target=record)
    return record


def _patient_id(record: Record) -> Any:
    return record.pk if record._meta.model_name == "patient" else getattr(record, "patient_id", None)


def _save_passed(record: Record, passed: Iterable[Passed], *, by: User) -> None:
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


def _differences(record: Record, changes: dict[str, Any]) -> Changes:
    return [_change(record, name, value) for name, value in changes.items() if getattr(record, name) != value]


def _change(record: Record, name: str, value: Any) -> dict[str, str]:
    field = record._meta.get_field(name)
    before = getattr(record, name)
    return {
        "field": name,
        "label": str(getattr(field, "verbose_name", name)),
        "before": display_value(field, before),
        "after": display_value(field, value),
        "raw": "" if before is None else str(getattr(before, "pk", before)),
    }


def as_json(value: Any) -> Any:
    """A column's value as JSON holds it; a date, a partial date, a decimal and the id of a row as their text."""
    if value is None or isinstance(value, bool | int | list | dict | str):
        return value
    return value.text if isinstance(value, PartialDate) else str(getattr(value, "pk", value))


_DISPLAY: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "yes" if value else "no",
    date: day,
    datetime: lambda at: f"{day(timezone.localtime(at))}, {timezone.localtime(at):%H:%M}",
    time: lambda at: f"{at:%H:%M}",
    dict: lambda items: ", ".join(f"{key.replace('_', ' ')} {item}" for key, item in items.items()),
    list: lambda items: ", ".join(str(item).replace("_", " ") for item in items),
}


def display_value(field: Any, value: Any) -> str:
    """A column's value as a person reads it on the page; "not recorded" for a blank."""
    if value is None or value in ("", [], {}):
        return "not recorded"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, Decimal):
        return number(value)
    if field.name == VOLUMES:
        return ", ".join(f"{region.replace('_', ' ')} {ml(Decimal(given))}" for region, given in value.items())
    if isinstance(value, Record):
        return value.distinct_name
    return _DISPLAY.get(type(value), str)(value)

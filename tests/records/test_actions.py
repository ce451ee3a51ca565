"""A record is inserted once, corrected with a reason against the version that was seen, and struck out once."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import Correction, HairHistory, PassedWarning, Patient, Therapy
from treatments.records.actions import AlreadySaved, Conflict, IdInUse, Passed, correct, insert, strike_out
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db


def therapy(cast: Cast, **fields: Any) -> Therapy:
    values = {"kind": "minoxidil_topical", "submission": "s1", "clinic": cast.clinic, "patient": cast.patient}
    return Therapy(**values | fields)


def saved(cast: Cast, **fields: Any) -> Therapy:
    return insert(therapy(cast, **fields), event="recorded_therapy", by=cast.clinician)


def test_same_sent_twice_is_one_record(cast: Cast) -> None:
    """The same sent twice is one record and one event."""
    pk = new_id()

    first = saved(cast, pk=pk)
    second = insert(therapy(cast, pk=pk), event="recorded_therapy", by=cast.clinician)

    assert second.pk == first.pk and second.created_at == first.created_at
    assert Therapy.objects.count() == 1
    assert AuditEvent.objects.filter(action="recorded_therapy").count() == 1


@pytest.mark.parametrize("other", ["content", "person"])
def test_id_used_otherwise_writes_nothing(cast: Cast, other: str) -> None:
    """An id used for something else is refused with a sentence, and nothing is written."""
    pk = new_id()
    first = saved(cast, pk=pk)
    changes: dict[str, Any] = {
        "content": {"submission": "s2"},
        "person": {},
    }[other]

    with pytest.raises(AlreadySaved) as refusal:
        insert(
            therapy(cast, pk=pk, **changes),
            event="recorded_therapy",
            by=cast.nurse if other == "person" else cast.clinician,
        )

    assert refusal.value.record == first
    assert Therapy.objects.count() == 1
    assert AuditEvent.objects.filter(action="recorded_therapy").count() == 1


def test_id_of_another_patient_shows_nothing(cast: Cast) -> None:
    """An id used for another patient is refused, and nothing of that record is shown."""
    pk = new_id()
    saved(cast, pk=pk)

    with pytest.raises(IdInUse) as refusal:
        insert(
            therapy(cast, pk=pk, patient=factories.patient(cast.clinic)), event="recorded_therapy", by=cast.clinician
        )

    assert not hasattr(refusal.value, "record")
    assert Therapy.objects.get().patient == cast.patient
    assert AuditEvent.objects.filter(action="recorded_therapy").count() == 1


@pytest.mark.parametrize("where", ["other_clinic", "clinic"])
def test_id_of_somebody_else_is_untouched(cast: Cast, where: str) -> None:
    """An id of somebody else is neither shown nor overwritten."""
    theirs = factories.patient(getattr(cast, where), name="Secret", created_by=cast.manager)
    mine = Patient(pk=theirs.pk, clinic=cast.clinic, name="Mine", record_number="M-1", sex="male")

    with pytest.raises(IdInUse) as refusal:
        insert(mine, event="registered", by=cast.clinician)

    assert "Secret" not in str(refusal.value)
    assert Patient.objects.get(pk=theirs.pk).name == "Secret"


def test_second_unique_row_gets_a_sentence(cast: Cast) -> None:
    """What may exist only once is refused in a sentence."""
    HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician)
    second = HairHistory(clinic=cast.clinic, patient=cast.patient)

    with pytest.raises(ValidationError):
        insert(second, event="recorded_history", by=cast.nurse)


def test_parts_are_written_with_their_record(cast: Cast) -> None:
    """What belongs to a record is written with it or not at all."""

    def fail(record: Therapy) -> None:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        insert(therapy(cast), event="recorded_therapy", by=cast.clinician, then=fail, passed=[Passed("1", "S", "why")])

    assert not Therapy.objects.exists()
    assert not PassedWarning.objects.exists()
    assert not AuditEvent.objects.filter(action="recorded_therapy").exists()


def test_passed_warning_has_its_reason(cast: Cast) -> None:
    """A passed warning is stored with its reason and who passed it."""
    record = insert(
        therapy(cast),
        event="recorded_therapy",
        by=cast.nurse,
        passed=[Passed("7", "The dose is unusual.", "as the doctor ordered")],
    )

    warning = PassedWarning.objects.get(record_id=record.pk)
    assert (warning.rule, warning.reason, warning.by) == ("7", "as the doctor ordered", cast.nurse)
    assert warning.patient_id == cast.patient.pk


def change(record: Therapy, by: Any, *, version: int = 1, reason: str = "misread", **changes: Any) -> Therapy:
    return correct(record, changes=changes, reason=reason, expected_version=version, by=by)


def test_correction_has_before_and_after(cast: Cast) -> None:
    """A correction stores the value before and after."""
    record = change(saved(cast, detail="2 %"), cast.nurse, detail="5 %")

    assert (record.detail, record.version) == ("5 %", 2)
    correction = Correction.objects.get()
    assert [(c["before"], c["after"]) for c in correction.changes] == [("2 %", "5 %")]
    assert (correction.reason, correction.by, correction.version) == ("misread", cast.nurse, 2)


def test_second_correction_names_the_first(cast: Cast) -> None:
    """The second of two corrections is refused and names the first."""
    mine = saved(cast, detail="2 %")
    change(Therapy.objects.get(pk=mine.pk), cast.nurse, detail="5 %")

    with pytest.raises(Conflict) as refusal:
        change(mine, cast.clinician, detail="7 %")

    assert refusal.value.current.detail == "5 %"
    assert Therapy.objects.get(pk=mine.pk).detail == "5 %"


@pytest.mark.parametrize("version", [0, 2, 99])
def test_unknown_version_changes_nothing(cast: Cast, version: int) -> None:
    """A version that never was changes nothing."""
    record = saved(cast, detail="2 %")

    with pytest.raises(Conflict):
        change(record, cast.nurse, version=version, detail="5 %")

    assert Therapy.objects.get(pk=record.pk).version == 1


def test_correction_sent_twice_is_made_once(cast: Cast) -> None:
    """A correction sent twice is made once and is no conflict."""
    record = saved(cast, detail="2 %")
    change(Therapy.objects.get(pk=record.pk), cast.nurse, detail="5 %")

    again = change(Therapy.objects.get(pk=record.pk), cast.nurse, detail="5 %")

    assert again.version == 2
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("differs", ["person", "reason", "value", "what belongs to it"])
def test_apparent_repeat_is_a_conflict(cast: Cast, differs: str) -> None:
    """What only looks like a repeat is a conflict."""
    record = saved(cast, detail="2 %")
    change(Therapy.objects.get(pk=record.pk), cast.nurse, detail="5 %")

    with pytest.raises(Conflict):
        correct(
            Therapy.objects.get(pk=record.pk),
            changes={"detail": "7 %" if differs == "value" else "5 %"},
            reason="another reason" if differs == "reason" else "misread",
            expected_version=1,
            by=cast.clinician if differs == "person" else cast.nurse,
            then=(lambda _: [{"field": "ml", "label": "mL", "before": "1", "after": "2"}])
            if differs == "what belongs to it"
            else None,
        )

    assert Correction.objects.count() == 1


def test_empty_correction_writes_nothing(cast: Cast) -> None:
    """A correction that changes nothing writes nothing."""
    record = change(saved(cast, detail="2 %"), cast.nurse, detail="2 %")

    assert Therapy.objects.get(pk=record.pk).version == 1
    assert not Correction.objects.exists()


def test_correction_onto_another_row(cast: Cast) -> None:
    """A correction that meets another row is refused in a sentence."""
    factories.patient(cast.clinic, record_number="T-TAKEN")

    with pytest.raises(ValidationError):
        correct(
            cast.patient,
            changes={"record_number": "T-TAKEN"},
            reason="typing error",
            expected_version=1,
            by=cast.nurse,
        )

    assert Patient.objects.get(pk=cast.patient.pk).version == 1


def test_strike_out_once_with_a_reason(cast: Cast) -> None:
    """Struck out once with its reason and never again."""
    record = strike_out(saved(cast), reason="wrong patient", expected_version=1, by=cast.nurse)

    assert record.is_struck_out and record.struck_out_reason == "wrong patient"
    with pytest.raises(Conflict):
        strike_out(record, reason="once more", expected_version=2, by=cast.nurse)
    assert Therapy.objects.get(pk=record.pk).struck_out_reason == "wrong patient"

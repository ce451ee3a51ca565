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
    told = {"kind": "minoxidil_topical", "submission": "s1", "clinic": cast.clinic, "patient": cast.patient}
    return Therapy(**told | fields)


def kept(cast: Cast, **fields: Any) -> Therapy:
    return insert(therapy(cast, **fields), event="recorded_therapy", by=cast.clinician)


def test_the_same_sent_twice_is_one_record_and_one_event(cast: Cast) -> None:
    pk = new_id()

    first = kept(cast, pk=pk)
    second = insert(therapy(cast, pk=pk), event="recorded_therapy", by=cast.clinician)

    assert second.pk == first.pk and second.created_at == first.created_at
    assert Therapy.objects.count() == 1
    assert AuditEvent.objects.filter(action="recorded_therapy").count() == 1


@pytest.mark.parametrize("other", ["content", "person"])
def test_an_id_used_for_something_else_is_told_and_nothing_is_written(cast: Cast, other: str) -> None:
    pk = new_id()
    first = kept(cast, pk=pk)
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


def test_an_id_used_for_another_patient_is_refused_and_nothing_of_it_is_told(cast: Cast) -> None:
    pk = new_id()
    kept(cast, pk=pk)

    with pytest.raises(IdInUse) as refusal:
        insert(
            therapy(cast, pk=pk, patient=factories.patient(cast.clinic)), event="recorded_therapy", by=cast.clinician
        )

    assert not hasattr(refusal.value, "record")
    assert Therapy.objects.get().patient == cast.patient
    assert AuditEvent.objects.filter(action="recorded_therapy").count() == 1


@pytest.mark.parametrize("where", ["other_clinic", "clinic"])
def test_an_id_of_somebody_else_is_neither_shown_nor_overwritten(cast: Cast, where: str) -> None:
    theirs = factories.patient(getattr(cast, where), name="Secret", created_by=cast.manager)
    mine = Patient(pk=theirs.pk, clinic=cast.clinic, name="Mine", record_number="M-1", sex="male")

    with pytest.raises(IdInUse) as refusal:
        insert(mine, event="registered", by=cast.clinician)

    assert "Secret" not in str(refusal.value)
    assert Patient.objects.get(pk=theirs.pk).name == "Secret"


def test_what_may_exist_only_once_is_told_in_a_sentence(cast: Cast) -> None:
    HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician)
    second = HairHistory(clinic=cast.clinic, patient=cast.patient)

    with pytest.raises(ValidationError):
        insert(second, event="recorded_history", by=cast.nurse)


def test_what_belongs_to_a_record_is_written_with_it_or_not_at_all(cast: Cast) -> None:
    def fail(record: Therapy) -> None:
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        insert(therapy(cast), event="recorded_therapy", by=cast.clinician, then=fail, passed=[Passed("1", "S", "why")])

    assert not Therapy.objects.exists()
    assert not PassedWarning.objects.exists()
    assert not AuditEvent.objects.filter(action="recorded_therapy").exists()


def test_a_passed_warning_is_kept_with_its_reason_and_who(cast: Cast) -> None:
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


def test_a_correction_keeps_before_and_after(cast: Cast) -> None:
    record = change(kept(cast, detail="2 %"), cast.nurse, detail="5 %")

    assert (record.detail, record.version) == ("5 %", 2)
    correction = Correction.objects.get()
    assert [(c["before"], c["after"]) for c in correction.changes] == [("2 %", "5 %")]
    assert (correction.reason, correction.by, correction.version) == ("misread", cast.nurse, 2)


def test_the_second_of_two_corrections_is_told_of_the_first(cast: Cast) -> None:
    mine = kept(cast, detail="2 %")
    change(Therapy.objects.get(pk=mine.pk), cast.nurse, detail="5 %")

    with pytest.raises(Conflict) as refusal:
        change(mine, cast.clinician, detail="7 %")

    assert refusal.value.current.detail == "5 %"
    assert Therapy.objects.get(pk=mine.pk).detail == "5 %"


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_version_that_never_was_changes_nothing(cast: Cast, version: int) -> None:
    record = kept(cast, detail="2 %")

    with pytest.raises(Conflict):
        change(record, cast.nurse, version=version, detail="5 %")

    assert Therapy.objects.get(pk=record.pk).version == 1


def test_a_correction_sent_twice_is_made_once_and_is_no_conflict(cast: Cast) -> None:
    record = kept(cast, detail="2 %")
    change(Therapy.objects.get(pk=record.pk), cast.nurse, detail="5 %")

    again = change(Therapy.objects.get(pk=record.pk), cast.nurse, detail="5 %")

    assert again.version == 2
    assert Correction.objects.count() == 1


@pytest.mark.parametrize("differs", ["person", "reason", "value", "what belongs to it"])
def test_what_only_looks_like_a_repeat_is_a_conflict(cast: Cast, differs: str) -> None:
    record = kept(cast, detail="2 %")
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


def test_a_correction_that_changes_nothing_writes_nothing(cast: Cast) -> None:
    record = change(kept(cast, detail="2 %"), cast.nurse, detail="2 %")

    assert Therapy.objects.get(pk=record.pk).version == 1
    assert not Correction.objects.exists()


def test_a_correction_that_meets_another_row_is_told_in_a_sentence(cast: Cast) -> None:
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


def test_struck_out_once_with_its_reason_and_never_again(cast: Cast) -> None:
    record = strike_out(kept(cast), reason="wrong patient", expected_version=1, by=cast.nurse)

    assert record.is_struck_out and record.struck_out_reason == "wrong patient"
    with pytest.raises(Conflict):
        strike_out(record, reason="once more", expected_version=2, by=cast.nurse)
    assert Therapy.objects.get(pk=record.pk).struck_out_reason == "wrong patient"

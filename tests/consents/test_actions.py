import datetime

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.consents import actions, consent_status
from treatments.models import Consent, Correction
from treatments.records.actions import AlreadySaved, Conflict, strike_out

GIVEN = datetime.date(2025, 1, 10)


def signed(cast: Cast, **fields: object) -> Consent:
    values = {"kind": "treatment", "form_version": "T-3", "given_on": GIVEN, "signed_how": "paper_filed", **fields}
    return Consent(clinic=cast.clinic, patient=cast.patient, submission=str(fields), **values)


def test_consent_is_written_once_with_trail(cast: Cast) -> None:
    """A consent is written with its trail, and once."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    repeat = signed(cast)
    repeat.pk = consent.pk
    assert actions.record_consent(repeat, by=cast.nurse).pk == consent.pk
    other = signed(cast, form_version="T-4")
    other.pk = consent.pk
    with pytest.raises(AlreadySaved):
        actions.record_consent(other, by=cast.nurse)
    detail = {"kind": "treatment", "purposes": [], "scan": False}
    assert AuditEvent.objects.get(action="recorded_consent").detail == detail


def test_withdrawal_counts_from_its_day(cast: Cast) -> None:
    """A withdrawal counts from its day, and what was true before stays true."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    day = datetime.date(2025, 3, 1)
    actions.withdraw(consent, on=day, reason="no reason given", expected_version=1, by=cast.clinician)

    assert list(Consent.objects.in_force(day - datetime.timedelta(days=1))) == [consent]
    assert not Consent.objects.in_force(day).exists()
    assert (consent.version, consent.withdrawn_by, consent.is_in_force(day)) == (2, cast.clinician, False)
    assert AuditEvent.objects.get(action="withdrew_consent").object_id == str(consent.pk)


def test_withdrawal_before_the_signature(cast: Cast) -> None:
    """A withdrawal before the signature is refused."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    with pytest.raises(ValidationError):
        actions.withdraw(
            consent, on=GIVEN - datetime.timedelta(days=1), reason="said so", expected_version=1, by=cast.nurse
        )
    assert Consent.objects.get().withdrawn_on is None


def test_consent_is_withdrawn_once(cast: Cast) -> None:
    """A consent is withdrawn once and not changed after."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    actions.withdraw(consent, on=GIVEN, reason="no reason given", expected_version=1, by=cast.nurse)
    with pytest.raises(Conflict):
        actions.withdraw(consent, on=GIVEN, reason="again", expected_version=2, by=cast.nurse)
    with pytest.raises(ValidationError):
        correction = {"reason": "a slip", "expected_version": 2, "by": cast.nurse}
        actions.correct_consent(consent, changes={"form_version": "T-4"}, **correction)
    assert Consent.objects.get().withdrawal_reason == "no reason given"


def test_withdrawal_of_a_changed_consent(cast: Cast) -> None:
    """Who withdraws a consent that was changed meanwhile is refused with a sentence."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    stale = Consent.objects.get()
    actions.correct_consent(
        consent, changes={"form_version": "T-4"}, reason="a slip", expected_version=1, by=cast.clinician
    )
    with pytest.raises(Conflict):
        actions.withdraw(stale, on=GIVEN, reason="no reason given", expected_version=1, by=cast.nurse)


@pytest.mark.parametrize("column", ["kind", "purposes", "covers_unapproved", "is_identifiable", "signature"])
def test_permissions_are_never_corrected(cast: Cast, column: str) -> None:
    """What the patient allowed is never corrected."""
    consent = actions.record_consent(signed(cast, kind="photography", purposes=["record"]), by=cast.nurse)
    with pytest.raises(ValidationError):
        actions.correct_consent(consent, changes={column: "x"}, reason="a slip", expected_version=1, by=cast.nurse)
    assert not Correction.objects.exists()


def test_struck_out_consent_is_not_in_force(cast: Cast) -> None:
    """A struck-out consent is in force no more."""
    consent = actions.record_consent(signed(cast), by=cast.nurse)
    strike_out(consent, reason="wrong patient", expected_version=1, by=cast.nurse)
    assert not Consent.objects.in_force(GIVEN).exists()
    with pytest.raises(ValidationError):
        correction = {"reason": "a slip", "expected_version": 2, "by": cast.nurse}
        actions.correct_consent(consent, changes={"form_version": "T-4"}, **correction)


def test_status_by_kind_and_by_use(cast: Cast) -> None:
    """What is in force is given by kind and by use."""
    today = datetime.date(2025, 6, 1)
    old = {"kind": "photography", "given_on": GIVEN}
    first = factories.consent(cast.patient, **old, purposes=["record", "publication"])
    second = factories.consent(cast.patient, "photography", given_on=today, purposes=["record", "teaching"])
    actions.withdraw(first, on=datetime.date(2025, 5, 3), reason="no reason given", expected_version=1, by=cast.nurse)
    expired = factories.consent(cast.patient, given_on=GIVEN, expires_on=datetime.date(2025, 2, 1))
    factories.consent(cast.patient, "research", given_on=datetime.date(2025, 7, 1))
    consents = list(Consent.objects.all())

    kinds = {line.code: line for line in consent_status.by_kind(consents, today)}
    assert kinds["photography"].consent == second
    assert kinds["treatment"].ended == expired
    assert kinds["treatment"].why_not == "expired 1 Feb 2025"
    assert kinds["research"].why_not == "not valid yet"
    assert kinds["data_processing"].why_not == "never given"
    uses = {line.code: line for line in consent_status.by_purpose(consents, today)}
    assert [code for code, line in uses.items() if line.is_allowed] == ["record", "teaching"]
    assert uses["publication"].why_not == "withdrawn 3 May 2025"
    assert uses["marketing_web"].why_not == "never given"

"""Records, withdraws, corrects and strikes out consents."""

import datetime
from collections.abc import Iterable
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from clinic.audit import log
from clinic.staff.models import User
from treatments.consents.models import Consent, ConsentScan
from treatments.records.actions import Conflict, CorrectionArguments, Passed, correct, insert
from treatments.records.formatting import day

# What the patient allowed, and its signature: whoever allows something else signs another consent.
ALLOWED_BY_THE_PATIENT = frozenset(
    {
        "kind", "purposes", "text", "covers_unapproved", "is_identifiable", "signature", "journal",
        "has_read_manuscript",
    }
)  # fmt: skip
# And what the version says that was signed, where the clinic keeps its words.
NAMED_BY_THE_TEXT = frozenset({"form_version", "language", "covers_source"})


def record_consent(
    consent: Consent, *, scan: ConsentScan | None = None, passed: Iterable[Passed] = (), by: User
) -> Consent:
    """Write a signed consent, with the scan of its page if there is one. Raises AlreadySaved for a used id."""

    def attach(saved: Consent) -> None:
        if scan is not None:
            scan.consent = saved
            scan.save(force_insert=True)

    detail = {"kind": consent.kind, "purposes": consent.purposes, "scan": scan is not None}
    if consent.text is not None:
        # The seals of the trail then hold the words too that were signed.
        detail |= {"text": str(consent.text.pk), "sha256": consent.text.digest}
    return insert(consent, event="recorded_consent", passed=passed, then=attach, by=by, detail=detail)


def note_opened_scan(scan: ConsentScan, *, by: User) -> None:
    """Note on the audit trail that somebody opened the signed page."""
    log.record("opened_scan", by=by, clinic=scan.consent.clinic, target=scan.consent)


def withdraw(consent: Consent, *, on: datetime.date, reason: str, expected_version: int, by: User) -> Consent:
    """End a consent on that day: it covers nothing that is done from then on. What was done before stays covered.

    Raises Conflict when somebody changed or withdrew it first, ValidationError for a day before it was given.
    """
    if on < consent.given_on:
        raise ValidationError(
            f"The patient signed this consent on {day(consent.given_on)}. Write that day or a later one."
        )
    with transaction.atomic():
        rows = Consent.objects.standing().filter(pk=consent.pk, version=expected_version, withdrawn_on__isnull=True)
        if not rows.update(version=F("version") + 1, withdrawn_on=on, withdrawn_by=by, withdrawal_reason=reason):
            raise Conflict(Consent.objects.get(pk=consent.pk))
        consent.refresh_from_db()
        log.record("withdrew_consent", by=by, clinic=consent.clinic, target=consent, detail={"kind": consent.kind})
    return consent


def correct_consent(consent: Consent, **correction: Unpack[CorrectionArguments]) -> Consent:
    """Correct how a consent was written down, never what the patient allowed.

    Raises Conflict, and ValidationError when it was withdrawn or struck out, or when what was allowed would change.
    """
    if consent.is_struck_out or consent.withdrawn_on is not None:
        raise ValidationError("A consent that was withdrawn or struck out cannot be changed.")
    allowed = ALLOWED_BY_THE_PATIENT | (NAMED_BY_THE_TEXT if consent.text_id else frozenset())
    if allowed & set(correction["changes"]):
        raise ValidationError(
            "What the patient allowed cannot be corrected. Strike out this consent and record a new one."
        )
    return correct(consent, **correction)

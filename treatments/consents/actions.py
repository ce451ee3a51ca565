"""How a consent gets into the record, is withdrawn, and is put right."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from clinic.audit import log
from treatments.consents.models import Consent, ConsentScan
from treatments.records import actions as records
from treatments.records.actions import Conflict, Passed, insert

# What the patient allowed, and the proof of it: a change of these is another consent.
ALLOWED_BY_THE_PATIENT = frozenset({"kind", "purposes", "covers_unapproved", "is_identifiable", "signature"})


def record_consent(
    consent: Consent, *, scan: ConsentScan | None = None, passed: Iterable[Passed] = (), by: Any
) -> Consent:
    """Write a signed consent, with the scan of its page if there is one. Raises AlreadySaved for a used id."""

    def attach(kept: Consent) -> None:
        if scan is not None:
            scan.consent = kept
            scan.save(force_insert=True)

    detail = {"kind": consent.kind, "purposes": consent.purposes, "scan": scan is not None}
    return insert(consent, event="recorded_consent", passed=passed, then=attach, by=by, detail=detail)


def hand_out_scan(scan: ConsentScan, *, by: Any) -> ConsentScan:
    """Note on the audit trail that somebody opened the signed page."""
    log.record("opened_scan", by=by, clinic=scan.consent.clinic, target=scan.consent)
    return scan


def withdraw(consent: Consent, *, on: datetime.date, reason: str, expected_version: int, by: Any) -> Consent:
    """End a consent on that day: from then on nothing may rest on it. What stood before the day stays true.

    Raises Conflict when somebody changed or withdrew it first, ValidationError for a day before it was given.
    """
    if on < consent.given_on:
        raise ValidationError(f"It was given only on {consent.given_on:%-d %b %Y}. Enter that day or a later one.")
    with transaction.atomic():
        held = Consent.objects.standing().filter(pk=consent.pk, version=expected_version, withdrawn_on__isnull=True)
        if not held.update(version=F("version") + 1, withdrawn_on=on, withdrawn_by=by, withdrawal_reason=reason):
            raise Conflict(Consent.objects.get(pk=consent.pk))
        consent.refresh_from_db()
        log.record("withdrew_consent", by=by, clinic=consent.clinic, target=consent, detail={"kind": consent.kind})
    return consent


def correct_consent(
    consent: Consent,
    *,
    changes: dict[str, Any],
    reason: str,
    expected_version: int,
    passed: Iterable[Passed] = (),
    by: Any,
) -> Consent:
    """Put right how a consent was written down, never what the patient allowed.

    Raises Conflict, and ValidationError when it was withdrawn or struck out, or when what was allowed would change.
    """
    if consent.is_struck_out or consent.withdrawn_on is not None:
        raise ValidationError("A consent that was withdrawn or struck out is not changed any more.")
    if ALLOWED_BY_THE_PATIENT & set(changes):
        raise ValidationError("What the patient allowed is not corrected. Strike the consent out and record it anew.")
    return records.correct(
        consent, changes=changes, reason=reason, expected_version=expected_version, passed=passed, by=by
    )


def strike_out_consent(consent: Consent, *, reason: str, expected_version: int, by: Any) -> Consent:
    return records.strike_out(consent, reason=reason, expected_version=expected_version, by=by)

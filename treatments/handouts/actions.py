"""How aftercare sheets, what was given of them, and letters are written."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.courses.models import ExosomeSession, Protocol
from treatments.handouts.default_sheet import DEFAULT_TEXT
from treatments.handouts.languages import OWN
from treatments.handouts.models import AftercareGiven, AftercareSheet, Letter
from treatments.records.actions import Conflict, Passed, correct, insert

SIGNED = "This letter is signed. It is not changed any more: strike it out, and write another one."


def sheet_for(clinic: Clinic, protocol: Protocol | None, language: str) -> AftercareSheet | None:
    """The newest version for a protocol in a language: its own, else the clinic's for all, else in English the text
    that there is before anybody has written one, which is not stored yet; None where none is written in it."""
    for of in filter(None, (protocol,)):
        if own := AftercareSheet.objects.of_protocol(clinic, of).filter(language=language).first():
            return own
    general: AftercareSheet | None = AftercareSheet.objects.of_protocol(clinic, None).filter(language=language).first()
    if general is None and language == OWN:
        return AftercareSheet(clinic=clinic, protocol=None, language=OWN, number=1, text=DEFAULT_TEXT)
    return general


def languages_for(clinic: Clinic, protocol: Protocol | None) -> list[str]:
    """The languages in which there is a sheet for a protocol."""
    of_protocol = AftercareSheet.objects.of(clinic).filter(protocol__isnull=True)
    if protocol is not None:
        of_protocol |= AftercareSheet.objects.of(clinic).filter(protocol=protocol)
    written = set(of_protocol.values_list("language", flat=True))
    return sorted({OWN, *written}, key=lambda code: (code != OWN, code))


def write_sheet(sheet: AftercareSheet, *, passed: Iterable[Passed] = (), by: User) -> AftercareSheet:
    """Store a text as the next version of its protocol and language; the same text as the newest is no new one, and
    then nothing is kept of a warning either."""
    with transaction.atomic():
        # Whoever writes a version of the clinic's sheets waits for whoever does it now.
        Clinic.objects.select_for_update().get(pk=sheet.clinic_id)
        versions = AftercareSheet.objects.of_protocol(sheet.clinic, sheet.protocol).filter(language=sheet.language)
        newest = versions.first()
        if newest is not None and newest.text == sheet.text:
            return newest
        sheet.number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        return insert(sheet, event="wrote_aftercare", passed=passed, by=by, detail={"number": sheet.number})


def give_aftercare(session: ExosomeSession, *, sheet: AftercareSheet, by: User) -> AftercareGiven:
    """Put on record which version went home after a session; the first time it stores the text that nobody has changed
    yet as version 1. Given again it is the same row."""
    with transaction.atomic():
        if sheet._state.adding:
            sheet = write_sheet(sheet, by=by)
        # A session has few; one that is printed by two people at once is given once.
        ExosomeSession.objects.select_for_update().get(pk=session.pk)
        there = AftercareGiven.objects.standing().filter(exosome_session=session, sheet=sheet).first()
        if there is not None:
            given: AftercareGiven = there
            return given
        given = AftercareGiven(clinic=session.clinic, patient=session.patient, exosome_session=session, sheet=sheet)
        return insert(given, event="gave_aftercare", by=by, detail={"sheet": str(sheet.pk), "number": sheet.number})


def draft_letter(letter: Letter, *, passed: Iterable[Passed] = (), by: User) -> Letter:
    """Store a letter that nobody has signed yet. Raises AlreadySaved for a used id."""
    return insert(letter, event="drafted_letter", passed=passed, by=by)


def change_letter(letter: Letter, *, changes: dict[str, Any], expected_version: int, by: User) -> Letter:
    """Change a draft; what it said before is kept. Raises ValidationError once it is signed, and Conflict."""
    if Letter.objects.filter(pk=letter.pk, signed_at__isnull=False).exists():
        raise ValidationError(SIGNED)
    reason = "Edited before it was signed"
    return correct(
        letter, changes=changes, reason=reason, expected_version=expected_version, by=by, event="changed_letter"
    )


def sign_letter(letter: Letter, *, signed_as: str, expected_version: int, by: User) -> Letter:
    """Sign what was read: the version `expected_version`. Raises Conflict where it is another one by now, and
    ValidationError where it is signed or struck out already."""
    with transaction.atomic():
        rows = Letter.objects.standing().filter(pk=letter.pk, version=expected_version, signed_at__isnull=True)
        signed = {"signed_at": timezone.now(), "signed_by": by, "signed_as": signed_as}
        if not rows.update(version=F("version") + 1, **signed):
            current = Letter.objects.get(pk=letter.pk)
            if current.signed_by_id == by.pk and current.version == expected_version + 1:
                return current  # the second half of a double click
            raise ValidationError(SIGNED) if current.is_signed else Conflict(current)
        letter.refresh_from_db()
        log.record("signed_letter", by=by, clinic=letter.clinic, target=letter)
    return letter

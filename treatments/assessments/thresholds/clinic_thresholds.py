"""What a change must reach before this clinic calls it more than error, or visible."""

from dataclasses import asdict
from typing import Any

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import Clinic
from treatments.assessments.measurements.visibility import DEFAULT, Thresholds


class ChangedMeanwhile(Exception):
    """Somebody else set the thresholds first; nothing was written."""


def thresholds_of(clinic: Clinic) -> Thresholds:
    """The clinic's own thresholds where it has set some with a reason, else the published ones."""
    return Thresholds(**clinic.thresholds) if clinic.thresholds else DEFAULT


def spelled(thresholds: Thresholds) -> str:
    """The five figures in one line, by which a form knows whether somebody set others since it was opened."""
    return " ".join(f"{value:g}" for value in asdict(thresholds).values())


def set_thresholds(clinic: Clinic, *, thresholds: Thresholds, reason: str, expected: str = "", by: Any) -> Clinic:
    """Judge changes by the clinic's own figures from now on; the published figures themselves are taken as a return.

    The old and new figures and the reason are on the audit trail. Raises ChangedMeanwhile when the figures are no
    longer those in `expected` (as `spelled`), unless they are already what is asked for.
    """
    own = None if thresholds == DEFAULT else asdict(thresholds)
    with transaction.atomic():
        kept = Clinic.objects.select_for_update().get(pk=clinic.pk)
        before = thresholds_of(kept)
        if before == thresholds and kept.thresholds_reason == (reason if own else ""):
            return kept
        if expected and spelled(before) != expected and before != thresholds:
            raise ChangedMeanwhile
        kept.thresholds, kept.thresholds_reason = own, reason if own else ""
        kept.save(update_fields=["thresholds", "thresholds_reason"])
        log.record(
            "set_thresholds" if own else "reset_thresholds",
            by=by,
            clinic=kept,
            target=kept,
            detail={"before": asdict(before), "after": asdict(thresholds), "reason": reason},
        )
    return kept


def reset_thresholds(clinic: Clinic, *, by: Any) -> Clinic:
    """Go back to the published figures."""
    return set_thresholds(clinic, thresholds=DEFAULT, reason="Back to the published figures.", by=by)

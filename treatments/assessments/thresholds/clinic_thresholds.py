"""What a change must reach before this clinic calls it more than error, or visible."""

from dataclasses import asdict

from django.db import transaction

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.assessments.measurements.visibility import DEFAULT, Thresholds


class ChangedMeanwhile(Exception):
    """Somebody else set the thresholds first; nothing was written."""


def thresholds_of(clinic: Clinic) -> Thresholds:
    """The clinic's own thresholds where it has set some with a reason, else the published ones."""
    return Thresholds.of(clinic.thresholds, clinic.thresholds_repeats)


def spelled(thresholds: Thresholds) -> str:
    """The five figures in one line, by which a form knows whether somebody set others since it was opened."""
    return " ".join(f"{value:g}" for value in thresholds.limits.values())


def set_thresholds(clinic: Clinic, *, thresholds: Thresholds, reason: str, expected: str = "", by: User) -> Clinic:
    """Judge changes by the clinic's own figures from now on; the published figures themselves are taken as a return.

    Where the error comes from the clinic's own repeat counts (`thresholds.repeats`), that is kept beside it. The old
    and new figures and the reason are on the audit trail. Raises ChangedMeanwhile when the figures are no longer those
    in `expected` (as `spelled`), unless they are already what is asked for.
    """
    own: dict[str, float] | None = thresholds.limits
    own_reason, event, repeats = reason, "set_thresholds", thresholds.repeats and asdict(thresholds.repeats)
    if thresholds == DEFAULT:
        own, own_reason, event = None, "", "reset_thresholds"
    with transaction.atomic():
        current = Clinic.objects.select_for_update().get(pk=clinic.pk)
        before = thresholds_of(current)
        if before == thresholds and current.thresholds_reason == own_reason:
            return current
        if before.limits != thresholds.limits and expected not in {"", spelled(before)}:
            raise ChangedMeanwhile
        current.thresholds, current.thresholds_reason, current.thresholds_repeats = own, own_reason, repeats
        current.save(update_fields=["thresholds", "thresholds_reason", "thresholds_repeats"])
        detail = {"before": before.limits, "after": thresholds.limits, "reason": reason}
        if repeats:
            detail["repeats"] = repeats
        log.record(event, by=by, clinic=current, target=current, detail=detail)
    return current


def reset_thresholds(clinic: Clinic, *, by: User) -> Clinic:
    """Go back to the published limits."""
    return set_thresholds(clinic, thresholds=DEFAULT, reason="Back to the published limits.", by=by)

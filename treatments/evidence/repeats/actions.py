"""How repeat counts are kept and struck out, and how the error that they give becomes the clinic's own."""

from collections.abc import Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.assessments.measurements.visibility import RepeatSource, Thresholds
from treatments.assessments.thresholds.clinic_thresholds import set_thresholds, thresholds_of
from treatments.evidence.repeats.counting_error import CountingError
from treatments.evidence.repeats.models import RepeatPair
from treatments.evidence.repeats.pairs import repeats_of
from treatments.evidence.statistics.results import NoAnswer
from treatments.records.actions import Conflict, insert


def record_repeats(pair: RepeatPair, *, more: Sequence[RepeatPair] = (), by: User) -> RepeatPair:
    """Write a series of pairs, all or nothing; the first one's id tells a repeated submit. Raises AlreadySaved."""

    def write_more(saved: RepeatPair) -> None:
        for each in more:
            each.created_by, each.created_at = by, saved.created_at
        RepeatPair.objects.bulk_create(more)

    return insert(pair, event="recorded_repeats", by=by, then=write_more, detail={"pairs": 1 + len(more)})


def strike_out_pair(pair: RepeatPair, *, reason: str, expected_version: int, by: User) -> RepeatPair:
    """Mark a pair as entered in error; it stays readable, and no longer counts. Raises Conflict.

    The clinic's limit stays as it was taken over: it says from how many pairs, and on which day.
    """
    with transaction.atomic():
        rows = RepeatPair.objects.standing().filter(pk=pair.pk, version=expected_version)
        struck = {"struck_out_at": timezone.now(), "struck_out_by": by, "struck_out_reason": reason}
        if not rows.update(version=F("version") + 1, **struck):
            raise Conflict(RepeatPair.objects.get(pk=pair.pk))
        log.record("struck_out", by=by, clinic=pair.clinic, target=pair)
    pair.refresh_from_db()
    return pair


def as_limits(error: CountingError, current: Thresholds) -> Thresholds:
    """The clinic's limits with the error of its own repeat counts; what it calls visible, or too early, stays."""
    source = RepeatSource(
        pairs=error.pairs,
        on=timezone.localdate().isoformat(),
        sdc_pct=error.rounded_pct,
        low_pct=round(error.interval.low, 1),
        high_pct=round(error.interval.high, 1),
    )
    return replace(current, sdc_matched_pct=error.rounded_pct, sdc_unmatched_pct=error.unmatched_pct, repeats=source)


def take_over(clinic: Clinic, *, seen: str, expected: str, reason: str, by: User) -> Thresholds:
    """Judge changes by the error of the clinic's own repeat counts from now on.

    `seen` is the error that the person read (`shown`), `expected` the limits that they replace. Raises ValidationError
    where the pairs give none, or another by now; ChangedMeanwhile as `set_thresholds` does.
    """
    error = repeats_of(clinic).error
    if isinstance(error, NoAnswer):
        raise ValidationError(error.reason)
    if error.refusal:
        raise ValidationError(error.refusal)
    if shown(error) != seen:
        raise ValidationError("The pairs have changed while you were on this page. Look at the new figure, then save.")
    limits = as_limits(error, thresholds_of(clinic))
    set_thresholds(clinic, thresholds=limits, reason=reason, expected=expected, by=by)
    return limits


def shown(error: CountingError) -> str:
    """By which a form knows whether the pairs give another error since it was opened."""
    return f"{error.pairs} {error.rounded_pct:g} {error.interval.low:.1f} {error.interval.high:.1f}"

"""How a follow-up gets into the record, with what it said of the events that were not resolved."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from clinic.staff.models import User
from treatments.assessments.models import Assessment
from treatments.examination.actions import record_assessment
from treatments.records.actions import Passed
from treatments.safety.actions import follow_up
from treatments.safety.models import FollowUp


def record_follow_up(
    visit: Assessment, *, looks: Sequence[FollowUp] = (), passed: Iterable[Passed] = (), by: User
) -> Assessment:
    """Write the visit and the looks at events, all or nothing; sent again it is the first one.

    Raises what `record_assessment` and `safety.actions.follow_up` raise.
    """
    with transaction.atomic():
        is_kept = Assessment.objects.filter(pk=visit.pk).exists()
        saved = record_assessment(visit, passed=passed, by=by)
        for look in () if is_kept else looks:
            follow_up(look, by=by)
    return saved

"""What the clinic does with outcomes: it says what a responder is, and takes figures along."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.evidence.outcomes.responders import definitions, responders
from treatments.records.actions import Passed, insert


def define_responder(
    definition: ResponderDefinition, *, passed: Iterable[Passed] = (), by: User
) -> ResponderDefinition:
    """Store the next version of what the clinic calls a responder, and with it what the one before gave today, of all
    the clinic's courses. Raises AlreadySaved for a used id."""
    clinic = definition.clinic
    with transaction.atomic():
        # Whoever writes a version waits for whoever does it now.
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        known = definitions(clinic)
        if any(each.pk == definition.pk for each in known):
            return insert(definition, event="defined_responder", passed=passed, by=by)
        newest = ResponderDefinition.objects.of(clinic).aggregate(last=Max("number"))["last"] or 0
        definition.number = newest + 1
        if known:
            definition.result_before = responders(Cohort(clinic), known[0]).as_json
        detail = {"number": definition.number, "measure": definition.measure, "month": definition.month}
        return insert(definition, event="defined_responder", passed=passed, by=by, detail=detail)


def note_export(cohort: Cohort, *, kind: str, courses: int, by: User) -> None:
    """Put on the trail that figures of outcomes leave the clinic, before they do."""
    detail = {"kind": kind, "courses": courses, "filter": cohort.query}
    log.record("exported_outcomes", by=by, clinic=cohort.clinic, detail=detail)

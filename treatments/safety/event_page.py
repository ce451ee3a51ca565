"""What the page of one event shows beside its columns: the looks by day, what is so at worst, and the deadline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from treatments.courses.models import ExosomeSession
from treatments.records.fields import DatePrecision
from treatments.records.partial_dates import PartialDate, of_day
from treatments.safety.deadline import Deadline, computed_deadline, deadline_by_hand
from treatments.safety.looks import Added, Look, Standing, standing, what_each_added
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.vocabulary import Outcome, Seriousness


@dataclass(frozen=True)
class LookRow:
    """The report, or a follow-up, as a row of the page; `added` says what it did to the event, "" for nothing."""

    look: Look
    follow_up: FollowUp | None
    when: PartialDate
    added: str = ""
    is_latest: bool = False

    @property
    def outcome(self) -> str:
        return str(Outcome(self.look.outcome).label)

    @property
    def serious_because(self) -> str:
        return _labels(self.look.criteria)


@dataclass(frozen=True)
class EventPage:
    rows: list[LookRow]
    stands: Standing
    told: PartialDate
    worst_from: str
    serious_from: str
    now_from: str
    deadline: Deadline | None
    new_since_sent: str


def _labels(criteria: tuple[str, ...]) -> str:
    return ", ".join(str(Seriousness(code).label) for code in criteria).lower()


def event_page(event: AdverseEvent) -> EventPage:
    """Three queries. Follow-ups that were struck out stand among the rows by their day, and add nothing."""
    people = ("created_by", "seen_by", "struck_out_by", "exosome_session__struck_out_by")
    follow_ups: list[Any] = list(event.follow_ups.select_related(*people).order_by("created_at", "id"))
    counted = [follow_up for follow_up in follow_ups if not follow_up.is_struck_out]
    looks = [event.report_look, *(follow_up.look for follow_up in counted)]
    owners: dict[int, FollowUp | None] = dict(zip(map(id, looks), [None, *counted], strict=True))
    steps = what_each_added(looks)
    rows = [
        LookRow(step.look, owner, owner.when if owner else told_when(event), _added(step), step.is_latest)
        for step, owner in ((step, owners[id(step.look)]) for step in steps)
    ]
    days = {id(row.look): row.when for row in rows}
    struck = [LookRow(each.look, each, each.when) for each in follow_ups if each.is_struck_out]
    rows = sorted([*rows, *struck], key=lambda row: row.look.on)
    stands = standing(looks)
    return EventPage(
        rows=rows,
        stands=stands,
        told=told_when(event),
        worst_from=_source(next(step.look for step in reversed(steps) if step.grade is not None), days),
        serious_from=_serious_from(steps, days),
        now_from=_source(next(step.look for step in steps if step.is_latest), days),
        deadline=deadline(event, stands),
        new_since_sent=_new_since_sent(event, steps),
    )


def told_when(event: AdverseEvent) -> PartialDate:
    """When the clinic was told, as far as that is known: at a session known to the month, in that month."""
    if event.reported_on is None:
        return of_day(event.told_on)
    at_sessions = ExosomeSession.objects.filter(patient=event.patient_id, performed_on=event.reported_on)
    session = at_sessions.exclude(performed_precision=DatePrecision.DAY).first()
    return session.performed if session else of_day(event.reported_on)


def _source(look: Look, days: Mapping[int, PartialDate]) -> str:
    """ "as reported on 14 May 2025"; "as seen in May 2025"."""
    return f"as {'reported' if look.is_report else 'seen'} {days[id(look)].phrase}"


def _serious_from(steps: list[Added], days: Mapping[int, PartialDate]) -> str:
    first = next((step.look for step in steps if step.is_first_serious), None)
    return _source(first, days) if first else ""


def without(follow_up: FollowUp) -> str:
    """How the event stands if a follow-up is struck out, in a sentence."""
    event = follow_up.event
    others = event.follow_ups.standing().exclude(pk=follow_up.pk).order_by("created_at", "id")
    stands = standing([event.report_look, *(other.look for other in others)])
    outcome = str(Outcome(stands.outcome).label).lower()
    serious = "serious" if stands.is_serious else "not serious"
    return f"Without it the event is grade {stands.grade} at worst, {serious}. Now: {outcome}."


def _new_since_sent(event: AdverseEvent, steps: list[Added]) -> str:
    """What the clinic learnt of the seriousness after the report to the authority was sent; "" where nothing."""
    sent_on = event.authority_reported_on
    if sent_on is None or not event.is_serious:
        return ""
    new = [code for step in steps if step.look.known_since > sent_on for code in step.criteria]
    return _labels(tuple(new))


def _added(step: Added) -> str:
    """ "raised the grade to 3; made it serious: hospital stay, new or prolonged"."""
    if step.look.is_report:
        return ""
    parts = [f"raised the grade to {step.grade}"] if step.grade else []
    if step.is_first_serious:
        because = f": {_labels(step.criteria)}" if step.criteria else ""
        parts.append(f"made it serious{because}")
    elif step.criteria:
        parts.append(f"added to why it is serious: {_labels(step.criteria)}")
    return "; ".join(parts)


def deadline(event: AdverseEvent, stands: Standing) -> Deadline | None:
    """By when the event is to be reported and by whose rule; None where no report is due."""
    computed = computed_deadline(event.kind, stands)
    if event.report_due_on is None:
        return None
    if event.due_by_hand_on == event.report_due_on:
        at = timezone.localdate(event.due_by_hand_at) if event.due_by_hand_at else None
        return deadline_by_hand(event.report_due_on, by=str(event.due_by_hand_by), at=at, computed=computed)
    if computed is not None and computed.on == event.report_due_on:
        return computed
    return Deadline(event.report_due_on, "Who set this day is not recorded.")

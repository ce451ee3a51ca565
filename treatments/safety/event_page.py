"""What the page of one event shows beside its columns: the looks by day, what is so at worst, and the deadline."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from treatments.records.formatting import day
from treatments.safety.deadline import Deadline, computed_deadline, deadline_by_hand
from treatments.safety.looks import Added, Look, Standing, standing, what_each_added
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.safety.vocabulary import Outcome, Seriousness


@dataclass(frozen=True)
class LookRow:
    """The report, or a follow-up, as a row of the page; `added` says what it did to the event, "" for nothing."""

    look: Look
    follow_up: FollowUp | None
    added: str
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
    worst_from: str
    serious_from: str
    now_from: str
    deadline: Deadline | None
    new_since_sent: str


def _labels(criteria: tuple[str, ...]) -> str:
    return ", ".join(str(Seriousness(code).label) for code in criteria).lower()


def event_page(event: AdverseEvent) -> EventPage:
    """One query. Follow-ups that were struck out stand among the rows by their day, and add nothing."""
    people = ("created_by", "seen_by", "struck_out_by")
    follow_ups: list[Any] = list(event.follow_ups.select_related(*people).order_by("created_at", "id"))
    counted = [follow_up for follow_up in follow_ups if not follow_up.is_struck_out]
    looks = [event.report_look, *(follow_up.look for follow_up in counted)]
    owners: dict[int, FollowUp | None] = dict(zip(map(id, looks), [None, *counted], strict=True))
    steps = what_each_added(looks)
    rows = [LookRow(step.look, owners[id(step.look)], _added(step), step.is_latest) for step in steps]
    struck = [LookRow(follow_up.look, follow_up, "") for follow_up in follow_ups if follow_up.is_struck_out]
    rows = sorted([*rows, *struck], key=lambda row: row.look.on)
    stands = standing(looks)
    return EventPage(
        rows=rows,
        stands=stands,
        worst_from=_source(next(step for step in reversed(steps) if step.grade is not None).look),
        serious_from=_serious_from(steps),
        now_from=_source(next(step for step in steps if step.is_latest).look),
        deadline=deadline(event, stands),
        new_since_sent=_new_since_sent(event, steps),
    )


def _source(look: Look) -> str:
    """ "as reported on 14 May 2025"; "as seen on 20 May 2025"."""
    return f"as {'reported' if look.is_report else 'seen'} on {day(look.on)}"


def _serious_from(steps: list[Added]) -> str:
    first = next((step.look for step in steps if step.is_first_serious), None)
    return _source(first) if first else ""


def without(follow_up: FollowUp) -> str:
    """How the event stands if a follow-up is struck out, in a sentence."""
    event = follow_up.event
    others = event.follow_ups.standing().exclude(pk=follow_up.pk).order_by("created_at", "id")
    stands = standing([event.report_look, *(other.look for other in others)])
    outcome = str(Outcome(stands.outcome).label).lower()
    serious = "serious" if stands.is_serious else "not serious"
    return f"Without it the event stands at grade {stands.grade} at worst, {serious}; now: {outcome}."


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
    return Deadline(event.report_due_on, "By whose rule is not recorded.")

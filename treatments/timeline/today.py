"""The clinic's day: at most a screenful of each list, at the same cost for ten patients and for ten thousand."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, IntegerField, QuerySet, Subquery
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.courses.models import Course, ExosomeSession
from treatments.photos.vocabulary import View
from treatments.products.models import Lot
from treatments.records.months import label
from treatments.safety.models import AdverseEvent

ROWS = 12
# Beyond this a list says "100 or more": counting every one would cost more, the more there are.
COUNTED = 100
WEEK = datetime.timedelta(days=7)
_DUE = ("on_the_day", "in_a_window", "overdue", "this_week")
DUE_WORDS = {"maintenance": "Maintenance session", "refresh": "Yearly refresh"}


@dataclass(frozen=True)
class Due:
    """A course on the agenda. `days_late` counts from the end of the window it was due in."""

    course: Course
    days_late: int
    has_consent: bool

    @property
    def what(self) -> str:
        course = self.course
        if course.state == "induction":
            return f"Session {course.sessions_done + 1} of {course.sessions_planned}"
        return DUE_WORDS.get(course.state, "")

    @property
    def window(self) -> str:
        """ "today", or until when there is time."""
        until = self.course.next_due_until
        if until is None or until == self.course.next_due_on:
            return "today"
        return f"until {until:%-d %b}"

    @property
    def volumes(self) -> str:
        return self.course.volumes_text

    @property
    def dots(self) -> list[str]:
        """One letter a planned session: d done, n next, o overdue, blank still to come."""
        done = min(self.course.sessions_done, self.course.sessions_planned)
        dots = ["d"] * done + [""] * (self.course.sessions_planned - done)
        if self.course.state != "induction":
            return [*dots, "o" if self.days_late > 0 else "n"]
        if done < len(dots):
            dots[done] = "o" if self.days_late > 0 else "n"
        return dots


@dataclass(frozen=True)
class Unfinished:
    """A course whose opening run is over and whose last checkpoint has no photos."""

    course: Course
    month: str
    missing: str


@dataclass
class Listed:
    """The first rows of a list, and how many there are, counted to a hundred."""

    rows: list[Any] = field(default_factory=list)
    count: int = 0

    @property
    def shown_count(self) -> str:
        return f"{COUNTED} or more" if self.count > COUNTED else str(self.count)

    @property
    def has_more(self) -> bool:
        return self.count > len(self.rows)

    def and_then(self, later: "Listed") -> "Listed":
        return Listed([*self.rows, *later.rows][:ROWS], self.count + later.count)


@dataclass
class Agenda:
    due: Listed
    overdue: Listed
    this_week: Listed
    unfinished: Listed = field(default_factory=Listed)
    events: Listed = field(default_factory=Listed)
    lots: Listed = field(default_factory=Listed)
    logged: Listed = field(default_factory=Listed)

    @property
    def serious(self) -> list[AdverseEvent]:
        return [event for event in self.events.rows if event.is_serious]

    @property
    def is_empty(self) -> bool:
        return not any(
            listed.count
            for listed in (self.due, self.overdue, self.this_week, self.unfinished, self.events, self.logged)
        )


def agenda(clinic: Any, day: datetime.date, *, clinical: bool) -> Agenda:
    """What the day holds. Without `clinical` only who is due: no events, lots, photos or what was given.

    One query counts, one reads each list, one reads the consents: as many on an empty day as on a full one.
    """
    rows = _due_lists(clinic, day)
    if clinical:
        rows |= _clinical_lists(clinic, day)
    counts = _counts(clinic, rows)
    found = {name: Listed(list(each[:ROWS]), counts[name]) for name, each in rows.items()}
    consented = _with_consent([course.patient_id for name in _DUE for course in found[name].rows], day)
    for name in _DUE:
        found[name].rows = [_due(course, day, consented) for course in found[name].rows]
    due = found.pop("on_the_day").and_then(found.pop("in_a_window"))
    if not clinical:
        return Agenda(due, **found)
    found["unfinished"].rows = [_unfinished(course, day) for course in found["unfinished"].rows]
    return Agenda(due, **found)


def _due_lists(clinic: Any, day: datetime.date) -> dict[str, QuerySet[Any]]:
    """Who is due. Days and windows are asked for apart, because one index cannot hold both in the order of either."""
    courses = Course.objects.of(clinic).listed().select_related("patient")
    windows = courses.filter(next_due_until__gt=F("next_due_on"))
    return {
        "on_the_day": courses.filter(next_due_on=day, next_due_until=day).order_by("next_due_on", "id"),
        "in_a_window": windows.filter(next_due_on__lte=day, next_due_until__gte=day).order_by(
            "next_due_until", "next_due_on", "id"
        ),
        "overdue": courses.filter(next_due_until__lt=day).order_by("next_due_until", "id"),
        "this_week": courses.filter(next_due_on__gt=day, next_due_on__lte=day + WEEK).order_by("next_due_on", "id"),
    }


def _clinical_lists(clinic: Any, day: datetime.date) -> dict[str, QuerySet[Any]]:
    courses = Course.objects.of(clinic).listed().select_related("patient")
    events = AdverseEvent.objects.of(clinic).open().select_related("patient", "exosome_session__lot")
    logged = ExosomeSession.objects.of(clinic).standing().with_number()
    logged = logged.select_related("patient", "course", "lot", "operator", "created_by")
    return {
        "unfinished": courses.filter(final_photos_missing=True).order_by("-last_session_on", "id"),
        "events": events.serious_first(),
        "lots": Lot.objects.of(clinic).near_expiry(day).select_related("product"),
        "logged": logged.filter(created_at__gte=_midnight(day)).order_by("-created_at"),
    }


class _CountOf(Subquery):
    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _counts(clinic: Any, lists: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """How long each list is, up to one more than COUNTED."""
    counted = [_CountOf(rows.order_by().values("pk")[: COUNTED + 1]) for rows in lists.values()]
    return dict(zip(lists, Clinic.objects.filter(pk=clinic.pk).values_list(*counted).get(), strict=True))


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _with_consent(patient_ids: list[Any], day: datetime.date) -> set[Any]:
    valid = Consent.objects.in_force(day).filter(patient_id__in=patient_ids, kind=ConsentKind.TREATMENT)
    return set(valid.values_list("patient_id", flat=True))


def _due(course: Course, day: datetime.date, consented: set[Any]) -> Due:
    until = course.next_due_until or course.next_due_on
    late = (day - until).days if until else 0
    return Due(course, max(late, 0), course.patient_id in consented)


def _unfinished(course: Course, day: datetime.date) -> Unfinished:
    wanted = ", ".join(str(View(code).label).lower() for code in course.views[:3])
    return Unfinished(course, label(course.baseline_on, day).text.split(" (")[0], wanted)


def summary(found: Agenda) -> list[tuple[str, str, str]]:
    """Counts for the head of the page: number, words, the part of the page they point to."""
    rows = [
        (found.due, "due", "due"),
        (found.overdue, "overdue", "overdue"),
        (found.events, f"event{'' if found.events.count == 1 else 's'} open", "events"),
        (found.lots, f"lot{'' if found.lots.count == 1 else 's'} near expiry", "lots"),
        (found.unfinished, "without final photos", "unfinished"),
        (found.logged, "logged", "logged"),
    ]
    return [(each.shown_count, words, anchor) for each, words, anchor in rows if each.count]

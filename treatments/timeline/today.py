"""The clinic's day: at most a screenful of each list, at the same cost for ten patients and for ten thousand."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, IntegerField, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from clinic.staff.models import Clinic
from treatments.appointments import desk
from treatments.appointments.models import Call
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.courses.schedule import DueState, Window
from treatments.courses.session_title import title
from treatments.courses.vocabulary import PlannedVisit
from treatments.products.models import Lot
from treatments.records import formatting
from treatments.records.ids import new_id
from treatments.records.months import label
from treatments.safety.models import AdverseEvent

ROWS = 12
# Of whom is booked: the whole day of most clinics, since nobody wants the afternoon on another page.
BOOKED_ROWS = 40
# Beyond this a list says "100 or more": counting every one would cost more, the more there are.
COUNTED = 100
WEEK = datetime.timedelta(days=7)
PHASES = {"maintenance": "Maintenance session", "refresh": "Yearly refresh", "follow_up": "Follow-up"}
_PATIENT = ("patient__name", "patient__record_number")
_CONTACT = ("patient__phone", "patient__contact_note")
_COURSE = ("state", "sessions_done", "sessions_planned", "next_due", "next_due_place", "next_due_visit", *_PATIENT)


@dataclass(frozen=True)
class Due:
    """A course on the agenda of a day."""

    course: Course
    day: datetime.date
    has_consent: bool
    # The latest call about this visit, and the id under which another is noted.
    call: Call | None = None
    call_id: uuid.UUID = field(default_factory=new_id)

    @property
    def what(self) -> str:
        """ "Session 4 of 5", "Maintenance session", "Follow-up"."""
        course = self.course
        if course.awaits_follow_up:
            return PlannedVisit.FOLLOW_UP.label
        if course.state == "induction":
            return title(course, course.sessions_done + 1, course.next_due_place or 1, course.state)
        return PHASES.get(course.state, "")

    @property
    def window(self) -> Window:
        return Window.read(self.course.next_due)

    @property
    def days_late(self) -> int:
        """Since the last day that may have been meant."""
        return self.window.days_overdue(self.day)

    @property
    def when(self) -> str:
        """ "19 days", "at least 3 days" late; "Wed 14 May", "in May 2025"; "until 14 Oct 2025"."""
        window = self.window
        match window.state(self.day):
            case DueState.OVERDUE:
                return window.standing(self.day).removesuffix(" overdue")
            case DueState.TODAY:
                return "today"
            case DueState.OPEN if window.first != window.last:
                return f"until {window.last.label()}"
        return f"{window.on:%a} {formatting.day_of_year(window.on)}" if window.first.is_exact else window.first.phrase

    @property
    def dots(self) -> list[str]:
        """One letter a planned session: d done, n next, o overdue, blank still to come."""
        planned, in_run = self.course.sessions_planned, self.course.state == "induction"
        done = min((self.course.next_due_place or 1) - 1, planned) if in_run else planned
        upcoming = "o" if self.days_late > 0 else "n"
        return ["d"] * done + ([upcoming, *[""] * (planned - done - 1)] if in_run else [upcoming])


@dataclass(frozen=True)
class Unfinished:
    """A course whose opening run is over and whose last checkpoint has no photos."""

    course: Course
    day: datetime.date

    @property
    def month(self) -> str:
        """The Month that the course is in on this day."""
        return label(self.course.baseline, self.day).short

    @property
    def done(self) -> str:
        """ "5 of 5 done", "5 of 5 done, and more since"."""
        planned, done = self.course.sessions_planned, self.course.sessions_done
        return f"{planned} of {planned} done{', and more since' if done > planned else ''}"

    @property
    def last_session(self) -> str:
        """When the last was given, as far as it is known."""
        last = self.course.last_session
        return last.label() if last else ""


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


@dataclass
class Agenda:
    """Each course stands in one list, by `Window.state`: `due` today, `open` in a window or a month, `overdue`."""

    due: Listed
    open: Listed
    overdue: Listed
    this_week: Listed
    postponed: Listed
    not_wanted: Listed
    booked: Listed
    unfinished: Listed = field(default_factory=Listed)
    events: Listed = field(default_factory=Listed)
    lots: Listed = field(default_factory=Listed)
    logged: Listed = field(default_factory=Listed)

    @property
    def serious(self) -> list[AdverseEvent]:
        return [event for event in self.events.rows if event.is_serious]

    @property
    def is_empty(self) -> bool:
        """Whether the day holds nothing; lots near expiry alone do not fill it."""
        to_call = (self.due, self.open, self.overdue, self.this_week, self.postponed, self.not_wanted)
        lists = (*to_call, self.booked, self.unfinished, self.events, self.logged)
        return not any(listed.count for listed in lists)


def agenda(clinic: Clinic, day: datetime.date, *, clinical: bool) -> Agenda:
    """What the day holds. Without `clinical` only who is due: no events, lots, photos or what was given.

    One query counts, one reads each list, one reads the consents and one the last calls: as many on an empty day as on
    a full one.
    """
    courses = due_lists(clinic, day)
    booked: dict[str, QuerySet[Any]] = {"booked": booked_rows(clinic, day)}
    others = _clinical_lists(clinic, day) if clinical else {}
    counts = _counts(clinic, courses | booked | others)
    due = due_rows({name: list(rows[:ROWS]) for name, rows in courses.items()}, day)
    rows = due | {name: list(rows[:ROWS]) for name, rows in others.items()}
    rows["booked"] = desk.listed(booked["booked"][:BOOKED_ROWS])
    lists = {name: Listed(rows[name], counts[name]) for name in rows}
    if clinical:
        lists["unfinished"].rows = [Unfinished(course, day) for course in rows["unfinished"]]
    return Agenda(**lists)


def due_rows(courses: dict[str, list[Course]], day: datetime.date) -> dict[str, list[Any]]:
    """The rows of the lists of who is due, each with whether treatment consent is on file and the last call."""
    patients = {course.patient_id for rows in courses.values() for course in rows}
    valid = Consent.objects.in_force(day).filter(patient_id__in=patients, kind=ConsentKind.TREATMENT)
    consented = set(valid.values_list("patient_id", flat=True))
    calls = desk.last_calls([course.pk for rows in courses.values() for course in rows])
    return {
        name: [Due(course, day, course.patient_id in consented, calls.get(course.pk)) for course in rows]
        for name, rows in courses.items()
    }


def due_lists(clinic: Clinic, day: datetime.date) -> dict[str, QuerySet[Course]]:
    """Who is due. Days and windows are asked for apart, because one index cannot hold both in the order of either.

    Whoever is booked, or is called again on a later day, is in none of the first four.
    """
    listed = _courses(clinic, "volumes", *_CONTACT)
    courses = listed.to_call(day)  # type: ignore[attr-defined]
    windows = courses.filter(next_due_until__gt=F("next_due_on"))
    not_booked = Q(booked_until__isnull=True) | Q(booked_until__lt=day)
    return {
        "due": courses.filter(next_due_on=day, next_due_until=day).order_by("next_due_on", "id"),
        "open": windows.filter(next_due_on__lte=day, next_due_until__gte=day).order_by(
            "next_due_until", "next_due_on", "id"
        ),
        "overdue": courses.filter(next_due_until__lt=day).order_by("next_due_until", "id"),
        "this_week": courses.filter(next_due_on__gt=day, next_due_on__lte=day + WEEK).order_by("next_due_on", "id"),
        "postponed": listed.filter(not_booked, does_not_want=False, postponed_to__gt=day).order_by(
            "postponed_to", "id"
        ),
        "not_wanted": listed.filter(does_not_want=True).order_by("next_due_until", "id"),
    }


def booked_rows(clinic: Clinic, day: datetime.date) -> QuerySet[Any]:
    """Who is booked, by time, with the columns that a row prints."""
    columns = ("day", "time", "minutes", "room", "kind", "note", "state", "state_at", "came_by_record", "version")
    return desk.of_day(clinic, day).only(*columns, *_PATIENT, *_CONTACT)


def _courses(clinic: Clinic, *columns: str) -> QuerySet[Course]:
    """With the columns that a row of the page prints, and no others."""
    courses: QuerySet[Course] = Course.objects.of(clinic).listed()
    return courses.select_related("patient").only(*_COURSE, *columns)


# What an event prints of the session that is suspected.
_SUSPECTED = (
    *("exosome_session__performed_on", "exosome_session__performed_precision", "exosome_session__performed_at"),
    "exosome_session__lot__number",
)


def _clinical_lists(clinic: Clinic, day: datetime.date) -> dict[str, QuerySet[Any]]:
    """What is seen by those alone who may see the record."""
    beside = Application.objects.exclude(lot=None).select_related("lot").only("exosome_session", "place", "lot__number")
    events = AdverseEvent.objects.of(clinic).open().select_related("patient", "exosome_session__lot")
    events = events.prefetch_related(Prefetch("exosome_session__applications", beside))
    event_columns = (
        *("kind", "grade", "is_serious", "happened", "onset", "report_due_on", "report_decision"),
        *("outcome", "struck_out_at", "fell_with_session", "due_by_hand_on"),
    )
    logged = ExosomeSession.objects.of(clinic).standing().with_number()
    logged = logged.select_related("patient", "course", "lot", "product", "operator", "created_by")
    given_beside = Application.objects.exclude(total_ml=None).select_related("lot", "product")
    sources = ("lot__number", "product__source_type", "product__donor")
    logged = logged.prefetch_related(Prefetch("applications", given_beside.only("exosome_session", "place", *sources)))
    people = ("operator__name", "operator__email", "created_by__name", "created_by__email")
    session_columns = (
        "created_at", "performed_on", "performed_precision", "phase", "outcome", "total_ml", "operator_name",
        "course__sessions_planned", *sources,
    )  # fmt: skip
    return {
        "unfinished": _courses(clinic, "baseline_on", "baseline_precision", "last_session_on", "last_session_precision")
        .filter(final_photos_missing=True)
        .order_by("-last_session_on", "id"),
        "events": events.serious_first().only(*event_columns, *_PATIENT, *_SUSPECTED),
        "lots": Lot.objects.of(clinic).near_expiry(day).select_related("product"),
        "logged": logged.filter(created_at__gte=_midnight(day))
        .order_by("-created_at")
        .only(*session_columns, *_PATIENT, *people),
    }


class _Count(Subquery):
    """How many rows a query has, as a column of another: so that one query counts every list."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def _counts(clinic: Clinic, lists: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """How long each list is, up to one more than COUNTED."""
    columns = [_Count(rows.order_by().values("pk")[: COUNTED + 1]) for rows in lists.values()]
    return dict(zip(lists, Clinic.objects.filter(pk=clinic.pk).values_list(*columns).get(), strict=True))


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def summary(agenda: Agenda) -> list[tuple[str, str, str]]:
    """Counts for the head of the page: number, label, the part of the page it points to."""
    lists = [
        (agenda.booked, "booked", "booked"),
        (agenda.due, "due today", "due"),
        (agenda.open, "due now", "open"),
        (agenda.overdue, "overdue", "overdue"),
        (agenda.events, "event not resolved" if agenda.events.count == 1 else "events not resolved", "events"),
        (agenda.lots, "lot near expiry" if agenda.lots.count == 1 else "lots near expiry", "lots"),
        (agenda.unfinished, "without final photos", "unfinished"),
        (agenda.logged, "logged", "logged"),
    ]
    return [(listed.shown_count, text, anchor) for listed, text, anchor in lists if listed.count]

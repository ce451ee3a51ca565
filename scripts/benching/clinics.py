"""A clinic of any size with the same shape: of every hundred patients, thirteen are due today, and so on.

Where a figure is about finding a few among many, the few are as many in every clinic: eight patients with one rare
name, eight archived ones. So a page shows the same number of rows in a clinic of 100 and in one of 100,000, and a
difference in time is a difference in finding them. Every lot went into 40 sessions, in either clinic.
"""

import datetime
import random
import zoneinfo
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection
from django.utils import timezone

from clinic.staff.models import Clinic, Membership, Role, User
from scripts.benching import desk
from scripts.benching.filling import Pattern, ids, in_a_hurry, insert
from treatments.models import (
    AdverseEvent,
    Assessment,
    Consent,
    Course,
    ExosomeSession,
    Lot,
    Patient,
    Product,
    RegionVolume,
    StockMovement,
)
from treatments.products.gs1 import normalise_lot, number_key
from treatments.records.text.text_folding import digits, fold, identifier_key

SESSIONS_EACH = 10
SESSIONS_OF_A_LOT = 40
FEW = 8
COMMON_GIVEN = ("Maren", "Marlo", "Marike", "Amaro")
OTHER_GIVEN = ("Helio", "Bodin", "Ferro", "Ludo", "Signe", "Ines", "Perrin", "Odile", "Corvin", "Benno")
SYLLABLES = "ba be bo da do fi ga ha ka ko la le lo mi mo na ne no pa pe ri ro sa se so te to va vi".split()
HAN = "明华伟芳娜敏静丽强磊军洋勇艳杰娟涛超秀霞"
DAY = datetime.timedelta(days=1)


@cache
def today() -> datetime.date:
    """The day in the clinic, which is in the zone that a new clinic has."""
    return timezone.localdate(timezone=zoneinfo.ZoneInfo(Clinic().time_zone))


@dataclass
class Person:
    """The `place`-th patient; `kind` is the place among a hundred, which decides on everything else."""

    place: int
    name: str
    phone: str
    state: str
    due_on: datetime.date | None
    due_until: datetime.date | None

    @property
    def kind(self) -> int:
        return self.place % 100

    @property
    def is_planted(self) -> bool:
        return self.place < 100


def people(count: int, day: datetime.date) -> Iterator[Person]:
    chance = random.Random(2026)  # noqa: S311 -- the same clinic every time
    for place in range(count):
        yield Person(place, _name(place, chance), _phone(place, chance), *_plan(place, day, chance))


def _name(place: int, chance: random.Random) -> str:
    kind, planted = place % 100, place < 100
    given = chance.choice(COMMON_GIVEN if kind < 55 else OTHER_GIVEN)
    if 60 <= kind < 68:
        return f"{given} Tanvere"
    if planted and 68 <= kind < 68 + FEW:
        return f"{given} Quillfeather"
    if kind >= 90:
        return f"王{'鑫' if planted and kind < 90 + FEW else chance.choice(HAN)}{chance.choice(HAN)}"
    return f"{given} {''.join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()}"


def _phone(place: int, chance: random.Random) -> str:
    if place < FEW:
        return f"+65 8800 000{place}"
    number = "".join(chance.choice("234567") for _ in range(8))
    return f"+65 {number[:4]} {number[4:]}"


def _plan(
    place: int, day: datetime.date, chance: random.Random
) -> tuple[str, datetime.date | None, datetime.date | None]:
    kind = place % 100
    if kind < 13:
        return "induction", day, day
    if kind < 26:
        on = day + chance.randint(1, 6) * DAY
        return "induction", on, on
    if kind < 55:
        on = day - chance.randint(1, 300) * DAY
        return "induction", on, on
    if kind < 71:
        return "maintenance", day - 20 * DAY, day + chance.randint(1, 60) * DAY
    if kind < 78:
        on = day - chance.randint(1, 300) * DAY
        return "maintenance", on - 60 * DAY, on
    if kind < 86:
        on = day + chance.randint(40, 300) * DAY
        return "refresh", on, on
    return ("stopped" if 96 <= place < 100 else "finished"), None, None


def fill(count: int) -> None:
    """Seed the clinic, with the people who work there, into an empty database that is thrown away."""
    clinic = Clinic.objects.create(name="Clinic of the measurements")
    by = User.objects.create_user("clinician@example.test", None, name="A clinician")
    Membership.objects.create(user=by, clinic=clinic, role=Role.CLINICIAN)
    day = today()
    with in_a_hurry():
        Filling(clinic, by, count, day).run()


class Filling:
    def __init__(self, clinic: Clinic, by: User, count: int, day: datetime.date) -> None:
        self.base = {"clinic": clinic, "created_by": by}
        self.count, self.day, self.new_id = count, day, ids()
        self.patients = [self.new_id() for _ in range(count)]
        self.courses = [self.new_id() for _ in range(count)]
        self.sessions = [[self.new_id() for _ in range(SESSIONS_EACH)] for _ in range(count)]
        self.lots = [self.new_id() for _ in range(count * SESSIONS_EACH // SESSIONS_OF_A_LOT)]
        self.people = list(people(count, day))
        self.product = Product.objects.create(name="Vesicle solution", unit_ml=Decimal(5), **self.base)

    def run(self) -> None:
        self.fill_patients()
        self.fill_courses()
        self.fill_lots()
        self.fill_sessions()
        self.fill_events()
        self.fill_what_was_found()
        self.fill_desk()

    def fill_desk(self) -> None:
        people = (
            (each.place, self.patients[each.place], self.courses[each.place], _window(each)) for each in self.people
        )
        desk.fill(self.base, people, today=self.day, new_id=self.new_id)

    def fill_patients(self) -> None:
        changing = (
            "id name record_number record_key phone search_text next_due next_due_on next_due_until latest_stage "
            "course_state archived_at"
        ).split()
        instance = Patient(sex="male", birth="1970-05", archived_reason="", **self.base)
        pattern = Pattern(instance, *changing)

        def row(person: Person) -> list[Any]:
            number = f"HC-{person.place:06d}"
            search = " ".join((fold(person.name), fold(number), digits(person.phone)))
            rare = person.is_planted and person.kind < FEW
            stage = "Norwood VII" if rare else "Norwood III vertex" if person.kind < 60 else "Norwood IV"
            archived = _at(self.day) if self.is_archived(person) else None
            return pattern.row(
                self.patients[person.place], person.name, number, identifier_key(number), person.phone, search,
                _window(person),
                _iso(person.due_on), _iso(person.due_until), stage, person.state, archived,
            )  # fmt: skip

        insert(pattern, map(row, self.people))

    def is_archived(self, person: Person) -> bool:
        return person.is_planted and 78 <= person.kind < 78 + FEW

    def fill_courses(self) -> None:
        changing = (
            "id patient_id state stopped_on stop_reason baseline_on sessions_planned last_session_on next_due "
            "next_due_on next_due_until next_due_place final_photos_missing patient_archived booked_until postponed_to "
            "does_not_want"
        ).split()
        instance = Course(
            name="Monthly sessions",
            baseline_on=self.day,
            volumes={"vertex": "3.00"},
            checkpoints=[0, 5],
            views=["vertex", "frontal"],
            sessions_done=SESSIONS_EACH,
            product=self.product,
            **self.base,
        )
        pattern = Pattern(instance, *changing)

        def row(person: Person) -> list[Any]:
            stopped = person.state == "stopped"
            return pattern.row(
                self.courses[person.place], self.patients[person.place], person.state,
                _iso(self.day) if stopped else None, "moved away" if stopped else "",
                _iso(self.session_day(person, 0)), 12 if person.state == "induction" else SESSIONS_EACH,
                _iso(self.session_day(person, SESSIONS_EACH - 1)), _window(person), _iso(person.due_on),
                _iso(person.due_until), 1 if person.due_on else None,
                55 <= person.kind < 69, self.is_archived(person), *desk.columns_of_course(person.place, self.day),
            )  # fmt: skip

        insert(pattern, map(row, self.people))

    def session_day(self, person: Person, which: int) -> datetime.date:
        """Every 30 days, the last today where a session was logged today, else a few weeks ago."""
        last = self.day if person.kind < 13 else self.day - (10 + person.kind % 20) * DAY
        return last - (SESSIONS_EACH - 1 - which) * 30 * DAY

    def fill_lots(self) -> None:
        """Each lot gave 3 mL to each of its sessions; the other 9 mL are in stock, or discarded when it is finished."""
        instance = Lot(product=self.product, received_on=self.day - 100 * DAY, **self.base)
        parts = "received_ml stock_ml given_ml discarded_ml".split()
        pattern = Pattern(instance, "id", "number", "number_key", "number_folded", "expires_on", "state", *parts)
        line = Pattern(StockMovement(kind="carried_over"), "id", "lot_id", *parts)
        sessions = Counter(self.lot_of(person, which) for person in self.people for which in range(SESSIONS_EACH))

        def in_use(place: int) -> bool:
            return place % 25 < 13

        def volumes(place: int) -> list[int]:
            given = 3 * sessions[self.lots[place]]
            return [given + 9, *([9, given, 0] if in_use(place) else [0, given, 9])]

        def row(place: int) -> list[Any]:
            number, expires = f"EX-{place:05d}", self.day + (1 + place % 29) * DAY
            keys = [number, number_key(number), normalise_lot(number)]
            state = "open" if in_use(place) else "finished"
            return pattern.row(self.lots[place], *keys, _iso(expires), state, *volumes(place))

        places = range(len(self.lots))
        insert(pattern, map(row, places))
        insert(line, (line.row(self.new_id(), self.lots[place], *volumes(place)) for place in places))

    def lot_of(self, person: Person, which: int) -> str:
        """The first lot went to 40 patients, as far apart as the clinic is large; the others are used up in turn."""
        step = self.count // 4000 * 100
        turn, offset = divmod(person.place, step) if step else (person.place // 2, person.place % 2 * 2)
        is_measured = turn < SESSIONS_OF_A_LOT and (offset == 2 * turn if step else person.place % 2 == 0)
        if which == SESSIONS_EACH - 1 and is_measured:
            return self.lots[0]
        return self.lots[1 + (person.place * SESSIONS_EACH + which) % (len(self.lots) - 1)]

    def fill_sessions(self) -> None:
        changing = "id created_at patient_id course_id performed_on lot_id".split()
        instance = ExosomeSession(
            performed_on=self.day, total_ml=Decimal(3), first_ml=Decimal(3),
            route="intradermal_injection", product=self.product,
            operator=self.base["created_by"], reactions="none", since_last="none", **self.base,
        )  # fmt: skip
        pattern = Pattern(instance, *changing)

        def rows() -> Iterator[list[Any]]:
            for person in self.people:
                for which, session_id in enumerate(self.sessions[person.place]):
                    day = self.session_day(person, which)
                    yield pattern.row(
                        session_id, _at(day), self.patients[person.place], self.courses[person.place], _iso(day),
                        self.lot_of(person, which),
                    )  # fmt: skip

        insert(pattern, rows())
        volumes = Pattern(RegionVolume(region="vertex", ml=Decimal(3)), "exosome_session_id")
        insert(volumes, (volumes.row(session_id) for each in self.sessions for session_id in each))

    def fill_events(self) -> None:
        changing = "id patient_id exosome_session_id happened onset grade is_serious outcome ended".split()
        pattern = Pattern(AdverseEvent(kind="headache", happened=self.day, **self.base), *changing)

        def rows() -> Iterator[list[Any]]:
            for person in self.people:
                is_open = person.kind < 12
                if not is_open and not 20 <= person.kind < 30:
                    continue
                day = self.session_day(person, SESSIONS_EACH - 1)
                serious = person.is_planted and person.kind in {3, 4}
                yield pattern.row(
                    self.new_id(), self.patients[person.place], self.sessions[person.place][-1], _iso(day), _iso(day),
                    3 if serious else 1, serious, "3" if is_open else "1", "" if is_open else _iso(day),
                )  # fmt: skip

        insert(pattern, rows())

    def fill_what_was_found(self) -> None:
        consent = Pattern(
            Consent(kind="treatment", form_version="T-2", given_on=self.day - 400 * DAY, signed_how="paper_filed",
                    **self.base),
            "id", "patient_id",
        )  # fmt: skip
        insert(consent, (consent.row(self.new_id(), patient_id) for patient_id in self.patients))
        assessment = Pattern(
            Assessment(assessed_on=self.day - 300 * DAY, scale="norwood_1975", stage="III-vertex", **self.base),
            "id", "patient_id",
        )  # fmt: skip
        insert(assessment, (assessment.row(self.new_id(), patient_id) for patient_id in self.patients))


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _window(person: Person) -> str:
    """When somebody is due, as the column spells it."""
    if person.due_on is None or person.due_until in (None, person.due_on):
        return _iso(person.due_on) or ""
    return f"{person.due_on}/{person.due_until}"


@cache
def _at(day: datetime.date) -> str:
    """The clinic's now on that day, as both databases keep it: today's rows are of today."""
    at = timezone.now() - (today() - day)
    return at.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f") + (
        "+00" if connection.vendor == "postgresql" else ""
    )

"""Events of release 0.1.0 with follow-ups: what the report said and what each look added is told apart, and kept."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.upgrade.old_clinics import default_database, migrate, unpack
from treatments.models import AdverseEvent, FollowUp

pytestmark = pytest.mark.slow
CLINIC = "untidy-clinic-0.1.0"


class OldClinic:
    """A clinic of 0.1.0 into which events are written as that release left them."""

    def __init__(self, path: Path) -> None:
        self.path = unpack(CLINIC, path)
        with closing(sqlite3.connect(path)) as database:
            database.row_factory = sqlite3.Row
            kept = database.execute("SELECT * FROM treatments_adverseevent WHERE version = 1").fetchone()
            self.event_row = dict(kept)
            self.look_row = dict(database.execute("SELECT * FROM treatments_followup").fetchone())

    def event(self, version: int = 1, **columns: Any) -> str:
        row = {**self.event_row, "id": uuid.uuid4().hex, "version": version, "exosome_session_id": None, "onset": ""}
        row |= {"reported_on": "2026-05-01", "created_at": "2026-05-01 02:00:00", "ended": "", "kind": "infection"}
        return self._write("treatments_adverseevent", row | columns)

    def look(self, event: str, seen_on: str, at: str, **columns: Any) -> str:
        row = {**self.look_row, "id": uuid.uuid4().hex, "event_id": event, "patient_id": self.event_row["patient_id"]}
        return self._write("treatments_followup", row | {"seen_on": seen_on, "created_at": at, "grade": None} | columns)

    def correction(self, event: str, version: int, at: str, reason: str, **before: str) -> None:
        changes = [
            {"field": name, "label": name, "before": raw, "after": "", "raw": raw} for name, raw in before.items()
        ]
        row = {"id": uuid.uuid4().hex, "clinic_id": self.event_row["clinic_id"], "record_type": "adverseevent"}
        row |= {"patient_id": self.event_row["patient_id"], "record_id": event, "version": version, "at": at}
        self._write("treatments_correction", row | {"changes": json.dumps(changes), "reason": reason, "by_id": 1})

    def _write(self, table: str, row: dict[str, Any]) -> str:
        columns = ", ".join(f'"{name}"' for name in row)
        with closing(sqlite3.connect(self.path)) as database, database:
            values = ", ".join("?" * len(row))
            database.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})", list(row.values()))  # noqa: S608
        return str(row["id"])


class Events:
    """The ids of all events that these tests read, each written before the one migration that all share."""

    def __init__(self, old: OldClinic) -> None:
        self.told_apart(old)
        self.struck_out(old)
        self.deadlines(old)

    def told_apart(self, old: OldClinic) -> None:
        """A report, a follow-up that raised it, an old letter that was ignored, and a close by telephone."""
        serious = {"grade": 3, "seriousness": '["hospitalisation"]', "is_serious": 1}
        event = old.event(3, **serious, outcome="1", ended="2026-06", report_due_on="2026-05-16")
        self.raised = old.look(event, "2026-05-20", "2026-05-20 03:00:00", outcome="3", grade=3)
        self.ignored = old.look(event, "2026-05-10", "2026-05-21 03:00:00", outcome="2", grade=4)
        raised_from = {"grade": "1", "seriousness": "[]", "is_serious": "False"}
        old.correction(event, 2, "2026-05-20 03:00:00.1", "Follow-up of 20 May 2026", **raised_from)
        old.correction(event, 3, "2026-06-12 03:00:00", "the patient telephoned", outcome="3", ended="")
        self.followed = event

    def struck_out(self, old: OldClinic) -> None:
        """A follow-up that closed the event was struck out."""
        event = old.event(2, outcome="1", ended="2026-05-20")
        struck = {"struck_out_at": "2026-05-22 03:00:00", "struck_out_by_id": 1, "struck_out_reason": "another patient"}
        old.look(event, "2026-05-20", "2026-05-20 03:00:00", outcome="1", **struck)
        old.correction(event, 2, "2026-05-20 03:00:00", "Follow-up of 20 May 2026", outcome="3", ended="")
        self.reopened = event

    def deadlines(self, old: OldClinic) -> None:
        """A report due on a day that somebody chose; one computed that did not move; one that fell away."""
        serious = {"grade": 3, "seriousness": '["hospitalisation"]', "is_serious": 1, "outcome": "3"}
        computed = {"report_due_on": "2026-05-16"}
        self.chosen = old.event(2, **serious, report_due_on="2026-05-30", report_decision="required")
        old.correction(self.chosen, 2, "2026-05-02 03:00:00", "agreed", **computed, report_decision="undecided")
        self.shock = old.event(2, **{**serious, "kind": "anaphylaxis"}, **computed)
        old.correction(self.shock, 2, "2026-05-02 03:00:00", "it was anaphylaxis", kind="urticaria")
        self.mild = old.event(2, grade=1, outcome="3", **computed)
        was_serious = {"seriousness": "['hospitalisation']", "is_serious": "True"}
        old.correction(self.mild, 2, "2026-05-02 03:00:00", "not admitted", **was_serious)


@pytest.fixture(scope="module")
def migrated(django_db_blocker: Any) -> Iterator[tuple[Path, Events]]:
    path = settings.SCRATCH / f"upgrade-{uuid.uuid4().hex}.sqlite3"
    events = Events(OldClinic(path))
    with django_db_blocker.unblock():
        migrate(path)
    yield path, events
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


@pytest.fixture
def events(migrated: tuple[Path, Events]) -> Iterator[Events]:
    """The events of the clinic, which stands as the default database."""
    path, written = migrated
    with default_database(path):
        yield written


def stands(event: str) -> dict[str, Any]:
    columns = ("grade", "seriousness", "is_serious", "outcome", "ended", "report_due_on")
    reported = ("reported_grade", "reported_seriousness", "reported_outcome")
    return AdverseEvent.objects.filter(pk=event).values(*columns, *reported, "due_by_hand_by", "serious_since").get()


def test_what_each_look_said_is_told_apart(events: Events) -> None:
    """A report, a follow-up that raised it, an old letter that was ignored, and a close: each is a look of its day."""
    now = stands(events.followed)
    looks = {look.pk.hex: look for look in FollowUp.objects.filter(event=events.followed)}
    assert (now["reported_grade"], now["reported_seriousness"], now["reported_outcome"]) == (1, [], "3")
    assert looks[events.raised].criteria == ["hospitalisation"] and looks[events.ignored].grade == 4
    assert (now["grade"], now["seriousness"], now["is_serious"]) == (4, ["hospitalisation"], True)
    closed = next(look for number, look in looks.items() if number not in {events.raised, events.ignored})
    assert (closed.note, closed.outcome, str(closed.seen_on)) == ("the patient telephoned", "1", "2026-06-12")
    assert (now["outcome"], str(now["ended"])) == ("1", "Jun 2026")
    # Grade 4 was seen on 10 May: from then on it was serious.
    assert (str(now["serious_since"]), str(now["report_due_on"])) == ("2026-05-10", "2026-05-25")


def test_struck_out_look_counts_no_more(events: Events) -> None:
    """A follow-up that closed the event was struck out: the event is open again, as its report said."""
    assert (stands(events.reopened)["outcome"], stands(events.reopened)["ended"]) == ("3", None)


def test_deadline_set_by_hand_stays(events: Events) -> None:
    """A day that somebody chose stays, with who chose it; one that was computed and did not move is computed anew."""
    due = {event: stands(event) for event in (events.chosen, events.shock, events.mild)}
    assert (str(due[events.chosen]["report_due_on"]), due[events.chosen]["due_by_hand_by"]) == ("2026-05-30", 1)
    assert (str(due[events.shock]["report_due_on"]), due[events.shock]["due_by_hand_by"]) == ("2026-05-01", None)
    assert (due[events.mild]["report_due_on"], due[events.mild]["is_serious"]) == (None, False)


@pytest.mark.usefixtures("events")
def test_reactions_of_a_struck_out_session() -> None:
    """The five reactions of sessions that were logged for the wrong patient count no more, and are there to read."""
    fallen = AdverseEvent.objects.filter(exosome_session__struck_out_at__isnull=False)
    assert fallen.count() == fallen.filter(fell_with_session=True).count() == 5
    assert not AdverseEvent.objects.standing().filter(pk__in=fallen.values("pk")).exists()

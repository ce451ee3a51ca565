"""A trail of any length of one clinic over five years, and the questions that are asked of it.

Twenty people, one of whom did a quarter of everything; five thousand patients, one of whom has twenty thousand events.
Of a thousand events 700 are looks at one patient, 170 at lists and lots; one in ten thousand was refused. What nobody
ever did is asked for too, because a search that finds nothing must not read everything.
"""

import datetime
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinic.audit.models import AuditEvent
from clinic.sign_in.failures import account_hash
from clinic.staff.models import Clinic, Role, User
from scripts.benching.filling import Pattern, in_a_hurry, insert
from tests import factories
from treatments.models import Patient

PATIENTS = 5_000
PEOPLE = 20
DAYS = 5 * 365
EVENTS_OF_ONE = 20_000
USUAL, NAME = 42, "Quillfeather"
# How many of ten thousand events.
SHARES = {
    "viewed": 7_000,
    "viewed_lot": 1_700,
    "logged_session": 500,
    "recorded_measurement": 300,
    "signed_in": 200,
    "signed_out": 170,
    "corrected": 100,
    "sign_in_failed": 15,
    "exported_photos": 10,
    "struck_out": 3,
    "refused": 1,
    "changed_member": 1,
}
OF_A_PATIENT = {"viewed", "logged_session", "recorded_measurement", "corrected", "exported_photos", "struck_out"}


def fill(events: int) -> tuple[Clinic, User]:
    """A clinic with its trail; the one who did most is the manager."""
    with transaction.atomic():
        clinic = factories.clinic()
        people = [factories.member(clinic, Role.MANAGER if n == 0 else Role.NURSE) for n in range(PEOPLE)]
        # Somebody who is there and did next to nothing.
        factories.member(clinic, Role.READER, name="Hardly Anybody")
        patients = [
            factories.patient(clinic, record_number=f"HC-{n:06d}", created_by=people[0]) for n in range(PATIENTS)
        ]
        Patient.objects.filter(pk=patients[USUAL].pk).update(name=NAME, search_text=f"{NAME.lower()} hc-{USUAL:06d}")
    with in_a_hurry("clinic_auditevent"):
        changing = ("at", "actor_id", "action", "object_type", "object_id", "patient_id", "detail", "clinic_id")
        pattern = Pattern(
            AuditEvent(clinic=clinic, address="192.0.2.1", session="0" * 16, request_id="0" * 36), *changing
        )
        insert(pattern, (pattern.row(*row) for row in _rows(events, clinic, people, [each.pk for each in patients])))
    return clinic, people[0]


def _rows(events: int, clinic: Clinic, people: list[User], patients: list[uuid.UUID]) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(2026)  # noqa: S311 -- the same trail every time
    actions = chance.choices(list(SHARES), list(SHARES.values()), k=events)
    begin = timezone.now() - datetime.timedelta(days=DAYS)
    step = datetime.timedelta(days=DAYS) / events
    every = events // EVENTS_OF_ONE or 1
    looked, nothing = json.dumps({"page": "timeline"}), "{}"
    tried = json.dumps({"account": account_hash(people[1].email), "how": "password"})
    ids = [str(each) if connection.vendor == "postgresql" else each.hex for each in patients]
    keys = [each.pk for each in people]
    for number, action in enumerate(actions):
        at = begin + number * step
        when = at if connection.vendor == "postgresql" else at.strftime("%Y-%m-%d %H:%M:%S.%f")
        actor = keys[0] if number % 4 == 0 else keys[int(chance.random() * PEOPLE)]
        if action in OF_A_PATIENT:
            patient = ids[0] if number % every == 0 else ids[int(chance.random() * PATIENTS)]
            yield when, actor, action, "patient", patient, patient, looked if action == "viewed" else nothing, clinic.pk
        elif action == "sign_in_failed":
            # Every other one with an account that is no account of the clinic.
            yield when, None, action, "", "", None, tried, clinic.pk if number % 2 else None
        else:
            yield when, actor, action, "", "", None, nothing, clinic.pk


def questions(clinic: Clinic, manager: User) -> dict[str, str]:
    """The address of each question by its name."""
    person = User.objects.get(name="Hardly Anybody").pk
    middle = timezone.localdate() - datetime.timedelta(days=DAYS // 2)
    busy, usual = (Patient.objects.get(record_number=f"HC-{n:06d}") for n in (0, USUAL))
    newest = AuditEvent.objects.filter(clinic=clinic).order_by("-at").values_list("pk", flat=True)
    month = {"since": f"{middle:%b %Y}", "until": f"{middle:%b %Y}"}
    asked: dict[str, dict[str, Any]] = {
        "everything": {"order": "newest"},
        "everything_oldest_first": {"order": "oldest"},
        "page_1000": {"order": "newest", "after": newest[50 * 999 - 1]},
        "page_1000_backwards": {"order": "newest", "before": newest[50 * 999]},
        "one_day": {"since": f"{middle:%d %b %Y}", "until": f"{middle:%d %b %Y}"},
        "one_month": month,
        "patient": {"patient": usual.record_number},
        "patient_with_20000_events": {"patient": busy.record_number},
        "patient_with_20000_events_refused": {"patient": busy.record_number, "kind": "refused"},
        "patient_by_name_wrote_in_a_month": {"patient": usual.name, "kind": "wrote", **month},
        "busiest_person": {"person": manager.pk},
        "busiest_person_one_day": {"person": manager.pk, "since": f"{middle:%d %b %Y}", "until": f"{middle:%d %b %Y}"},
        "busiest_person_looked": {"person": manager.pk, "kind": "looked"},
        "busiest_person_refused": {"person": manager.pk, "kind": "refused"},
        "busiest_person_signed": {"person": manager.pk, "kind": "signed"},
        "person_who_did_nothing": {"person": person},
        "person_who_did_nothing_looked": {"person": person, "kind": "looked"},
        "person_who_did_nothing_wrote": {"person": person, "kind": "wrote"},
        "busiest_person_with_patient": {"person": manager.pk, "patient": busy.record_number},
    }
    for kind in ("looked", "wrote", "corrected", "struck-out", "left", "refused", "signed", "administered"):
        asked[f"all_{kind}"] = {"kind": kind}
        asked[f"all_{kind}_in_a_month"] = {"kind": kind, **month}
        asked[f"all_{kind}_before_the_trail"] = {"kind": kind, "until": "2001"}
    page, on_paper = reverse("audit-trail"), reverse("audit-trail-print")
    found = {name: f"{page}?{urlencode(answers)}" for name, answers in asked.items()}
    found["print_1000"] = f"{on_paper}?{urlencode({'kind': 'looked'})}"
    found["who_looked"] = reverse("who-looked", args=[usual.pk])
    found["who_looked_20000_events"] = reverse("who-looked", args=[busy.pk])
    return found

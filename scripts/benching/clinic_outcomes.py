"""A clinic of any size whose courses began over four years, with what became of each at Month 3, 6 and 12.

The rows of outcomes are written as they would be computed; tests hold what is computed to the record.
"""

import datetime
import math
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from clinic.staff.models import Clinic, Membership, Role, User
from scripts.benching.clinics import SESSIONS_EACH, Filling, today
from scripts.benching.filling import Pattern, in_a_hurry, insert
from treatments.assessments.outcomes.vocabulary import MONTHS
from treatments.models import CourseOutcome, Lot, Patient, Product, Protocol
from treatments.records.months import add_months

STAGES = ("II", "III-vertex", "IV", "V")
SHARES = (("not_seen", 30), ("outside", 8), ("unsure", 2), ("not_measured", 10), ("estimate", 5), ("not_comparable", 5))
WINDOW = datetime.timedelta(days=10)


def fill(count: int) -> dict[str, str]:
    """Seed an empty database that is thrown away, and give the addresses that are measured, by their names."""
    clinic = Clinic.objects.create(name="Clinic of the measurements")
    by = User.objects.create_user("clinician@example.test", None, name="A clinician")
    Membership.objects.create(user=by, clinic=clinic, role=Role.CLINICIAN)
    protocol = Protocol.objects.create(clinic=clinic, created_by=by, name="Monthly sessions")
    filling = Filling(clinic, by, count, today())
    with in_a_hurry():
        filling.fill_patients()
        filling.fill_courses()
        filling.fill_lots()
        filling.fill_sessions()
        filling.fill_events()
        _fill_outcomes(filling, protocol)
    lot = Lot.objects.order_by("-pk").first()
    page, rows = reverse("evidence:outcomes"), reverse("evidence:outcome-rows")
    product = Product.objects.get()
    days = {"begun_from": "2023-01-01", "begun_until": filling.day.isoformat()}
    stage = {"stage": "norwood_1975|IV"}
    every = {"protocol": protocol.pk, "product": product.pk, "sex": "male", "others": "without", **stage, **days}
    chosen = {
        "a_protocol": {"protocol": protocol.pk},
        "a_product": {"product": product.pk},
        "a_lot": {"lot": lot.pk if lot else ""},
        "a_stage": stage,
        "a_sex": {"sex": "male"},
        "some_years": days,
        "no_other_treatment": {"others": "without"},
        "all_of_these": every,
    }
    return {
        "outcomes": page,
        **{f"outcomes_of_{name}": f"{page}?{urlencode(asked)}" for name, asked in chosen.items()},
        "outcome_rows_missing": f"{rows}?month=6&step=missing",
    }


def _fill_outcomes(filling: Filling, protocol: Protocol) -> None:
    changing = (
        "patient_id course_id month begun_on baseline_stage draw window_from window_until rung reason before after "
        "log_ratio chance_variance stage other_treatment"
    ).split()
    instance = CourseOutcome(
        clinic=protocol.clinic, patient=Patient(), protocol=protocol, product=filling.product, place=1,
        scale="norwood_1975", sessions=SESSIONS_EACH, sessions_asked=SESSIONS_EACH, is_matched_spot=True,
        site="vertex", method="phototrichogram", sex="male",
    )  # fmt: skip
    pattern = Pattern(instance, *changing)
    chance = random.Random(12)  # noqa: S311 -- the same clinic every time

    def rows() -> Iterator[list[Any]]:
        for place in range(filling.count):
            begun = filling.day - datetime.timedelta(days=chance.randint(0, 1460))
            stage = chance.choice(STAGES)
            own = [filling.patients[place], filling.courses[place]]
            draw = chance.randint(0, 9_999)
            for month in (0, *MONTHS):
                yield pattern.row(*own, month, begun.isoformat(), stage, draw, *_at(month, begun, stage, chance))

    insert(pattern, rows())


def _at(month: int, begun: datetime.date, stage: str, chance: random.Random) -> list[Any]:
    if not month:
        return [None, None, "course", "", None, None, None, None, "", ""]
    day = add_months(begun, month)
    window = [(day - WINDOW).isoformat(), (day + WINDOW).isoformat()]
    beside = "certain" if chance.random() < 0.2 else ""
    throw = chance.random() * 100
    for rung, share in SHARES:
        throw -= share
        if throw < 0:
            reason = "device differs" if rung == "not_comparable" else ""
            return [*window, rung, reason, None, None, None, None, "", beside]
    before = chance.gauss(150, 30)
    before = max(40.0, before)
    after = before * math.exp(chance.gauss(0.02 * month, 0.15))
    later = chance.choice(STAGES) if chance.random() < 0.3 else stage
    return [*window, "analysed", "", before, after, math.log(after / before), 0.0, later, beside]

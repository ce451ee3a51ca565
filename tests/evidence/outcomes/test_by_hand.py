"""Every number of the page against the same worked out by hand, for a clinic as messy as clinics are."""

import datetime
import random
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from tests.evidence.outcomes import by_hand
from tests.people import Cast
from treatments.assessments.outcomes.computing import store
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.figures import figures
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.evidence.outcomes.responders import responders
from treatments.evidence.statistics.results import Estimate
from treatments.models import Assessment, Measurement, Patient, Therapy
from treatments.records.partial_dates import PartialDate
from treatments.records.vocabulary import Asked

STAGES = ("II", "III", "III-vertex", "IV", "V")
PATIENTS = 45


class Messy:
    """A clinic by chance: many courses of a patient, what was struck out, days known to the month, and the rest."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance = cast, random.Random(seed)
        self.today = timezone.localdate()
        self.protocols = [factories.protocol(cast.clinic) for _ in range(2)]
        self.products = [factories.product(cast.clinic) for _ in range(2)]
        self.lots = [factories.lot(product) for product in self.products for _ in range(2)]
        self.gone = {"struck_out_at": timezone.now(), "struck_out_by": cast.manager, "struck_out_reason": "Twice"}
        for _ in range(PATIENTS):
            self.person()
        store(list(Patient.objects.filter(clinic=cast.clinic).values_list("pk", flat=True)))

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def begun(self) -> datetime.date:
        """Month ends, days whose window ends today or ended yesterday, and any day of three years."""
        choice = self.chance.random()
        if choice < 0.3:
            return self.chance.choice([datetime.date(2024, 8, 31), datetime.date(2025, 11, 30)])
        if choice < 0.5:
            end = self.today - datetime.timedelta(days=self.chance.randint(9, 12))
            return by_hand.later(end, -self.chance.choice(by_hand.MONTHS))
        return self.today - datetime.timedelta(days=self.chance.randint(20, 1000))

    def person(self) -> None:
        archived = {"archived_at": timezone.now()} if self.maybe(0.1) else {}
        patient = factories.patient(self.cast.clinic, sex=self.chance.choice(("male", "female")), **archived)
        courses = [self.course(patient) for _ in range(self.chance.choice((0, 1, 1, 1, 2, 5)))]
        for course in courses:
            for _ in range(self.chance.randint(2, 9)):
                self.fact(patient, course)
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            self.therapy(patient)
        for _ in range(self.chance.choice((0, 0, 1))):
            factories.adverse_event(patient, is_serious=self.maybe(0.3), course=self.chance.choice([None, *courses]))

    def course(self, patient: Patient) -> Any:
        precision = "month" if self.maybe(0.1) else "day"
        day = self.begun()
        told = {"baseline_on": day if precision == "day" else day.replace(day=1), "baseline_precision": precision}
        course = factories.course(patient, protocol=self.chance.choice([None, *self.protocols]), **told)
        number = self.chance.choice((0, 1, 2, 3, 5))
        for place in range(number):
            self.session(course, by_hand.later(course.baseline_on, place))
        if not number and self.maybe(0.5):
            type(course).objects.filter(pk=course.pk).update(**self.gone)
        return course

    def session(self, course: Any, day: datetime.date) -> None:
        given = self.chance.choice(({}, {"product": self.products[0]}, *({"lot": lot} for lot in self.lots)))
        given = given or {"lot_is_unknown": True}
        precision = "month" if self.maybe(0.1) else "day"
        asked = {name: self.chance.choice(("none", "not_asked", "not_asked")) for name in ("reactions", "since_last")}
        day = day.replace(day=1) if precision == "month" else day + datetime.timedelta(days=self.chance.randint(0, 9))
        out = self.gone if self.maybe(0.1) else {}
        told = {"performed_on": day, "performed_precision": precision, **asked, **given, **out}
        session = factories.exosome_session(course, **told)
        for _ in range(self.chance.choice((0, 0, 0, 1, 3))):
            struck = self.gone if self.maybe(0.1) else {}
            told = {"exosome_session": session, "course": course, "is_serious": self.maybe(0.2), **struck}
            factories.adverse_event(course.patient, **told)

    def fact(self, patient: Patient, course: Any) -> None:
        """A visit, counts, or both, near Month 0, 3, 6 or 12, often at the edge of the window."""
        month = self.chance.choice((0, 0, 3, 3, 6, 6, 12, 12, 9))
        aside = self.chance.choice((0, 0, 1, -3, 9, 10, 11, -9, -10, -11, 15, -15))
        day = by_hand.later(course.baseline_on, month) + datetime.timedelta(days=aside)
        precision = "month" if self.maybe(0.12) else "day"
        day = day.replace(day=1) if precision == "month" else day
        link = course if self.maybe(0.7) else None
        out = self.gone if self.maybe(0.08) else {}
        visit = None
        if self.maybe(0.6):
            scale, stage = ("norwood_1975", self.chance.choice(("", *STAGES)))
            if self.maybe(0.15):
                scale, stage = "ludwig_1977", "II"
            told = {
                "scale": scale if stage else "",
                "stage": stage,
                "patient_change": self.chance.choice((None, -1, 0, 1, 2)),
            }
            visit = factories.assessment(
                patient, course=link, assessed_on=day, assessed_precision=precision, **told, **out
            )
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            self.measure(patient, visit if self.maybe(0.5) else None, link, day, precision)

    def measure(self, patient: Patient, visit: Any, link: Any, day: datetime.date, precision: str) -> None:
        told: dict[str, Any] = {
            "measured_on": day,
            "measured_precision": precision,
            "course": link,
            "assessment": visit,
        }
        if self.maybe(0.15):
            told |= {"kind": "density_change_pct", "low": Decimal(20), "high": Decimal(25)}
            factories.measurement(patient, method="clinician_visual_estimate", **told)
            return
        told |= (
            {"low": Decimal(90), "high": Decimal(120)}
            if self.maybe(0.05)
            else {"value": Decimal(self.chance.choice((0, *range(60, 200))))}
        )
        factories.measurement(
            patient,
            site=self.chance.choice(("vertex", "vertex", "vertex", "frontal")),
            site_detail=self.chance.choice(("", "", "tattoo", "3 cm behind")),
            method=self.chance.choice(("phototrichogram", "phototrichogram", "phototrichogram", "trichoscan")),
            device=self.chance.choice(("", "Scope", "Scope", "scope")),
            area_cm2=self.chance.choice((None, Decimal(1), Decimal(1), Decimal("0.05"))),
            is_same_spot=self.chance.choice((None, True, True, False)),
            **told,
            **(self.gone if self.maybe(0.08) else {}),
        )

    def therapy(self, patient: Patient) -> None:
        text = self.begun().isoformat()
        began = PartialDate(text[: self.chance.choice((4, 7, 10))]) if self.maybe(0.8) else ""
        ended = PartialDate(f"{int(text[:4]) + 1}{text[4:7]}") if self.maybe(0.3) else ""
        going_on = None if ended else self.chance.choice((None, True, False))
        Therapy.objects.create(
            clinic=self.cast.clinic,
            created_by=self.cast.clinician,
            patient=patient,
            kind="finasteride_oral",
            started=began,
            ended=ended,
            is_ongoing=going_on,
            **(self.gone if self.maybe(0.1) else {}),
        )

    def questions(self) -> list[dict[str, str]]:
        protocol, product, lot = (str(some[0].pk) for some in (self.protocols, self.products, self.lots))
        some = {"protocol": protocol, "begun_from": "2024-06-01", "begun_until": "2026-08-01", "sex": "male"}
        one = [{"protocol": protocol}, {"product": product}, {"lot": lot}, {"stage": "norwood_1975|IV"}]
        return [
            {},
            *one,
            {"sex": "female"},
            {"begun_from": "2025-06-01"},
            {"others": "without"},
            some,
            some | {"others": "without"},
        ]


def told(clinic: Any, asked: dict[str, str]) -> dict[str, Any]:
    """The same numbers as the page has them."""
    cohort = Cohort.read(clinic, asked)
    page = figures(cohort)
    found: dict[str, Any] = {"courses": page.beginning.courses, "patients": page.beginning.patients}
    for month, moves in zip(page.months, page.stages, strict=True):
        it, n = month.ladder, month.number
        steps = ("not_seen", "outside", "unsure", "not_measured", "estimate", "not_comparable", "analysed")
        found[f"{n} begun"], found[f"{n} due"] = it.begun, it.due
        found[f"{n} rungs"] = {name: getattr(it, name) for name in steps if getattr(it, name)}
        found[f"{n} others"], found[f"{n} perhaps"], found[f"{n} several"] = (
            it.with_others,
            it.perhaps_others,
            it.further_counts,
        )
        for name in ("change", "before", "logs"):
            sums = getattr(month.analysed, {"change": "differences"}.get(name, name))
            found[f"{n} {name}"] = (sums.mean or 0.0, sums.deviation or 0.0)
        middle = month.median
        found[f"{n} walsh"] = middle.value if isinstance(middle, Estimate) else 0.0
        found[f"{n} stages"] = {}
        for table in moves.tables:
            for stage, _, cells, _ in table.rows:
                scale = {"Norwood": "norwood_1975", "Ludwig": "ludwig_1977"}[table.scale]
                found[f"{n} stages"] |= {(scale, stage, cell.stage): cell.n for cell in cells if cell.n}
        found[f"{n} other scale"] = moves.other_scale
        for name, measure, least in (("count responders", "count", None), ("own view", "patient", 1)):
            definition = ResponderDefinition(clinic=clinic, number=1, name="x", measure=measure, month=n, least=least)
            answer = responders(cohort, definition)
            assert answer.due == it.due
            found[f"{n} {name}"] = (answer.responders, answer.analysed)
    rate = page.rate
    found |= {"patients asked": rate.sums.n, "sessions": rate.sessions, "sessions asked": rate.sums.sessions}
    found |= {"events": rate.sums.events, "elsewhere": rate.elsewhere, "serious": rate.serious}
    return found | {"error": rate.sums.standard_error if rate.sums.n > 1 else 0.0}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_by_hand(cast: Cast, seed: int) -> None:
    messy = Messy(cast, seed)
    assert Measurement.objects.count() > 60
    assert Assessment.objects.count() > 60
    for asked in messy.questions():
        own = by_hand.page(cast.clinic, asked, timezone.localdate())
        theirs = told(cast.clinic, asked)
        for n in by_hand.MONTHS:
            own[f"{n} walsh"] = 100 * (2.718281828459045 ** own[f"{n} walsh"] - 1)
        for name, number in own.items():
            shown = theirs[name]
            close = pytest.approx(number, rel=1e-6, abs=1e-6) if not isinstance(number, dict) else number
            assert shown == close, (asked, name)
        assert not theirs.keys() - own.keys()


def test_every_figure_opens_its_rows(cast: Cast) -> None:
    """Each number that leads to rows leads to as many: steps, reasons, moves of stages, responders."""
    Messy(cast, 6)
    client, kinds = cast.client(cast.clinician), set()
    told = {"name": "Own view", "measure": "patient", "month": 12, "least": 1, "number": 1}
    ResponderDefinition.objects.create(clinic=cast.clinic, created_by=cast.manager, **told)
    for query in ("", "?sex=male&others=without"):
        html = client.get(f"/outcomes/{query}").content.decode()
        for address, inner in re.findall(r'<a[^>]*href="(/outcomes/rows/[^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL):
            shown = re.match(r"[\d,]+", re.sub(r"<[^>]*>", "", inner).strip())
            if shown:
                page = client.get(unescape(address)).context["page"]
                assert page.paginator.count == int(shown[0].replace(",", "")), address
                kinds.add(re.sub(r".*step=(\w+).*", r"\1", address))
    assert {"missing", "analysed", "reason", "stage", "responders", "unknown", "others"} <= kinds
    assert {"courses", "later", "struck_out"} <= kinds


def test_links_have_names_of_their_own(cast: Cast) -> None:
    """Two links of one name lead to one place, for who hears them without what stands around (WCAG 2.4.4)."""
    Messy(cast, 4)
    html = cast.client(cast.clinician).get("/outcomes/").content.decode()
    places: dict[str, set[str]] = {}
    for address, inner in re.findall(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL):
        name = " ".join(re.sub(r"<[^>]*>", "", inner).split())
        places.setdefault(name, set()).add(address)

    assert {name: to for name, to in places.items() if len(to) > 1} == {}


def test_events_open_their_courses(cast: Cast) -> None:
    """Also one that is told of a session alone; and the sessions where nobody asked."""
    asked, silent, quiet = (factories.course(factories.patient(cast.clinic)) for _ in range(3))
    factories.exosome_session(quiet, reactions="none")
    factories.exosome_session(silent, reactions=Asked.NOT_ASKED, since_last=Asked.NOT_ASKED)
    session = factories.exosome_session(asked, reactions="events")
    factories.adverse_event(asked.patient, exosome_session=session, course=None)
    store(list(Patient.objects.of(cast.clinic).values_list("pk", flat=True)))
    client = cast.client(cast.clinician)

    def courses(step: str) -> set[Any]:
        page = client.get(f"/outcomes/rows/?step={step}").context["page"]
        return {row.course_id for row in page.object_list}

    assert courses("courses") == {asked.pk, silent.pk, quiet.pk}
    assert courses("events") == {asked.pk}
    assert courses("not_asked") == {silent.pk}
    assert courses("archived") == set()

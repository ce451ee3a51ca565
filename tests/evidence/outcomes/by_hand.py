"""The page of outcomes worked out a second time, plainly and slowly, from the rows of the record.

Shares no code with `treatments.assessments.outcomes` and `treatments.evidence`. Of the house it takes one thing, what
the timeline says of a count (`measurements.density`): what is compared there is what may be analysed.
"""

import datetime
import math
from calendar import monthrange
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import fmean, median, stdev
from typing import Any

from clinic.staff.models import Clinic
from treatments.assessments.baseline import CourseStart
from treatments.assessments.measurements import density
from treatments.assessments.measurements.visibility import Thresholds
from treatments.models import AdverseEvent, Assessment, Course, ExosomeSession, Lot, Measurement, Patient, Therapy
from treatments.records.partial_dates import PartialDate

MONTHS = (3, 6, 12)
Day = datetime.date
Span = tuple[Day, Day]


def later(day: Day, months: int) -> Day:
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return Day(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def span(row: dict[str, Any], name: str) -> Span:
    day, precision = row[f"{name}_on"], row[f"{name}_precision"]
    if precision == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    if precision == "year":
        return Day(day.year, 1, 1), Day(day.year, 12, 31)
    return day, day


def is_day(days: Span) -> bool:
    return days[0] == days[1]


def month_of(baseline: Day, day: Day) -> int:
    """The nearest anniversary; of two as near the earlier."""
    return min(range(-60, 200), key=lambda n: (abs((day - later(baseline, n)).days), n))


@dataclass
class AtMonth:
    rung: str
    window: Span
    beside: str = ""
    before: float = 0.0
    after: float = 0.0
    is_responder: bool | None = None
    stage: str = ""
    is_other_scale: bool = False
    patient_change: int | None = None
    spots: int = 0


@dataclass
class OneCourse:
    row: dict[str, Any]
    sessions: list[dict[str, Any]]
    scale: str = ""
    stage: str = ""
    at: dict[int, AtMonth] = field(default_factory=dict)

    @property
    def begun(self) -> Day:
        return span(self.sessions[0], "performed")[0]

    @property
    def asked(self) -> int:
        return sum(each["reactions"] != "not_asked" or each["since_last"] != "not_asked" for each in self.sessions)


def courses_of(clinic: Clinic) -> list[OneCourse]:
    """Every standing course with a standing session, of everybody."""
    return [course for patient in Patient.objects.filter(clinic=clinic) for course in _of_patient(patient)]


def _standing(model: Any, patient: Patient) -> list[Any]:
    return list(model.objects.filter(patient=patient, struck_out_at=None))


def _of_patient(patient: Patient) -> list[OneCourse]:
    mine = {"patient": patient, "struck_out_at": None}
    rows = list(Course.objects.filter(patient=patient).order_by("baseline_on", "pk").values())
    standing = [row for row in rows if row["struck_out_at"] is None]
    by_id = {row["id"]: row for row in rows}
    sessions: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for session in ExosomeSession.objects.filter(**mine).values():
        sessions[session["course_id"]].append(session)
    for some in sessions.values():
        some.sort(key=lambda each: (span(each, "performed")[0], each["id"]))

    def own(links: list[Any], days: Span) -> Any:
        for link in links:
            if link is not None:
                return link if by_id[link]["struck_out_at"] is None else None
        begun = [row["id"] for row in standing if span(row, "baseline")[0] <= days[1]]
        return begun[-1] if begun else standing[0]["id"] if standing else None

    visits = list(Assessment.objects.filter(**mine).values())
    visit_course = {visit["id"]: visit["course_id"] for visit in visits}
    measured = _standing(Measurement, patient)
    of_visit = {visit["id"]: own([visit["course_id"]], span(visit, "assessed")) for visit in visits}
    of_measured = {
        each.pk: own([each.course_id, visit_course.get(each.assessment_id)], each.when.bounds()) for each in measured
    }

    def start_of(each: Measurement) -> CourseStart | None:
        course = of_measured[each.pk]
        if course is None:
            return None
        first = sessions[course][0] if sessions[course] else None
        began = PartialDate(_text(first, "performed")) if first else None
        return CourseStart(PartialDate(_text(by_id[course], "baseline")), began)

    told = density.changes(measured, start_of, Thresholds.of(patient.clinic.thresholds))
    therapies = _standing(Therapy, patient)
    found = []
    for row in standing:
        if not sessions[row["id"]]:
            continue
        course = OneCourse(row, sessions[row["id"]])
        began = span(course.sessions[0], "performed")
        graded = sorted(
            (each for each in visits if each["stage"] and span(each, "assessed")[0] <= began[1]),
            key=lambda each: (span(each, "assessed")[0], each["id"]),
        )
        # The last one before treatment is that of the patient, whichever course it was entered for.
        if graded:
            course.scale, course.stage = graded[-1]["scale"], graded[-1]["stage"]
        own_visits = [each for each in visits if of_visit[each["id"]] == row["id"]]
        own_measured = [each for each in measured if of_measured[each.pk] == row["id"]]
        for month in MONTHS:
            course.at[month] = _at(course, month, own_visits, own_measured, told, therapies)
        found.append(course)
    found.sort(key=lambda each: (each.begun, each.row["id"]))
    return found


def _text(row: dict[str, Any], name: str) -> str:
    return row[f"{name}_on"].isoformat()[: {"day": 10, "month": 7, "year": 4}[row[f"{name}_precision"]]]


def _at(
    course: OneCourse, month: int, visits: list[Any], measured: list[Measurement], told: Any, therapies: list[Therapy]
) -> AtMonth:
    baseline = span(course.row, "baseline")
    about = [later(day, month) for day in baseline]
    if not is_day(baseline):
        about[1] = about[0].replace(day=monthrange(about[0].year, about[0].month)[1])
    ten = datetime.timedelta(days=10)
    window = about[0] - ten, about[1] + ten

    def is_within(days: Span) -> bool:
        return (
            is_day(baseline)
            and is_day(days)
            and month_of(baseline[0], days[0]) == month
            and (abs((days[0] - about[0]).days) <= 10)
        )

    seen = [each for each in visits if is_within(span(each, "assessed"))]
    seen.sort(key=lambda each: (each["assessed_on"], each["id"]))
    here = [each for each in measured if is_within(each.when.bounds())]
    counted = [
        (told[each.pk], each)
        for each in here
        if each.kind == "hair_density" and each.pk in told and told[each.pk].value is not None and each.value
    ]
    kinds = {each.kind for each in here}
    stages = [each for each in seen if each["stage"]]
    same = [each["stage"] for each in stages if each["scale"] == course.scale]
    answers = [each["patient_change"] for each in seen if each["patient_change"] is not None]
    at = AtMonth("", window, stage=same[-1] if same and course.scale else "")
    at.is_other_scale = bool(stages) and bool(course.scale) and not same
    at.patient_change = answers[-1] if answers else None
    first, last = span(course.sessions[0], "performed"), (about[0], about[1])
    if counted:
        at.rung = "analysed"
        change, chosen = min(
            counted,
            key=lambda pair: (
                pair[1].is_same_spot is not True,
                abs((pair[1].measured_on - about[0]).days),
                pair[1].site,
                pair[1].pk,
            ),
        )
        at.before, at.after = float(change.baseline.value), float(chosen.value)
        at.spots = len({(each.site, each.site_detail) for _, each in counted})
        if chosen.is_same_spot and change.interval is not None:
            at.is_responder = at.after > at.before and not change.interval.holds_no_change
        first, last = change.baseline.when.bounds(), chosen.when.bounds()
    elif "hair_density" in kinds:
        at.rung = "not_comparable"
    elif "density_change_pct" in kinds:
        at.rung = "estimate"
    elif seen or here:
        at.rung = "not_measured"
    else:
        at.rung = _not_seen(
            baseline, month, [span(each, "assessed") for each in visits] + [each.when.bounds() for each in measured]
        )
    at.beside = _beside(therapies, first, last)
    return at


def _not_seen(baseline: Span, month: int, all_days: list[Span]) -> str:
    found = "not_seen"
    for days in all_days:
        if is_day(baseline) and is_day(days):
            if month_of(baseline[0], days[0]) == month and found == "not_seen":
                found = "outside"
            continue
        if not is_day(baseline) and not is_day(days):
            low = high = 12 * (days[0].year - baseline[0].year) + days[0].month - baseline[0].month
        else:
            low, high = month_of(baseline[1], days[0]), month_of(baseline[0], days[1])
        if low <= month <= high:
            found = "unsure"
    return found


def _beside(therapies: list[Therapy], first: Span, last: Span) -> str:
    """A start or a stop within six months before the first fact, or until the last one."""
    words = set()
    for each in therapies:
        began = each.started.bounds() if each.started else (Day.min, each.created_at.date())
        turns = [began]
        if each.ended:
            turns.append(each.ended.bounds())
            turns[0] = began if each.started else (began[0], min(began[1], each.ended.bounds()[1]))
        elif each.is_ongoing is False:
            since = began[0] if each.started else Day.min
            turns.append((min(since, each.created_at.date()), each.created_at.date()))
        for low, high in turns:
            if high < later(first[0], -6) or low > last[1]:
                continue
            words.add("certain" if low >= later(first[1], -6) and high <= last[0] else "perhaps")
    return "certain" if "certain" in words else "perhaps" if "perhaps" in words else ""


def chosen(courses: list[OneCourse], clinic: Clinic, asked: dict[str, str]) -> list[OneCourse]:
    """Those of a cohort, as its address has it."""
    sex = dict(Patient.objects.filter(clinic=clinic).values_list("pk", "sex"))
    product_of_lot = dict(Lot.objects.filter(clinic=clinic).values_list("pk", "product_id"))
    kept = []
    for course in courses:
        given = {product_of_lot.get(each["lot_id"]) or each["product_id"] for each in course.sessions}
        is_in = [
            not asked.get("protocol") or str(course.row["protocol_id"]) == asked["protocol"],
            not asked.get("product") or [str(each) for each in given] == [asked["product"]],
            not asked.get("lot") or asked["lot"] in {str(each["lot_id"]) for each in course.sessions},
            not asked.get("stage") or f"{course.scale}|{course.stage}" == asked["stage"],
            not asked.get("sex") or sex[course.row["patient_id"]] == asked["sex"],
            not asked.get("begun_from") or course.begun.isoformat() >= asked["begun_from"],
            not asked.get("begun_until") or course.begun.isoformat() <= asked["begun_until"],
        ]
        if all(is_in):
            kept.append(course)
    return kept


def page(clinic: Clinic, asked: dict[str, str], today: Day) -> dict[str, Any]:
    """Every count and sum of the page."""
    cohort = chosen(courses_of(clinic), clinic, asked)
    first_of: dict[Any, OneCourse] = {}
    for course in cohort:
        first_of.setdefault(course.row["patient_id"], course)
    told: dict[str, Any] = {"courses": len(cohort), "patients": len(first_of)}
    for month in MONTHS:
        at = [(course, course.at[month]) for course in first_of.values()]
        if asked.get("others"):
            at = [(course, each) for course, each in at if not each.beside]
        due = [(course, each) for course, each in at if each.window[1] < today]
        analysed = [each for _, each in due if each.rung == "analysed"]
        told[f"{month} begun"], told[f"{month} due"] = len(at), len(due)
        told[f"{month} rungs"] = dict(Counter(each.rung for _, each in due))
        told[f"{month} others"] = sum(bool(each.beside) for each in analysed)
        told[f"{month} perhaps"] = sum(each.beside == "perhaps" for each in analysed)
        told[f"{month} several"] = sum(each.spots > 1 for each in analysed)
        told[f"{month} change"] = _moments([each.after - each.before for each in analysed])
        told[f"{month} before"] = _moments([each.before for each in analysed])
        told[f"{month} logs"] = _moments([math.log(each.after / each.before) for each in analysed])
        told[f"{month} walsh"] = _walsh([math.log(each.after / each.before) for each in analysed])
        told[f"{month} stages"] = dict(
            Counter((course.scale, course.stage, each.stage) for course, each in due if each.stage)
        )
        told[f"{month} other scale"] = sum(each.is_other_scale for _, each in due)
        told[f"{month} count responders"] = (
            sum(each.is_responder is True for each in analysed),
            sum(each.is_responder is not None for each in analysed),
        )
        told[f"{month} own view"] = (
            sum((each.patient_change or 0) >= 1 for _, each in due),
            sum(each.patient_change is not None for _, each in due),
        )
    told |= _events(clinic, cohort, is_all=not any(value for name, value in asked.items() if name != "others"))
    return told


def _moments(values: list[float]) -> tuple[float, float]:
    return (fmean(values) if values else 0.0, stdev(values) if len(values) > 1 else 0.0)


def _walsh(values: list[float]) -> float:
    return median((a + b) / 2 for i, a in enumerate(values) for b in values[i:]) if values else 0.0


def _events(clinic: Clinic, cohort: list[OneCourse], *, is_all: bool) -> dict[str, Any]:
    asked, patient_of, course_of = set(), {}, {course.row["id"] for course in cohort}
    m: dict[Any, int] = defaultdict(int)
    course_of_session = dict(ExosomeSession.objects.filter(clinic=clinic).values_list("pk", "course_id"))
    for course in cohort:
        m[course.row["patient_id"]] += course.asked
        for each in course.sessions:
            if each["reactions"] != "not_asked" or each["since_last"] != "not_asked":
                asked.add(each["id"])
                patient_of[each["id"]] = course.row["patient_id"]
    y: dict[Any, int] = defaultdict(int)
    everything = serious = 0
    for event in AdverseEvent.objects.filter(clinic=clinic, struck_out_at=None).values():
        session = event["exosome_session_id"]
        # An event of a session that was struck out stands, as one of its course.
        course = course_of_session.get(session) if session else event["course_id"]
        if session in asked:
            y[patient_of[session]] += 1
        if is_all or course in course_of:
            everything += 1
            serious += bool(event["is_serious"])
    n = sum(each > 0 for each in m.values())
    total, events = sum(m.values()), sum(y.values())
    rate = events / total if total else 0.0
    spread = sum((y[who] - rate * m[who]) ** 2 for who in m)
    return {
        "patients asked": n,
        "sessions": sum(len(course.sessions) for course in cohort),
        "sessions asked": total,
        "events": events,
        "elsewhere": everything - events,
        "serious": serious,
        "error": math.sqrt(n / (n - 1) * spread) / total if n > 1 and total else 0.0,
    }

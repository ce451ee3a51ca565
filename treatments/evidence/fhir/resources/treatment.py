"""The plan of a course, its sessions, and what each region was given."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treatments.courses.models import Application, Course, ExosomeSession
from treatments.courses.vocabulary import (
    ROUTE_SNOMED,
    Anaesthesia,
    CourseState,
    Phase,
    Route,
    SessionOutcome,
    SkinPrep,
)
from treatments.evidence.fhir.resources import products
from treatments.evidence.fhir.resources.background import problem
from treatments.evidence.fhir.resources.measured import device
from treatments.evidence.fhir.resources.observations import Finding, asked, component, observe, question
from treatments.evidence.fhir.resources.people import someone, subject, whoever
from treatments.evidence.fhir.resources.places import body_site
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.codes import PAIN
from treatments.evidence.fhir.writing.datatypes import Json, concept, no_value, note, quantity
from treatments.evidence.fhir.writing.terms import choice, local, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.products.models import Lot, Product
from treatments.records.formatting import ml, mm, number
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked
from treatments.safety.vocabulary import Causality

SESSION = local("procedure", "exosome-session", "Treatment session of a hair-loss course")
STATUS = {
    SessionOutcome.COMPLETED: "completed",
    SessionOutcome.PARTIAL: "stopped",
    SessionOutcome.ABORTED: "stopped",
}
_PLANS = {CourseState.FINISHED: "completed", CourseState.STOPPED: "revoked"}


@dataclass(frozen=True)
class Given:
    """What one region was given of one product. `region` is "" where it was not recorded which."""

    part: str
    region: str
    name: str
    ml: Decimal
    product: Product | None
    lot: Lot | None
    lot_is_unknown: bool
    route: str


def write(writer: Writer, rows: Rows) -> None:
    for course in rows.courses:
        _plan(writer, rows, course)
    for session in rows.sessions:
        _session(writer, rows, session)


def given_in(session: ExosomeSession) -> list[Given]:
    """What was given in a session, region by region, the first product before the others."""
    first: dict[str, Any] = {
        "product": session.product,
        "lot": session.lot,
        "lot_is_unknown": session.lot_is_unknown,
        "route": session.route,
    }
    volumes = [(row.region, row.name, row.ml) for row in session.region_volumes.all()]
    given = [Given(f"1 {region}", region, name, amount, **first) for region, name, amount in volumes]
    if not volumes:
        given.append(Given("1", "", "region not recorded", session.first_ml, **first))
    for each in session.applications.all():
        if each.total_ml is None:
            continue
        further: dict[str, Any] = {
            "product": each.product,
            "lot": each.lot,
            "lot_is_unknown": each.lot_is_unknown,
            "route": each.route,
        }
        parts = list(each.volumes_ml.items()) or [("", each.total_ml)]
        given += [Given(f"{each.place} {region}", region, _name(region), amount, **further) for region, amount in parts]
    return given


def administrations(writer: Writer, session: ExosomeSession) -> list[Json]:
    return [writer.reference("MedicationAdministration", session.pk, each.part) for each in given_in(session)]


def _name(region: str) -> str:
    return str(Region(region).label).lower() if region in Region.values else region or "region not recorded"


def _route(code: str) -> Json:
    if code not in Route.values:
        return {}
    return concept(ROUTE_SNOMED.get(Route(code)), choice("route", Route(code)), text=str(Route(code).label))


# ── The plan ───────────────────────────────────────────────────────────────────────────────────


def _plan(writer: Writer, rows: Rows, course: Course) -> None:
    activities = list(_activities(writer, rows, course))
    start = writer.period(course.when, course.ended_on) if writer.is_named else _masked_start(writer, course)
    title = writer.words(course.name)
    status = _PLANS.get(CourseState(course.state), "active")
    body = {
        "status": status,
        "intent": "plan",
        "category": [concept(local("plan", "course", "Course of treatment sessions"))],
        "title": title,
        "subject": subject(writer, rows.patient),
        "period": start,
        **writer.moment("created", course.created_at),
        "addresses": [problem(writer, rows)],
        "activity": activities,
        "note": note(writer.words(course.note), writer.words(course.stop_reason)),
        "extension": [own("state", valueCodeableConcept=concept(choice("course-state", CourseState(course.state))))],
    }
    began = writer.said(course.when)
    lines = [
        f"{title or 'Course'}, Month 0: {began or 'not told'}.",
        *(each["detail"]["description"] for each in activities),
    ]
    writer.add("CarePlan", course.pk, body, text=lines, row=course.pk)


def _masked_start(writer: Writer, course: Course) -> Json:
    """The Month 0 that all dates are counted from has no date of its own; of another course it is counted too."""
    is_origin = writer.month_0 is not None and writer.month_0.of == writer.key("CarePlan", course.pk)
    return {"_start": no_value("masked")} if is_origin else writer.period(course.when, course.ended_on)


def _activities(writer: Writer, rows: Rows, course: Course) -> Iterator[Json]:
    """Nobody planned what a walk-in was given."""
    if course.facts.asks_no_session:
        return
    total = course.total_ml
    told = f"{course.sessions_planned} sessions, one every {_months(course.interval_months)}"
    volumes = f"; usually {course.volumes_text}" if total else ""
    repeat = {"count": course.sessions_planned, "frequency": 1, "period": course.interval_months, "periodUnit": "mo"}
    product = course.product
    done = course.sessions_done >= course.sessions_planned
    status = "completed" if done else _going(course)
    yield _activity(
        Phase.INDUCTION,
        status,
        f"{Phase.INDUCTION.label}: {told}{volumes}.",
        timing=repeat,
        more={
            "productReference": products.of(writer, rows, product, None) if product else {},
            "quantity": quantity(total, "mL") if total else {},
        },
    )
    if course.maintenance_interval_months:
        told = f"one session every {_months(course.maintenance_interval_months)}{_window(course, 'maintenance')}"
        repeat = {"frequency": 1, "period": course.maintenance_interval_months, "periodUnit": "mo"}
        yield _activity(Phase.MAINTENANCE, _going(course), f"{Phase.MAINTENANCE.label}: {told}.", timing=repeat)
    if course.follow_up_from_month is not None:
        told = f"Follow-up visit{_window(course, 'follow_up')}."
        yield _activity(local("plan", "follow-up", "Follow-up visit"), _going(course), told)
    if course.refresh_months:
        told = f"one session every {_months(course.refresh_months)}"
        repeat = {"frequency": 1, "period": course.refresh_months, "periodUnit": "mo"}
        yield _activity(Phase.ANNUAL_REFRESH, _going(course), f"{Phase.ANNUAL_REFRESH.label}: {told}.", timing=repeat)


def _going(course: Course) -> str:
    return {CourseState.FINISHED: "completed", CourseState.STOPPED: "stopped"}.get(
        CourseState(course.state), "scheduled"
    )


def _activity(kind: Any, status: str, told: str, *, timing: Json | None = None, more: Json | None = None) -> Json:
    code = choice("phase", kind) if isinstance(kind, Phase) else kind
    detail = {"code": concept(code), "status": status, "description": told, **(more or {})}
    return {"detail": detail | ({"scheduledTiming": {"repeat": timing}} if timing else {})}


def _months(count: int) -> str:
    return "month" if count == 1 else f"{count} months"


def _window(course: Course, part: str) -> str:
    low, high = getattr(course, f"{part}_from_month"), getattr(course, f"{part}_to_month")
    if low is None:
        return ""
    return f", Month {low} to {high}" if high is not None else f", from Month {low}"


# ── A session ──────────────────────────────────────────────────────────────────────────────────


def _session(writer: Writer, rows: Rows, session: ExosomeSession) -> None:
    given = given_in(session)
    by = whoever(writer, rows, session.operator_id, session.operator_name)
    reason = problem(writer, rows)
    number_in_course = rows.facts.numbers.get(session.pk)
    place = f"Session {number_in_course}" if number_in_course else "Session"
    outcome = SessionOutcome(session.outcome)
    used = device(writer, session.device)
    medicines = [
        products.medication(writer, rows, each.product, each.lot, lot_is_unknown=each.lot_is_unknown) for each in given
    ]
    regions = list(dict.fromkeys(each.region for each in given if each.region))
    assistant = someone(writer, session.assistant)
    body = {
        "status": STATUS[outcome],
        "statusReason": _why(writer, session),
        "code": concept(SESSION, text=place),
        "category": concept(choice("phase", Phase(session.phase))),
        "basedOn": [writer.reference("CarePlan", session.course_id)] if _course_stands(rows, session) else [],
        "subject": subject(writer, rows.patient),
        **writer.date("performedDateTime", session.when, at=session.performed_at),
        "performer": [
            *([{"actor": by}] if by else []),
            *([{"function": {"text": "Assistant"}, "actor": assistant}] if assistant else []),
        ],
        "reasonReference": [reason],
        "bodySite": [body_site(region) for region in regions],
        "outcome": concept(choice("session-outcome", outcome)),
        "complicationDetail": [writer.reference("Condition", each.pk, "event") for each in _events(rows, session)],
        "usedReference": _unlike(
            [*(each["medicationReference"] for each in medicines if "medicationReference" in each), used]
        ),
        "note": note(writer.words(session.note), writer.words(session.reported_label)),
        "extension": [] if session.route_confirmed else [own("route-not-confirmed", valueBoolean=True)],
    }
    at = writer.said(session.when)
    told = "; ".join(_said(writer, each) for each in given)
    reason_said = writer.words(session.outcome_reason)
    ended = f"{outcome.label}{f': {reason_said}' if reason_said else ''}."
    lines = [f"{place}{f', {at}' if at else ''}.", f"Given: {told}, {ml(session.total_ml)} in all.", ended]
    writer.add("Procedure", session.pk, body, text=lines, row=session.pk)
    for each, medicine in zip(given, medicines, strict=True):
        _administration(writer, rows, session, each, medicine, by, used)
    _techniques(writer, rows, session)
    _circumstances(writer, rows, session, by)


def _unlike(references: list[Json]) -> list[Json]:
    return list({each["reference"]: each for each in references if each}.values())


def _course_stands(rows: Rows, session: ExosomeSession) -> bool:
    return any(course.pk == session.course_id for course in rows.courses)


def _events(rows: Rows, session: ExosomeSession) -> list[Any]:
    """Those it is suspected of; not one of which somebody judged that it is an unlikely cause."""
    tied = [each for each in rows.events if each.exosome_session_id == session.pk]
    return [each for each in tied if each.causality != Causality.UNLIKELY]


def _why(writer: Writer, session: ExosomeSession) -> Json:
    """Where it was not completed: why, in the words of the record."""
    if session.outcome == SessionOutcome.COMPLETED:
        return {}
    told = writer.words(session.outcome_reason)
    return concept(choice("session-outcome", SessionOutcome(session.outcome)), text=told)


def _said(writer: Writer, given: Given) -> str:
    product = given.lot.product if given.lot else given.product
    what = str(product) if product else "product not recorded"
    lot = f", lot {given.lot.number}" if given.lot and writer.is_named else ""
    return f"{_place(writer, given)} {ml(given.ml)} {what}{lot}"


def _place(writer: Writer, given: Given) -> str:
    """In the words of the chairside, where those may be told."""
    return writer.words(given.name) or _name(given.region)


def _administration(
    writer: Writer, rows: Rows, session: ExosomeSession, given: Given, medicine: Json, by: Json, used: Json
) -> None:
    route = _route(given.route)
    site = body_site(given.region)
    text = ", ".join(filter(None, [f"{_place(writer, given)} {ml(given.ml)}", str(route.get("text", ""))]))
    body = {
        "partOf": [writer.reference("Procedure", session.pk)],
        "status": STATUS[SessionOutcome(session.outcome)],
        **medicine,
        "subject": subject(writer, rows.patient),
        **_effective(writer, session),
        "performer": [{"actor": by}] if by else [],
        "reasonReference": [problem(writer, rows)],
        "device": [used],
        "dosage": {
            "text": text,
            "site": site | ({"text": _place(writer, given)} if site else {}),
            "route": route,
            "dose": quantity(given.ml, "mL"),
        },
    }
    lines = [f"{_said(writer, given)}{f', {writer.said(session.when)}' if writer.said(session.when) else ''}."]
    writer.add("MedicationAdministration", session.pk, body, part=given.part, text=lines, row=session.pk)


def _effective(writer: Writer, session: ExosomeSession) -> Json:
    """The element is asked for; where dates are Months, a period is something that can be there without a day."""
    if writer.is_named:
        return writer.date("effectiveDateTime", session.when, at=session.performed_at)
    return {"effectivePeriod": writer.period(session.when, session.when)}


def _techniques(writer: Writer, rows: Rows, session: ExosomeSession) -> None:
    """What was used without a product: microneedling alone."""
    for each in session.applications.all():
        if each.total_ml is not None:
            continue
        at = writer.date("performedDateTime", session.when, at=session.performed_at)
        body = {
            "partOf": [writer.reference("Procedure", session.pk)],
            "status": STATUS[SessionOutcome(session.outcome)],
            "code": concept(local("technique", each.route, each.technique)),
            "subject": subject(writer, rows.patient),
            **at,
            "bodySite": [body_site(region) for region in each.regions],
            "usedReference": [device(writer, each.device)],
            "note": note(_technique_said(writer, each)),
        }
        text = [f"{each.technique}, without a product.", _technique_said(writer, each)]
        writer.add("Procedure", session.pk, body, part=f"technique {each.place}", text=text, row=session.pk)


def _technique_said(writer: Writer, each: Application) -> str:
    depth = mm(each.depth_mm) if each.depth_mm is not None else ""
    return "; ".join(filter(None, [depth, writer.words(each.note)]))


def _circumstances(writer: Writer, rows: Rows, session: ExosomeSession, by: Json) -> None:
    part_of = {"partOf": [writer.reference("Procedure", session.pk)]}
    told: dict[str, Any] = {"when": session.when, "by": by}
    if parts := list(_conditions(writer, session)):
        code = question("session-conditions", "How the session was given")
        found = Finding(code, category="procedure", components=parts, more=part_of)
        observe(writer, rows, session, "conditions", found, **told)
    for name, display, score in (
        ("pain-during", "Pain during the session", session.pain_during),
        ("pain-after", "Pain 15 minutes after", session.pain_after),
    ):
        if score is not None:
            value = {"valueQuantity": quantity(Decimal(score), "{score}")}
            pain = Finding(
                question(name, display), f"{score} of 10", value, category="survey", others=(PAIN,), more=part_of
            )
            observe(writer, rows, session, name, pain, **told | {"by": subject(writer, rows.patient)})
    for name, display, answer in (
        ("since-last", "Anything since last time", session.since_last),
        ("reactions", "Reactions today", session.reactions),
    ):
        found = asked(name, display, answer)
        events = [writer.reference("Condition", each.pk, "event") for each in _events(rows, session)]
        focus = {"focus": events} if name == "reactions" and answer == Asked.YES else {}
        observe(writer, rows, session, name, _with(found, part_of | focus), **told)


def _with(found: Finding, more: Json) -> Finding:
    return Finding(found.code, found.said, found.value, found.absent, found.category, more=more)


def _conditions(writer: Writer, session: ExosomeSession) -> Iterator[Json]:
    if session.needle_gauge is not None:
        yield component(question("needle", "Needle"), {"valueString": f"{session.needle_gauge} G"})
    for code, display, figure, unit in (
        ("needle-length", "Needle length", session.needle_length_mm, "mm"),
        ("depth", "Depth", session.depth_mm, "mm"),
        ("point-volume", "Volume at each point", session.point_ml, "mL"),
        ("mixed", "Mixed, hours before use", session.mixed_hours, "h"),
    ):
        if figure is not None:
            yield component(question(code, display), {"valueQuantity": quantity(figure, unit)})
    if session.points is not None:
        yield component(question("points", "Injection points"), {"valueInteger": session.points})
    if session.skin_prep in SkinPrep.values:
        value = {"valueCodeableConcept": concept(choice("skin-preparation", SkinPrep(session.skin_prep)))}
        yield component(question("skin-preparation", "Skin preparation"), value)
    if session.anaesthesia in Anaesthesia.values:
        detail = writer.words(session.anaesthesia_detail)
        kind = Anaesthesia(session.anaesthesia)
        text = f"{kind.label}, {detail}" if detail else str(kind.label)
        value = {"valueCodeableConcept": concept(choice("anaesthesia", kind), text=text)}
        yield component(question("anaesthesia", "Anaesthesia"), value)
    for each in session.applications.all():
        if each.total_ml is not None and (each.depth_mm is not None or each.mixed_hours is not None):
            hours = f"mixed {number(each.mixed_hours)} h before use" if each.mixed_hours is not None else ""
            told = ", ".join(filter(None, [mm(each.depth_mm) if each.depth_mm is not None else "", hours]))
            yield component(question("further-product", f"Product {each.place} of the session"), {"valueString": told})

"""Sentences about what was given and what became of it: sessions, changes, harms, the patient's words. Each names its
row."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from treatments.assessments import finding_text
from treatments.assessments.measurement_kinds import Method, method_words
from treatments.assessments.measurements.density import COUNT, DensityChange
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.scales.catalogue import change_label, compare
from treatments.assessments.vocabulary import PullTestResult
from treatments.courses.models import ExosomeSession
from treatments.courses.vocabulary import Phase, Route, SessionOutcome, pain_word
from treatments.evidence.reports.sentences.patient import staged
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.evidence.reports.sentences.words import begun, in_words, place, says, spelled
from treatments.papers.document import Sentence, Table
from treatments.photos.patient_photos import group_label, group_of
from treatments.products.models import Product
from treatments.products.vocabulary import SourceType
from treatments.records.formatting import count, listed, ml, mm, number, uncapitalised
from treatments.records.months import label
from treatments.records.partial_dates import PartialDate, of_day
from treatments.records.regions import Region
from treatments.records.vocabulary import Asked, Lighting
from treatments.safety.models import AdverseEvent


def given(record: CaseRecord) -> list[Sentence]:
    sessions, course = record.sessions, record.course
    if not sessions:
        return []
    first, last = record.month(sessions[0].when), record.month(sessions[-1].when)
    span = record.at(sessions[0].when) if first == last else f"from {first} to {last}"
    phases = Counter(session.phase for session in sessions if session.phase)
    parts = ""
    if len(phases) > 1:
        named = [f"{in_words(number)} {_PHASES.get(Phase(phase), '')}" for phase, number in phases.items()]
        parts = f": {listed(named)}"
    told = [record.sentence(f"{_in_all(len(sessions))} {_were(sessions)} given, {span}{parts}.", sessions[-1])]
    if course.sessions_planned > 1:
        planned = f"{_in_all(course.sessions_planned)} {'of induction ' if len(phases) > 1 else ''}were planned"
        told.append(record.sentence(f"{planned}, {spelled(course.interval_months, 'month')} apart.", course))
    return told


def planned_next(record: CaseRecord) -> list[Sentence]:
    """What the plan of the course says of the time after its first part, and what was planned at each visit."""
    course, told = record.course, []
    if course.follow_up_from_month is not None:
        months = _between(course.follow_up_from_month, course.follow_up_to_month)
        told.append(record.sentence(f"A follow-up visit without a session was planned {months}.", course))
    if course.maintenance_from_month is not None or course.maintenance_interval_months:
        every = spelled(course.maintenance_interval_months, "month") if course.maintenance_interval_months else ""
        words = f", {every} apart" if every else ""
        months = (
            f" {_between(course.maintenance_from_month, course.maintenance_to_month)}"
            if course.maintenance_from_month is not None
            else ""
        )
        told.append(record.sentence(f"Maintenance was planned{months}{words}.", course))
    if course.refresh_months:
        apart = "every year" if course.refresh_months == _YEAR else f"every {spelled(course.refresh_months, 'month')}"
        told.append(record.sentence(f"After that, a session of refresh was planned {apart}.", course))
    for visit in record.assessments:
        if plan := says(visit.plan):
            told.append(record.sentence(f"{_at(record, visit.when)} it was planned: “{plan}.”", visit))
    return told


_YEAR = 12


def _between(first: int, last: int | None) -> str:
    return f"between Month {first} and Month {last}" if last is not None else f"from Month {first} on"


def _in_all(sessions: int) -> str:
    """ "Five sessions"; "In all, 14 sessions": no sentence begins with a figure."""
    told = spelled(sessions, "session")
    return f"In all, {told}" if told[:1].isdigit() else begun(told)


_PHASES = {
    Phase.INDUCTION: "of induction",
    Phase.MAINTENANCE: "of maintenance",
    Phase.ANNUAL_REFRESH: "of yearly refresh",
    Phase.RESCUE: "of rescue",
}


def _were(rows: Sequence[object]) -> str:
    return "was" if len(rows) == 1 else "were"


def products(record: CaseRecord) -> list[Product]:
    """Each product that was given in the course, once."""
    every = [product for session in record.sessions for product in session.products_given]
    return list({product.pk: product for product in every}.values())


def product(record: CaseRecord) -> list[Sentence]:
    told, every = [], products(record)
    for each in every:
        sessions = [s for s in record.sessions if any(p.pk == each.pk for p in s.products_given)]
        if len(every) == 1 and len(sessions) == len(record.sessions):
            text = f"The product was {_product(each)}."
        else:
            text = f"At {_sessions(record, sessions)}, the product was {_product(each)}."
            text = text if len(every) == 1 else f"At {_sessions(record, sessions)}, {_product(each)} was given."
        told.append(record.sentence(text, sessions[0]))
    unknown = [session for session in record.sessions if not session.products_given]
    if unknown:
        where = "" if len(unknown) == len(record.sessions) else f" at {_sessions(record, unknown)}"
        told.append(record.sentence(f"The product was not recorded{where}.", unknown[0]))
    return told


def _sessions(record: CaseRecord, sessions: Sequence[ExosomeSession]) -> str:
    """ "session 3", "sessions 1 and 2", "each session", "the session"."""
    if len(sessions) == len(record.sessions):
        return "each session" if len(sessions) > 1 else "the session"
    numbers = [str(record.session_number(each)) for each in sessions]
    return f"session{'s' if len(numbers) > 1 else ''} {listed(numbers)}"


def _product(each: Product) -> str:
    maker = f" ({each.manufacturer})" if each.manufacturer else ""
    source = (
        "" if each.source_type == SourceType.UNKNOWN else f", source: {uncapitalised(each.get_source_type_display())}"
    )
    return f"{each.name}{maker}{source}{f', {strength(each)}' if strength(each) else ''}"


def strength(each: Product) -> str:
    """ "12 x 10^9 particles per mL, nanoparticle tracking (NTA)"; "" where it is not recorded."""
    if each.particles_per_ml is None:
        return ""
    method = f" ({each.get_particles_method_display()})" if each.particles_method else ""
    return f"{number(each.particles_per_ml)} × 10⁹ particles per mL{method}"


def how(record: CaseRecord) -> list[Sentence]:
    """Volume, region, route and technique: in a sentence where all sessions were alike, else session by session."""
    told = []
    for text, sessions in _alike(record, _dose):
        told.append(record.sentence(f"At {_sessions(record, sessions)}, {text}.", sessions[0]))
    for text, sessions in _alike(record, _technique):
        if text:
            which = "" if len(sessions) == len(record.sessions) else f" at {_sessions(record, sessions)}"
            told.append(record.sentence(f"Technique{which}: {text}.", sessions[0]))
    return told


def _alike(record: CaseRecord, words: Callable[[ExosomeSession], str]) -> list[tuple[str, list[ExosomeSession]]]:
    groups: dict[str, list[ExosomeSession]] = {}
    for session in record.sessions:
        groups.setdefault(words(session), []).append(session)
    return list(groups.items())


_BY_ROUTE = {
    Route.INTRADERMAL_INJECTION: "by injection into the skin (intradermal)",
    Route.SUBCUTANEOUS_INJECTION: "by injection under the skin (subcutaneous)",
    Route.MICRONEEDLING_TOPICAL: "on the skin, with microneedling",
    Route.TOPICAL_ONLY: "on the skin alone",
    Route.MESOTHERAPY_GUN: "with a mesotherapy gun",
    Route.FRACTIONAL_LASER_TOPICAL: "on the skin, with a fractional laser",
}


def _dose(session: ExosomeSession) -> str:
    """ "3 mL was given at the vertex by injection into the skin (intradermal)": without the words of the chairside,
    in which one region may have two names. What was given beside the first product follows it."""
    regions = {str(row.region): row.ml for row in session.region_volumes.all()}
    told = f"{ml(session.first_ml)} was given{_where(regions)}{_by(session.route)}"
    for each in session.applications.all():
        if each.total_ml is None:
            told += f"; {uncapitalised(each.technique)} was done{_where(dict.fromkeys(each.regions))}"
        else:
            what = f" of {each.given_product}" if each.given_product else ""
            told += f"; then {ml(each.total_ml)}{what}{_where(each.volumes_ml)}{_by(each.route)}"
    return told


def _by(route: str) -> str:
    words = _BY_ROUTE.get(Route(route), "") if route else ""
    return f" {words}" if words else ""


def _where(regions: Mapping[str, Decimal | None]) -> str:
    """ " at the vertex", " at the mid-scalp (2 mL) and frontal region (1 mL)"; "" where none is recorded."""
    names = {code: place(str(Region(code).label)) for code in regions}
    if not names:
        return ""
    volumes = [
        name if len(names) == 1 or regions[code] is None else f"{name} ({ml(regions[code] or Decimal(0))})"
        for code, name in names.items()
    ]
    return f" at the {listed(volumes)}"


def _technique(session: ExosomeSession) -> str:
    needle = " ".join(
        filter(
            None,
            [
                str(session.get_needle_gauge_display()) if session.needle_gauge else "",
                "needle" if session.needle_gauge or session.needle_length_mm is not None else "",
                f"of {mm(session.needle_length_mm)}" if session.needle_length_mm is not None else "",
            ],
        )
    )
    told = [
        needle,
        f"depth {mm(session.depth_mm)}" if session.depth_mm is not None else "",
        count(session.points, "point") if session.points else "",
        f"{number(session.point_ml)} mL at each point" if session.point_ml is not None else "",
        f"anaesthesia: {uncapitalised(str(session.get_anaesthesia_display()))}" if session.anaesthesia else "",
    ]
    return ", ".join(filter(None, told))


def lacks(session: ExosomeSession, what: str) -> bool:
    """Whether an answer is missing in this session, by what a line of the checklist asks for."""
    match what:
        case "strength":
            return not session.products_given
        case "route":
            return session.route in ("", Route.OTHER)
        case "technique":
            return not _technique(session)
        case "tolerated" | "harms":
            return session.reactions == Asked.NOT_ASKED
        case _:
            return False


def technique(record: CaseRecord) -> str:
    return "; ".join(text for text, _ in _alike(record, _technique) if text)


def sessions_table(record: CaseRecord) -> Table | None:
    """Every session with its Month; without lot and day."""
    if not record.sessions:
        return None
    rows = tuple(
        (
            str(record.session_number(each)),
            record.month(each.when),
            listed([str(product) for product in each.products_given]) or "not recorded",
            listed(list(dict.fromkeys(place(str(Region(row.region).label)) for row in each.region_volumes.all())))
            or "not recorded",
            ml(each.total_ml),
            "completed" if each.outcome == SessionOutcome.COMPLETED else uncapitalised(str(each.get_outcome_display())),
        )
        for each in record.sessions
    )
    head = ("No.", "Month", "Product", "Region", "Volume", "Outcome")
    return Table(
        "Sessions", head, rows, ("start", "start", "start", "start", "end", "start"), (0.6, 1.2, 2.6, 1.8, 1, 1.4)
    )


_NOT_COMPLETED = {SessionOutcome.PARTIAL: "partly given", SessionOutcome.ABORTED: "broken off"}


def deviations(record: CaseRecord) -> list[Sentence]:
    """What was not as planned, as far as the rows show it: sessions broken off, moved, of another volume; the course
    stopped. How many were given stands under adherence."""
    told, course = [], record.course
    for session in record.sessions:
        if session.outcome != SessionOutcome.COMPLETED:
            why = (
                f": {uncapitalised(says(session.outcome_reason))}"
                if says(session.outcome_reason)
                else "; why is not recorded"
            )
            what = _NOT_COMPLETED[SessionOutcome(session.outcome)]
            told.append(record.sentence(f"Session {record.session_number(session)} was {what}{why}.", session))
    planned = course.total_ml
    for volume, sessions in _by_volume(record):
        if planned and volume != planned:
            text = f"At {_sessions(record, sessions)}, {ml(volume)} was given where {ml(planned)} was planned."
            told.append(record.sentence(text, sessions[0]))
    induction = [each for each in record.sessions if each.phase == Phase.INDUCTION]
    for place_in_plan, session in enumerate(induction):
        month, due = label(course.when, session.when), place_in_plan * course.interval_months
        if month.first == month.last != due:
            text = (
                f"Session {record.session_number(session)} was given at Month {month.number}, planned for Month {due}."
            )
            told.append(record.sentence(text, session))
    if course.stopped_on is not None:
        why = f": {uncapitalised(says(course.stop_reason))}" if says(course.stop_reason) else ""
        told.append(record.sentence(f"The course was stopped {record.at(of_day(course.stopped_on))}{why}.", course))
    return told


def _by_volume(record: CaseRecord) -> list[tuple[Decimal, list[ExosomeSession]]]:
    """Sessions by how much of the first product was given."""
    groups: dict[Decimal, list[ExosomeSession]] = {}
    for session in record.sessions:
        groups.setdefault(session.first_ml, []).append(session)
    return list(groups.items())


def is_route_known(record: CaseRecord) -> bool:
    return any(session.route and session.route != Route.OTHER for session in record.sessions)


def adherence(record: CaseRecord) -> list[Sentence]:
    """Sessions of induction against the plan; the others beside it."""
    course, sessions = record.course, record.sessions
    if not sessions:
        return []
    induction = [each for each in sessions if each.phase == Phase.INDUCTION]
    done = sum(each.outcome == SessionOutcome.COMPLETED for each in induction)
    more = len(sessions) - len(induction)
    further = f", and {spelled(more, 'further session')} {'was' if more == 1 else 'were'} given" if more else ""
    told = f"Of {spelled(course.sessions_planned, 'planned session')}, {in_words(done) if done else 'none'}"
    return [record.sentence(f"{told} {'was' if done == 1 else 'were'} completed{further}.",
                            sessions[-1])]  # fmt: skip


def tolerability(record: CaseRecord) -> list[Sentence]:
    """Pain as it was rated, and at how many sessions somebody asked."""
    sessions = record.sessions
    told = [*_pain(record, "pain_during", "during the session"), *_pain(record, "pain_after", "after the session")]
    today = [each for each in sessions if each.reactions != Asked.NOT_ASKED]
    since = [each for each in sessions if each.since_last != Asked.NOT_ASKED]
    if today or since:
        all_of = f"of {count(len(sessions), 'session')}"
        words = f"The patient was asked about reactions on the day at {len(today)} {all_of}"
        between = f", and about those since the last session at {len(since)}" if len(sessions) > 1 else ""
        told.append(record.sentence(f"{words}{between}.", (today or since)[-1]))
    return told


def _pain(record: CaseRecord, name: str, when: str) -> list[Sentence]:
    rated = [each for each in record.sessions if getattr(each, name) is not None]
    if not rated:
        return []
    scores = [getattr(each, name) for each in rated]
    low, high = min(scores), max(scores)
    span = f"{low} of 10 ({pain_word(low)})" if low == high else f"{low} to {high} of 10 ({pain_word(high)} at most)"
    where = f"at {len(rated)} of {count(len(record.sessions), 'session')}"
    return [record.sentence(f"Pain {when} was rated {span} {where}.", rated[-1])]


def changes(record: CaseRecord) -> list[Sentence]:
    """Stage, density and what was seen, after treatment began."""
    told = [*_stages(record), *(record.sentence(_density(record, each), each.measurement) for each in density(record))]
    for visit in record.after:
        if seen := says(visit.change_seen):
            told.append(record.sentence(f"{_at(record, visit.when)} the clinician noted: “{seen}.”", visit))
    return told


def beside(record: CaseRecord) -> list[Sentence]:
    """Other treatments that may have had a part in a change of density, each turn of them once."""
    told = [(turn, change) for change in density(record) for turn in change.beside.split("; ") if turn]
    turns = [turn for turn, _ in told]
    last = [turn for turn in dict.fromkeys(turns) if not any(more != turn and more.startswith(turn) for more in turns)]
    if not last:
        return []
    text = f"Other treatment within six months before a count or between two of them: {'; '.join(last)}."
    return [record.sentence(text, told[-1][1].measurement)]


def density(record: CaseRecord) -> list[DensityChange]:
    return [record.changes[each.pk] for each in record.measurements if each.pk in record.changes]


def _at(record: CaseRecord, when: PartialDate) -> str:
    return begun(record.at(when))


def _density(record: CaseRecord, change: DensityChange) -> str:
    """What was found against what, by which method, and what may be said of it; each figure once."""
    measurement, before = change.measurement, change.baseline
    by = f"({method_words(measurement.method)})"
    if measurement.kind == COUNT and before is not None:
        against = f"against {before.shown.partition(' ')[0]} {record.at(before.when)}"
        comma = "," if measurement.site_detail.strip() else ""
        told = f"hair density at the {measurement.place}{comma} was {measurement.shown}, {against} {by}"
    else:
        told = f"the change in hair density at the {measurement.place} since Month 0 was {change.shown} {by}"
    return f"{_at(record, measurement.when)} {told}. {change.sentence}"


def regraded(record: CaseRecord) -> list[Sentence]:
    return _stages(record)


def _stages(record: CaseRecord) -> list[Sentence]:
    first, told = staged(record), []
    for visit in record.after:
        if not visit.stage:
            continue
        said = f"{_at(record, visit.when)} the stage was {visit.stage_text}"
        if first is not None:
            change = compare((first.scale, first.stage), (visit.scale, visit.stage))
            said = f"{said} ({change_label(change).lower()}; before treatment {first.stage_text})"
        told.append(record.sentence(f"{said}.", visit))
    return told


def by_clinician(record: CaseRecord) -> list[Sentence]:
    """What is measured, counted or graded after treatment; an estimate by eye is none of these."""
    told = _stages(record)
    measured = [each for each in density(record) if not each.is_estimate and each.is_figure]
    told += [record.sentence(_density(record, each), each.measurement) for each in measured]
    told += blind(record)
    for visit in record.after:
        if visit.global_change is not None:
            words = uncapitalised(str(visit.get_global_change_display()))
            told.append(
                record.sentence(
                    f"{_at(record, visit.when)} the treating clinician’s global assessment was “{words}”.", visit
                )
            )
    return told


def blind(record: CaseRecord) -> list[Sentence]:
    """What readers said who did not know which photograph is later, with how many of them there were."""
    return [
        record.sentence(
            f"Photographs of {record.month(each.earlier.when)} and {record.month(each.later.when)} "
            f"({uncapitalised(group_label(group_of(each.later)))}), read blind on a scale from −3 to +3: "
            f"{each.in_words}.",
            each.later,
        )
        for each in record.readings
    ]


def by_patient(record: CaseRecord) -> list[Sentence]:
    told = []
    for visit in record.after:
        month = _at(record, visit.when)
        if visit.patient_change is not None:
            words = uncapitalised(str(visit.get_patient_change_display()))
            told.append(record.sentence(f"{month} the patient’s own global assessment was “{words}”.", visit))
        if visit.satisfaction is not None:
            words = uncapitalised(str(visit.get_satisfaction_display()))
            told.append(record.sentence(f"{month} the patient was {words} with the result.", visit))
        if visit.dlqi is not None:
            told.append(
                record.sentence(f"{month} the Dermatology Life Quality Index (DLQI) was {visit.dlqi} of 30.", visit)
            )
    return told


def repeated_tests(record: CaseRecord) -> list[Sentence]:
    """Tests that were made after treatment began: a stage, a count, trichoscopy, a pull test, laboratory values. Photos
    and an estimate by eye are none. What each found stands above, or in the sentence itself."""
    told = [*_again(record, record.after, _tests), *_again(record, record.later_measurements, _counted)]
    for each in record.later_measurements:
        if each.method != Method.CLINICIAN_VISUAL_ESTIMATE and not _counted(record, each):
            what = begun(uncapitalised(str(each.get_kind_display())))
            text = f"{what} at the {each.place} was {each.shown} {record.at(each.when)} ({method_words(each.method)})."
            told.append(record.sentence(text, each))
    for visit in record.after:
        again = [each for each in (_pull(visit), *finding_text.trichoscopy(visit.trichoscopy)) if each]
        if again:
            told.append(record.sentence(f"{_at(record, visit.when)}: {'; '.join(map(uncapitalised, again))}.", visit))
    began = record.start.treatment_began
    reports = [report for report, results in record.facts.laboratory if results and not report.is_struck_out]
    later = [each for each in reports if began and record.facts.is_of(record.course, each)]
    later = [each for each in later if began and each.when.certainly_after(began)]
    return [*told, *_again(record, later, lambda _, __: ["laboratory values were taken"])]


def _again(
    record: CaseRecord, rows: Sequence[Any], tests: Callable[[CaseRecord, Any], list[str]]
) -> Iterator[Sentence]:
    """Of each test one sentence with every Month at which it was made; its row is the first."""
    made: dict[str, list[Any]] = {}
    for row in rows:
        for test in tests(record, row):
            made.setdefault(test, []).append(row)
    for test, done in made.items():
        when = [each.removeprefix("at ") for each in dict.fromkeys(record.at(row.when) for row in done)]
        yield record.sentence(f"{begun(test)} again at {listed(when)}.", done[0])


def _tests(_: CaseRecord, visit: Assessment) -> list[str]:
    return ["the stage was graded"] if visit.stage else []


def _pull(visit: Assessment) -> str:
    if visit.pull_result in ("", PullTestResult.NOT_DONE):
        return ""
    return next((each for each in visit.finding_sentences if each.startswith("Pull test ")), "")


def _counted(record: CaseRecord, measurement: Measurement) -> list[str]:
    """A count whose value and change are told among the outcomes."""
    is_told = measurement.pk in record.changes and measurement.method != Method.CLINICIAN_VISUAL_ESTIMATE
    return [f"{uncapitalised(str(measurement.get_kind_display()))} was measured"] if is_told else []


def harms(record: CaseRecord) -> list[Sentence]:
    """One list from the rows, each kind with how often, its grade and how it ended."""
    told = []
    groups: dict[str, list[AdverseEvent]] = {}
    for event in record.events:
        groups.setdefault(event.kind, []).append(event)
    for events in groups.values():
        told.append(record.sentence(_harm(events), events[0]))
    serious = [event for event in record.events if event.is_serious]
    if record.events:
        named = listed(list(dict.fromkeys(uncapitalised(str(event.get_kind_display())) for event in serious)))
        none = "The event was not serious" if len(record.events) == 1 else "None of the events was serious"
        what = f"{begun(spelled(len(serious), 'event'))} {_were(serious)} serious: {named}" if serious else none
        told.append(record.sentence(f"{what}.", record.events[0]))
    return [*told, *denied(record)]


def _harm(events: Sequence[AdverseEvent]) -> str:
    name = str(events[0].get_kind_display())
    times = f" {_TIMES.get(len(events), f'{len(events)} times')}"
    grades = sorted({event.grade for event in events})
    grade = f"CTCAE grade {grades[0]}" if len(grades) == 1 else f"CTCAE grade {grades[0]} to {grades[-1]}"
    ended = Counter(uncapitalised(str(event.get_outcome_display())) for event in events)
    how = listed([what if len(ended) == 1 else f"{often} {what}" for what, often in ended.items()])
    return f"{name} was recorded{times} ({grade}; {how})."


_TIMES = {1: "once", 2: "twice"}


def denied(record: CaseRecord) -> list[Sentence]:
    """Harms that were asked about and denied: each a stated fact."""
    told = []
    none = _without_reactions(record)
    if none and not record.events:
        text = f"Asked at {len(none)} of {count(len(record.sessions), 'session')}, the patient named no reaction."
        told.append(record.sentence(text, none[-1]))
    for visit in record.assessments:
        if visit.negatives:
            said = listed([uncapitalised(each).removeprefix("no ") for each in visit.negatives], "or")
            text = f"{_at(record, visit.when)} the patient was asked about harms: there was no {said}."
            told.append(record.sentence(text, visit))
        elif visit.since_last == Asked.NONE:
            text = f"Asked {record.at(visit.when)}, the patient named no reaction since the last visit."
            told.append(record.sentence(text, visit))
    return told


def _without_reactions(record: CaseRecord) -> list[ExosomeSession]:
    return [
        each
        for each in record.sessions
        if Asked.NONE in (each.reactions, each.since_last) and Asked.YES not in (each.reactions, each.since_last)
    ]


def is_all_denied(record: CaseRecord) -> bool:
    """Whether somebody asked for any reaction at all, and there was none; single harms denied are less than that."""
    visits = [each for each in record.assessments if each.since_last == Asked.NONE]
    return not record.events and bool(_without_reactions(record) or visits)


def _ended(text: str) -> str:
    """With a full stop where its writer left it away: another sentence follows."""
    told = text.strip()
    return told if told.endswith((".", "!", "?", "…", "。", "！", "？")) else f"{told}."


def perspective(record: CaseRecord) -> list[Sentence]:
    return [
        record.sentence(f"{_at(record, visit.when)}: “{_ended(visit.patient_words)}”", visit)
        for visit in record.assessments
        if says(visit.patient_words)
    ]


def lights(record: CaseRecord) -> tuple[str, str]:
    """The light of the last look before treatment, and that of the last look after it in another light, else of the
    last one; "" where it is not recorded."""
    first = [each.lighting for each in record.before if each.lighting not in ("", Lighting.UNKNOWN)]
    later = [each.lighting for each in record.after if each.lighting not in ("", Lighting.UNKNOWN)]
    other = [light for light in later if first and light != first[-1]]
    return (first[-1] if first else "", (other or later or [""])[-1])

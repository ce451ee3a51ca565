"""Sentences about what was given and what became of it: sessions, changes, harms, the patient's words. Each names its
row."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from treatments.assessments.measurement_kinds import Method, method_words
from treatments.assessments.measurements.density import DensityChange
from treatments.assessments.scales.catalogue import change_label, compare
from treatments.assessments.vocabulary import PullTestResult
from treatments.courses.models import ExosomeSession
from treatments.courses.vocabulary import Phase, Route, SessionOutcome, pain_word
from treatments.evidence.reports.sentences.patient import staged
from treatments.evidence.reports.sentences.record import CaseRecord
from treatments.papers.document import Sentence, Table
from treatments.photos.patient_photos import group_label, group_of
from treatments.products.models import Product
from treatments.products.vocabulary import SourceType
from treatments.records.formatting import count, listed, ml, mm, number, uncapitalised
from treatments.records.vocabulary import Asked, Lighting
from treatments.safety.models import AdverseEvent

MOST_EVENTS = 20


def given(record: CaseRecord) -> list[Sentence]:
    sessions, course = record.sessions, record.course
    if not sessions:
        return []
    first, last = record.month(sessions[0].when), record.month(sessions[-1].when)
    span = f"at {first}" if first == last else f"from {first} to {last}"
    told = [record.sentence(f"{count(len(sessions), 'session')} {_were(sessions)} given, {span}.", sessions[-1])]
    if len(sessions) > 1:
        interval = count(course.interval_months, "month")
        planned = count(course.sessions_planned, "session")
        told.append(record.sentence(f"The plan was {planned}, {interval} apart.", course))
    return told


def _were(rows: Sequence[object]) -> str:
    return "was" if len(rows) == 1 else "were"


def products(record: CaseRecord) -> list[Product]:
    """Each product that was given in the course, once."""
    every = [product for session in record.sessions for product in session.products_given]
    return list({product.pk: product for product in every}.values())


def product(record: CaseRecord) -> list[Sentence]:
    told = []
    for each in products(record):
        session = next(s for s in record.sessions if any(p.pk == each.pk for p in s.products_given))
        told.append(record.sentence(f"The product was {_product(each)}.", session))
    unknown = [session for session in record.sessions if not session.products_given]
    if unknown:
        where = "" if len(unknown) == len(record.sessions) else f" at {count(len(unknown), 'session')}"
        told.append(record.sentence(f"The product was not recorded{where}.", unknown[0]))
    return told


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
        told.append(record.sentence(f"{_which(record, sessions)}{text}.", sessions[0]))
    for text, sessions in _alike(record, _technique):
        if text:
            told.append(record.sentence(f"{_which(record, sessions) or 'Technique: '}{text}.", sessions[0]))
    return told


def _alike(record: CaseRecord, words: Callable[[ExosomeSession], str]) -> list[tuple[str, list[ExosomeSession]]]:
    groups: dict[str, list[ExosomeSession]] = {}
    for session in record.sessions:
        groups.setdefault(words(session), []).append(session)
    return list(groups.items())


def _which(record: CaseRecord, sessions: Sequence[ExosomeSession]) -> str:
    if len(sessions) == len(record.sessions):
        return ""
    numbers = [str(record.session_number(each)) for each in sessions]
    return f"Session{'s' if len(numbers) > 1 else ''} {listed(numbers)}: "


def _dose(session: ExosomeSession) -> str:
    """ "3 mL was given at the vertex by injection into the skin (intradermal)": without the words of the chairside,
    in which one region may have two names."""
    regions = [(str(row.get_region_display()).lower(), row.ml) for row in session.region_volumes.all()]
    where = listed([name if len(regions) == 1 else f"{name} ({ml(volume)})" for name, volume in regions])
    route = f", {uncapitalised(str(session.get_route_display()))}" if session.route else ""
    return f"{ml(session.total_ml)} was given{f' at the {where}' if where else ''}{route}"


def _technique(session: ExosomeSession) -> str:
    told = [
        str(session.get_needle_gauge_display()) if session.needle_gauge else "",
        f"needle of {mm(session.needle_length_mm)}" if session.needle_length_mm is not None else "",
        f"{mm(session.depth_mm)} deep" if session.depth_mm is not None else "",
        f"{session.points} points" if session.points else "",
        f"{number(session.point_ml)} mL at each point" if session.point_ml is not None else "",
        f"anaesthesia: {uncapitalised(str(session.get_anaesthesia_display()))}" if session.anaesthesia else "",
    ]
    return ", ".join(filter(None, told))


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
            listed([str(row.get_region_display()).lower() for row in each.region_volumes.all()]) or "not recorded",
            ml(each.total_ml),
            "completed" if each.outcome == SessionOutcome.COMPLETED else uncapitalised(str(each.get_outcome_display())),
        )
        for each in record.sessions
    )
    head = ("No.", "Month", "Product", "Region", "Volume", "Outcome")
    return Table(
        "Sessions", head, rows, ("start", "start", "start", "start", "end", "start"), (0.6, 1.2, 2.6, 1.8, 1, 1.4)
    )


def deviations(record: CaseRecord) -> list[Sentence]:
    """What was not as planned, as far as the rows show it."""
    told = []
    for session in record.sessions:
        if session.outcome != SessionOutcome.COMPLETED:
            why = f": {session.outcome_reason.strip().rstrip('.')}" if session.outcome_reason else ""
            what = uncapitalised(str(session.get_outcome_display()))
            told.append(record.sentence(f"Session {record.session_number(session)} was {what}{why}.", session))
    planned, volumes = record.course.total_ml, {session.total_ml for session in record.sessions}
    if planned and any(volume != planned for volume in volumes):
        other = listed([ml(volume) for volume in sorted(volumes)])
        told.append(record.sentence(f"The planned volume was {ml(planned)}; {other} was given.", record.course))
    induction = [each for each in record.sessions if each.phase == Phase.INDUCTION]
    if len(induction) < record.course.sessions_planned:
        told.append(
            record.sentence(
                f"{len(induction)} of {record.course.sessions_planned} planned sessions were given.", record.course
            )
        )
    return told


def is_route_known(record: CaseRecord) -> bool:
    return any(session.route and session.route != Route.OTHER for session in record.sessions)


def adherence(record: CaseRecord) -> list[Sentence]:
    course, sessions = record.course, record.sessions
    if not sessions:
        return []
    induction = [each for each in sessions if each.phase == Phase.INDUCTION]
    done = sum(each.outcome == SessionOutcome.COMPLETED for each in induction)
    more = len(sessions) - len(induction)
    further = f", and {count(more, 'further session')}" if more else ""
    return [
        record.sentence(f"{done} of {course.sessions_planned} planned sessions were completed{further}.", sessions[-1])
    ]


def tolerability(record: CaseRecord) -> list[Sentence]:
    """Pain as it was rated, and at how many sessions somebody asked."""
    told = []
    rated = [each for each in record.sessions if each.pain_during is not None]
    if rated:
        scores = [each.pain_during or 0 for each in rated]
        low, high = min(scores), max(scores)
        span = f"{low}" if low == high else f"{low} to {high}"
        word = pain_word(high)
        where = f"at {len(rated)} of {count(len(record.sessions), 'session')}"
        text = f"Pain during the session was rated {span} of 10 ({word} at most) {where}."
        told.append(record.sentence(text, rated[-1]))
    asked = [each for each in record.sessions if Asked.NOT_ASKED not in (each.reactions, each.since_last)]
    either = [
        each for each in record.sessions if (each.reactions, each.since_last) != (Asked.NOT_ASKED, Asked.NOT_ASKED)
    ]
    if either:
        words = f"The patient was asked about reactions at {len(either)} of {count(len(record.sessions), 'session')}"
        both = f", on the day and since the last one at {len(asked)}" if asked else ""
        told.append(record.sentence(f"{words}{both}.", either[-1]))
    return told


def changes(record: CaseRecord) -> list[Sentence]:
    """Stage, density and what was seen, after treatment began."""
    told = [*_stages(record), *(record.sentence(_density(record, each), each.measurement) for each in density(record))]
    for visit in record.after:
        if visit.change_seen.strip():
            seen = visit.change_seen.strip().rstrip(".")
            told.append(
                record.sentence(f"{record.month(visit.when)}, the clinician noted: {uncapitalised(seen)}.", visit)
            )
    return told


def density(record: CaseRecord) -> list[DensityChange]:
    return [record.changes[each.pk] for each in record.measurements if each.pk in record.changes]


def _density(record: CaseRecord, change: DensityChange) -> str:
    measurement = change.measurement
    how = method_words(measurement.method)
    against = f" against {record.month(change.baseline.when)}" if change.baseline else ""
    where = f"at the {measurement.place}"
    when = record.month(measurement.when)
    said = f"{when}: change in hair density {where}, {change.shown}{against}, by {how}. {change.sentence}"
    return said if not change.beside else f"{said} Other treatment: {change.beside}."


def regraded(record: CaseRecord) -> list[Sentence]:
    return _stages(record)


def _stages(record: CaseRecord) -> list[Sentence]:
    first, told = staged(record), []
    for visit in record.after:
        if not visit.stage:
            continue
        said = f"{record.month(visit.when)}: the stage was {visit.stage_text}"
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
                    f"{record.month(visit.when)}: the treating clinician’s global assessment was: {words}.", visit
                )
            )
    return told


def blind(record: CaseRecord) -> list[Sentence]:
    """What readers said who did not know which photograph is later, with how many of them there were."""
    return [
        record.sentence(
            f"Photographs of {record.month(each.earlier.when)} and {record.month(each.later.when)} "
            f"({uncapitalised(group_label(group_of(each.later)))}), read blind: {each.in_words}.",
            each.later,
        )
        for each in record.readings
    ]


def by_patient(record: CaseRecord) -> list[Sentence]:
    told = []
    for visit in record.after:
        month = record.month(visit.when)
        if visit.patient_change is not None:
            words = uncapitalised(str(visit.get_patient_change_display()))
            told.append(record.sentence(f"{month}: the patient’s own global assessment was: {words}.", visit))
        if visit.satisfaction is not None:
            words = uncapitalised(str(visit.get_satisfaction_display()))
            told.append(record.sentence(f"{month}: the patient was {words}.", visit))
        if visit.dlqi is not None:
            told.append(record.sentence(f"{month}: the DLQI was {visit.dlqi} of 30.", visit))
    return told


def repeated_tests(record: CaseRecord) -> list[Sentence]:
    """Tests that were made after treatment began: a stage, a count, trichoscopy, a pull test, laboratory values. Photos
    and an estimate by eye are none."""
    told = list(_tests(record))
    for report, results in record.facts.laboratory:
        if not report.is_struck_out and results and record.facts.is_of(record.course, report):
            if record.start.treatment_began and report.when.certainly_after(record.start.treatment_began):
                told.append(
                    record.sentence(f"{record.month(report.when)}: laboratory values were taken again.", report)
                )
    return told


def _tests(record: CaseRecord) -> Iterator[Sentence]:
    for visit in record.after:
        made = [
            "the stage was graded" if visit.stage else "",
            "trichoscopy was done" if visit.trichoscopy else "",
            "a pull test was done" if visit.pull_result not in ("", PullTestResult.NOT_DONE) else "",
        ]
        if any(made):
            yield record.sentence(f"{record.month(visit.when)}: {listed(list(filter(None, made)))} again.", visit)
    for each in record.later_measurements:
        if each.method != Method.CLINICIAN_VISUAL_ESTIMATE:
            what = uncapitalised(str(each.get_kind_display()))
            yield record.sentence(
                f"{record.month(each.when)}: {what} at the {each.place}, {each.shown}, by {method_words(each.method)}.",
                each,
            )


def harms(record: CaseRecord) -> list[Sentence]:
    """One list from the rows, each kind with how often, its grade and how it ended."""
    told = []
    groups: dict[str, list[AdverseEvent]] = {}
    for event in record.events:
        groups.setdefault(event.kind, []).append(event)
    for events in list(groups.values())[:MOST_EVENTS]:
        told.append(record.sentence(_harm(events), events[0]))
    serious = [event for event in record.events if event.is_serious]
    if record.events:
        what = (
            f"{count(len(serious), 'event')} {_were(serious)} serious" if serious else "None of the events was serious"
        )
        told.append(record.sentence(f"{what}.", record.events[0]))
    return [*told, *denied(record)]


def _harm(events: Sequence[AdverseEvent]) -> str:
    name = str(events[0].get_kind_display())
    times = f", {len(events)} times" if len(events) > 1 else ""
    grades = sorted({event.grade for event in events})
    grade = f"CTCAE grade {grades[0]}" if len(grades) == 1 else f"CTCAE grade {grades[0]} to {grades[-1]}"
    ended = Counter(uncapitalised(str(event.get_outcome_display())) for event in events)
    how = listed([what if len(ended) == 1 else f"{times} {what}" for what, times in ended.items()])
    return f"{name}{times}: {grade}, {how}."


def denied(record: CaseRecord) -> list[Sentence]:
    """Harms that were asked about and denied: each a stated fact."""
    told = []
    none = [each for each in record.sessions if Asked.NONE in (each.reactions, each.since_last)]
    if none and not record.events:
        told.append(
            record.sentence(f"Asked at {count(len(none), 'session')}, the patient named no reaction.", none[-1])
        )
    for visit in record.assessments:
        if visit.negatives:
            said = listed([uncapitalised(each).removeprefix("no ") for each in visit.negatives], "or")
            told.append(record.sentence(f"Asked at {record.month(visit.when)}: no {said}.", visit))
        elif visit.since_last == Asked.NONE:
            told.append(record.sentence(f"Asked at {record.month(visit.when)}, the patient named no reaction.", visit))
    return told


def perspective(record: CaseRecord) -> list[Sentence]:
    return [
        record.sentence(f"{record.month(visit.when)}: “{visit.patient_words.strip()}”", visit)
        for visit in record.assessments
        if visit.patient_words.strip()
    ]


def lights(record: CaseRecord) -> tuple[str, str]:
    """The light of the last look before treatment, and that of the last look after it; "" where it is not recorded."""
    first = [each.lighting for each in record.before if each.lighting not in ("", Lighting.UNKNOWN)]
    last = [each.lighting for each in record.after if each.lighting not in ("", Lighting.UNKNOWN)]
    return (first[-1] if first else "", last[-1] if last else "")

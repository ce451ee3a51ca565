"""The sessions, stages and measurements that a file has of one patient, by the rules of the pages."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from clinic.staff.models import Clinic
from treatments.assessments.measurement_kinds import Method, Reading, check_together, quantity
from treatments.assessments.rules import (
    baseline_photo_problems,
    change_problems,
    improvement_problems,
    jump_problems,
    measurement_problems,
    scale_problems,
    stage_problems,
)
from treatments.assessments.scales.catalogue import Grading
from treatments.courses.intervals import Given, baseline_problems, interval_problems
from treatments.courses.membership import by_date
from treatments.courses.models import Application, Course, ExosomeSession, Protocol
from treatments.courses.protocol import depth_problems, route_problems, technique_problems
from treatments.courses.schedule import PlanFacts, next_due
from treatments.courses.vocabulary import Phase, SessionOutcome
from treatments.courses.volumes import shown_volumes, total, total_problems, volume_problems, volumes_of
from treatments.examination.baseline_photos import views_with_baseline
from treatments.patients.models import Patient
from treatments.patients.rules import event_date_problems, treatment_day_problems
from treatments.products.gs1 import normalise_lot, number_key
from treatments.products.models import Lot, Product
from treatments.products.rules import handling_problems, lot_problems, untraceable_problems
from treatments.records.fields import DatePrecision
from treatments.records.formatting import day, ml
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem, warning
from treatments.records.text.text_folding import fold
from treatments.records.vocabulary import Asked
from treatments.safety.models import AdverseEvent
from treatments.safety.vocabulary import Outcome
from treatments.sessions.log import lot_choice, pre_session_checks
from treatments.sessions.log.pre_session_checks import EarlierEvent, PreSessionChecks, day_reached
from treatments.transfer import given_beside
from treatments.transfer.judging.differences import differences_from, other_name
from treatments.transfer.judging.known import Known
from treatments.transfer.judging.planned import CHANGED, NEW, SAME, PlannedCourse, PlannedRecord, record_id
from treatments.transfer.reading import reaction_words
from treatments.transfer.reading.drafts import Draft, Place, with_numbers

_NEIGHBOURS: Final = 60
"""Sessions of one course that a gap is looked for among; a course has no more, a wrong file has thousands."""
MAX_PLANNED: Final = 24
MAX_NOTE: Final = 4000
_LOT_WORDS: Final = re.compile(r"[^\s,;/+&():]{3,}")
"""The parts of a cell that may be the number of a lot."""
_NOT_COMPARED: Final = {
    "performed_on", "performed_precision", "assessed_on", "assessed_precision", "measured_on", "measured_precision",
    "lot_confirmed", "operator", "operator_name",
}  # fmt: skip


class Visits:
    """One patient while their records are judged in the order of their days."""

    def __init__(
        self, planned: PlannedRecord, known: Known, *, clinic: Clinic, today: date, protocol: Protocol | None
    ) -> None:
        self.planned, self.known = planned, known
        self.clinic, self.today, self.protocol = clinic, today, protocol
        self.patient: Patient | None = planned.existing
        if self.patient is not None and self.patient.merged_into_id is not None:
            self.patient = known.merged.get(self.patient.merged_into_id, self.patient)
        self.pk = self.patient.pk if self.patient is not None else planned.id
        self.birth: PartialDate | None = planned.values.get("birth") or (self.patient.birth if self.patient else None)
        self.sex = self.patient.sex if self.patient is not None else planned.values.get("sex", "")
        self.died: PartialDate | None = (self.patient.died or None) if self.patient is not None else None
        self.courses: list[Any] = list(known.courses.get(self.pk, ()))
        self.new_course: PlannedCourse | None = None
        self.uses_new_course = False
        self.sessions_of_file: Sequence[Draft] = ()
        self.given: dict[Any, list[Given]] = {}
        for session in known.sessions.get(self.pk, ()):
            if session.struck_out_at is None:
                self.given.setdefault(session.course_id, []).append(session.given)
        self.graded: list[tuple[PartialDate, Grading]] = sorted(
            (
                (each.when, Grading(each.scale, each.stage))
                for each in known.assessments.get(self.pk, ())
                if each.stage and each.struck_out_at is None
            ),
            key=lambda one: one[0].earliest,
        )
        self.measured: list[tuple[PartialDate, dict[str, Any]]] = [
            (
                each.when,
                {name: getattr(each, name) for name in ("kind", "value", "site", "method", "site_detail", "device")},
            )
            for each in known.measurements.get(self.pk, ())
            if each.struck_out_at is None
        ]
        self.visits: dict[str, list[tuple[uuid.UUID, list[Place]]]] = {}
        self.stock = dict(known.stock)

    @cached_property
    def checks(self) -> PreSessionChecks:
        return pre_session_checks.load(self.patient) if self.patient is not None else PreSessionChecks()

    def plan_course(self, sessions: Sequence[Draft]) -> None:
        """A patient without a course gets one; sessions before the Month 0 of another stay with that one. `sessions`
        are all of the patient in the file, by their days."""
        self.sessions_of_file = sessions
        if self.courses or not sessions:
            return
        plan = self.protocol
        count = min(max(len(sessions), 1), MAX_PLANNED)
        facts = plan.facts if plan is not None else PlanFacts(sessions_planned=count, interval_months=1)
        when: PartialDate = sessions[0].extra["when"]
        baseline = PartialDate(when.text.rstrip("~"))
        self.new_course = PlannedCourse(
            record_id(self.clinic, "course", self.pk),
            self.planned.draft.patient_key,
            facts,
            baseline,
            facts.interval_months,
        )
        self.courses = [self.new_course]

    # ── Sessions ───────────────────────────────────────────────────────────────────────────────

    def session(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        volumes: dict[str, Decimal] = draft.extra["volumes"]
        values = with_numbers(draft.values)
        try:
            lot, product, notes = self._what_was_given(draft.extra["lot"], draft.extra["product"])
            further = [self._given_beside(told) for told in draft.extra["beside"]]
        except ValueError as refusal:
            return PlannedRecord(draft, NEW, self.pk, errors=[str(refusal)])
        if notes:
            values["note"] = "\n".join(filter(None, (values.get("note", ""), *notes)))
        values |= self._done_by(draft.extra["operator"])
        is_own_blood = product is not None and product.is_own_blood
        if draft.extra["lot"] and lot is None:
            values["lot_is_unknown"] = not is_own_blood
        if lot is not None:
            values["lot"] = lot
        if product is not None:
            values["product"] = product
        values |= {"performed_on": when.earliest, "performed_precision": str(DatePrecision.of(when))}
        existing = self._session_there(draft, when, values, further)
        if existing is not None:
            return self._compare_session(draft, existing, values, further)
        named = [each for each in self.courses if fold(each.name) == fold(draft.extra["course"])]
        course: Any = by_date(named or self.courses, when)
        given = self.given.get(course.pk, []) if course is not None else []
        values.setdefault("phase", self._phase(course, given))
        values.setdefault("outcome", SessionOutcome.COMPLETED.value)
        if lot is None and not draft.extra["lot"]:
            values["lot_is_unknown"] = not is_own_blood
        own_id = record_id(self.clinic, "session", self.pk, course.pk if course else "", when.text)
        planned = PlannedRecord(draft, NEW, own_id, values, course=course, further=further)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        after = [
            each.extra["when"]
            for each in self.sessions_of_file
            if each.extra["when"].earliest > when.earliest and each.extra["course"] == draft.extra["course"]
        ]
        is_reported = bool(draft.extra["reactions"] and draft.extra["reactions"].seen)
        problems = [
            *self._session_problems(when, values, volumes, course, given, lot, product, is_reported, after),
            *self._further_problems(when, volumes, further, [(product, values.get("route", ""))]),
        ]
        planned.errors = list(dict.fromkeys(each.sentence for each in problems if each.is_error))
        planned.warnings = list({each.sentence: each for each in problems if not each.is_error}.values())
        planned.errors = planned.errors or self._take(lot, total(volumes), further, when)
        if not planned.errors:
            planned.events = self._reactions(draft, when, own_id)
            beside = tuple((each.lot, each.given_product) for each in further)
            self.checks.events.extend(EarlierEvent(event, lot, product, beside) for event in planned.events)
            self.given.setdefault(course.pk, []).append(Given(values["phase"], when, values["outcome"]))
            self.uses_new_course = self.uses_new_course or course is self.new_course
        return planned

    def _done_by(self, name: str) -> dict[str, Any]:
        """Somebody who may treat and measure here by their account, where one alone has this name; else the name."""
        if not name:
            return {}
        named = self.known.people.get(fold(name), [])
        return {"operator": named[0]} if len(named) == 1 else {"operator_name": name}

    def _given_beside(self, told: given_beside.GivenBeside) -> Application:
        """Raises ValueError as `_what_was_given`."""
        lot, product, notes = self._what_was_given(told.lot, told.product)
        return given_beside.application(told, lot, product, notes)

    def _reactions(self, draft: Draft, when: PartialDate, session_id: uuid.UUID) -> list[AdverseEvent]:
        """What the page of a session reports of a reaction that was ticked on it."""
        reactions = draft.extra["reactions"]
        outcome = reaction_words.OUTCOMES[draft.extra["left"]]
        is_settled = outcome == Outcome.RECOVERED
        return [
            AdverseEvent(
                pk=record_id(self.clinic, "reaction", session_id, kind),
                clinic=self.clinic,
                kind=kind,
                grade=grade,
                description=reactions.words,
                onset=when,
                ended=when if is_settled else None,
                outcome=outcome,
                duration_note="gone before leaving" if is_settled else "",
                happened=when.earliest,
                reported_on=when.earliest,
            )
            for kind, grade in (reactions.seen if reactions else ())
        ]

    def _what_was_given(self, number: str, name: str) -> tuple[Lot | None, Product | None, list[str]]:
        """The lot and the product of these names, and what to note of a name that the clinic does not have. Raises
        ValueError for a cell that holds several lots, or that several lots of the clinic answer to: a recall would miss
        the session."""
        notes: list[str] = []
        product = self.known.products.get(fold(name)) if name else None
        lots = self._lots(number)
        if number and not lots and any(map(self._lots, _LOT_WORDS.findall(number))):
            raise ValueError(
                f"“{number}” is more than the number of one lot. Write the number alone; a second lot has a column of "
                "its own (“Lot 2”), with its mL."
            )
        if product is not None:
            lots = [lot for lot in lots if lot.product_id == product.pk]
        if len(lots) > 1:
            those = " or ".join(f"{each} of {each.product}" for each in lots[:4])
            raise ValueError(f"Lot “{number}” may be {those} here. Write its number as it is here, and its product.")
        lot = lots[0] if lots else None
        if number and lot is None:
            notes.append(f"Lot (old record): {number}")
        if name and product is None and (lot is None or fold(lot.product.name) != fold(name)):
            notes.append(f"Product (old record): {name}")
        return lot, (lot.product if lot is not None else product), notes

    def _lots(self, number: str) -> list[Lot]:
        if not number:
            return []
        exactly = self.known.lots_by_number.get(number_key(number), [])
        return exactly or self.known.lots_folded.get(normalise_lot(number), [])

    def _phase(self, course: Any, given: list[Given]) -> str:
        """As the page begins with: that of what is due next."""
        if course is None:
            return Phase.INDUCTION.value
        facts = course.facts
        due = next_due(facts, baseline=course.baseline, given=given)
        if due is not None:
            return str(due.phase)
        last = given[-1].phase if given else Phase.INDUCTION.value
        return str(last) if last != Phase.INDUCTION else Phase.MAINTENANCE.value

    def _session_there(
        self, draft: Draft, when: PartialDate, values: Mapping[str, Any], further: Sequence[Application]
    ) -> Any:
        """The session of that day, of the course that is named; of several the one that the file describes best."""
        there = [
            each
            for each in self.known.sessions.get(self.pk, ())
            if each.struck_out_at is None and each.performed == when
        ]
        course = fold(draft.extra["course"])
        there = [each for each in there if fold(each.course.name) == course] or there if course else there
        return min(there, key=lambda each: len(self._session_differences(draft, each, values, further)), default=None)

    def _session_differences(
        self, draft: Draft, existing: ExosomeSession, values: Mapping[str, Any], further: Sequence[Application]
    ) -> list[tuple[str, str, str]]:
        volumes, given_by = draft.extra["volumes"], draft.extra["operator"]
        told = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
        if existing.lot_id is not None:
            told.pop("lot_is_unknown", None)  # received since, and corrected
        differences = differences_from(existing, told)
        theirs, labels = volumes_of(existing.region_volumes.all())
        if {region: Decimal(given) for region, given in theirs.items()} != dict(volumes):
            differences.append(("Volume by region", shown_volumes(theirs, labels), shown_volumes(volumes)))
        elif draft.extra["as_told"] and (words := draft.extra["labels"]) != labels:
            differences.append(("Volume by region", shown_volumes(theirs, labels), shown_volumes(volumes, words)))
        differences += other_name("Given by", existing.given_by, given_by)
        differences += given_beside.differences(existing, further)
        seen = draft.extra["reactions"].seen if draft.extra["reactions"] else ()
        recorded = self.known.reactions.get(existing.pk, [])
        if set(seen) - set(recorded):
            as_recorded = reaction_words.text(recorded) or "none reported"
            differences.append(("Reactions", as_recorded, reaction_words.text(seen)))
        return differences

    def _compare_session(
        self, draft: Draft, existing: ExosomeSession, values: dict[str, Any], further: list[Application]
    ) -> PlannedRecord:
        differences = self._session_differences(draft, existing, values, further)
        state = CHANGED if differences else SAME
        return PlannedRecord(draft, state, existing.pk, values, existing, differences, further=further)

    def _session_problems(
        self,
        when: PartialDate,
        values: Mapping[str, Any],
        volumes: Mapping[str, Decimal],
        course: Any,
        given: list[Given],
        lot: Lot | None,
        product: Product | None,
        is_reported: bool,
        after: Sequence[PartialDate],
    ) -> Iterator[Problem]:
        """What the form of a session asks, in its order. `is_reported`: the reactions become events of their own.
        `after` are the days of the later sessions of the file."""
        yield from event_date_problems(when, field="when", what="session", today=self.today, birth=self.birth)
        yield from self._patient_on(when)
        neighbours = given[-_NEIGHBOURS:]
        yield from interval_problems(
            when,
            neighbours,
            interval_months=course.interval_months,
            phase=str(values["phase"]),
            saved_with=after,
        )
        if course.stopped_on is not None and when.earliest > course.stopped_on:
            sentence = f"The course was stopped on {day(course.stopped_on)}. Take it up again, or plan a new one first."
            yield Problem("stopped", "error", "when", sentence, "stopped")
        yield from baseline_problems(when, course.baseline)
        yield from volume_problems(volumes, total(volumes))
        yield from total_problems(total(volumes), points=values.get("points"), point_ml=values.get("point_ml"))
        if values["outcome"] != SessionOutcome.COMPLETED and not values.get("outcome_reason"):
            yield Problem("outcome", "error", "outcome_reason", "Write why the session was not completed.", "reason")
        if values["outcome"] == SessionOutcome.COMPLETED and values.get("outcome_reason"):
            sentence = "The row says why the session was not completed, and not that it was not. Write which is right."
            yield Problem("outcome", "error", "outcome", sentence, "completed_with_reason")
        if len(values.get("note", "")) > MAX_NOTE:
            sentence = f"The note of the session has more than {MAX_NOTE} letters. Shorten it."
            yield Problem("note", "error", "note", sentence, "note_long")
        yield from self._product_problems(when, values, lot, product)
        on = day_reached(when, self.today)
        then = self.checks.as_of(on)
        for problem in self.checks.consent_problems(on=on, product=product):
            yield replace(problem, level="warning")
        yield from then.caution_problems()
        yield from self.checks.event_problems(on)
        if lot is not None or product is not None:
            yield from self.checks.reaction_problems(on, lot=lot, product=product)
        if then.allergies or then.cautions:
            yield from then.allergy_problems(
                product=product,
                anaesthesia=values.get("anaesthesia", ""),
                agent=values.get("anaesthesia_detail", ""),
                skin_prep=values.get("skin_prep", ""),
            )
        if values.get("since_last") == Asked.NONE:
            yield from self.checks.not_asked_problems(on, asked=())
        is_seen = values.get("reactions") == Asked.YES and not is_reported
        if is_seen or values.get("since_last") == Asked.YES:
            sentence = "The file says that something happened. Report it as an adverse event afterwards."
            yield warning(22, "reactions", sentence, "event_to_report")

    def _further_problems(
        self,
        when: PartialDate,
        volumes: Mapping[str, Decimal],
        further: Sequence[Application],
        first: Sequence[tuple[Product | None, str]],
    ) -> Iterator[Problem]:
        """What the form asks of each thing given beside the first product, and of all together. `first` is that product
        and its route."""
        on = day_reached(when, self.today)
        products = [*first, *((each.given_product, each.route) for each in further)]
        for each in further:
            for problem in given_beside.problems(each, when, on, self.checks):
                is_consent = problem.is_error and str(problem.rule) == "14"
                yield replace(problem, level="warning") if is_consent else problem
            if each.route and each.total_ml is None:
                yield from technique_problems(each.route, products)
            if each.lot is not None:
                yield from self.known.lot_signals(each.lot, on)
        if any(each.total_ml for each in further):
            given = (each.total_ml for each in further if each.total_ml is not None)
            yield from total_problems(sum(given, total(volumes)))

    def _product_problems(
        self, when: PartialDate, values: Mapping[str, Any], lot: Lot | None, product: Product | None
    ) -> Iterator[Problem]:
        if lot is not None:
            yield from lot_choice.lot_use_problems(lot, when)
            yield from self.known.lot_signals(lot, day_reached(when, self.today))
        elif product is not None and product.is_own_blood:
            pass
        elif product is not None:
            yield from lot_problems(lot_known=False, expiry=None, used_on=when)
        else:
            yield from untraceable_problems()
        if product is not None:
            yield from handling_problems(mixed_hours=values.get("mixed_hours"), in_use_hours=product.in_use_hours)
        route = values.get("route", "")
        if route:
            depth, needle = values.get("depth_mm"), values.get("needle_length_mm")
            yield from depth_problems(route, depth_mm=depth, needle_length_mm=needle)
            if product is not None:
                yield from route_problems(
                    route, labelled_route=product.labelled_route, regulatory_basis=product.regulatory_basis
                )

    def _patient_on(self, when: PartialDate) -> list[Problem]:
        if self.patient is None:
            return []
        return treatment_day_problems(
            when,
            field="when",
            what="session",
            archived_on=self.patient.archived_on,
            has_died=self.patient.has_died,
            death=self.patient.died or None,
        )

    def _take(self, lot: Lot | None, volume: Decimal, further: Sequence[Application], when: PartialDate) -> list[str]:
        """What `stock.take` would object to, with what the sessions before this one have taken. All that came from one
        lot is taken together, and nothing where one of them has too little."""
        drawn: dict[Lot, Decimal] = {}
        for each, taken in [(lot, volume), *((each.lot, each.total_ml) for each in further)]:
            if each is not None and taken is not None:
                drawn[each] = drawn.get(each, Decimal(0)) + taken
        refusals = [sentence for each, taken in drawn.items() for sentence in self._lacks(each, taken, when)]
        if not refusals:
            for each, taken in drawn.items():
                self.stock[each.pk] -= taken
        return refusals

    def _lacks(self, lot: Lot, volume: Decimal, when: PartialDate) -> list[str]:
        if lot.is_finished and (lot.finished_on is None or when.certainly_after(lot.finished_on)):
            return [f"Lot {lot} is finished. Put it back in stock first, or check the lot in the file."]
        left = self.stock[lot.pk]
        if volume > left:
            return [
                f"Only {ml(left)} of lot {lot} is left, and this session needs {ml(volume)}. Count the stock first."
            ]
        return []

    # ── Examinations ───────────────────────────────────────────────────────────────────────────

    def stage(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        values = with_numbers(draft.values)
        values |= {"assessed_on": when.earliest, "assessed_precision": str(DatePrecision.of(when))}
        there = [
            each for each in self.known.assessments.get(self.pk, ()) if each.struck_out_at is None and each.when == when
        ]
        own_id = record_id(self.clinic, "assessment", self.pk, when.text)
        if any(own_id == other for other, _ in self.visits.get(when.text, ())):
            own_id = record_id(self.clinic, "assessment", self.pk, *draft.extra["key"])  # a second visit of that day
        if there:
            compared = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
            best = min(there, key=lambda each: len(differences_from(each, compared)))
            differences = differences_from(best, compared)
            self.visits.setdefault(when.text, []).append((best.pk, draft.places))
            return PlannedRecord(draft, CHANGED if differences else SAME, best.pk, values, best, differences)
        planned = PlannedRecord(draft, NEW, own_id, values)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        problems = list(self._stage_problems(when, values))
        planned.errors = [each.sentence for each in problems if each.is_error]
        planned.warnings = [each for each in problems if not each.is_error]
        if not planned.errors:
            self.visits.setdefault(when.text, []).append((own_id, draft.places))
            if values.get("stage"):
                self.graded.append((when, Grading(values["scale"], values["stage"])))
                self.graded.sort(key=lambda one: one[0].earliest)
        return planned

    def _stage_problems(self, when: PartialDate, values: Mapping[str, Any]) -> Iterator[Problem]:
        yield from event_date_problems(
            when, field="when", what="visit", today=self.today, birth=self.birth, death=self.died
        )
        if values.get("global_change") is not None:
            course = by_date(self.courses, when)
            is_real = isinstance(course, Course)
            views = views_with_baseline(self.patient, course if is_real else None, when) if self.patient else set()
            yield from baseline_photo_problems(views)
        if not values.get("stage"):
            return
        grading = Grading(values["scale"], values["stage"])
        before = [each for each in self.graded if each[0].earliest < when.earliest]
        after = [each for each in self.graded if each[0].earliest > when.earliest]
        yield from stage_problems(grading.scale, grading.stage, field="grade")
        scale_before = before[-1][1].scale if before else ""
        yield from scale_problems(grading.scale, sex=self.sex, scale_before=scale_before, field="grade")
        if before:
            yield from jump_problems(before[-1][1], before[-1][0], grading, when, field="grade")
        if after:
            yield from jump_problems(grading, when, after[0][1], after[0][0], field="grade")
        if len(before) > 1 and before[0][1].scale == grading.scale:
            yield from improvement_problems(before[0][1], before[0][0], grading, when, field="grade")

    # ── Measurements ───────────────────────────────────────────────────────────────────────────

    def measurement(self, draft: Draft) -> PlannedRecord:
        when: PartialDate = draft.extra["when"]
        values = dict(draft.values)
        values |= self._done_by(draft.extra["operator"])
        values |= {"measured_on": when.earliest, "measured_precision": str(DatePrecision.of(when))}
        there = [
            each
            for each in self.known.measurements.get(self.pk, ())
            if each.struck_out_at is None
            and each.when == when
            and (each.kind, each.site, each.method) == (values["kind"], values["site"], values["method"])
            and fold(each.site_detail) == fold(values.get("site_detail", ""))
        ]
        own_id = record_id(self.clinic, "measurement", self.pk, *draft.extra["key"])
        if there:
            compared = {name: value for name, value in values.items() if name not in _NOT_COMPARED}
            best = min(there, key=lambda each: len(differences_from(each, compared)))
            differences = differences_from(best, compared)
            differences += other_name("Measured by", best.measured_by, draft.extra["operator"])
            return PlannedRecord(draft, CHANGED if differences else SAME, best.pk, values, best, differences)
        planned = PlannedRecord(draft, NEW, own_id, values)
        if own_id in self.known.struck_out:
            planned.state, planned.note = SAME, "It was imported before, and struck out since."
            return planned
        of_the_day = self.visits.get(when.text, ())
        planned.visit_id = next((pk for pk, places in of_the_day if set(places) & set(draft.places)), None)
        problems = list(self._measurement_problems(when, values))
        planned.errors = [each.sentence for each in problems if each.is_error]
        planned.warnings = [each for each in problems if not each.is_error]
        if not planned.errors:
            self.measured.append((when, values))
        return planned

    def _measurement_problems(self, when: PartialDate, values: Mapping[str, Any]) -> Iterator[Problem]:
        yield from event_date_problems(
            when, field="when", what="measurement", today=self.today, birth=self.birth, death=self.died
        )
        kind, value = values["kind"], values["value"]
        yield from measurement_problems(kind, value=value, low=values["low"], high=values["high"])
        if quantity(kind).split and not values.get("vellus_cutoff_um"):
            sentence = "Below which diameter a hair counted as vellus is not said."
            yield Problem(10, "error", "vellus_cutoff_um", sentence, "cutoff")
        site, method, spot = values["site"], values["method"], values.get("site_detail", "")
        alike = {
            other["kind"]: other["value"]
            for day_of, other in self.measured
            if day_of == when and other["value"] is not None and (other["site"], other["method"]) == (site, method)
        }
        if value is not None:
            yield from check_together({**alike, kind: value})
        if kind == "density_change_pct" and method != Method.CLINICIAN_VISUAL_ESTIMATE:
            was_counted = any(
                (other["kind"], other["site"], other["method"]) == ("hair_density", site, method)
                and day_of.possibly_before(when)
                for day_of, other in self.measured
            )
            if not was_counted:
                yield from change_problems(None, Reading("hair_density", Decimal(30), site, method, spot))

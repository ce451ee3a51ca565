"""What must be known of a patient before a session, gathered once and put before the rules: 9, 14 and 24."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from treatments.assessments.models import Assessment
from treatments.assessments.vocabulary import Finding
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.consents.rules import ConsentFacts, treatment_problems
from treatments.courses.models import Application
from treatments.courses.protocol import allergy_problems, caution_problems
from treatments.courses.vocabulary import Anaesthesia, SkinPrep
from treatments.patients import allergies as allergy_words
from treatments.patients.models import HairHistory, Patient
from treatments.patients.vocabulary import Caution
from treatments.products.models import Lot, Product
from treatments.products.vocabulary import SourceType
from treatments.records.formatting import listed, uncapitalised
from treatments.records.models import Correction
from treatments.records.partial_dates import PartialDate
from treatments.records.past_values import changed_after, value_on
from treatments.records.problems import Problem, warning
from treatments.records.text.text_folding import fold
from treatments.safety.grading import EventFacts, next_session_problems
from treatments.safety.models import AdverseEvent
from treatments.safety.vocabulary import HYPERSENSITIVE

VISITS_SEARCHED = 20
"""Assessments searched for the last word on a finding that not every visit examines."""

_AGENTS = {
    Anaesthesia.TOPICAL_LIDOCAINE_PRILOCAINE: "lidocaine, prilocaine, EMLA",
    Anaesthesia.TOPICAL_BLT: "benzocaine, lidocaine, tetracaine",
    Anaesthesia.RING_BLOCK: "local anaesthetic",
    Anaesthesia.NERVE_BLOCK: "local anaesthetic",
}
"""What is in each kind of anaesthesia; a block is given with whichever agent, and that is asked beside it."""

_BLOCKS = {Anaesthesia.RING_BLOCK, Anaesthesia.NERVE_BLOCK}
_NAMED_ELSEWHERE = {Caution.PREGNANCY_BREASTFEEDING, Caution.ACTIVE_SCALP_INFECTION, Caution.ANAESTHETIC_ALLERGY}


@dataclass(frozen=True)
class EarlierEvent:
    """An event of the patient, as far as a session after it must know it."""

    event: AdverseEvent
    lot: Lot | None
    product: Product | None
    # What was given beside it, in the same session.
    further: tuple[tuple[Lot | None, Product | None], ...] = ()

    @property
    def facts(self) -> EventFacts:
        return EventFacts(self.event.kind, self.event.grade, self.event.outcome)

    @property
    def name(self) -> str:
        return str(self.event.get_kind_display())

    @property
    def is_grave(self) -> bool:
        """Serious, or allergic: what must be in sight before the same is given again, recovered or not."""
        return bool(self.event.is_serious) or self.event.kind in HYPERSENSITIVE

    @property
    def given(self) -> str:
        """ "lot EX-1 of Vesicle N and PRP"; what is known of what was given before it."""
        named = [_given_text(lot, product) for lot, product in ((self.lot, self.product), *self.further)]
        if known := list(dict.fromkeys(filter(None, named))):
            return listed(known)
        return "a session of which no lot is recorded" if self.event.exosome_session else ""

    @property
    def text(self) -> str:
        """ "Anaphylaxis, grade 3, serious, 3 May 2025, after lot EX-1 of Vesicle N: recovered"."""
        event = self.event
        parts = [
            self.name,
            f"grade {event.grade}",
            "serious" if event.is_serious else "",
            event.when.label(),
            self.given and f"after {self.given}",
        ]
        return f"{', '.join(filter(None, parts))}: {str(event.get_outcome_display()).lower()}"

    def is_of(self, lot: Lot | None, product: Product | None) -> str:
        """ "lot" or "product" where this event came after the same one, else ""."""
        given = ((self.lot, self.product), *self.further)
        if lot is not None and any(each is not None and each.pk == lot.pk for each, _ in given):
            return "lot"
        is_same = product is not None and any(each is not None and each.pk == product.pk for _, each in given)
        return "product" if is_same else ""


def _given_text(lot: Lot | None, product: Product | None) -> str:
    if lot is not None:
        return f"lot {lot} of {product or ''}"
    if product is None:
        return ""
    return str(product) if product.is_own_blood else f"{product}, lot not recorded"


@dataclass(frozen=True)
class PreSessionChecks:
    """A patient's treatment consents, history, findings and events, as the rules read them."""

    consents: list[ConsentFacts] = field(default_factory=list)
    allergies: str = ""
    cautions: frozenset[str] = frozenset()
    scarring_sign: int = 0
    active_infection: int = 0
    events: list[EarlierEvent] = field(default_factory=list)
    history: HairHistory | None = None
    updates: tuple[Correction, ...] = ()
    """What changed in the history since it was taken first."""

    def as_of(self, day: datetime.date) -> "PreSessionChecks":
        """With the allergies and cautions of that day, as far as they are known: a session that is entered from paper
        is held against what was true when it was given."""
        if self.history is None or not changed_after(self.updates, ("allergies_text", "cautions"), day):
            return self
        text, cautions = (value_on(self.history, name, self.updates, day) for name in ("allergies_text", "cautions"))
        return replace(self, allergies=text, cautions=frozenset(cautions))

    def changed_after(self, day: datetime.date, *names: str) -> str:
        """ "changed on 7 Jun 2026, after that day; until then asked, none"; "" where nothing of it changed later."""
        later = changed_after(self.updates, names, day)
        if not later or not later[0].since:
            return ""
        before = {change["field"]: change["before"] for change in later[0].shown_changes}
        named = [before[name] for name in names if before.get(name) not in (None, "not recorded")]
        until = f"; until then {uncapitalised(named[0])}" if named else ""
        return f"changed {later[0].since.phrase}, after the day of this session{until}"

    # ── Consent ────────────────────────────────────────────────────────────────────────────────

    def consent_problems(self, *, on: datetime.date, product: Product | None) -> list[Problem]:
        """Rule 14. A product whose source is unknown is not held against the source a consent names."""
        names: list[str] = []
        if product is not None and product.source_type != SourceType.UNKNOWN:
            names = [product.name, product.source_type, str(product.get_source_type_display())]
        unapproved = product is not None and product.needs_acknowledgement
        return treatment_problems(self.consents, on=on, product_names=names, unapproved=unapproved)

    # ── Cautions and allergies ─────────────────────────────────────────────────────────────────

    def caution_problems(self) -> list[Problem]:
        """Rule 9: findings and cautions, whatever is given."""
        infected = 1 if Caution.ACTIVE_SCALP_INFECTION in self.cautions else 0
        others = sorted(code for code in self.cautions if code not in _NAMED_ELSEWHERE and code in Caution.values)
        return caution_problems(
            scarring_sign=self.scarring_sign,
            active_infection=max(self.active_infection, infected),
            pregnant=Caution.PREGNANCY_BREASTFEEDING in self.cautions,
            cautions=[str(Caution(code).label) for code in others],
        )

    @cached_property
    def read_allergies(self) -> list[allergy_words.Allergy]:
        read = allergy_words.read(self.allergies)
        if Caution.ANAESTHETIC_ALLERGY in self.cautions:
            read += allergy_words.read("local anaesthetic")
        return read

    def product_allergies(self, product: Product | None) -> list[allergy_words.Met]:
        """What is in it; and the product itself, where an allergy names it."""
        if product is None:
            return []
        name = fold(product.name)
        named = [item for item in allergy_words.affirmed(self.allergies) if name in item]
        itself = [allergy_words.Met(item, str(product), product.name) for item in named]
        return itself or allergy_words.met(self.read_allergies, _in_product(product))

    def allergy_problems(
        self, *, product: Product | None = None, anaesthesia: str = "", agent: str = "", skin_prep: str = ""
    ) -> list[Problem]:
        """Rule 9: allergies that the product, the anaesthetic or the skin preparation meets, each beside its field."""
        known = self.read_allergies
        problems = allergy_problems(self.product_allergies(product), field="lot")
        problems += allergy_problems(allergy_words.met(known, _in_anaesthesia(anaesthesia, agent)), field="anaesthesia")
        return problems + allergy_problems(allergy_words.met(known, _in_skin_prep(skin_prep)), field="skin_prep")

    def compared(
        self, *, products: Iterable[Product | None], anaesthesia: str = "", agent: str = "", skin_prep: str = ""
    ) -> str:
        """Which words of the allergies were compared with what: "Compared: egg, lidocaine with …"; "" without one."""
        words = list(dict.fromkeys([*allergy_words.words_of(self.allergies)]))
        if Caution.ANAESTHETIC_ALLERGY in self.cautions:
            words.append("local anaesthetic")
        if not words:
            return "The allergies name no substance that Anagen can compare." if self.allergies else ""
        what = []
        for product in dict.fromkeys(filter(None, products)):
            source = uncapitalised(str(product.get_source_type_display()))
            inside = f"ingredients: {product.excipients}" if product.excipients else "no ingredients recorded"
            what.append(f"{product} (source {source}; {inside})")
        what += [each.label for each in (*_in_anaesthesia(anaesthesia, agent), *_in_skin_prep(skin_prep))]
        return f"Compared: {', '.join(words)} with {listed(what)}." if what else ""

    # ── Events ─────────────────────────────────────────────────────────────────────────────────

    def events_by(self, on: datetime.date) -> list[EarlierEvent]:
        """Those that had happened by that day: a session entered from paper knew no later ones."""
        return [each for each in self.events if each.event.happened <= on]

    def open_events(self, on: datetime.date) -> list[EarlierEvent]:
        return [each for each in self.events_by(on) if each.event.is_open]

    def grave_events(self, on: datetime.date) -> list[EarlierEvent]:
        """Serious or allergic ones that are over, the latest first; an open one stands among the open ones."""
        return [each for each in reversed(self.events_by(on)) if each.is_grave and not each.event.is_open]

    def event_problems(self, on: datetime.date) -> list[Problem]:
        """Rule 24: events still open that must be looked at before a further session."""
        return next_session_problems(each.facts for each in self.open_events(on))

    def not_asked_problems(self, on: datetime.date, *, asked: Iterable[uuid.UUID]) -> list[Problem]:
        """Rule 24: "nothing to report" is answered while an event is open and nobody says how it is now."""
        return [
            warning(
                24,
                "since_last",
                f"{each.name} of {each.event.when.label()} is not resolved. Say how it is now, or why you did not ask.",
                "open_event_not_asked",
            )
            for each in self.open_events(on)
            if each.event.pk not in asked and not next_session_problems([each.facts])
        ]

    def reaction_problems(self, on: datetime.date, *, lot: Lot | None, product: Product | None) -> list[Problem]:
        """Rule 24: a serious or allergic event of this patient after the same lot or product, recovered or not."""
        return [
            warning(24, "lot", f"{each.text}. Write why you give the same {same} again.", "reaction_before")
            for each in self.events_by(on)
            if each.is_grave and (same := each.is_of(lot, product))
        ]


def _in_product(product: Product | None) -> list[allergy_words.Given]:
    if product is None:
        return []
    source = "" if product.source_type == SourceType.UNKNOWN else str(product.get_source_type_display())
    words = ", ".join([product.name, product.marketed_as, product.excipients, source])
    return [allergy_words.Given(str(product), words)]


def _in_anaesthesia(anaesthesia: str, agent: str) -> list[allergy_words.Given]:
    """A block is given with the agent that is named beside it; where none is, with whichever."""
    given = []
    if anaesthesia in _AGENTS and not (anaesthesia in _BLOCKS and agent.strip()):
        label = str(Anaesthesia(anaesthesia).label)
        given.append(allergy_words.Given(label, f"{label}, {_AGENTS[Anaesthesia(anaesthesia)]}"))
    if agent.strip():
        given.append(allergy_words.Given(f"“{agent.strip()}”", agent))
    return given


def _in_skin_prep(skin_prep: str) -> list[allergy_words.Given]:
    if skin_prep not in SkinPrep.values or skin_prep == SkinPrep.OTHER:
        return []
    label = str(SkinPrep(skin_prep).label)
    return [allergy_words.Given(label, label)]


def load(patient: Patient) -> PreSessionChecks:
    """Gather it in three queries; one more where there are events, for what was given beside a product before them, one
    for the history unless it was read with the patient, and one for what changed in it where it changed."""
    history: HairHistory | None = getattr(patient, "history", None)
    findings = _findings(patient)
    return PreSessionChecks(
        consents=[
            consent.facts for consent in Consent.objects.standing().filter(patient=patient, kind=ConsentKind.TREATMENT)
        ],
        allergies=history.allergies_text if history else "",
        cautions=frozenset(history.cautions) if history else frozenset(),
        scarring_sign=findings.get(Finding.SCARRING_SIGN, 0),
        active_infection=findings.get(Finding.ACTIVE_INFECTION, 0),
        events=_events(patient),
        history=history,
        updates=tuple(Correction.objects.of_record(history).updates()) if history and history.version > 1 else (),
    )


def _events(patient: Patient) -> list[EarlierEvent]:
    events = AdverseEvent.objects.standing().filter(patient=patient).order_by("happened", "id")
    earlier = []
    with_sessions = events.select_related("exosome_session__lot__product", "exosome_session__product")
    known = list(with_sessions)
    further = _given_beside(patient) if known else {}
    for event in known:
        event.patient = patient  # saves the query for it
        session = event.exosome_session
        lot = session.lot if session else None
        product = lot.product if lot else session.product if session else None
        earlier.append(EarlierEvent(event, lot, product, tuple(further.get(event.exosome_session_id, ()))))
    return earlier


def _given_beside(patient: Patient) -> dict[uuid.UUID | None, list[tuple[Lot | None, Product | None]]]:
    """By session, the lots and products that were given beside the first in sessions that had events."""
    rows = Application.objects.filter(exosome_session__adverse_events__patient=patient)
    given: dict[uuid.UUID | None, list[tuple[Lot | None, Product | None]]] = {}
    for each in rows.select_related("lot__product", "product").distinct().order_by("place"):
        given.setdefault(each.exosome_session_id, []).append((each.lot, each.given_product))
    return given


def _findings(patient: Patient) -> dict[str, int]:
    """The last grade, 0 to 3, of each finding: a visit that did not examine it changes nothing."""
    visits = Assessment.objects.standing().filter(patient=patient).order_by("-assessed_on", "-id")
    last: dict[str, Any] = {}
    for findings in visits.values_list("findings", flat=True)[:VISITS_SEARCHED]:
        last = (findings or {}) | last
    return {code: grade for code, grade in last.items() if isinstance(grade, int)}


def day_reached(when: PartialDate | None, today: datetime.date) -> datetime.date:
    """The last day that a session may have been on: today, for one that is not dated yet."""
    return min(when.latest, today) if when is not None else today

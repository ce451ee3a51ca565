"""What must be known of a patient before a session, gathered once and put before the rules: 9, 14 and 24."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from treatments.assessments.models import Assessment
from treatments.assessments.vocabulary import Finding
from treatments.consents.models import Consent
from treatments.consents.purposes import ConsentKind
from treatments.consents.rules import ConsentFacts, treatment_problems
from treatments.courses.protocol import caution_problems
from treatments.courses.vocabulary import Anaesthesia
from treatments.patients.models import HairHistory, Patient
from treatments.patients.vocabulary import Caution
from treatments.products.models import Product
from treatments.products.vocabulary import SourceType
from treatments.records.problems import Problem
from treatments.records.text_folding import fold
from treatments.safety.grading import EventFacts, next_session_problems
from treatments.safety.models import AdverseEvent

VISITS_SEARCHED = 20
"""Assessments searched for the last word on a finding that not every visit examines."""

_AGENTS = {
    Anaesthesia.TOPICAL_LIDOCAINE_PRILOCAINE,
    Anaesthesia.TOPICAL_BLT,
    Anaesthesia.RING_BLOCK,
    Anaesthesia.NERVE_BLOCK,
}
_NAMED_ELSEWHERE = {Caution.PREGNANCY_BREASTFEEDING, Caution.ACTIVE_SCALP_INFECTION, Caution.ANAESTHETIC_ALLERGY}
_NO_SUBSTANCE = {"allergy", "allergic", "allergies", "local", "mild", "severe", "possible", "rash", "with", "from"}


@dataclass(frozen=True)
class PreSessionChecks:
    """A patient's treatment consents, history, findings and open events, as the rules read them."""

    consents: list[ConsentFacts] = field(default_factory=list)
    allergies: str = ""
    cautions: frozenset[str] = frozenset()
    scarring_sign: int = 0
    active_infection: int = 0
    open_events: list[EventFacts] = field(default_factory=list)

    def consent_problems(self, *, on: datetime.date, product: Product | None) -> list[Problem]:
        """Rule 14. A product whose source is unknown is not held against the source a consent names."""
        names: list[str] = []
        if product is not None and product.source_type != SourceType.UNKNOWN:
            names = [product.name, product.source_type, str(product.get_source_type_display())]
        unapproved = product is not None and product.needs_acknowledgement
        return treatment_problems(self.consents, on=on, product_names=names, unapproved=unapproved)

    def caution_problems(self, *, product: Product | None, anaesthesia: str, agent: str = "") -> list[Problem]:
        """Rule 9: findings, cautions, and allergies met with by the product or the anaesthetic."""
        allergies = self._allergies_met(product, anaesthesia, agent)
        if Caution.ANAESTHETIC_ALLERGY in self.cautions and anaesthesia in _AGENTS and not allergies:
            allergies = [str(Caution.ANAESTHETIC_ALLERGY.label).removeprefix("Allergy to ")]
        infected = 1 if Caution.ACTIVE_SCALP_INFECTION in self.cautions else 0
        others = sorted(code for code in self.cautions if code not in _NAMED_ELSEWHERE and code in Caution.values)
        return caution_problems(
            scarring_sign=self.scarring_sign,
            active_infection=max(self.active_infection, infected),
            pregnant=Caution.PREGNANCY_BREASTFEEDING in self.cautions,
            allergies_met=allergies,
            cautions=[str(Caution(code).label) for code in others],
        )

    def event_problems(self) -> list[Problem]:
        """Rule 24: events still open that must be looked at before a further session."""
        return next_session_problems(self.open_events)

    def _allergies_met(self, product: Product | None, anaesthesia: str, agent: str) -> list[str]:
        given = [agent]
        if product is not None:
            given += [product.name, product.excipients, str(product.get_source_type_display())]
        if anaesthesia in _AGENTS:
            given.append(str(Anaesthesia(anaesthesia).label))
        substances = set(re.findall(r"\w+", fold(" ".join(given))))
        allergies = re.split(r"[,;/\n]|\band\b", self.allergies)
        return [allergy.strip() for allergy in allergies if _substances_of(allergy) & substances]


def _substances_of(allergy: str) -> set[str]:
    return {name for name in re.findall(r"\w+", fold(allergy)) if len(name) > 3} - _NO_SUBSTANCE


def load(patient: Patient) -> PreSessionChecks:
    """Gather it in three queries, and one for the history unless it was read with the patient."""
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
        open_events=[
            EventFacts(kind, grade, outcome)
            for kind, grade, outcome in AdverseEvent.objects.open()
            .filter(patient=patient)
            .order_by("happened", "id")
            .values_list("kind", "grade", "outcome")
        ],
    )


def _findings(patient: Patient) -> dict[str, int]:
    """The last grade, 0 to 3, of each finding: a visit that did not examine it changes nothing."""
    visits = Assessment.objects.standing().filter(patient=patient).order_by("-assessed_on", "-id")
    last: dict[str, Any] = {}
    for findings in visits.values_list("findings", flat=True)[:VISITS_SEARCHED]:
        last = (findings or {}) | last
    return {code: grade for code, grade in last.items() if isinstance(grade, int)}

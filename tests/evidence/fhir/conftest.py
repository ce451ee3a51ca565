"""Bundles that the tests of FHIR share."""

from decimal import Decimal
from typing import Any

import pytest

from clinic.staff.models import Clinic
from tests import factories
from tests.people import Cast
from tests.rows import one_of_each
from treatments.demonstration.seed import fill
from treatments.evidence.fhir.bundle import collection
from treatments.evidence.fhir.case_report import document
from treatments.evidence.fhir.rows import rows_of
from treatments.models import HairHistory, Patient
from treatments.papers.document import (
    Document,
    Figure,
    Heading,
    Items,
    KeyValues,
    Letterhead,
    Paragraph,
    Picture,
    Sentence,
    Sentences,
    Table,
)

Json = dict[str, Any]

REPORT = Document(
    title="A case of <hair> loss & its treatment",
    letterhead=Letterhead("Lime Tree Hair Clinic", ("1 Lime Street",)),
    about=("Ida Invented", "T-00001"),
    blocks=(
        Paragraph("Before the first heading."),
        Heading("Abstract"),
        Sentences((Sentence("A man of 60 years.", "the patient"), Sentence("He had five sessions.", "the sessions"))),
        Heading("Case"),
        Heading("History", 3),
        Items(("One", "Two")),
        Heading("Timeline", 3),
        Table("Months", ("Month", "What"), (("Month 0", "Session 1"),)),
        Heading("Figures"),
        Figure(1, "Vertex.", (Picture("The vertex", "Month 0", jpeg=b"\xff\xd8\xff pixels"),)),
        Heading("Discussion"),
        Heading("Consent"),
        KeyValues((("Given", "yes"),)),
    ),
    made="Lime Tree Hair Clinic, 1 May 2026",
    look="manuscript",
    stamp="DRAFT",
)


@pytest.fixture
def treated(cast: Cast) -> Patient:
    """A record with a row of every kind, an allergy, a relative, and a range."""
    patient = cast.patient
    one_of_each(patient, by=cast.clinician)
    HairHistory.objects.filter(patient=patient).update(
        allergies="yes", allergies_text="Lidocaine", family="yes", relatives={"father": "affected"}
    )
    factories.measurement(patient, kind="density_change_pct", low=Decimal(20), high=Decimal(25))
    factories.assessment(patient, diagnosis="male_pattern", pull_result="negative", fitzpatrick="III")
    return patient


@pytest.fixture
def bundle(treated: Patient) -> Json:
    return collection(rows_of(treated))


@pytest.fixture
def report(treated: Patient) -> Json:
    rows = rows_of(treated)
    return document(REPORT, rows, rows.facts.course)


@pytest.fixture
def demonstration(db: None) -> Clinic:
    return fill()

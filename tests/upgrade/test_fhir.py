"""The clinics of release 0.1.0 as FHIR: rows from before questions that are asked today are written, and taken."""

from pathlib import Path

import pytest

from tests.evidence.fhir.checks import all_faults
from tests.upgrade.old_clinics import CLINICS, default_database, migrated_copy
from treatments.evidence.fhir.bundle import collection
from treatments.evidence.fhir.case_report import document
from treatments.evidence.fhir.rows import rows_of
from treatments.models import Patient
from treatments.papers.document import Document, Heading, Letterhead, Paragraph

PAPER = Document("A case", Letterhead("Clinic"), (), (Heading("Case"), Paragraph("A man.")), "")


@pytest.mark.slow
@pytest.mark.parametrize("clinic", CLINICS)
def test_old_records_are_taken(clinic: str, path: Path) -> None:
    made = []
    with default_database(migrated_copy(clinic, path)):
        for number, patient in enumerate(Patient.objects.order_by("pk")):
            rows = rows_of(patient)
            made.append(collection(rows))
            if number % 5 == 0:
                made.append(document(PAPER, rows.of_case(), rows.facts.course))

    assert len(made) >= 2
    assert all_faults(made) == []

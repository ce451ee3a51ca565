"""A spreadsheet becomes records through the rules of the pages, once, and whole."""

from typing import Any

import pytest
from django.test import Client

from tests.people import Cast
from tests.transfer.steps import import_all, to_preview
from tests.transfer.workbooks import visits, workbook
from treatments.models import Assessment, ExosomeSession, Import, ImportFile, Measurement, Patient

pytestmark = [pytest.mark.django_db]
COUNTED = {"method": "phototrichogram", "site": "vertex"}


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.manager)


def counts(preview: Any) -> dict[str, int]:
    found: dict[str, int] = preview.context["judgement"].counts
    return found


def test_visits_become_records(client: Client, cast: Cast) -> None:
    """One row a visit, with the patient in each row: patient, course, sessions, stage and measurement."""
    preview = to_preview(client, workbook(visits(3, 4)), answers=COUNTED)
    assert counts(preview) == {"new": 3 + 12 + 3 + 3, "same": 0, "changed": 0, "refused": 0}, preview.context["lines"]

    page = import_all(client, preview)

    assert page.status_code == 200
    made = Import.objects.get()
    assert made.counts["exosomesession"] == ExosomeSession.objects.count() == 12
    assert (Patient.objects.of(cast.clinic).count(), Assessment.objects.count(), Measurement.objects.count()) == (
        4,
        3,
        3,
    )
    assert ImportFile.objects.count() == 0


def test_two_examinations_of_a_day(client: Client) -> None:
    """Under two names: each becomes one, with the measurement of its row, and the second time both are the same."""
    head = ["Record number", "Name", "Date", "Visit name", "Norwood", "Hair density", "Measured where"]
    rows = [head, *(
        ["P-1", "Ann Invented", "2024-05-01", *rest]
        for rest in (["before", "III", 120, "Vertex"], ["after", "IV", 140, "Frontal"])
    )]  # fmt: skip

    import_all(client, to_preview(client, workbook(rows), answers=COUNTED))

    measured = {int(each.value or 0): each.assessment for each in Measurement.objects.all()}
    assert {value: visit and visit.reported_label for value, visit in measured.items()} == {
        120: "before", 140: "after",
    }  # fmt: skip
    again = to_preview(client, workbook(rows), answers=COUNTED)
    assert counts(again) == {"new": 0, "same": 5, "changed": 0, "refused": 0}


def test_a_repeated_row_is_told(client: Client) -> None:
    """It may be a second vial, or a line that was copied: it is read once, and a person is asked to look."""
    row = ["P-1", "Ann Invented", "2024-05-01", 3]

    judgement = to_preview(
        client, workbook([["Record number", "Name", "Date", "Vertex, mL"], row, row])
    ).context["judgement"]  # fmt: skip

    assert judgement.new_by_kind == {"patient": 1, "session": 1}
    assert [(place[1], sentence[:12]) for place, sentence in judgement.doubts] == [(2, "Row 3 says t")]

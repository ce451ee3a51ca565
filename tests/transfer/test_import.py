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

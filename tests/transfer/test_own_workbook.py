"""The clinic's own workbook, sent back, says that nothing is new."""

import io
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic, Membership
from tests import factories
from tests.people import Cast
from tests.transfer.steps import to_preview
from treatments.models import ExosomeSession, Patient
from treatments.transfer import own_workbook

pytestmark = [pytest.mark.django_db]


def test_demonstration_comes_back_unchanged(client: Any) -> None:
    """Every patient, session, stage and measurement of the demonstration clinic is the same."""
    call_command("demo", stdout=io.StringIO())
    clinic = Clinic.objects.get()
    manager = Membership.objects.filter(clinic=clinic, role="manager").first().user
    client.force_login(manager)

    data = client.get("/exports/workbook/").content
    preview = to_preview(client, data, name="anagen.xlsx")

    judgement = preview.context["judgement"]
    told = [(each.draft.places, each.differences) for each in judgement.in_state("changed")]
    assert (told, judgement.refused) == ([], {})
    counts = judgement.counts
    assert (counts["new"], counts["changed"], counts["refused"]) == (0, 0, 0)
    assert counts["same"] >= Patient.objects.count() + ExosomeSession.objects.standing().count()
    assert AuditEvent.objects.filter(action="exported_workbook").count() == 1


def test_text_is_never_a_formula(cast: Cast) -> None:
    """What begins with = is text, and a number of a record keeps its zeros."""
    factories.patient(cast.clinic, name="=1+1", record_number="00123", contact_note="@home")

    sheets = load_workbook(io.BytesIO(own_workbook.write(cast.clinic, by=cast.manager, version="0.0.0")))

    rows = {row[0].value: row for row in sheets["Patients"].iter_rows(min_row=2)}
    assert [(cell.value, cell.data_type) for cell in rows["00123"][:2]] == [("00123", "s"), ("=1+1", "s")]
    assert "About" in sheets.sheetnames and sheets["About"]["A1"].value == "Clinic"

"""Import and take back: the database as before, row by row, but for the trail; or nothing at all."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.transfer.steps import import_all, to_preview
from tests.transfer.whole_database import differences, rows
from tests.transfer.workbooks import workbook
from treatments.appointments.attendance import settle
from treatments.assessments.actions import update_latest_stage
from treatments.assessments.outcomes.computing import out_of_line
from treatments.models import Course, CourseOutcome, ExosomeSession, Import, Patient, StockMovement
from treatments.records.partial_dates import PartialDate
from treatments.sessions.course_state import recompute
from treatments.transfer import actions

pytestmark = [pytest.mark.django_db]
DAY = datetime.date(2025, 3, 3)


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.manager)


@pytest.fixture
def file(cast: Cast) -> bytes:
    """Patients who are there and new ones, a lot that is there, and facts that an import ties to its own."""
    known = factories.patient(cast.clinic, record_number="K-1", name="Kim Invented", birth=PartialDate("1980-01-01"))
    factories.assessment(known, assessed_on=DAY, scale="norwood_1975", stage="III")
    factories.photo(known, taken_on=DAY)
    treated = factories.patient(cast.clinic, record_number="K-2", name="Tao Invented", birth=PartialDate("1980-01-01"))
    factories.course(treated, baseline_on=DAY)
    lot = factories.lot(
        factories.product(cast.clinic), number="EX-77", received_on=DAY, expires_on=DAY.replace(year=2030)
    )
    assert lot.stock_ml == 100
    update_latest_stage(known.pk)
    recompute(treated.courses.get().pk)
    head = ["Record number", "Name", "Sex", "Date of birth", "Date", "Vertex, mL", "Lot", "Norwood", "Density"]
    return workbook(
        [
            head,
            ["K-1", "Kim Invented", "M", "1980-01-01", DAY, 3, "EX-77", None, None],
            ["K-2", "Tao Invented", None, None, DAY, 2.5, "EX77", "IV", 100],
            ["N-1", "Nia Newcomer", "F", "May 1971", DAY, 4, "unknown lot", "III v", 120],
            ["N-1", "Nia Newcomer", "F", "May 1971", DAY.replace(month=4), 4, "EX-77", None, None],
        ]
    )  # fmt: skip


def imported(client: Client, file: bytes) -> Import:
    preview = to_preview(client, file, answers={"method": "phototrichogram", "site": "vertex"})
    page = import_all(client, preview)
    assert page.status_code == 200, [*preview.context["form"].errors.values(), page.context["form"].errors]
    return Import.objects.get()


def test_database_is_as_before(client: Client, file: bytes, cast: Cast) -> None:
    before, movements = rows(), StockMovement.objects.count()
    made = imported(client, file)
    assert made.counts["exosomesession"] == 4 and made.counts["refused"] == 0
    assert made.records.filter(is_tied=True).count() == 3  # a visit, a photo to its course, and to its session
    assert len(differences(before, rows())) > 20
    patients = list(Patient.objects.values_list("pk", flat=True))
    assert CourseOutcome.objects.exclude(month=0).exists() and list(out_of_line(patients)) == []

    page = client.post(f"/imports/{made.pk}/take-back/", {"reason": "Wrong file", "_sentinel": "1"}, follow=True)

    assert page.status_code == 200
    assert list(out_of_line(patients)) == []
    assert differences(before, rows()) == []
    assert StockMovement.objects.count() == movements + 6  # given and given back
    assert AuditEvent.objects.filter(action="took_back_import").count() == 1
    made.refresh_from_db()
    assert (made.taken_back_by, made.taken_back_reason) == (cast.manager, "Wrong file")


def test_lists_follow_what_was_imported(client: Client, file: bytes) -> None:
    """An import computes the columns of courses and patients once, at its end: as they are after each record."""
    imported(client, file)
    after = rows()
    assert Patient.objects.get(record_number="N-1").last_seen_on == DAY.replace(month=4)
    for course in Course.objects.all():
        recompute(course.pk)
    for patient in Patient.objects.all():
        update_latest_stage(patient.pk)
        settle(patient.pk, by=patient.created_by)
    assert differences(after, rows()) == []


def test_nothing_goes_while_one_is_used(client: Client, file: bytes, cast: Cast) -> None:
    """Whatever was entered since stands in the way, and is named; nothing is removed."""
    made = imported(client, file)
    newcomer = Patient.objects.get(record_number="N-1")
    factories.photo(newcomer, exosome_session=ExosomeSession.objects.filter(patient=newcomer).first())
    before = rows()

    page: Any = client.post(f"/imports/{made.pk}/take-back/", {"reason": "Wrong file", "_sentinel": "1"})

    assert page.status_code == 422
    assert "1 photo (of N-1)" in page.content.decode()
    asked = client.get(f"/imports/{made.pk}/take-back/").content.decode()
    assert "It cannot be taken back" in asked and "Removed:" not in asked and 'name="reason"' not in asked
    assert differences(before, rows()) == []


@pytest.mark.parametrize("change", ["corrected", "struck_out", "stopped", "archived"])
def test_what_was_changed_stays(client: Client, file: bytes, cast: Cast, change: str) -> None:
    made = imported(client, file)
    newcomer = Patient.objects.get(record_number="N-1")
    sessions = ExosomeSession.objects.filter(patient=newcomer)
    if change == "corrected":
        sessions.filter(performed_on=DAY).update(version=2, pain_during=3)
    elif change == "struck_out":
        said = {"struck_out_at": made.at, "struck_out_by": cast.manager, "struck_out_reason": "Twice"}
        sessions.filter(performed_on=DAY).update(**said)
    elif change == "stopped":
        Course.objects.filter(patient=newcomer).update(state="stopped", stopped_on=DAY, stop_reason="Moved")
    else:
        Patient.objects.filter(pk=newcomer.pk).update(archived_at=made.at, archived_reason="Moved")

    with pytest.raises(ValidationError, match="Changed since"):
        actions.take_back(made, reason="Wrong file", by=cast.manager)

    assert sessions.count() == 2


def test_same_file_again_is_the_same(client: Client, file: bytes) -> None:
    """Also after it was taken back and imported again."""
    made = imported(client, file)
    again = to_preview(client, file, answers={"method": "phototrichogram", "site": "vertex"})
    assert again.context["judgement"].counts == {"new": 0, "same": 11, "changed": 0, "refused": 0}

    client.post(f"/imports/{made.pk}/take-back/", {"reason": "Wrong file", "_sentinel": "1"})
    once_more = to_preview(client, file, answers={"method": "phototrichogram", "site": "vertex"})
    page = import_all(client, once_more)

    assert page.status_code == 200
    assert ExosomeSession.objects.count() == 4
    assert ExosomeSession.objects.get(patient__record_number="K-1").lot.number == "EX-77"
    assert ExosomeSession.objects.get(patient__record_number="K-1").total_ml == Decimal(3)

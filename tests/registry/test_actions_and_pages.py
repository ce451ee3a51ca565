import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import filled
from tests.people import Cast
from treatments.models import Correction, HairHistory, Patient, Therapy
from treatments.patients import actions
from treatments.records.actions import Conflict
from treatments.records.ids import new_id
from treatments.records.partial_dates import PartialDate

pytestmark = pytest.mark.django_db


def details(**changes: str) -> dict[str, str]:
    return {"name": "Nell Novak", "record_number": "HC-0900", "sex": "female", "birth": "14 May 1985"} | changes


def test_registering_writes_the_trail_too(cast: Cast, clinician_client: Client) -> None:
    """Registering writes the patient and its trail."""
    response = clinician_client.post("/patients/register/", details(id=str(new_id())))

    patient = Patient.objects.get(name="Nell Novak")
    assert response["Location"] == f"/patients/{patient.pk}/"
    assert (patient.clinic, patient.created_by, patient.birth.text) == (cast.clinic, cast.clinician, "1985-05-14")
    assert AuditEvent.objects.filter(action="registered", object_id=str(patient.pk)).count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Write the patient"),
        ("birth", "14 May 2185", "future"),
        ("birth", "1904", "more than 120 years old"),
        ("birth", "29 Feb 2023", "birth"),
        ("birth", "yesterday-ish", "Write for example"),
    ],
)
def test_refusal_loses_nothing_typed(
    cast: Cast, clinician_client: Client, field: str, value: str, sentence: str
) -> None:
    """What cannot be is refused, and nothing typed is lost."""
    response = clinician_client.post("/patients/register/", details(**{field: value, "contact_note": "Ring twice"}))

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page and "Ring twice" in page
    assert not Patient.objects.filter(record_number="HC-0900").exists()


def test_record_number_is_used_once(cast: Cast, clinician_client: Client) -> None:
    """A record number is used once in a clinic."""
    factories.patient(cast.clinic, record_number="HC-0900")

    response = clinician_client.post("/patients/register/", details())

    assert response.status_code == 422
    assert "Another patient has this record number" in response.content.decode()


def test_next_record_number_is_free(cast: Cast) -> None:
    """The next number is free whatever was typed before."""
    for number in ("HC-0007", "HC-0008", "odd"):
        factories.patient(cast.clinic, record_number=number)

    assert not Patient.objects.filter(record_number=actions.next_record_number(cast.clinic)).exists()


def test_corrected_name_is_found(cast: Cast) -> None:
    """A correction keeps the old name and finds the new."""
    patient = factories.patient(cast.clinic, name="Zoë Øster", record_number="HC-0100", phone="+65 5550 0199")

    actions.correct_details(
        patient, changes={"name": "Zoë Østergård"}, reason="Misspelt", expected_version=1, by=cast.reception
    )

    correction = Correction.objects.get(record_id=patient.pk)
    assert (correction.changes[0]["before"], correction.changes[0]["after"]) == ("Zoë Øster", "Zoë Østergård")
    patients = Patient.objects.of(cast.clinic)
    for fragment in ("ostergard", "ØSTERGÅRD", "zoe", "hc-0100", "5550 01", "55500199"):
        assert list(patients.matching(fragment)) == [patient], fragment
    assert list(patients.matching("%")) == []


def test_stale_correction_writes_nothing(cast: Cast) -> None:
    """A stale correction is refused with a sentence and writes nothing."""
    patient = factories.patient(cast.clinic)
    actions.correct_details(patient, changes={"phone": "1"}, reason="New", expected_version=1, by=cast.nurse)

    with pytest.raises(Conflict):
        actions.correct_details(patient, changes={"phone": "2"}, reason="Newer", expected_version=1, by=cast.nurse)

    patient.refresh_from_db()
    assert (patient.phone, patient.version) == ("1", 2)


def test_allergies_are_named_after_a_yes(cast: Cast, clinician_client: Client) -> None:
    """None known is a fact, and a yes needs a name."""
    url = f"/patients/{cast.patient.pk}/history/"
    asked = {name: "not_asked" for name in ("earlier_treatment", "family", "conditions", "medicines", "cautions_asked")}

    refused = clinician_client.post(url, {**asked, "allergies": "yes", "allergies_text": ""})
    saved = clinician_client.post(
        url, {**asked, "allergies": "none", "family": "yes", "affected_relatives": ["father"]}
    )

    assert refused.status_code == 422 and "You chose “Yes”. Write the allergies." in refused.content.decode()
    assert saved.status_code == 302
    history = HairHistory.objects.get(patient=cast.patient)
    assert (history.allergies, history.conditions, history.relatives) == ("none", "not_asked", {"father": "affected"})


@pytest.mark.parametrize(
    ("answer", "known", "leads_to"), [("yes", False, "therapies/add/"), ("yes", True, ""), ("none", False, "")]
)
def test_earlier_treatment_is_asked_for_next(
    answer: str, known: bool, leads_to: str, cast: Cast, clinician_client: Client
) -> None:
    if known:
        Therapy.objects.create(clinic=cast.clinic, patient=cast.patient, kind="prp", created_by=cast.nurse)
    asked = {name: "not_asked" for name in ("family", "allergies", "conditions", "medicines", "cautions_asked")}

    response = clinician_client.post(f"/patients/{cast.patient.pk}/history/", {**asked, "earlier_treatment": answer})

    assert (response.status_code, response["Location"]) == (302, f"/patients/{cast.patient.pk}/{leads_to}")


def test_missing_date_is_the_clinics_day(cast: Cast) -> None:
    """Ten at night in London is the next morning in Singapore."""
    late = datetime.datetime(2025, 5, 14, 22, tzinfo=datetime.UTC)
    columns = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse, "created_at": late}
    records = [HairHistory.objects.create(**columns), Therapy.objects.create(kind="prp", **columns)]

    with timezone.override("Asia/Singapore"):
        assert [record.happened_on for record in records] == [datetime.date(2025, 5, 15)] * 2


def test_birth_is_before_what_is_recorded(cast: Cast, clinician_client: Client) -> None:
    """A birth is not corrected past what is recorded."""
    factories.assessment(cast.patient, assessed_on=datetime.date(2025, 1, 14))
    url = f"/patients/{cast.patient.pk}/details/"
    answers = {"name": cast.patient.name, "record_number": cast.patient.record_number, "sex": "male", "version": "1"}
    answers["correction_reason"] = "Misread"

    refused = clinician_client.post(url, {**answers, "birth": "May 2025"})
    saved = clinician_client.post(url, {**answers, "birth": "May 1966"})

    assert refused.status_code == 422
    assert "The date of the first visit is before the patient’s birth (May 2025)." in refused.content.decode()
    assert saved.status_code == 302


def test_archived_patient_leaves_and_returns(cast: Cast, clinician_client: Client) -> None:
    """An archived patient leaves the list and comes back."""
    clinician_client.post(f"/patients/{cast.patient.pk}/archive/", {"reason": "Moved"})
    clinician_client.get("/")  # reads the message that names the patient
    gone = clinician_client.get("/patients/").content.decode()
    clinician_client.post(f"/patients/{cast.patient.pk}/restore/")
    back = clinician_client.get("/patients/").content.decode()

    assert cast.patient.name not in gone
    assert cast.patient.name in back
    actions_kept = AuditEvent.objects.filter(patient_id=cast.patient.pk).values_list("action", flat=True)
    assert {"archived", "restored"} <= set(actions_kept)


DATED: dict[str, Any] = {
    "course": lambda who: factories.course(who, baseline_on="1990-03-01", baseline_precision="month"),
    "session": lambda who: factories.exosome_session(
        factories.course(who), performed_on="1990-03-01", performed_precision="month"
    ),
    "visit": lambda who: factories.assessment(who, assessed_on="1990-03-01", assessed_precision="month"),
    "measurement": lambda who: factories.measurement(who, measured_on="1990-03-01", measured_precision="month"),
    "photo": lambda who: factories.photo(who, taken_on="1990-03-01", taken_precision="month"),
    "consent": lambda who: factories.consent(who, given_on="1990-03-14"),
    "event": lambda who: factories.adverse_event(who, onset=PartialDate("1990-03")),
    "hair loss": lambda who: HairHistory.objects.create(
        clinic=who.clinic, patient=who, onset=PartialDate("1990"), created_by=who.created_by
    ),
    "treatment": lambda who: Therapy.objects.create(
        clinic=who.clinic, patient=who, kind="prp", started=PartialDate("1990"), created_by=who.created_by
    ),
}


@pytest.mark.parametrize("what", DATED)
def test_corrected_birth_meets_every_date(what: str, cast: Cast) -> None:
    """A birth that is corrected comes before everything that happened, whatever kind of record tells it."""
    DATED[what](cast.patient)
    client = cast.client(cast.nurse)
    url = f"/patients/{cast.patient.pk}/details/"
    page = client.get(url).content.decode()

    late = client.post(url, filled(page, birth="1995", change_kind="correction", correction_reason="passport seen"))
    kept = client.post(url, filled(page, birth="1964", change_kind="correction", correction_reason="passport seen"))

    assert (late.status_code, kept.status_code) == (422, 302)
    assert f"The date of the first {what} is before the patient’s birth (1995)." in late.content.decode()

"""What a form's page answers when it cannot save: everything typed is still there, and says what to do."""

import re
from typing import Any

import pytest
from django.test import Client

from clinic.sign_in.late_forms import opened_by
from tests import factories
from tests.html_forms import Fields, fields_of, filled, reasons_asked_for
from tests.people import Cast
from treatments.models import Patient, Therapy
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def url(cast: Cast) -> str:
    return f"/patients/{cast.patient.pk}/therapies/add/"


@pytest.fixture
def fields(clinician_client: Client, url: str) -> Fields:
    return filled(clinician_client.get(url).content.decode(), kind="minoxidil_topical", note="Twice a day")


def fetch(client: Client, url: str, fields: Fields, **headers: str) -> Any:
    return client.post(url, fields, headers={"X-Requested-With": "fetch", **headers})


def test_script_gets_address_message_waits(clinician_client: Client, cast: Cast, url: str, fields: Fields) -> None:
    """A script gets the address to go to, and the message waits for that page."""
    answer = fetch(clinician_client, url, fields)

    assert answer.status_code == 200
    assert answer.json() == {"go": cast.patient.get_absolute_url()}
    assert "The treatment is added." in clinician_client.get("/patients/").content.decode()


def test_script_signed_out_gets_401(cast: Cast, client: Client, url: str, fields: Fields) -> None:
    """A script that is signed out gets 401."""
    answer = fetch(client, url, fields)

    assert (answer.status_code, answer.json()) == (401, {"error": "signed_out"})
    assert not Therapy.objects.exists()


def test_form_of_another_person_is_not_saved(cast: Cast, url: str, fields: Fields) -> None:
    """A form that somebody else opened is not saved."""
    nurse = cast.client(cast.nurse)

    answer = fetch(nurse, url, fields)
    page = nurse.post(url, fields)

    assert (answer.status_code, answer.json()["error"]) == (409, "other_person")
    assert page.status_code == 401 and cast.clinician.name in page.content.decode()
    assert "Twice a day" not in page.content.decode()
    assert not Therapy.objects.exists()


def test_form_of_another_clinic_is_not_saved(cast: Cast, clinician_client: Client) -> None:
    """A form of another clinic is not saved here."""
    url = "/patients/register/"
    fields = filled(clinician_client.get(url).content.decode(), name="Ida", record_number="T-1", sex="male")
    fields["_as"] = [opened_by(person=cast.clinician.pk, clinic=cast.other_clinic.pk)]

    answer = fetch(clinician_client, url, fields)
    page = clinician_client.post(url, fields)

    assert (answer.status_code, answer.json()["error"]) == (409, "other_clinic")
    assert page.status_code == 409
    assert Patient.objects.count() == 1


def test_text_waits_behind_the_password(cast: Cast, client: Client, url: str, fields: Fields) -> None:
    """Signed out, without a script, the text waits behind the password."""
    asked = client.post(url, fields)
    late_form = re.search(r'name="held" value="([^"]+)"', asked.content.decode())
    assert asked.status_code == 401 and late_form
    assert cast.clinician.email in asked.content.decode()

    again = sign_in(client, cast.clinician, late_form[1])
    assert "Twice a day" in again.content.decode()
    posted = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', again.content.decode())
    saved = client.post(url, dict(posted))

    assert saved.status_code == 302
    assert Therapy.objects.get().note == "Twice a day"


def test_waiting_text_is_for_its_owner_only(cast: Cast, client: Client, url: str, fields: Fields) -> None:
    """Somebody else who signs in gets nothing of the text that waits."""
    late_form = re.search(r'name="held" value="([^"]+)"', client.post(url, fields).content.decode())
    assert late_form

    answer = sign_in(client, cast.nurse, late_form[1])

    assert answer.status_code == 302 and answer["Location"] == "/"


def sign_in(client: Client, person: Any, late_form: str) -> Any:
    return client.post("/sign-in/", {"username": person.email, "password": factories.PASSWORD, "held": late_form})


def test_missing_token_costs_no_text(cast: Cast, url: str, fields: Fields) -> None:
    """Without a token the text stays and can be sent once more."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.clinician)
    del fields["csrfmiddlewaretoken"]

    page = client.post(url, fields, headers={"Origin": "http://testserver"})

    assert page.status_code == 403
    assert "Twice a day" in page.content.decode() and "Save now" in page.content.decode()
    assert fetch(client, url, fields).json() == {"error": "token"}
    assert not Therapy.objects.exists()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
def test_foreign_form_is_not_sent_again(cast: Cast, url: str, fields: Fields, origin: str) -> None:
    """What another site sends is not offered for sending again."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.clinician)

    page = client.post(url, fields, headers={"Origin": origin} if origin else {})

    assert page.status_code == 403
    assert "Twice a day" not in page.content.decode()
    assert not Therapy.objects.exists()


def test_signing_in_again_brings_a_new_token(cast: Cast) -> None:
    """Signing in again in place brings a new token."""
    client = Client(enforce_csrf_checks=True)
    before = client.get("/sign-in/again/").json()
    assert before["person"] is None

    answers = {"username": cast.clinician.email, "password": factories.PASSWORD, "clinic": cast.clinic.pk}
    refused = client.post("/sign-in/again/", answers | {"password": "wrong"}, headers={"X-CSRFToken": before["csrf"]})
    signed_in = client.post("/sign-in/again/", answers, headers={"X-CSRFToken": before["csrf"]}).json()

    assert refused.status_code == 422 and "do not belong together" in refused.json()["error"]
    assert signed_in["person"] == cast.clinician.pk
    assert client.get("/sign-in/again/").json()["name"] == cast.clinician.name


@pytest.mark.parametrize("clinic", ["9" * 5000, "-1", "x", "", "٣", str(2**70)])
def test_unknown_clinic_leads_to_the_own(cast: Cast, client: Client, clinic: str) -> None:
    """Signing in at a clinic that is none leads to the own."""
    answers = {"username": cast.clinician.email, "password": factories.PASSWORD, "clinic": clinic}

    assert client.post("/sign-in/again/", answers).status_code == 200


def test_made_up_owner_reveals_no_name(cast: Cast, client: Client, url: str, fields: Fields) -> None:
    """A made-up mark of who opened the form reveals nobody's name."""
    signed = str(fields["_as"][0])
    for made_up in (signed.partition(":")[0], signed.replace(str(cast.clinician.pk), str(cast.nurse.pk), 1)):
        page = client.post(url, fields | {"_as": [made_up]}, follow=True).content.decode()
        assert "Sign in" in page
        assert not [p for p in (cast.clinician, cast.nurse) if p.email in page or p.name in page]


@pytest.mark.parametrize("opened_as", ["9" * 5000 + ".1", "1.", ".", "x.y", "1.2.3", "-1.1", "٣.٣"])
def test_spoilt_owner_gives_no_500(clinician_client: Client, url: str, fields: Fields, opened_as: str) -> None:
    """A spoilt mark of who opened the form is no 500."""
    assert clinician_client.post(url, fields | {"_as": [opened_as]}).status_code in {302, 401, 409}


def test_same_id_other_content_shows_both(clinician_client: Client, url: str, fields: Fields) -> None:
    """The same id with other content shows both."""
    clinician_client.post(url, fields)

    answer = clinician_client.post(url, fields | {"note": ["Once a day"]})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "already saved with other answers" in page
    assert "Twice a day" in page and "Once a day" in page
    assert Therapy.objects.get().note == "Twice a day"


@pytest.mark.parametrize("spoilt", ["x", "1" * 1_000_000, "{}", "00000000-0000-0000-0000-00000000000g"])
def test_spoilt_id_is_refused_text_stays(clinician_client: Client, url: str, fields: Fields, spoilt: str) -> None:
    """A spoilt id is refused, and the text stays."""
    answer = clinician_client.post(url, fields | {"id": [spoilt]})

    assert answer.status_code == 422
    assert "Twice a day" in answer.content.decode()


def test_without_an_id_one_is_made(clinician_client: Client, url: str, fields: Fields) -> None:
    del fields["id"]

    assert clinician_client.post(url, fields).status_code == 302


def test_repeated_statement_is_asked_about(clinician_client: Client, url: str, fields: Fields) -> None:
    """The same content sent twice is asked about and may be confirmed."""
    clinician_client.post(url, fields)
    twice = fields | {"id": [str(new_id())]}

    asked = clinician_client.post(url, twice)
    reasons = reasons_asked_for(asked.content.decode(), "a second bottle")
    answer = clinician_client.post(url, {**twice, **reasons})

    assert asked.status_code == 422
    assert "You saved exactly the same" in asked.content.decode()
    assert answer.status_code == 302
    assert Therapy.objects.count() == 2


def test_same_content_by_two_people(cast: Cast, clinician_client: Client, url: str, fields: Fields) -> None:
    """Two people may write the same, and so may one about two patients."""
    clinician_client.post(url, fields)
    nurse = cast.client(cast.nurse)
    theirs = filled(nurse.get(url).content.decode(), kind="minoxidil_topical", note="Twice a day")
    other = factories.patient(cast.clinic)

    assert nurse.post(url, theirs).status_code == 302
    another = f"/patients/{other.pk}/therapies/add/"
    assert clinician_client.post(another, fields | {"id": [str(new_id())]}).status_code == 302


VERSIONS = {"": 409, "0": 422, "2": 409, "-1": 422, "x": 422, "9" * 40: 422, "8" * 5000: 422}


@pytest.mark.parametrize("version, status", VERSIONS.items(), ids=[v[:6] or "missing" for v in VERSIONS])
def test_wrong_version_leaves_the_text(cast: Cast, clinician_client: Client, version: str, status: int) -> None:
    """A version that is not the record's is refused, and the text stays."""
    url = f"/patients/{cast.patient.pk}/details/"
    html = clinician_client.get(url).content.decode()

    answer = clinician_client.post(
        url, filled(html, version=version, contact_note="By letter only", correction_reason="asked for")
    )

    assert answer.status_code == status
    assert "By letter only" in answer.content.decode()
    assert Patient.objects.get(pk=cast.patient.pk).contact_note == ""


def test_conflict_shows_theirs_and_mine(cast: Cast, clinician_client: Client) -> None:
    """A conflict shows theirs and mine, and the next save is against theirs."""
    url = f"/patients/{cast.patient.pk}/details/"
    mine = filled(clinician_client.get(url).content.decode(), contact_note="By letter", correction_reason="asked for")
    nurse = cast.client(cast.nurse)
    nurse.post(
        url, filled(nurse.get(url).content.decode(), contact_note="By telephone", correction_reason="he said so")
    )

    answer = clinician_client.post(url, mine)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "By telephone" in page and "By letter" in page
    shown = fields_of(page)
    assert shown and shown["version"] == ["2"] and shown["contact_note"] == ["By letter"]
    assert clinician_client.post(url, shown).status_code == 302
    assert Patient.objects.get(pk=cast.patient.pk).contact_note == "By letter"


def test_a_line_s_end_is_no_correction(cast: Cast, clinician_client: Client) -> None:
    """A plain form sends CR LF, a script LF."""
    url = f"/patients/{cast.patient.pk}/history/"
    fields = filled(clinician_client.get(url).content.decode(), story="One\nTwo")
    fetch(clinician_client, url, fields)

    edit = filled(clinician_client.get(url).content.decode(), story="One\r\nTwo", correction_reason="nothing at all")
    clinician_client.post(url, edit)

    cast.patient.history.refresh_from_db()
    assert cast.patient.history.version == 1


def test_double_strike_out_is_done_once(cast: Cast, clinician_client: Client) -> None:
    """A strike-out pressed twice is done once, and its message appears once."""
    columns = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    therapy = Therapy.objects.create(kind="minoxidil_topical", **columns)
    url = f"/patients/{cast.patient.pk}/therapies/{therapy.pk}/strike-out/"
    fields = {"version": "1", "reason": "wrong patient"}

    first, second = clinician_client.post(url, fields), clinician_client.post(url, fields)
    by_another = cast.client(cast.nurse).post(url, fields)

    assert (first.status_code, second.status_code) == (302, 302)
    assert by_another.status_code == 409


def test_strike_out_asks_why(cast: Cast) -> None:
    seen = factories.assessment(cast.patient)
    url = f"/patients/{cast.patient.pk}/assessments/{seen.pk}/strike-out/"
    page = cast.client(cast.clinician).post(url, {"version": "1", "reason": "", "_sentinel": "1"}).content.decode()
    assert "Write why it is wrong." in page

"""What was struck out counts nowhere, is read where it stood, and is named with what depends on it before."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest

from tests import factories
from tests.html_forms import fields_of
from tests.people import Cast
from treatments.models import (
    Consent,
    Correction,
    ExosomeSession,
    FollowUp,
    HairHistory,
    Measurement,
    Patient,
    PhotoPair,
    Therapy,
)
from treatments.records.actions import strike_out
from treatments.records.partial_dates import PartialDate
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.django_db
DAY = datetime.date.today() - datetime.timedelta(days=30)
WHY = "It was never taken"


def struck(cast: Cast, record: Any) -> Any:
    return strike_out(record, reason=WHY, expected_version=record.version, by=cast.nurse)


def page(cast: Cast, address: str) -> str:
    return cast.client(cast.clinician).get(address).content.decode()


def tabs(cast: Cast) -> dict[str, Any]:
    response = cast.client(cast.clinician).get(cast.patient.get_absolute_url())
    return {tab.code: tab.count for tab in response.context["tabs"]}


def test_tabs_leave_out_what_was_struck(cast: Cast) -> None:
    """A struck-out record of any kind is in no tab's count but that of the corrections."""
    course = factories.course(cast.patient, baseline_on=DAY)
    for record in (
        factories.exosome_session(course, performed_on=DAY),
        factories.assessment(cast.patient),
        factories.measurement(cast.patient),
        factories.adverse_event(cast.patient),
        factories.photo(cast.patient),
        factories.consent(cast.patient),
        course,
    ):
        struck(cast, record)

    assert tabs(cast) == {
        "": "",
        "sessions": 0,
        "assessments": 0,
        "photos": 0,
        "events": 0,
        "plan": 0,
        "papers": 0,
        "corrections": 7,
    }


def test_a_struck_photo_is_reached(cast: Cast) -> None:
    """From the photos' page and from the timeline, with the reason, without typing an address."""
    photo = struck(cast, factories.photo(cast.patient, taken_on=DAY))

    for address in (f"/patients/{cast.patient.pk}/photos/", cast.patient.get_absolute_url()):
        text = page(cast, address)
        assert photo.get_absolute_url() in text
        assert WHY in text


def test_struck_parts_are_read_in_place(cast: Cast) -> None:
    """A struck-out follow-up and a measurement of a visit stand where they stood, with their reason."""
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    event = factories.adverse_event(cast.patient, happened=DAY)
    look = FollowUp.objects.create(event=event, seen_on=DAY, outcome="1", note="Gone.", **told)
    visit = factories.assessment(cast.patient, assessed_on=DAY)
    measured = factories.measurement(cast.patient, assessment=visit, measured_on=DAY)
    therapy = Therapy.objects.create(kind="minoxidil_topical", **told)
    for record in (look, measured, therapy):
        struck(cast, record)

    text = page(cast, cast.patient.get_absolute_url())

    assert text.count(WHY) == 3


def test_a_stop_goes_with_its_course(cast: Cast) -> None:
    """A course that was struck out was not stopped either."""
    course = factories.course(cast.patient, stopped_on=DAY, stop_reason="Moved away", state="stopped")
    struck(cast, course)

    assert "Moved away" not in page(cast, cast.patient.get_absolute_url())


def test_depending_on_a_session_is_named(cast: Cast) -> None:
    """Photos, events, stock and plan are told before a session is struck out, and nothing is written for it."""
    lot = factories.lot(factories.product(cast.clinic), number="EX-77")
    course = factories.course(cast.patient, baseline_on=DAY)
    session = factories.exosome_session(course, performed_on=DAY, lot=lot, product=lot.product)
    factories.photo(cast.patient, exosome_session=session)
    factories.adverse_event(cast.patient, exosome_session=session)
    recompute(course.pk)

    text = page(cast, f"{session.get_absolute_url()}strike-out/")

    for words in ("1 photo of it", "headache", "3 mL go back to lot EX-77", "1 → 0 sessions", "next due"):
        assert words in text
    lot.refresh_from_db()
    assert lot.stock_ml == Decimal("100")
    assert not ExosomeSession.objects.get(pk=session.pk).is_struck_out


@pytest.mark.parametrize("kind", ["photo", "assessment", "event", "consent"])
def test_what_depends_is_named(kind: str, cast: Cast) -> None:
    told = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.nurse}
    if kind == "event":
        record = factories.adverse_event(cast.patient)
        FollowUp.objects.create(event=record, seen_on=DAY, outcome="2", note="Better.", **told)
        address, words = f"{record.get_absolute_url()}strike-out/", "1 follow-up of it will not count any more"
    elif kind == "assessment":
        record = factories.assessment(cast.patient)
        factories.measurement(cast.patient, assessment=record)
        address, words = f"{record.get_absolute_url()}strike-out/", "1 measurement of this assessment will be"
    elif kind == "photo":
        record, later = factories.photo(cast.patient, taken_on=DAY), factories.photo(cast.patient)
        PhotoPair.objects.create(earlier=record, later=later, aligned_by=cast.nurse, **told)
        address, words = f"{record.get_absolute_url()}strike-out/", "1 pair aligned with it"
    else:
        record = factories.consent(cast.patient)
        address, words = f"/patients/{cast.patient.pk}/consents/{record.pk}/strike-out/", "It then covers nothing"

    assert words in page(cast, address)


def _sent_again(cast: Cast, address: str, values: dict[str, Any]) -> tuple[Any, Any]:
    """A form is saved, its record struck out, and the form sent again as a browser does after Back."""
    client = cast.client(cast.nurse)
    form = client.get(address).context["form"]
    told = {"id": form["id"].value(), "_sentinel": "1", **values}
    first = client.post(address, told)
    assert first.status_code == 302
    return told, client


@pytest.mark.parametrize("kind", ["therapy", "measurement", "consent"])
def test_back_and_save_after_striking_out(kind: str, cast: Cast) -> None:
    """The page says that it was struck out, by whom and why; saved once more it is a record of its own."""
    today = f"{datetime.date.today():%Y-%m-%d}"
    address, values, model = {
        "therapy": (
            f"/patients/{cast.patient.pk}/therapies/add/",
            {"kind": "minoxidil_topical", "is_ongoing": "", "started": "2024"},
            Therapy,
        ),
        "measurement": (
            f"/patients/{cast.patient.pk}/measurements/add/",
            {
                "kind": "hair_density",
                "value": "120",
                "site": "vertex",
                "method": "manual_trichoscopy_count",
                "when": today,
            },
            Measurement,
        ),
        "consent": (
            f"/patients/{cast.patient.pk}/consents/add/?kind=treatment",
            {
                "kind": "treatment",
                "form_version": "T-2",
                "given_on": today,
                "signed_by": "patient",
                "signed_how": "paper_filed",
            },
            Consent,
        ),
    }[kind]
    told, client = _sent_again(cast, address, values)
    struck(cast, model.objects.get(pk=told["id"]))

    again = client.post(address, told)

    text = again.content.decode()
    assert again.status_code == 409
    assert "saved before and struck out later" in text
    assert WHY in text
    new_id = re.search(r'name="id"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="id"', text)
    assert new_id is not None
    once_more = client.post(address, told | {"id": next(filter(None, new_id.groups()))})
    assert once_more.status_code == 302
    assert model.objects.standing().filter(patient=cast.patient).count() == 1


def test_words_of_the_birth_date_stay(cast: Cast) -> None:
    """Correcting the telephone corrects the telephone: the words in which the birth was told are the patient's."""
    Patient.objects.filter(pk=cast.patient.pk).update(birth=PartialDate("1966~"), birth_as_told="60 years old")
    client = cast.client(cast.nurse)
    address = f"/patients/{cast.patient.pk}/details/"
    values = fields_of(client.get(address).content.decode())
    answer = client.post(address, values | {"phone": ["555 0199"], "correction_reason": ["New telephone"]})

    assert answer.status_code == 302
    assert Patient.objects.get(pk=cast.patient.pk).birth_as_told == "60 years old"
    assert [change["field"] for change in Correction.objects.get().changes] == ["phone"]


def test_words_of_the_onset_stay(cast: Cast) -> None:
    history = HairHistory.objects.create(
        clinic=cast.clinic,
        patient=cast.patient,
        created_by=cast.nurse,
        onset=PartialDate("2021~"),
        onset_as_told="5 years ago",
    )
    client = cast.client(cast.nurse)
    address = f"/patients/{cast.patient.pk}/history/"
    values = fields_of(client.get(address).content.decode()) | {"smoking": ["No"]}
    answer = client.post(address, values | {"correction_reason": ["Asked about smoking"]})

    assert answer.status_code == 302
    history.refresh_from_db()
    assert history.onset_as_told == "5 years ago"
    assert [change["field"] for change in Correction.objects.get().changes] == ["smoking"]

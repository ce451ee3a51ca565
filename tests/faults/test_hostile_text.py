"""What people and attackers put into text: refused with a sentence or kept as it is, never a 500, never half."""

import itertools
import os
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests import factories
from tests.faults.create_forms import CREATE_FORMS
from tests.html_forms import Fields, fields_of, filled, reasons_asked_for
from tests.people import Cast
from tests.test_access import ids  # noqa: F401 -- one row of every kind, to open every address with
from tests.urls import routes
from treatments.models import Patient
from treatments.records.ids import new_id
from treatments.records.models import PassedWarning

FULL = os.environ.get("ANAGEN_FULL") == "1"
pytestmark = pytest.mark.django_db
OURS = {"csrfmiddlewaretoken", "_as", "_sentinel", "id", "version"}
QUERIES = (
    "page", "after", "before", "course", "show", "q", "state", "due", "stage", "archived", "kind", "grade", "product",
    "period", "who", "to", "with", "when", "phase", "text", "protocol", "session", "assessment", "form", "view",
    "earlier", "later", "photo", "date", "purpose", "next",
)  # fmt: skip
SPOILT = {
    "NUL": "nul \x00 here",
    "half a surrogate pair": "%ED%A0%80",
    "1 MB": "n" * 1_000_000,
    "infinity": "1e309",
    "not a number": "NaN",
    "minus": "-1",
    "comma": "1,5",
    "40 digits": "9" * 40,
    "exponent": "1e-400",
    "29 February": "2023-02-29",
    "direction": "‮txet",
    "SQL": "'; DROP TABLE treatments_patient; --",
    "a list": "['vertex']",
}


@pytest.mark.parametrize("name", CREATE_FORMS)
def test_spoilt_text_never_gives_500(name: str, cast: Cast) -> None:
    """Each kind of spoilt text in all fields at once, and alone in some fields; with ANAGEN_FULL=1 in every field."""
    client = cast.client(cast.manager)
    filling = CREATE_FORMS[name](cast, 1)
    shown = filled(client.get(filling.url).content.decode(), **filling.changes)
    fields = sorted(set(shown) - OURS)
    client.raise_request_exception = False
    every = list(itertools.product(fields, SPOILT))
    alone = every if FULL else every[:: max(1, len(every) // 20)]
    tries = [(fields, kind) for kind in SPOILT] + [([field], kind) for field, kind in alone]

    for spoilt, kind in tries:
        changed = {field: [SPOILT[kind]] for field in spoilt}
        answer = post_raw(client, filling.url, shown | {"id": [str(new_id())]} | changed)
        assert answer.status_code in {302, 400, 404, 409, 422}, f"{spoilt} = {kind}: {answer.status_code}"


@pytest.mark.parametrize("name", CREATE_FORMS)
def test_refused_text_is_still_in_the_form(name: str, cast: Cast) -> None:
    """Each free text of a form comes back as it was typed when another field is refused."""
    client = cast.client(cast.manager)
    filling = CREATE_FORMS[name](cast, 1)
    words = "<b>O’Brien</b> & {{ 7*7 }} 陳"
    shown = filled(client.get(filling.url).content.decode(), **filling.changes)
    texts = [field for field in free_texts(client, filling.url) if field in shown]

    answer = client.post(filling.url, {n: v for n, v in shown.items() if n != "_sentinel"} | {t: words for t in texts})

    assert answer.status_code == 422
    back = fields_of(answer.content.decode())
    assert back is not None
    assert {t: back.get(t) for t in texts} == {t: [words] for t in texts}


def free_texts(client: Client, url: str) -> list[str]:
    form = client.get(url).context["form"]
    kinds = {"Textarea"}
    return [name for name, field in form.fields.items() if type(field.widget).__name__ in kinds]


def post_raw(client: Client, url: str, fields: Fields) -> Any:
    """As bytes: the test client would refuse to write what a hostile one sends."""
    body = urlencode(fields, doseq=True).replace("%25ED%25A0%2580", "%ED%A0%80")
    return client.post(url, body, content_type="application/x-www-form-urlencoded")


def test_no_nul_is_kept(cast: Cast) -> None:
    """Neither in a field, nor in the words of a date or the reason beside a warning, which no field of a form reads."""
    factories.patient(cast.clinic, name="Nora Number", phone="6555 0101")
    client = cast.client(cast.reception)
    page = client.get("/patients/register/").content.decode()
    fields = filled(page, name="Nora Num\x00ber", sex="female", birth="14 May 1965\x00", phone="6555 0101")
    asked = client.post("/patients/register/", fields)
    reasons = reasons_asked_for(asked.content.decode(), "Her \x00sister")
    assert asked.status_code == 422 and reasons

    saved = client.post("/patients/register/", filled(asked.content.decode(), **reasons))

    assert saved.status_code == 302
    patient = Patient.objects.get(birth="1965-05-14")
    assert (patient.name, patient.birth_as_told) == ("Nora Number", "14 May 1965")
    assert PassedWarning.objects.get(record_id=patient.pk).reason == "Her sister"


def test_no_nul_in_a_query_is_a_fault(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """PostgreSQL keeps no NUL, and refuses a question with one."""
    client = cast.client(cast.manager)
    client.raise_request_exception = False
    for route in routes():
        if route.name not in {"sign-out", "choose-clinic"}:
            status = client.get(route.url(ids), dict.fromkeys(QUERIES, "HC-\x000001")).status_code
            assert status in {200, 302, 400, 404, 405, 422, 503}, f"{route}: {status}"


@pytest.mark.parametrize("text", ["n" * 10_000, "%", "_", "\\", ".*", "' OR 1=1 --", "\x00", "\u200b", " ", "%00"])
def test_any_text_is_searched_literally(cast: Cast, text: str) -> None:
    """Any text may be searched for and means itself."""
    client = cast.client(cast.reception)

    assert client.get("/patients/find/", {"q": text}).json() == {"people": []}
    assert client.get("/patients/", {"q": text}).status_code == 200


@pytest.mark.parametrize(
    "text, found", [("6555-0101", 1), ("(6555)0101", 1), ("%6555", 0), ("6555_0101", 0), ("*0101", 0)]
)
def test_search_takes_numbers_as_written(cast: Cast, text: str, found: int) -> None:
    """A number is found as it is written, and nothing else is taken for a number."""
    factories.patient(cast.clinic, name="Nora Number", phone="65550101")

    assert len(cast.client(cast.reception).get("/patients/find/", {"q": text}).json()["people"]) == found


@pytest.mark.parametrize(
    "name, typed",
    [
        ("José Øvergård", "jose overg"),
        ("MÜLLER-Straße", "muller-strasse"),
        ("O'Brien", "o'br"),
        ("陳大文", "大文"),
        ("முருகன்", "முருக"),
        ("عائشة", "عائ"),
        ("Null", "null"),
        ("Rajah S/O Invented", "s/o"),
        ("Zero\u200bwidth", "zerowidth"),
        ("Łucja Żak", "lucja zak"),
        ("İpek Işık", "ipek isik"),
        ("👩🏽‍⚕️ Nurse", "👩🏽‍⚕️"),
    ],
)
def test_search_folds_accents_and_case(cast: Cast, name: str, typed: str) -> None:
    """Any name is found with its accents and its case folded."""
    factories.patient(cast.clinic, name=name)

    found = cast.client(cast.reception).get("/patients/find/", {"q": typed}).json()["people"]

    assert [person["name"] for person in found] == [name]


def test_namesakes_differ_by_year_and_face(cast: Cast) -> None:
    """Namesakes differ by year of birth, and by face where the role may see it."""
    one = factories.patient(cast.clinic, name="Nora Same", birth="1950")
    factories.patient(cast.clinic, name="Nora Same", birth="1980")
    photo = factories.photo(one, view="frontal")
    factories.photo(one, view="vertex")
    factories.photo(one, view="frontal", struck_out_at=one.created_at, struck_out_by=cast.nurse, struck_out_reason="x")

    seen = cast.client(cast.nurse).get("/patients/find/?q=nora").json()["people"]
    at_the_desk = cast.client(cast.reception).get("/patients/find/?q=nora").json()["people"]

    assert [person["born"] for person in seen] == ["1950", "1980"]
    assert [bool(person["portrait"]) for person in seen] == [True, False]
    assert str(photo.pk) in seen[0]["portrait"]
    assert [person["portrait"] for person in at_the_desk] == ["", ""]


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("Ida \u202edetnevnI\u202c", "Ida detnevnI"),
        ("\u2066Ada\u2069 In\x08vited\x7f", "Ada Invited"),
        ("\u202a+65 8000 0000\u202c", "+65 8000 0000"),
        # what a script needs to be written stays
        ("می\u200cخواهم \u200fعائشة", "می\u200cخواهم \u200fعائشة"),
    ],
)
def test_hidden_marks_turn_no_line(cast: Cast, typed: str, kept: str) -> None:
    """No hidden mark in a name turns the direction of the line that it is in."""
    filling = CREATE_FORMS["patients:register"](cast, 1)
    client = cast.client(cast.reception)
    shown = filled(client.get(filling.url).content.decode(), **filling.changes)

    assert client.post(filling.url, shown | {"name": [typed], "contact_note": [typed]}).status_code == 302

    told = filling.makes._default_manager.values_list("name", "contact_note").get(pk=shown["id"][0])
    assert told == (kept, kept)


def test_name_of_hidden_marks_is_no_name(cast: Cast) -> None:
    """A name of hidden marks alone is no name."""
    filling = CREATE_FORMS["patients:register"](cast, 1)
    client = cast.client(cast.reception)
    shown = filled(client.get(filling.url).content.decode(), **filling.changes)

    page = client.post(filling.url, shown | {"name": ["\u202e\u2066\x1b"]})

    assert page.status_code == 422
    assert page.context["form"].errors["name"] == ["Write the patient’s name."]


def test_reasons_lose_hidden_marks(cast: Cast) -> None:
    """A reason is stored without hidden marks."""
    client = cast.client(cast.manager)
    answer = client.post(f"/patients/{cast.patient.pk}/archive/", {"reason": "left \u202ethe clinic\u202c"})

    assert answer.status_code == 302
    cast.patient.refresh_from_db()
    assert cast.patient.archived_reason == "left the clinic"


def test_namesakes_differ_by_another_view(cast: Cast) -> None:
    """Where no face was photographed, another view distinguishes namesakes."""
    one, two = (factories.patient(cast.clinic, name="Nora Same", birth=year) for year in ("1950", "1980"))
    crown = factories.photo(one, view="vertex")
    factories.photo(two, view="trichoscopy")

    seen = cast.client(cast.nurse).get("/patients/find/?q=nora").json()["people"]

    assert [person["portrait"] for person in seen] == [crown.small_url, ""]


def test_search_stays_in_clinic_and_active(cast: Cast) -> None:
    """Nobody is found at another clinic or in the archive."""
    from django.utils import timezone

    factories.patient(cast.other_clinic, name="Nora Elsewhere")
    factories.patient(cast.clinic, name="Nora Archived", archived_at=timezone.now())

    assert cast.client(cast.reception).get("/patients/find/?q=nora").json() == {"people": []}


def test_looking_changes_nothing(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """GET writes no record; PUT, DELETE and TRACE are refused, `_method` is not listened to."""
    from django.apps import apps

    def count() -> dict[str, int]:
        models = apps.get_app_config("treatments").get_models()
        return {model.__name__: model._default_manager.count() for model in models}

    client, before = cast.client(cast.manager), count()
    for route in routes():
        if route.is_open or route.name in {"choose-clinic"}:
            continue
        url = route.url(ids)
        client.get(url, {"_method": "delete"})
        for method in ("put", "trace", "patch", *([] if route.name == "records:draft" else ["delete"])):
            assert getattr(client, method)(url).status_code == 405, f"{method} {url}"

    assert count() == before


@pytest.mark.parametrize("count, status", [(900, 422), (1001, 400)])
def test_too_many_fields_are_refused(cast: Cast, count: int, status: int) -> None:
    """More fields than a form can have are refused."""
    fields = {f"field{n}": "x" for n in range(count)}

    assert cast.client(cast.manager).post("/patients/register/", fields).status_code == status


def test_empty_choices_are_written_out(cast: Cast) -> None:
    """On every form that makes a record: no row of dashes is left."""
    client = cast.client(cast.manager)
    for make in CREATE_FORMS.values():
        url = make(cast, 1).url
        assert "---------" not in client.get(url).content.decode(), url

"""A record number belongs to one patient of a clinic, in whatever spelling."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import factories
from tests.html_forms import filled
from tests.people import Cast
from treatments.identity.move import candidates
from treatments.models import Patient
from treatments.patients import actions

pytestmark = pytest.mark.django_db
SPELLINGS = ["hc-0777", "HC‑0777", "HC-0777\u200b", "ＨＣ-0777", "HC -0777"]


def register(cast: Cast, **changes: str) -> str:
    """What the page answers to a new patient: the sentences beside the fields, "" where it is registered."""
    client = cast.client(cast.reception)
    page = client.get("/patients/register/").content.decode()
    answer = client.post("/patients/register/", filled(page, **{"name": "Nell Novak", "sex": "female", **changes}))
    errors = answer.context["form"].errors if answer.status_code == 422 else {}
    return " ".join(sentence for sentences in errors.values() for sentence in sentences)


def test_one_number_is_one_patients(cast: Cast) -> None:
    """In no spelling is a number given twice; another clinic's is its own."""
    factories.patient(cast.other_clinic, record_number="HC-0777")
    assert register(cast, record_number="HC-0777") == ""
    for spelling in SPELLINGS:
        assert "Another patient has this record number" in register(cast, record_number=spelling, name="Otto Other")
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.patient(cast.clinic, record_number=spelling.strip("\u200b") + " ")


def test_a_number_is_found_in_any_spelling(cast: Cast) -> None:
    patient = factories.patient(cast.clinic, record_number="HC-0777")
    client = cast.client(cast.reception)
    for spelling in SPELLINGS[:4]:
        assert candidates.of_number(cast.clinic, spelling, but=cast.patient) == patient
        assert len(client.get("/patients/find/", {"q": spelling}).json()["people"]) == 1, spelling


@pytest.mark.parametrize("odd", ["HC-12²", "HC-٣", "HC-", "HC-99999999999999999999", "HC-1_0", "HC-1e9", "HC--5"])
def test_any_number_leaves_the_page_open(cast: Cast, odd: str) -> None:
    """Whatever number was given last, the next is proposed, and it is free."""
    factories.patient(cast.clinic, record_number="HC-0041")
    factories.patient(cast.clinic, record_number=odd)

    proposed = cast.client(cast.reception).get("/patients/register/").context["form"].initial["record_number"]

    assert proposed == "HC-0042"
    assert register(cast, record_number=proposed) == ""


def test_the_proposed_number_is_free(cast: Cast) -> None:
    """Also where the numbers that follow were typed by hand, in other letters."""
    for number in ("hc-0043", "HC‑0044", "HC-0042"):
        factories.patient(cast.clinic, record_number=number)

    assert actions.next_record_number(cast.clinic) == "HC-0045"


def test_a_correction_cannot_take_a_number(cast: Cast) -> None:
    """Nor can an action, where somebody was quicker than the form."""
    factories.patient(cast.clinic, record_number="HC-0777")
    told = {"reason": "Misread", "expected_version": 1, "by": cast.nurse}

    with pytest.raises(ValidationError, match="Another patient has this record number"):
        actions.correct_details(cast.patient, changes={"record_number": "hc-0777"}, **told)

    assert Patient.objects.get(pk=cast.patient.pk).version == 1


def test_a_number_used_twice_is_told(cast: Cast) -> None:
    """From before it was refused: both stay as they are, Today says so, and a new number settles it."""
    first = factories.patient(cast.clinic, name="Ann First", record_number="HC-0777")
    second = factories.patient(cast.clinic, name="Bo Second", record_number="X")
    Patient.objects.filter(pk=second.pk).update(record_number="hc-0777", record_key=None)
    client, url = cast.client(cast.reception), f"/patients/{second.pk}/details/"

    today = client.get("/").content.decode()
    assert "Two patients have the same record number" in today and "Ann First" in today and "Bo Second" in today
    assert candidates.of_number(cast.clinic, "Hc-0777", but=cast.patient) is None

    kept = client.post(url, filled(client.get(url).content.decode(), phone="6555 0101", correction_reason="new"))
    changed = client.post(
        url, filled(client.get(url).content.decode(), record_number="HC-0800", correction_reason="new")
    )

    assert (kept.status_code, changed.status_code) == (302, 302)
    assert Patient.objects.get(pk=second.pk).record_key == "hc-0800"
    assert "Two patients have the same" not in client.get("/").content.decode()
    assert Patient.objects.get(pk=first.pk).record_number == "HC-0777"


def test_the_one_who_had_it_may_give_it_up(cast: Cast) -> None:
    """Then the number is the other's alone."""
    first = factories.patient(cast.clinic, record_number="HC-0777")
    second = factories.patient(cast.clinic, record_number="X")
    Patient.objects.filter(pk=second.pk).update(record_number="hc-0777", record_key=None)

    actions.correct_details(
        first, changes={"record_number": "HC-0801"}, reason="Twice", expected_version=1, by=cast.nurse
    )

    assert Patient.objects.get(pk=second.pk).record_key == "hc-0777"
    assert actions.numbers_used_twice(cast.clinic) == []


@pytest.mark.parametrize("name", ["\u200b", "\u3164", "\u2800", "\u200d \u200c", "\u00ad", "\ufe0f"])
def test_nobody_is_called_by_unseen_letters(cast: Cast, name: str) -> None:
    assert register(cast, name=name, record_number="HC-0900") == "Write the patient’s name."


def test_names_are_found_as_tablets_type(cast: Cast) -> None:
    """O’Brien by O'Brien, Jean-Luc by Jean Luc, a telephone from abroad and from inside the country."""
    for name in ("O’Brien", "Jean-Luc Tan", "Anne Marie Lim"):
        factories.patient(cast.clinic, name=name)
    factories.patient(cast.clinic, name="Nora", phone="+44 (0)20 7946 0000")
    client = cast.client(cast.reception)
    searches = {
        "O'Brien": ["o’brien", "O´Brien", "obrien", "Ｏ＇Ｂｒｉｅｎ"],
        "Jean": ["jean luc", "jean‑luc", "Jean–Luc"],
        "Anne": ["anne-marie", "marie anne"],
        "Nora": ["+44 20 7946 0000", "+442079460000", "020 7946 0000", "+44 (0)20 7946 0000", "0044 20 7946 0000"],
    }
    for texts in searches.values():
        for text in texts:
            assert len(client.get("/patients/find/", {"q": text}).json()["people"]) == 1, text


def test_lists_sort_names_as_people_do(cast: Cast) -> None:
    """Accents and lower case stand beside their letters, and a short name before the longer."""
    names = ["Tan Ah Kow", "zoe", "Émile", "Tan", "Étan", "adam", "Zara", "O’Brien", "Oakley"]
    lot = factories.lot(factories.product(cast.clinic))
    for name in names:
        factories.exosome_session(factories.course(factories.patient(cast.clinic, name=name)), lot=lot)
    client = cast.client(cast.nurse)
    expected = ["adam", "Émile", "Étan", "Oakley", "O’Brien", "Tan", "Tan Ah Kow", "Zara", "zoe"]

    calls = [row["patient"].name for row in client.get(f"/lots/{lot.pk}/calls/").context["rows"]]
    listed = [row.name for row in client.get("/patients/").context["page"].rows if row.name in names]

    assert calls == listed == expected


@pytest.mark.parametrize(
    ("kept", "typed"),
    [("HC 0777", "hc0777"), ("HC0777", "HC 0777"), ("00-1234-567-8", "00-1234-567-8"), ("0012 345 67", "0012 345 67")],
)
def test_a_taken_number_is_found(cast: Cast, kept: str, typed: str) -> None:
    """What the registration calls taken the search finds, also a number that is written as a telephone number is."""
    patient = factories.patient(cast.clinic, record_number=kept)
    found = cast.client(cast.reception).get("/patients/find/", {"q": typed}).json()["people"]
    assert [each["number"] for each in found] == [patient.record_number]
    assert "Another patient has this record number" in register(cast, record_number=typed)


@pytest.mark.parametrize(("kept", "typed"), [("HC-0777", "hc0777"), ("HC0777", "hc-0777"), ("HC-0777", "HC‑07")])
def test_a_number_is_found_without_hyphen(cast: Cast, kept: str, typed: str) -> None:
    """Two numbers, but one that is asked for: who reads it out says no hyphen."""
    factories.patient(cast.clinic, record_number=kept)
    found = cast.client(cast.reception).get("/patients/find/", {"q": typed}).json()["people"]
    assert [each["number"] for each in found] == [kept]


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("+44 7700 900123", "07700 900123"),
        ("07700 900123", "(+44) 7700 900123"),
        ("+60 12-345 6789", "012-345 6789"),
        ("+33 (0)6 12 34 56 78", "+33 (0) 6 12 34 56 78"),
        ("06 12 34 56 78", "0033 6 12 34 56 78"),
        ("6555 0101", "+٦٥ ٦٥٥٥ ٠١٠١"),
        ("0065 6555 0101", "＋65 (0)6555‑0101"),
    ],
)
def test_a_telephone_is_found_from_anywhere(cast: Cast, kept: str, typed: str) -> None:
    """A number written for inside the country is found as it is dialled from abroad, and the other way round."""
    patient = factories.patient(cast.clinic, phone=kept)
    for text in (kept, typed):
        found = cast.client(cast.reception).get("/patients/find/", {"q": text}).json()["people"]
        assert [each["number"] for each in found] == [patient.record_number], text

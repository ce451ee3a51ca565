"""A form that is sent many times at once, or again after its answer was lost, makes one record and gives one answer."""

import os
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests import factories
from tests.faults.create_forms import CREATE_FORMS, MOVES, Filling
from tests.html_forms import Fields, fields_of, filled
from tests.people import Cast
from tests.test_access import ids  # noqa: F401 -- one row of every kind, to open every address with
from tests.urls import routes
from treatments.records.ids import new_id

FULL = os.environ.get("ANAGEN_FULL") == "1"
TIMES = 8
IDS = 60 if FULL else 3


@pytest.mark.django_db
@pytest.mark.any_database
def test_every_create_form_is_listed(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """Every form that makes a record is listed in create_forms.py."""
    client = cast.client(cast.manager)
    found = set()
    for route in routes():
        if route.is_open or route.name == "choose-clinic":
            continue
        answer = client.get(route.url(ids))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            fields = fields_of(answer.content.decode())
            if fields is not None and "id" in fields:
                found.add(route.name)

    assert found - {*CREATE_FORMS, *MOVES} == set(), "say in tests/faults/create_forms.py how these are filled in"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [*CREATE_FORMS, *MOVES])
def test_eight_at_once_make_one_record(name: str, cast: Cast) -> None:
    """Eight submits at once make one record and get the same answer."""
    client = cast.client(cast.manager)
    fillings = [(CREATE_FORMS | MOVES)[name](cast, number) for number in range(IDS)]
    model = fillings[0].makes
    before = model._default_manager.count()

    for filling in fillings:
        fields = prepared(client, filling)
        answers = at_once(client, filling.url, fields)

        assert len(set(answers)) == 1, answers
        status, address = answers[0]
        assert status == 302, objections(client, filling.url, fields)
        assert model._default_manager.filter(pk=fields["id"][0]).count() == 1, address
    made = model._default_manager.count() - before
    print(f"\nfigure: {connection.vendor}_rows_of_{name.replace(':', '.')} {made} rows (= {IDS})")
    assert made == IDS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [*CREATE_FORMS, *MOVES])
def test_retry_shows_the_saved_record(name: str, cast: Cast) -> None:
    """A retry after a lost answer shows the saved record."""
    client = cast.client(cast.manager)
    filling = (CREATE_FORMS | MOVES)[name](cast, 0)
    fields = prepared(client, filling)

    first, second, third = (client.post(filling.url, fields) for _ in range(3))

    assert first.status_code == 302, objections(client, filling.url, fields)
    assert [(r.status_code, r["Location"]) for r in (second, third)] == [(302, first["Location"])] * 2
    assert filling.makes._default_manager.filter(pk=fields["id"][0]).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", CREATE_FORMS)
def test_same_content_under_another_id(name: str, cast: Cast) -> None:
    """The same content sent again under another id is asked about."""
    client = cast.client(cast.manager)
    filling = (CREATE_FORMS | MOVES)[name](cast, 0)
    fields = prepared(client, filling)
    client.post(filling.url, fields)
    count = filling.makes._default_manager.count()

    again = client.post(filling.url, {**fields, "id": str(new_id())})

    assert again.status_code in {409, 422}
    assert filling.makes._default_manager.count() == count


OF_THE_CLINIC = (
    "products:", "sessions:protocol", "patients:register", "assessments:laboratory-test", "appointments:messages",
    "consents:text-", "papers:aftercare", "evidence:series",
)  # fmt: skip
ABOUT_A_PATIENT = [name for name in CREATE_FORMS if not name.startswith(OF_THE_CLINIC)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ABOUT_A_PATIENT)
def test_id_of_another_patient_is_refused(name: str, cast: Cast) -> None:
    """An id used for another patient is refused, and nothing of that record is shown."""
    client = cast.client(cast.manager)
    filling = (CREATE_FORMS | MOVES)[name](cast, 1)
    fields = prepared(client, filling)
    assert client.post(filling.url, fields).status_code == 302
    somebody_else = replace(cast, patient=factories.patient(cast.clinic, name="Somebody Else"))
    elsewhere = CREATE_FORMS[name](somebody_else, 2)
    theirs = prepared(client, elsewhere)
    count = filling.makes._default_manager.count()

    page = client.post(elsewhere.url, {**theirs, "id": fields["id"]})

    assert page.status_code == 409, objections(client, elsewhere.url, theirs)
    assert "This form was used before for another patient" in page.content.decode()
    assert "In the record now" not in page.content.decode()
    assert filling.makes._default_manager.count() == count


def prepared(client: Client, filling: Filling) -> Fields:
    return filled(client.get(filling.url).content.decode(), **filling.changes)


def at_once(client: Client, url: str, fields: Fields) -> list[tuple[int, str]]:
    """Send the same form from eight threads at the same moment; (status, address) of each answer."""
    gate, answers = threading.Barrier(TIMES), []

    def send() -> None:
        own = Client()
        own.cookies = client.cookies.copy()
        gate.wait()
        try:
            answer = own.post(url, fields)
            answers.append((answer.status_code, answer.get("Location", "")))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == TIMES, "a request raised instead of answering"
    return answers


def objections(client: Client, url: str, fields: Fields) -> str:
    """What the page says against the form, for a test that fails."""
    form = client.post(url, {**fields, "id": str(new_id())}).context["form"]
    return f"{url}: {dict(form.errors)} {[w.sentence for w in form.unpassed]} {fields}"

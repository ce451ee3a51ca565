"""Any Unicode text in any field and any address: kept as it is shown, or refused with a sentence, and never a 500."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.create_forms import CREATE_FORMS
from tests.faults.test_hostile_text import OURS, QUERIES
from tests.html_forms import fields_of, filled
from tests.people import Cast
from tests.test_access import ids  # noqa: F401 -- one row of every kind, to open every address with
from tests.urls import routes
from treatments.models import Patient
from treatments.records.ids import new_id
from treatments.records.text.text_folding import has_visible

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
NUMBERS = ["1e1", "1_0", "²", "٣", "２．５", "2,5", "1,000", "-0", "NaN", "9" * 5000, "1" * 400, "½", "\u200b3", "0x10"]
WORDS = [
    "O’Brien",
    "\u3164",
    "\u200b",
    "\ud7ff\uffff",
    "ﷺ" * 32,
    "İ",
    "ß" * 160,
    "29 Feb 2023",
    "٢٠٢٠",
    "\U000e0100",
    "n" * 9000,
]
IDS = ["{01900000-0000-7000-8000-000000000000}", "٠" * 32, "0" * 32, "1_0" * 12, "urn:uuid:" + "0" * 32]
text = st.sampled_from(NUMBERS + WORDS + IDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
FEW = settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(values=st.lists(text, min_size=len(QUERIES), max_size=len(QUERIES)))
def test_no_query_is_a_fault(cast: Cast, ids: dict[str, Any], values: list[str]) -> None:  # noqa: F811
    """Every address with any text in all of its parameters at once."""
    client = Client()
    client.force_login(cast.manager)
    client.raise_request_exception = False
    for route in routes():
        if route.name not in {"sign-out", "choose-clinic"}:
            status = client.get(route.url(ids), dict(zip(QUERIES, values, strict=True))).status_code
            # 503: the original of a photo that has no file.
            assert status in {200, 302, 400, 404, 405, 422, 503}, f"{route}: {status} {values}"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_form_is_a_fault(cast: Cast, data: st.DataObject) -> None:
    """Forms that make a record, with any text in some of their fields, ids and versions among them."""
    client = Client()
    client.force_login(cast.manager)
    client.raise_request_exception = False
    name = data.draw(st.sampled_from(sorted(CREATE_FORMS)))
    filling = CREATE_FORMS[name](cast, data.draw(st.integers(0, 9999)))
    shown = filled(client.get(filling.url).content.decode(), **filling.changes) | {"id": [str(new_id())]}
    fields = sorted(set(shown) - (OURS - {"id", "version"}))
    spoilt = data.draw(st.lists(st.sampled_from(fields), min_size=1, max_size=8))
    changed = shown | {field: [data.draw(text)] for field in spoilt}
    answer = client.post(filling.url, changed)
    assert answer.status_code in {302, 400, 404, 409, 422}, f"{name}: {answer.status_code} {changed}"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=text)
def test_a_name_is_kept_as_it_is_shown(cast: Cast, name: str) -> None:
    """What is kept of a patient's name is what the form shows again, and it can be seen."""
    client = Client()
    client.force_login(cast.reception)
    page = client.get("/patients/register/").content.decode()
    fields = filled(page, name=name, sex="female", **{"_sentinel": "1"}) | {"id": [str(new_id())]}
    answer = client.post("/patients/register/", fields)
    patient = Patient.objects.filter(pk=fields["id"][0]).first()
    if answer.status_code == 422:  # or it may be somebody who is registered already
        assert patient is None
        return
    assert has_visible(patient.name)
    again = fields_of(client.get(f"/patients/{patient.pk}/details/").content.decode())
    assert again is not None and again["name"] == [patient.name]


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        kind = told.get("type", "text")
        if tag in {"select", "textarea"} or (tag == "input" and kind not in NOT_FILLED_IN):
            self.found.append(told)


NOT_FILLED_IN = {"hidden", "checkbox", "radio", "file", "submit", "button", "range", "reset", "image", "color"}
OWN = {"username": "username", "password": "current-password", "old_password": "current-password"} | {
    name: "new-password" for name in ("new_password1", "new_password2")
}


def test_browsers_fill_in_nobody(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """On every page each control says what a browser may fill in: nothing, but e-mail and password for signing in."""
    client = cast.client(cast.manager)
    unsaid, seen = set(), 0
    addresses = [route.url(ids) for route in routes() if route.name not in {"sign-out", "choose-clinic"}]
    pages = [client.get(address) for address in addresses] + [Client().get("/sign-in/")]
    for page in pages:
        if page.status_code != 200 or not page.get("Content-Type", "").startswith("text/html"):
            continue
        controls = _Controls()
        controls.feed(page.content.decode())
        for control in controls.found:
            seen += 1
            if control.get("autocomplete") != OWN.get(control.get("name", ""), "off"):
                unsaid.add((re.sub("[0-9a-f-]{36}", "…", page.request["PATH_INFO"]), control.get("name")))
    assert unsaid == set()
    assert seen > 300


def test_a_birth_meets_every_relation() -> None:
    """Every kind of record of a patient that has a day takes part when a birth is corrected; a new kind fails here."""
    from django.db.models import DateField, DateTimeField

    from treatments.records.fields import PartialDateField
    from treatments.records.models import ClinicalRecord
    from treatments.registry.forms import _DATED

    def has_a_day(model: Any) -> bool:
        columns = [column for column in model._meta.concrete_fields if not isinstance(column, DateTimeField)]
        return any(isinstance(column, DateField | PartialDateField) for column in columns)

    related = {relation.related_model for relation in Patient._meta.related_objects}
    dated = {model for model in related if issubclass(model, ClinicalRecord) and has_a_day(model)}
    assert dated - {model for model, _, _ in _DATED} == set()

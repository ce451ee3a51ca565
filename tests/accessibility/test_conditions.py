"""What is hidden is not judged: a field that is asked only after a certain answer refuses nothing and is not stored
after another, on every form that declares one."""

from typing import Any

import pytest

from tests import factories
from tests.evidence.reading import rounds
from tests.faults.create_forms import CREATE_FORMS, MOVES
from tests.html_forms import filled
from tests.html_tree import Element, read
from tests.people import Cast
from treatments.models import AdverseEvent, Consent, HairHistory, Photo
from treatments.records.forms.conditions import AskedWhen, ConditionalForm

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

NONSENSE = "\0"
CONTROLS = ("input", "select", "textarea")


def _conditional(page: Element) -> dict[str, set[str]]:
    """The fields of a page that are asked only after an answer to a question: {question: names of the fields}."""
    found: dict[str, set[str]] = {}
    for part in page.walk():
        if "data-asked-when" in part:
            names = {control["name"] for control in part.all(*CONTROLS) if control["name"]}
            found.setdefault(part["data-asked-when"], set()).update(names)
    return found


def _declared(form: type[ConditionalForm]) -> set[tuple[type, AskedWhen]]:
    below = [each for subclass in form.__subclasses__() for each in _declared(subclass)]
    return {(form, condition) for condition in form.__dict__.get("conditions", ())} | set(below)


@pytest.mark.parametrize("name", CREATE_FORMS)
def test_hidden_fields_refuse_nothing(name: str, cast: Cast) -> None:
    url = CREATE_FORMS[name](cast, 1).url
    factories.consent_text(cast.clinic)  # which form is signed is a question where the clinic keeps one
    client = cast.client(cast.manager)
    html = client.get(url).content.decode()
    conditional = _conditional(read(html))
    hidden = set().union(*conditional.values())
    # After no answer at all nothing of it is asked.
    sent = filled(html, **dict.fromkeys(conditional), **dict.fromkeys(hidden - set(conditional), NONSENSE))

    page = read(client.post(url, sent).content.decode())

    wrong = {each["name"] for each in page.all(*CONTROLS) if each["aria-invalid"] == "true"}
    assert wrong & hidden == set()
    for part in page.walk():
        assert "data-asked-when" not in part or "hidden" in part


def test_every_condition_is_drawn(cast: Cast) -> None:
    """What a form declares is what its page hides: a condition that no template draws would leave a field in sight that
    is not stored."""
    client = cast.client(cast.manager)
    lot = factories.lot(factories.product(cast.clinic))
    factories.exosome_session(factories.course(cast.patient), lot=lot, product=lot.product)
    pages = [CREATE_FORMS[name](cast, 1).url for name in CREATE_FORMS]
    pages += [MOVES[name](cast, 1).url for name in ("evidence:responder", "reading:open")]
    photos = Photo.objects.filter(patient=rounds.head(cast)).order_by("taken_on")
    pair = rounds.of_pair(photos[0], photos[1], by=cast.manager)
    drawn: set[tuple[str, str]] = set()
    never_seen: set[str] = set()
    for url in [
        *pages,
        *(f"/patients/{cast.patient.pk}/{page}/" for page in ("archive", "sessions/log")),
        f"/reading/{pair.token}/",
    ]:
        page = read(client.get(url).content.decode())
        never_seen |= {control["name"] for control in page.all("input") if control["type"] == "hidden"}
        drawn |= {(question, name) for question, names in _conditional(page).items() for name in names}
    declared = {(each.question, name) for _, each in _declared(ConditionalForm) for name in each.fields}
    assert len(declared) > 15
    assert {each for each in declared - drawn if each[1] not in never_seen} == set()


def _history(cast: Cast) -> tuple[Any, Any]:
    told = {"allergies": "none", "allergies_text": "eggs", "family": "none", "affected_relatives": ["father"]}
    return told, lambda: _values(HairHistory, "allergies", "allergies_text", "relatives") == ("none", "", {})


def _consent(cast: Cast) -> tuple[Any, Any]:
    told = {"signed_by": "patient", "guardian": "Ana Invented", "purposes": ["teaching"], "typed_name": "Ida"}
    return told, lambda: _values(Consent, "guardian", "purposes", "signature") == ("", [], None)


def _session(cast: Cast) -> tuple[Any, Any]:
    told = {"since_last": "none", "event_kind": "headache", "event_onset": "no day", "grade-headache": "9"}
    return told, lambda: not AdverseEvent.objects.exists()


def _event(cast: Cast) -> tuple[Any, Any]:
    return {"learnt_on": "2001-01-01"}, lambda: _values(AdverseEvent, "learnt_on") == (None,)


def _values(model: Any, *names: str) -> tuple[Any, ...]:
    row = model.objects.order_by("-created_at").first()
    return tuple(getattr(row, name) for name in names)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("patients:history", _history),
        ("consents:add", _consent),
        ("sessions:log", _session),
        ("safety:report", _event),
    ],
)
def test_hidden_fields_are_not_stored(name: str, told: Any, cast: Cast) -> None:
    filling = CREATE_FORMS[name](cast, 1)
    changes, is_left_out = told(cast)
    client = cast.client(cast.manager)

    saved = client.post(filling.url, filled(client.get(filling.url).content.decode(), **filling.changes, **changes))

    assert saved.status_code == 302
    assert is_left_out()

"""Every address while the disk is full, the database can only be read, or is stopped: what each says, by GET and POST.

The faults are the database's own, made in this process; test_outages.py has them on a real server and a real disk. No
patient is shown whose look could not be noted; nothing is called saved that is not.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.operations.outages import HEADER, OFF_THE_TRAIL, OUTAGES
from clinic.sign_in.late_forms import OPENED_AS, opened_by
from tests.faults.create_forms import CREATE_FORMS
from tests.faults.test_duplicate_submits import prepared
from tests.html_forms import Fields
from tests.people import Cast
from tests.test_access import ids  # noqa: F401 -- one row of every kind, to open every address with
from tests.urls import FOR_MACHINES, routes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TYPED = "Typed while the machine failed"
OURS = "http://testserver"
# They end the session, or choose another clinic for it.
ROUTES = [route for route in routes() if route.name not in {"sign-out", "choose-clinic"} | FOR_MACHINES]


def sql(text: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone()[0] if cursor.description else None


@contextlib.contextmanager
def on_every_connection(statement: str, afterwards: str) -> Iterator[None]:
    """Say something to the database, and again on each connection that is made meanwhile."""

    def say(**kwargs: Any) -> None:
        sql(statement)

    say()
    connection_created.connect(say)
    try:
        yield
    finally:
        connection_created.disconnect(say)
        sql(afterwards)
        if connection.vendor == "postgresql":  # those of other threads went back to the pool as they were
            connection.close()
            connection.close_pool()


@contextlib.contextmanager
def read_only(cast: Cast) -> Iterator[str]:
    """As where a standby has taken over, or the disk was mounted again after a fault."""
    words = {"sqlite": "PRAGMA query_only = {}", "postgresql": "SET default_transaction_read_only = {}"}
    told = words[connection.vendor]
    with on_every_connection(told.format("on"), told.format("off")):
        yield "database_read_only"


@contextlib.contextmanager
def full(cast: Cast) -> Iterator[str]:
    """SQLite gets no further page, and the last ones are filled with lines of this patient's trail."""
    told = {"clinic": cast.clinic, "actor": cast.manager, "patient_id": cast.patient.pk}
    most = f"PRAGMA max_page_count = {sql('PRAGMA page_count')}"
    with on_every_connection(most, "PRAGMA max_page_count = 1073741823"):
        with contextlib.suppress(DatabaseError):
            while True:
                AuditEvent.objects.create(action="viewed", **told)
        yield "disk_full"


@contextlib.contextmanager
def stopped(cast: Cast) -> Iterator[str]:
    """The disk of the file is gone."""
    told, name = connection.settings_dict, connection.settings_dict["NAME"]
    connection.close()
    told["NAME"] = str(Path(name).parent / "gone" / "anagen.sqlite3")
    try:
        yield "database_away"
    finally:
        connection.close()
        told["NAME"] = name


Fault = Callable[[Cast], contextlib.AbstractContextManager[str]]
# A PostgreSQL that stops, freezes or fills its disk: test_outages.py.
FAULTS = [read_only, full, stopped] if connection.vendor == "sqlite" else [read_only]


def desk(cast: Cast) -> Client:
    client = cast.client(cast.manager)
    client.raise_request_exception = False
    client.get("/")  # notes that the session is in use, which need not be noted again for a minute
    return client


def shown(answer: HttpResponseBase, cast: Cast) -> bool:
    """Whether an answer shows the patient, by name or number."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return any(each.encode() in content for each in (cast.patient.name, cast.patient.record_number))


def test_every_address_in_an_outage(cast: Cast, ids: dict[str, Any]) -> None:  # noqa: F811
    """An outage in its own words, or an answer without a patient; a form that was sent is on the page again."""
    sent = {"note": TYPED, OPENED_AS: opened_by(person=cast.manager.pk, clinic=cast.clinic.pk)}
    wrong, off_the_trail = [], 0
    with travel(timezone.now(), tick=False):  # no minute goes by after which it is noted that the session is in use
        client = desk(cast)
        for fault in FAULTS:
            with fault(cast) as code:
                for route in ROUTES:
                    answers = [client.get(route.url(ids)), client.post(route.url(ids), sent, HTTP_ORIGIN=OURS)]
                    told = [each for answer in answers for each in problems(answer, cast, code)]
                    wrong += [f"{code}, {route}: {each}" for each in told]
                    off_the_trail += OFF_THE_TRAIL.encode() in answers[0].content if not answers[0].streaming else 0

    assert not wrong, "\n".join(wrong)
    assert off_the_trail > 70 * sum(fault is not stopped for fault in FAULTS)


def problems(answer: Any, cast: Cast, code: str) -> list[str]:
    """What is wrong with an answer during an outage."""
    method, text = answer.wsgi_request.method, "" if answer.streaming else answer.content.decode()
    found = ["the patient is shown"] if shown(answer, cast) else []
    if not answer.has_header(HEADER):
        found += ["is no outage"] if answer.status_code >= 500 else []
        return [f"{method} {answer.status_code} {each}" for each in found]
    if (answer.status_code, answer[HEADER]) != (OUTAGES[code].status, code) or OUTAGES[code].title not in text:
        found.append(f"says {answer[HEADER]}")
    if method == "POST" and (text.count(TYPED) != 2 or "not saved yet" not in text):
        found.append("what was typed is lost")
    if method == "GET" and OFF_THE_TRAIL not in text and "cannot be shown now" not in text:
        found.append("does not say that nothing is shown")
    return [f"{method} {each}" for each in found]


def test_no_form_is_confirmed_in_an_outage(cast: Cast) -> None:
    """Each form that makes a record, filled in right: it says that it is not saved, with all that was typed; sent again
    afterwards it is saved once."""
    client = desk(cast)
    forms = {name: fill(cast, number) for number, (name, fill) in enumerate(CREATE_FORMS.items())}
    fields: dict[str, Fields] = {name: prepared(client, filling) for name, filling in forms.items()}
    rows = {name: filling.makes._default_manager.count() for name, filling in forms.items()}
    for fault in FAULTS:
        with fault(cast) as code:
            for name, filling in forms.items():
                answer = client.post(filling.url, fields[name], HTTP_ORIGIN=OURS)
                assert (answer.status_code, answer.get(HEADER)) == (OUTAGES[code].status, code), name
                text = answer.content.decode()
                assert "not saved yet" in text and all(f'name="{field}"' in text for field in fields[name]), name
    assert rows == {name: filling.makes._default_manager.count() for name, filling in forms.items()}

    for name, filling in forms.items():
        answers = [client.post(filling.url, fields[name]).status_code for _ in range(2)]
        assert answers == [302, 302], name
        assert filling.makes._default_manager.filter(pk=fields[name]["id"][0]).count() == 1

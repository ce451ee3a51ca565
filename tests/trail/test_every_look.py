"""Every address by every way of asking: what shows a patient is on the audit trail once, and where it cannot be put
there, nothing is shown. The addresses come from the URL table; a new one is asked without being named here."""

from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

from clinic.audit.models import AuditEvent
from clinic.audit_report.words import Kind, actions_of
from clinic.operations.outages import HEADER, OFF_THE_TRAIL
from clinic.sign_in.late_forms import OPENED_AS, opened_by
from tests import factories
from tests.people import Cast
from tests.rows import FREE, one_of_each
from tests.urls import FOR_MACHINES, Route, no_log, routes
from treatments.models import Draft, Patient

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARKER: Final = "Quartzlike"
# These say how many were shown, of which lot, or what was asked: they name no patient.
OF_MANY: Final = {
    *("viewed_today", "viewed_list", "searched", "viewed_lot", "viewed_call_list", "exported_call_list"),
    *("viewed_audit", "printed_audit", "exported_audit"),
}
LOOKS: Final = {*actions_of(Kind.LOOKED), "refused", "not_found"}
SCRIPT: Final = {"HTTP_X_REQUESTED_WITH": "fetch", "HTTP_ACCEPT": "application/json"}
# What an address is asked for besides nothing; {…} are ids, and the number of the other patient.
QUERIES: Final = {
    "audit-trail": ["?patient={record_number}&since=1 Jan 2026", "?patient=Ida", "?patient=Ida&since=nonsense"],
    "audit-trail-print": ["?patient={record_number}&since=1 Jan 2026"],
    "audit-trail-csv": ["?patient={record_number}&since=1 Jan 2026"],
    "who-looked": ["?since=1 Jan 2026"],
    "patients:find": ["?q=Ida", "?q=nobody at all"],
    "patients:index": ["?q=Ida", "?page=2", "?after={patient_id}"],
    "records:draft": ["?form=/patients/{patient_id}/sessions/log/"],
    "identity:merge": ["?who=Ida", "?with={other_id}"],
    "timeline:patient": ["?show=photos"],
} | {f"identity:move-{kind}": ["?who=Ida", "?to={other_id}"] for kind in ("session", "event", "photo")}


@dataclass
class Asked:
    """One request: `shows` are the ids of the patients whom its answer shows, `events` what it left on the trail."""

    route: str
    asked: str
    answer: HttpResponse
    body: bytes
    shows: set[Any]
    events: list[AuditEvent]

    def __str__(self) -> str:
        return f"{self.asked}: {self.answer.status_code}, {sorted(each.action for each in self.events)}"

    @property
    def shows_something(self) -> bool:
        status = self.answer.status_code
        return bool(self.shows and self.body) and not (300 <= status < 400 or status in {204, 405, 500})

    @property
    def fault(self) -> str:
        """What is wrong with the trail of this request; "" when nothing is."""
        looks = [each for each in self.events if each.action in LOOKS]
        of_many = [each for each in self.events if each.action in OF_MANY or "hits" in each.detail]
        for patient_id in self.shows:
            if len([each for each in looks if each.patient_id == patient_id]) > 1:
                return "more than one look"
            if not of_many and not any(each.patient_id == patient_id for each in self.events):
                return f"no event of {patient_id}"
        return ""


class Walk:
    """Asks every address as the manager, each time on the same rows: what a request changes is taken back."""

    def __init__(self, cast: Cast) -> None:
        Patient.objects.filter(pk=cast.patient.pk).update(name=f"Ida {MARKER}")
        cast.patient.refresh_from_db()
        self.patient = cast.patient
        self.ids = one_of_each(cast.patient, by=cast.manager, files=True, marker=MARKER)
        self.other = factories.patient(cast.clinic, name="Ida Otherwise", record_number="Z-70001")
        self.client = cast.client(cast.manager)
        self.client.raise_request_exception = False
        self.client.get("/")
        self.cookies = self.client.cookies.output(header="", sep=";")
        form = f"/patients/{self.patient.pk}/sessions/log/#abcdefgh"
        told = {"clinic": cast.clinic, "owner": cast.manager}
        Draft.objects.create(form=form, values={"note": [f"{MARKER} typed"]}, **told)
        opened_as = opened_by(person=cast.manager.pk, clinic=cast.clinic.pk)
        self.token = {OPENED_AS: opened_as, "csrfmiddlewaretoken": "x", "_sentinel": "1", "version": "0"}

    def ask_all(self) -> Iterator[tuple[Asked, Asked | None]]:
        """Each request twice: while the trail takes events, and while it takes none."""
        for route in (each for each in routes() if each.name not in FOR_MACHINES):
            for query in ["", *QUERIES.get(route.name, [])]:
                filled = query.format(**self.ids, record_number=self.patient.record_number, other_id=self.other.pk)
                address = route.url(self.ids | FREE) + filled
                if "GET" in route.methods:
                    yield self.ask_twice(route, "GET", address)
                if "POST" in route.methods:
                    yield self.ask_twice(route, "POST", address)
                    yield self.ask_twice(route, "POST", address, data=self.token)
                    yield self.ask_twice(route, "POST", address, data=self.token, **SCRIPT)

    def ask_twice(self, route: Route, method: str, address: str, **told: Any) -> tuple[Asked, Asked | None]:
        noted = self.ask(route, method, address, **told)
        is_hidden_too = noted.shows_something and not told  # with a token it is the same page
        return noted, self.ask(route, method, address, takes_events=False) if is_hidden_too else None

    def ask(self, route: Route, method: str, address: str, *, takes_events: bool = True, **told: Any) -> Asked:
        last = AuditEvent.objects.order_by("id").last()
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            if not takes_events:
                refuse_events()
            answer = getattr(self.client, method.lower())(address, **told)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            since = AuditEvent.objects.filter(id__gt=last.pk if last else 0)
            events = list(since) if takes_events and not answer.has_header(HEADER) else []
            transaction.set_rollback(True)
        how = f"{' with a token' if 'data' in told else ''}{' by a script' if len(told) > 1 else ''}"
        return Asked(route.name, f"{method} {address}{how}", answer, body, self._shown(route, answer, body), events)

    def _shown(self, route: Route, answer: HttpResponse, body: bytes) -> set[Any]:
        text = body.decode(errors="replace")
        shown = {
            each.pk
            for each in (self.patient, self.other)
            if each.name in text or each.record_number in text or (each is self.patient and MARKER in text)
        }
        leads_on = text.startswith('{"go"')
        if "patient_id" in route.parameters and answer.status_code == 200 and not leads_on:
            shown.add(self.patient.pk)
        return shown


def test_every_look_is_noted_or_hidden(cast: Cast) -> None:
    """An answer that shows patients is on the trail once for each, whatever was asked and however it was answered.
    Where the trail takes no event, the same request is answered by the outage page, in its own words."""
    with no_log():
        asked = list(Walk(cast).ask_all())
    showing = [(noted, hidden) for noted, hidden in asked if noted.shows_something]

    assert [str(noted) for noted, _ in asked if noted.answer.status_code == 500] == []
    assert [f"{noted}: {noted.fault}" for noted, _ in showing if noted.fault] == []
    assert [str(hidden) for _, hidden in showing if hidden and not is_hidden(hidden)] == []
    figure = f"{connection.vendor}_answers_that_show_a_patient {len(showing)} answers"
    print(f"\nfigure: {figure} (each noted, or not shown, of {len(asked)} asked)")
    assert len({noted.route for noted, _ in showing}) > 80


def is_hidden(asked: Asked) -> bool:
    text = asked.body.decode(errors="replace")
    return MARKER not in text and OFF_THE_TRAIL in text and asked.answer.status_code == 503


def refuse_events() -> None:
    """Until the end of this transaction the database takes no event."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER full BEFORE INSERT ON clinic_auditevent BEGIN SELECT RAISE(ABORT, 'no event'); END"
            )
            return
        cursor.execute(
            "CREATE FUNCTION no_event() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no event'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER a_full BEFORE INSERT ON clinic_auditevent FOR EACH ROW EXECUTE FUNCTION no_event()"
        )

"""From a lot to everyone who was given it: its page, the list to telephone from, and the file for a spreadsheet."""

import csv
import datetime
import io
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.urls import routes
from treatments.models import ExosomeSession, Lot, Patient
from treatments.recall.call_list import COLUMNS
from treatments.records.text.spreadsheet import cell

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


@pytest.fixture
def lot(cast: Cast) -> Lot:
    return factories.lot(factories.product(cast.clinic), number="EX-2411")


def treated(cast: Cast, lot: Lot, *days: int, **fields: Any) -> Patient:
    patient = factories.patient(cast.clinic, **fields)
    course = factories.course(patient)
    for day in days:
        factories.exosome_session(course, performed_on=ago(day), lot=lot)
    return patient


def page(cast: Cast, lot: Lot, query: str = "") -> Any:
    return cast.client(cast.reader).get(lot.get_absolute_url() + query)


def calls(cast: Cast, lot: Lot) -> list[dict[str, str]]:
    response = cast.client(cast.clinician).get(reverse("recall:lot-calls-csv", args=[lot.pk]))
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_lot_page_counts_what_was_given(cast: Cast, lot: Lot) -> None:
    """The page of a lot counts patients, sessions, volume and events."""
    patient = treated(cast, lot, 40, 10)
    treated(cast, lot, 20)
    treated(cast, factories.lot(lot.product), 5)
    factories.adverse_event(patient, exosome_session=patient.exosome_sessions.first(), outcome="3")
    factories.adverse_event(patient, exosome_session=patient.exosome_sessions.first(), outcome="1")

    trace = page(cast, lot).context["trace"]

    assert (trace.patients, trace.sessions, trace.ml) == (2, 3, 9)
    assert (trace.events, trace.open_events, trace.serious_events) == (2, 1, 0)


def test_sessions_of_a_lot_show_events(cast: Cast, lot: Lot) -> None:
    """Each session says whether it had events."""
    patient = treated(cast, lot, 10)
    treated(cast, lot, 20)
    session = patient.exosome_sessions.get()
    factories.adverse_event(patient, exosome_session=session)
    wrong = factories.adverse_event(patient, exosome_session=session)
    wrong.struck_out_at, wrong.struck_out_by, wrong.struck_out_reason = timezone.now(), cast.nurse, "told twice"
    wrong.save()

    assert page(cast, lot).context["event_counts"] == {session.pk: 1}


def test_sessions_struck_out_are_not_counted(cast: Cast, lot: Lot) -> None:
    patient = treated(cast, lot, 10)
    ExosomeSession.objects.filter(patient=patient).update(
        struck_out_at=timezone.now(), struck_out_by=cast.nurse, struck_out_reason="other patient"
    )

    assert page(cast, lot).context["trace"].sessions == 0
    assert calls(cast, lot) == []


def test_three_events_signal_until_recall(cast: Cast, lot: Lot) -> None:
    """Three events on a lot are a signal until it is recalled."""
    for _ in range(3):
        patient = treated(cast, lot, 10)
        factories.adverse_event(patient, exosome_session=patient.exosome_sessions.get())

    assert "3 events on lot EX-2411" in page(cast, lot).content.decode()


def test_look_at_a_lot_is_audited(cast: Cast, lot: Lot) -> None:
    """A look at a lot is on the audit trail."""
    page(cast, lot)

    trace = AuditEvent.objects.get(action="viewed_lot")
    assert (trace.actor, trace.object_id) == (cast.reader, str(lot.pk))


def test_call_list_names_everyone_once(cast: Cast, lot: Lot) -> None:
    """Everyone who had the lot is on the call list once."""
    ada = treated(
        cast, lot, 40, 10, name="Ada Invented", phone="6555 0101", email="ada@example.test", contact_note="evenings"
    )
    factories.exosome_session(ada.courses.get(), performed_on=ago(2), lot=factories.lot(lot.product))
    factories.adverse_event(ada, kind="nodule_mass", grade=2)
    factories.adverse_event(ada, kind="headache", outcome="1")
    treated(cast, lot, 20, name="Bo Invented", archived_at=timezone.now(), archived_reason="moved away")
    treated(cast, factories.lot(lot.product), 5, name="Cleo Invented")

    rows = calls(cast, lot)

    assert [row["Patient"] for row in rows] == ["Ada Invented", "Bo Invented"]
    assert rows[0] == {
        "Patient": "Ada Invented",
        "Record number": ada.record_number,
        "Died or archived": "",
        "Telephone": "6555 0101",
        "E-mail": "ada@example.test",
        "How best to reach": "evenings",
        "First given": ago(40).isoformat(),
        "Last given": ago(10).isoformat(),
        "Times given": "2",
        "mL given": "6",
        "Last visit": ago(2).isoformat(),
        "Events not resolved": "Lump, grade 2",
        "Last call": "",
        "What came of it": "",
        "Note of the call": "",
    }
    printed = cast.client(cast.nurse).get(reverse("recall:lot-calls", args=[lot.pk])).content.decode()
    for text in ("Ada Invented", "6555 0101", "evenings", "2 times", "6 mL", "Lump, grade 2", "no contact recorded"):
        assert text in printed


FORMULAS = (
    "=1+1", "＝1+1", "﹦1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1+1", "\u00a0=1", "\u200b=1", "\ufeff=1",
    '=HYPERLINK("http://x")', "Tan;=1+1;x", "Tan,=1+1", "Tan\t=1+1", "Tan\n=1+1", "Tan; =1+1", 'Tan";=1+1;"x', "Tan|@x",
    "Tan;\u200b=1", '"=1+1', "'=1+1",
)  # fmt: skip


def test_no_cell_is_taken_for_a_formula(cast: Cast, lot: Lot) -> None:
    """However a spreadsheet of any country parts the cells of any file that the app makes, none begins as a formula."""
    for text in FORMULAS:
        treated(cast, lot, 10, name=text, phone=text[:40], contact_note=text)
    client = cast.client(cast.clinician)
    routes_of_lots = [route for route in routes() if route.parameters == ("lot_id",)]
    answers = [client.get(route.url({"lot_id": lot.pk})) for route in routes_of_lots]
    files = [each for each in answers if each.get("Content-Type", "").startswith("text/csv")]
    assert len(files) == 1

    text = b"".join(files[0].streaming_content).decode("utf-8-sig")

    for separator in (",", ";", "\t", "|"):
        parted = [line.split(separator) for line in text.split("\r\n")]
        for cells in (*csv.reader(io.StringIO(text), delimiter=separator), *parted):
            for part in cells:
                bare = unicodedata.normalize("NFKC", part).strip('\u200b\ufeff \t\r\n"')
                assert not bare.startswith(("=", "+", "-", "@")), part
    assert text.count("\r\n") == len(FORMULAS) + 1


def test_figures_keep_their_zeros() -> None:
    """A record number, a telephone and a GTIN are no numbers to a spreadsheet; a volume and a day are."""
    told = ("0042", "0765550101", "09506000134352", "+65 6555 0101", "HC-0042", "65550101", Decimal("2.50"), 3, TODAY)
    assert [cell(value) for value in told] == [
        *("'0042", "'0765550101", "'09506000134352", "'+65 6555 0101", "HC-0042", "65550101", "2.5", "3"),
        TODAY.isoformat(),
    ]


@pytest.mark.parametrize(
    "number",
    [
        "2025-03",
        "2025/3",
        "2025-03-14",
        "3.4",
        "3.4.25",
        "14.5.",
        "MAR-25",
        "march1",
        "3-Apr",
        "12 May",
        "0,042",
        "1,234",
    ]
    + ["00 42", "0765 550 101", "００４２", "٠٠٤٢", "1E-3", "1,5e3", "12:30", "(42)", "5%", "1'000"],
)
def test_a_number_of_a_record_stays_one(number: str) -> None:
    """A record number that a spreadsheet of some country would make a day, a month or an amount of."""
    assert cell(number) == f"'{number}"


def test_plain_cells_are_left_alone() -> None:
    plain = ("Ada; Bo", "Lim-Tan", "HC-2025-03", "6555 0101", "in May 2025", "Mary 2", "mornings", "A1E3")
    assert [cell(value) for value in plain] == list(plain)
    assert [cell(value) for value in ("", None)] == ["", ""]


def test_name_with_commas_stays_one_cell(cast: Cast, lot: Lot) -> None:
    """A name with commas and quotes stays one cell, and on one line."""
    treated(cast, lot, 10, name='Ö, "Bo"\nInvented')

    [row] = calls(cast, lot)

    assert row["Patient"] == 'Ö, "Bo" Invented'
    assert tuple(row) == COLUMNS


def test_call_list_download_is_audited(cast: Cast, lot: Lot) -> None:
    """Taking the call list away is on the audit trail."""
    treated(cast, lot, 10)
    calls(cast, lot)
    cast.client(cast.nurse).get(reverse("recall:lot-calls", args=[lot.pk]))

    exported = AuditEvent.objects.get(action="exported_call_list")
    assert (exported.actor, exported.object_id, exported.detail) == (cast.clinician, str(lot.pk), {"patients": 1})
    assert AuditEvent.objects.filter(action="viewed_call_list").count() == 1


@pytest.mark.parametrize("role", ["nurse", "reader"])
def test_call_list_as_a_file_is_an_export(cast: Cast, lot: Lot, role: str) -> None:
    """Who sees the record can telephone from the page; only who may export takes the telephone numbers away."""
    treated(cast, lot, 10, phone="+65 5550 0100")
    client = cast.client(getattr(cast, role))
    page, file = (reverse(f"recall:{name}", args=[lot.pk]) for name in ("lot-calls", "lot-calls-csv"))

    shown = client.get(page).content.decode()
    assert "+65 5550 0100" in shown and file not in shown
    assert client.get(file).status_code == 403
    assert file in cast.client(cast.clinician).get(page).content.decode()


@pytest.mark.parametrize("name", ["lot", "lot-calls", "lot-calls-csv"])
def test_names_need_sight_of_the_record(cast: Cast, lot: Lot, name: str) -> None:
    """Names and numbers are for those who see the record."""
    treated(cast, lot, 10)
    url = reverse(f"recall:{name}", args=[lot.pk])

    assert cast.client(cast.reception).get(url).status_code == 403
    assert cast.client(cast.stranger).get(url).status_code == 404
    assert not AuditEvent.objects.filter(action="exported_call_list").exists()


@pytest.mark.parametrize("name", ["lot", "lot-calls"])
def test_lot_page_queries_do_not_grow(cast: Cast, lot: Lot, name: str) -> None:
    """The pages of a lot cost the same number of queries for one patient as for thirty."""
    client, url = cast.client(cast.reader), reverse(f"recall:{name}", args=[lot.pk])

    def one_more() -> None:
        patient = treated(cast, lot, 10)
        factories.adverse_event(patient, exosome_session=patient.exosome_sessions.get())

    one_more()
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(29):
        one_more()
    with CaptureQueriesContext(connection) as thirty:
        response = client.get(url)

    assert len(response.context["page"].object_list) == 30
    # Three more since a lot may be given beside another product: to whom, how much, and what came of it.
    assert len(thirty) == len(one) <= 21


def test_call_file_queries_do_not_grow(cast: Cast, lot: Lot) -> None:
    """The file costs the same number of queries for one patient as for thirty."""
    treated(cast, lot, 10)
    calls(cast, lot)
    with CaptureQueriesContext(connection) as one:
        calls(cast, lot)
    for _ in range(29):
        treated(cast, lot, 10)
    with CaptureQueriesContext(connection) as thirty:
        rows = calls(cast, lot)

    assert len(rows) == 30
    # Signing in is part of both counts.
    assert len(thirty) == len(one)


def test_a_lot_given_to_many_is_paged(cast: Cast, lot: Lot) -> None:
    course = factories.course(cast.patient)
    for day in range(52):
        factories.exosome_session(course, performed_on=ago(day), lot=lot)

    assert len(page(cast, lot, "?page=2").context["page"].object_list) == 2


def test_a_lot_nobody_was_given_says_so(cast: Cast, lot: Lot) -> None:
    assert "Nobody yet" in page(cast, lot).content.decode()
    assert (
        "nobody to telephone"
        in cast.client(cast.reader).get(reverse("recall:lot-calls", args=[lot.pk])).content.decode()
    )


def test_call_list_names_no_day_of_a_month(cast: Cast) -> None:
    """Of a session known to its month neither the file nor the page makes the first of it."""
    lot = factories.lot(factories.product(cast.clinic))
    course = factories.course(cast.patient)
    told = {"lot": lot, "product": lot.product}
    factories.exosome_session(course, performed_on="2025-05-01", performed_precision="month", **told)
    factories.exosome_session(course, performed_on="2025-06-14", **told)

    [row] = calls(cast, lot)
    page = cast.client(cast.nurse).get(reverse("recall:lot-calls", args=[lot.pk])).content.decode()

    assert (row["First given"], row["Last given"], row["Last visit"]) == ("in May 2025", "2025-06-14", "2025-06-14")
    assert "May 2025 to" in " ".join(page.split()) and "1 May" not in page

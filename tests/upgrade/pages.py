"""Which addresses of an old clinic are opened, and what each may answer."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.db.models import Count, Model, QuerySet
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinic.staff.models import Membership
from tests.urls import Route, routes
from treatments.models import (
    AdverseEvent,
    AftercareGiven,
    AftercareSheet,
    Appointment,
    Assessment,
    CalendarFeed,
    Call,
    CaseReport,
    CaseSeries,
    Consent,
    ConsentText,
    Course,
    ExosomeSession,
    FollowUp,
    Import,
    ImportFile,
    LaboratoryReport,
    LaboratoryResult,
    LaboratoryTest,
    Letter,
    Lot,
    Measurement,
    MessageTemplate,
    Patient,
    Photo,
    PhotoBatch,
    PhotoPair,
    Product,
    Protocol,
    ReadingRound,
    RecordMove,
    RepeatPair,
    ReportFigure,
    ResearchExport,
    ShownPair,
    Therapy,
    WaitingPhoto,
)

# The last parameter of an address names the row that it is about.
MODELS: dict[str, type[Model]] = {
    "patient_id": Patient,
    "therapy_id": Therapy,
    "consent_id": Consent,
    "product_id": Product,
    "lot_id": Lot,
    "protocol_id": Protocol,
    "course_id": Course,
    "session_id": ExosomeSession,
    "assessment_id": Assessment,
    "measurement_id": Measurement,
    "event_id": AdverseEvent,
    "follow_up_id": FollowUp,
    "photo_id": Photo,
    "membership_id": Membership,
    "merge_id": RecordMove,
    # A clinic of release 0.1.0 has none of these, but for what a migration makes.
    "appointment_id": Appointment,
    "batch_id": PhotoBatch,
    "call_id": Call,
    "case_report_id": CaseReport,
    "figure_id": ReportFigure,
    "feed_id": CalendarFeed,
    "given_id": AftercareGiven,
    "import_file_id": ImportFile,
    "import_id": Import,
    "laboratory_test_id": LaboratoryTest,
    "letter_id": Letter,
    "message_id": MessageTemplate,
    "pair_id": PhotoPair,
    "repeat_id": RepeatPair,
    "report_id": LaboratoryReport,
    "round_id": ReadingRound,
    "token": ShownPair,
    "research_export_id": ResearchExport,
    "result_id": LaboratoryResult,
    "series_id": CaseSeries,
    "sheet_id": AftercareSheet,
    "text_id": ConsentText,
    "waiting_id": WaitingPhoto,
}
FREE = {"size": 400, "number": 1, "file_format": "csv", "paper_format": "pdf", "secret": "of-no-link"}
# A row's own page is opened for every row, every other address for a few rows of each kind.
OF_EVERY_ROW = {
    "timeline:patient",
    "patients:contact",
    "patients:therapy",
    "consents:index",
    "consents:corrections",
    "recall:product",
    "recall:lot",
    "recall:lot-stock",
    "sessions:protocol",
    "sessions:course",
    "sessions:detail",
    "examination:detail",
    "assessments:measurement",
    "safety:event",
    "photos:detail",
}
# What answers otherwise than with 200: files that are not here, pages that send to another, questions about nothing.
# A form that could not be saved leads to its record instead: what is struck out, stopped, recalled, archived already.
FOR_NOTHING = (
    *("correct", "strike-out", "put-back", "archive", "stop", "resume", "recall", "finish"),
    *("follow-up", "resolve", "decide", "withdraw", "advance", "change"),
)
ANSWERS = {
    "health": {200, 503},  # by whether a test before this one has set up the folder of photos
    "health-ready": {200, 503},  # asks in a thread of its own, and so the database of the tests
    "metrics": {404},  # no token is set
    "photos:file": {404, 503},
    "photos:original": {404, 503},  # the files of the old clinics are not here
    "photos:export-cover": {302},
    "photos:pick": {302},
    "photos:correct-several": {200, 302},  # by whether there is a photo
    "consents:scan": {404},
    "cover": {302},  # to Today, where nothing is covered
    "audit-trail-print": {302},  # to the question, while nothing is asked
    "audit-trail-csv": {302},
    "appointments:book": {200, 302},  # nobody archived is booked
    "appointments:write": {200, 302},  # nobody who has died is written to
    "appointments:feed": {404},  # no calendar is given out under this secret
    "one-time-link": {404},
    "begin": {404},  # there is a clinic
    "one-time-link-passkey": {404},
    "patients:history-again": {200, 302},  # where no history was taken, to the form for the first one
    "evidence:repeats-use": {302},  # back to the pairs, of which there are too few
    "evidence:case-report-add": {200, 302},  # back to the reports, where there is no course yet
    "evidence:outcomes-picture": {200, 302},  # back to the outcomes, where fewer than five are analysed
    "sessions:lot-find": {404},
    "sessions:log-heading": {200, 404},
    "sessions:log-check": {200, 404},
    "sessions:course-strike-out": {200, 302},
    "sessions:course-hand-on": {200, 302},
    # What was struck out is not moved: its page says why.
    **{f"identity:move-{kind}": {200, 302} for kind in ("session", "event", "assessment", "measurement", "photo")},
}
MORE_PAGES = re.compile(r'href="([^"]*[?;&](?:page|after)=[^"]*)"')


def problems(client: Client, every: int = 1) -> list[str]:
    """Every address that does not answer as it should, with its status.

    `every` is 1 to open each row's own page, 4 to open that of every fourth row.
    """
    wrong, seen = [], set()
    for route in routes():
        waiting = [route.url(ids) for ids in parameters(route, every)]
        while waiting:
            url = waiting.pop()
            response = client.get(url)
            if not is_right(route, response):
                wrong.append(f"{route.name} {url}: {response.status_code}")
            further = set(more_pages(url, response)) - seen
            seen |= further
            waiting += further
    return wrong


def is_right(route: Route, response: HttpResponse) -> bool:
    if response.status_code == 405:
        return "GET" not in response["Allow"]
    if response.status_code == 302 and route.name.endswith(FOR_NOTHING):
        return True
    return response.status_code in ANSWERS.get(route.name, {200})


def more_pages(url: str, response: HttpResponse) -> Iterator[str]:
    """The next pages that a list or a timeline links to."""
    if response.status_code == 200 and not response.streaming:
        for target in MORE_PAGES.findall(response.content.decode(errors="ignore")):
            yield urljoin(url, html.unescape(target))


def parameters(route: Route, every: int) -> Iterator[dict[str, Any]]:
    """What the address asks for, once for each row to open it with."""
    about = [name for name in route.parameters if name not in FREE]
    if not about:
        yield FREE
        return
    rows = MODELS[about[-1]]._default_manager.order_by("pk")
    for row in rows[::every] if route.name in OF_EVERY_ROW else a_few(rows):
        ids = {name: getattr(row, name) for name in about[:-1]}
        yield FREE | ids | {about[-1]: row.pk}


def a_few(rows: QuerySet[Any]) -> list[Any]:
    """The first, the last and the first struck-out or archived row; of patients also the one with most sessions."""
    chosen = [rows.first(), rows.last()]
    names = {field.name for field in rows.model._meta.get_fields()}
    for name in names & {"struck_out_at", "archived_at"}:
        chosen.append(rows.filter(**{f"{name}__isnull": False}).first())
    if rows.model is Patient:
        visits = ExosomeSession.objects.values("patient").annotate(count=Count("pk")).order_by("-count").first()
        chosen.append(rows.get(pk=visits["patient"]))
    return list({row.pk: row for row in chosen if row is not None}.values())


def not_found(client: Client) -> list[str]:
    """The patients whom the list does not show when their own text is searched for."""
    missing = []
    for patient in Patient.objects.all():
        query = {"q": patient.search_text, "archived": "1" if patient.archived_at else ""}
        response = client.get(reverse("patients:index"), query)
        if str(patient.pk) not in response.content.decode():
            missing.append(f"{patient.pk}: {patient.search_text}")
    return missing

"""Every page of the demonstration clinic with a mouse and by touch: nothing for axe to find, nothing in the console, no
scroll sideways, every control within reach; and every page of a record on paper. `make shots` keeps the pictures that
README and guide show, so that they stay true."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from clinic.staff.models import Clinic, Membership, User
from tests.accessibility import page_checks
from tests.browser import RESULTS, sign_in
from tests.paper import faults_on_paper
from tests.reach import unreachable
from tests.urls import FOR_MACHINES, routes
from treatments.demonstration.people import PEOPLE
from treatments.models import (
    AdverseEvent,
    Assessment,
    CaseSeries,
    Consent,
    Course,
    ExosomeSession,
    FollowUp,
    Lot,
    Measurement,
    Patient,
    Photo,
    PhotoBatch,
    Product,
    Protocol,
    Therapy,
    WaitingPhoto,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SHOTS = Path(__file__).resolve().parents[2] / "docs/screenshots"
LOAD_PICTURES = """async () => {
  const pictures = [...document.images].filter((picture) => picture.src);
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
}"""
KEEP_PICTURES = os.environ.get("ANAGEN_SHOTS") == "1"
DESK = (1440, 900)
IN_DOCUMENTS = (1440, 1200)
LAPTOPS = [(1280, 720), (1366, 768)]
HANDHELD = [(820, 1180), (390, 844)]
BETWEEN = (700, 1000, 1200)
"""px. Just above these a layout has more columns: that is where one is too wide."""
Look = Callable[[Page, str, str], Iterator[str]]
"""Gives what is wrong with a page, of this name and address."""
KEPT = {
    "timeline:patient": "timeline",
    "today": "today",
    "sessions:log": "log-session",
    "examination:record": "assess",
    "photos:compare": "compare",
    "recall:lot": "lot",
}
# Not pages: answers for scripts, files, and acts that only take POST.
NOT_PAGES = {
    "records:draft", "records:who", "patients:find", "photos:file", "photos:waiting-file", "photos:original", "sign-in",
    *FOR_MACHINES,
}  # fmt: skip


@pytest.fixture
def ids(db: None) -> dict[str, Any]:
    call_command("demo", stdout=open(os.devnull, "w"))
    case = Patient.objects.get(name=PEOPLE["case"].name)
    year = Patient.objects.get(name=PEOPLE["year"].name, birth="1981-03-12")
    event = FollowUp.objects.get().event
    of = {"patient": year}
    rows = {
        "patient_id": year,
        "therapy_id": Therapy.objects.filter(**of).first(),
        "consent_id": Consent.objects.filter(**of).first(),
        "product_id": Product.objects.first(),
        "lot_id": Lot.objects.get(number="LT-2601"),
        "protocol_id": Protocol.objects.first(),
        "course_id": Course.objects.get(**of),
        "session_id": ExosomeSession.objects.filter(**of).first(),
        "exosome_session_id": ExosomeSession.objects.filter(**of).first(),
        "assessment_id": Assessment.objects.filter(**of).first(),
        "measurement_id": Measurement.objects.filter(**of).first(),
        "event_id": AdverseEvent.objects.filter(**of).first(),
        "photo_id": Photo.objects.filter(**of).first(),
        "batch_id": PhotoBatch.objects.first(),
        "waiting_id": WaitingPhoto.objects.first(),
        "membership_id": Membership.objects.first(),
        "series_id": CaseSeries.objects.first(),
    }
    found: dict[str, Any] = {name: row.pk for name, row in rows.items() if row is not None}
    return found | {"size": 400, "file_format": "csv", "case": case.pk, "open_event": (event.patient_id, event.pk)}


def test_every_page_with_a_mouse(new_page: Any, live_server: Any, axe: Any, watch: Any, ids: dict[str, Any]) -> None:
    """On a desk and on two laptops; also names, forced colours and paper, which know no width."""

    def look(page: Page, name: str, url: str) -> Iterator[str]:
        yield from _axe(page, axe)
        yield from page_checks.too_wide(page)
        yield from page_checks.names(page)
        yield from page_checks.forced_colours(page)
        _keep(page, name, DESK[0])
        yield from _on_paper(page, name, url)
        for size in LAPTOPS:
            _resize(page, size)
            yield from unreachable(page)

    page = new_page(width=DESK[0], height=DESK[1])
    _walk(page, look, live_server.url, watch, ids)


def test_every_page_by_touch(new_page: Any, live_server: Any, axe: Any, watch: Any, ids: dict[str, Any]) -> None:
    """On a tablet and a phone, and zoomed to the narrowest."""

    def look(page: Page, name: str, url: str) -> Iterator[str]:
        for size in HANDHELD:
            _resize(page, size)
            yield from _axe(page, axe)
            yield from page_checks.too_wide(page)
            yield from unreachable(page)
            _keep(page, name, size[0])
        for width in BETWEEN:
            page.set_viewport_size({"width": width, "height": 900})
            yield from page_checks.too_wide(page)
        yield from page_checks.zoomed(page, axe)

    page = new_page(width=HANDHELD[0][0], height=HANDHELD[0][1], touch=True)
    _walk(page, look, live_server.url, watch, ids)


def _walk(page: Page, look: Look, home: str, watch: Any, ids: dict[str, Any]) -> None:
    watch.allow("404")  # the page that says so is looked at too
    manager = User.objects.get(email="dr.bloom@limetree.example")
    sign_in(page.context, manager, home)
    problems = []
    for name, url in _addresses(ids, manager):
        response = page.goto(url)
        if response and response.status >= 500:
            problems.append(f"{name}: answered {response.status}")
            continue
        size = page.viewport_size
        for problem in look(page, name, url):
            now = page.viewport_size or {}
            problems.append(f"{name}, {now.get('width')} x {now.get('height')}: {problem}")
        if size:
            page.set_viewport_size(size)
    assert problems == [], "\n".join(problems)


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def _axe(page: Page, axe: Any) -> Iterator[str]:
    try:
        axe(page)
    except AssertionError as found:
        yield str(found)


def _on_paper(page: Page, name: str, url: str) -> list[str]:
    """Each sheet says whose it is, from which clinic and which moment.

    The records of the demonstration fill several sheets. Forms are filled in on the screen and are left out.
    """
    if _is_no_paper(name) or page.locator(".savebar").count():
        return []
    return faults_on_paper(page, _head_of_sheet(url))


def _head_of_sheet(url: str) -> str:
    clinic = Clinic.objects.get()
    today = timezone.now().astimezone(clinic.zone)
    printed_at = re.escape(f"Printed {today.day} {today:%b %Y}, ") + r"\d\d:\d\d( |$)"
    patient = Patient.objects.filter(pk__in=re.findall(r"^/patients/([0-9a-f-]{36})/", url)).first()
    if patient is None:
        return re.escape(clinic.name) + " " + printed_at
    birth = f"born {patient.birth.label()}" if patient.birth else "birth not recorded"
    return re.escape(f"{patient.name} · {patient.record_number} · {birth} {clinic.name} · ") + printed_at


def _is_no_paper(name: str) -> bool:
    """Sign-in, an error, a step of moving or merging; of the pages of corrections, which are alike, one is enough."""
    return (
        name in {"sign-in", "not-found"}
        or name.startswith("identity:")
        or (name.endswith("corrections") and name != "sessions:corrections")
    )


def _addresses(ids: dict[str, Any], manager: User) -> list[tuple[str, str]]:
    """Every address that answers with a page, and a few more of the same kinds."""
    client = Client()
    client.force_login(manager)
    found = [("sign-in", "/sign-in/")]
    for route in routes():
        if route.name in NOT_PAGES or not all(name in ids for name in route.parameters):
            continue
        answer = client.get(route.url(ids))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append((route.name, route.url(ids)))
    case = ids["case"]
    found += [
        ("case-timeline", f"/patients/{case}/"),
        ("case-compare", f"/patients/{case}/photos/compare/"),
        ("case-sheet", f"/patients/{case}/photos/"),
        ("audit-trail-answer", "/audit-trail/?order=newest"),
        ("audit-trail-print", "/audit-trail/print/?order=newest"),
        ("not-found", "/patients/no-such-page/"),
    ]
    return found


def _keep(page: Page, name: str, width: int) -> None:
    if not KEEP_PICTURES:
        return
    folder = RESULTS / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / f"{name.replace(':', '-')}-{width}.png"
    page.evaluate(LOAD_PICTURES)
    page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")  # earlier checks walked through the page
    page.screenshot(path=picture, full_page=True)
    if name in KEPT and width == DESK[0]:
        # In a window of that height, so that the bar of a form stands at its foot as it does for people.
        _resize(page, IN_DOCUMENTS)
        page.screenshot(path=SHOTS / f"{KEPT[name]}-{width}.png")
        _resize(page, DESK)
        _thin_out(SHOTS / f"{KEPT[name]}-{width}.png")


def _thin_out(picture: Path) -> None:
    """To 256 colours, rare ones among them: what a document needs, at a tenth of the bytes."""
    with Image.open(picture) as whole:
        few = whole.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
    few.save(picture, optimize=True)

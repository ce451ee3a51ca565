"""The pages of case series: begun, written on, shown as a paper, refused, too full and empty."""

from typing import Any

import pytest

from tests import factories
from tests.browser import sign_in
from tests.evidence.series.cohort import MONTH_0, treated
from tests.people import Cast
from treatments.assessments.outcomes.computing import recompute_outcomes
from treatments.evidence.series import cases
from treatments.evidence.series.cases import load
from treatments.models import CaseSeries, Correction, ExosomeSession, SeriesRelease
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
LIST = "/evidence/case-series/"
TYPED = {"title": "Vesicles for hair loss", "month": "6", "from_on": "2024-01-01", "until_on": "2030-01-01"}


def begin(cast: Cast, **more: str) -> Any:
    data = {"id": str(new_id()), "_sentinel": "1", "csrfmiddlewaretoken": "x", **TYPED, **more}
    return cast.client(cast.nurse).post(f"{LIST}begin/", data)


def test_series_is_begun_and_written_on(cast: Cast) -> None:
    """With its choice; what was there before is kept, and who changed it meanwhile is told."""
    protocol = factories.protocol(cast.clinic)
    assert begin(cast, protocol=str(protocol.pk), sex="female", others="without").status_code == 302
    series = CaseSeries.objects.get()
    assert load(series).cohort.protocol == protocol.pk and load(series).cohort.sex == "female"
    assert load(series).cohort.without_others

    page = f"{series.get_absolute_url()}write/"
    client = cast.client(cast.clinician)
    shown = client.get(page).content.decode()
    assert f'value="{protocol.pk}" selected' in shown and 'value="without" selected' in shown
    typed = {**TYPED, "version": "1", "limits": "Few patients.", "_sentinel": "1", "csrfmiddlewaretoken": "x"}
    assert client.post(page, typed).status_code == 302
    series.refresh_from_db()
    assert series.limits == "Few patients." and series.chosen == "" and series.version == 2
    changed = {change["field"] for change in Correction.objects.get(record_id=series.pk).changes}
    assert changed == {"limits", "chosen"}
    conflict = client.post(page, typed | {"limits": "Other words."})
    assert conflict.status_code == 409 and "Other words." in conflict.content.decode()


def test_lot_and_stage_can_be_chosen(cast: Cast) -> None:
    """And stay chosen when the authors write on; the paper says by what was chosen, and never which lot."""
    course = treated(cast.clinic)
    treated(cast.clinic)
    lot = factories.lot(factories.product(cast.clinic), number="LT-0417")
    ExosomeSession.objects.filter(course=course).update(lot=lot, product=None)
    recompute_outcomes(course.patient_id)
    stage = "norwood_1975|III-vertex"
    assert begin(cast, lot=str(lot.pk), stage=stage).status_code == 302
    series = CaseSeries.objects.get()

    assert [case.course.pk for case in load(series).cases] == [course.pk]
    client = cast.client(cast.clinician)
    shown = client.get(f"{series.get_absolute_url()}write/").content.decode()
    assert f'value="{lot.pk}" selected' in shown and f'value="{stage}" selected' in shown
    page = client.get(series.get_absolute_url()).content.decode()
    assert "they were chosen by lot and stage at baseline" in page and "LT-0417" not in page
    assert begin(cast, stage="norwood_1975|IX").status_code == 422


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "Write a title."),
        ({"until_on": "2023-12-31"}, "The period ends before it begins. Write a later day."),
        ({"from_on": "2024-02-31"}, 'href="#id_from_on"'),
        ({"month": "5"}, 'href="#id_month"'),
    ],
)
def test_error_keeps_what_was_typed(cast: Cast, typed: dict[str, str], told: str) -> None:
    answer = begin(cast, ethics="Approved by nobody yet.", **typed)

    assert answer.status_code == 422 and told in answer.content.decode()
    assert "Approved by nobody yet." in answer.content.decode() and not CaseSeries.objects.exists()


def test_product_of_another_clinic_is_none(cast: Cast) -> None:
    other = factories.product(cast.other_clinic)

    assert begin(cast, product=str(other.pk)).status_code == 422
    assert other.name not in cast.client(cast.nurse).get(f"{LIST}begin/").content.decode()


def test_struck_out_series_is_read_alone(cast: Cast) -> None:
    """With a reason; nobody writes on it, nothing leaves from it, and what left stays on record."""
    for _ in range(5):
        treated(cast.clinic)
    series = factories.case_series(cast.clinic)
    factories.series_release(series)
    client, home = cast.client(cast.clinician), series.get_absolute_url()
    form = {"version": "1", "reason": "", "_sentinel": "1", "csrfmiddlewaretoken": "x"}
    assert client.post(f"{home}strike-out/", form).status_code == 422
    assert client.post(f"{home}strike-out/", form | {"reason": "Begun twice"}).status_code == 302

    page = client.get(home).content.decode()
    assert "Begun twice" in page and "SHA-256" in page and "/rows/" not in page and "Struck out" in page
    assert "Struck out" in client.get(LIST).content.decode()
    assert client.get(f"{home}write/").status_code == 302
    typed = {**TYPED, "version": "2", "limits": "More.", "_sentinel": "1", "csrfmiddlewaretoken": "x"}
    assert client.post(f"{home}write/", typed).status_code == 422
    for address, told in (("paper/pdf/", {}), ("rows/", {"format": "csv"}), ("answer/", {"key": "0", "answer": "No."})):
        refused = client.post(f"{home}{address}", told)
        assert refused.status_code == 422 and "struck out as entered in error" in refused.content.decode(), address
    assert not CaseSeries.objects.get().limits and SeriesRelease.objects.count() == 1
    assert cast.client(cast.reader).post(f"{home}strike-out/", form | {"reason": "Begun twice"}).status_code == 403


def test_who_may_not_export_sees_no_button(cast: Cast) -> None:
    treated(cast.clinic)
    series = factories.case_series(cast.clinic)
    buttons = ("/paper/pdf/", "/paper/docx/", "/rows/")

    for person, may in ((cast.reader, False), (cast.nurse, False), (cast.clinician, True)):
        page = cast.client(person).get(series.get_absolute_url()).content.decode()
        assert [button in page for button in buttons] == [may] * 3


def test_too_many_is_a_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way out; a file is refused with the same sentence."""
    monkeypatch.setattr(cases, "MOST", 1)
    for _ in range(2):
        treated(cast.clinic)
    series, told = factories.case_series(cast.clinic), "There are 2 courses in this period, too many for a case series"
    client = cast.client(cast.clinician)

    assert told in client.get(series.get_absolute_url()).content.decode()
    for address in ("paper/pdf/", "rows/"):
        refused = client.post(f"{series.get_absolute_url()}{address}", {"format": "xlsx"})
        assert refused.status_code == 422 and told in refused.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible(cast: Cast, new_page: Any, live_server: Any, axe: Any) -> None:
    """Empty, with cases, refused, and with a code that was looked up."""
    empty = factories.case_series(cast.clinic, until_on=MONTH_0, from_on=MONTH_0)
    page = new_page(width=390)
    sign_in(page.context, cast.manager, live_server.url)
    pages = [LIST, f"{LIST}begin/", empty.get_absolute_url(), f"{empty.get_absolute_url()}rows/"]
    for address in pages:
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    courses = [treated(cast.clinic) for _ in range(6)]
    series = factories.case_series(cast.clinic)
    export = factories.research_export(series, *courses)
    page.goto(f"{series.get_absolute_url()}rows/")
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Workbook (XLSX)").click()
    assert download.value.suggested_filename == "cases.xlsx"
    for address in (series.get_absolute_url(), export.get_absolute_url()):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.get_by_label("Code in the file").fill("p-000001")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("heading", name="P-000001").wait_for()
    axe(page)

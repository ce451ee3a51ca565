"""An empty clinic brings what it has: 200 patients and 900 sessions from its own hostile list, and every number is
right."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.staff.models import Clinic
from tests.journeys import published_case as case
from tests.journeys.form_driver import FormDriver
from tests.transfer.hostile import PATIENTS, SESSIONS, hostile_workbook
from tests.transfer.test_hostile import assert_every_number

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LONGEST_IMPORT_MS = 400_000


def test_bring_what_you_have(new_page: Callable[..., Page], tmp_path: Path, axe: Any, watch: Any) -> None:
    watch.allow("422")
    case.open_an_empty_clinic()
    page = new_page()
    page.set_default_timeout(LONGEST_IMPORT_MS)
    form = FormDriver(page)
    case.sign_in_and_find_an_empty_clinic(page)
    data, told = hostile_workbook()
    file = tmp_path / "patients of all years.xlsx"
    file.write_bytes(data)

    import_the_list(page, form, file, axe)

    assert_every_number(Clinic.objects.get(), told)
    page.goto("/patients/")
    expect(page.locator("main")).to_contain_text(sorted(told.names.values())[0])


def import_the_list(page: Page, form: FormDriver, file: Path, axe: Any) -> None:
    page.goto("/imports/")
    axe(page)
    page.locator("main input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    page.wait_for_url(re.compile("/sheets/"))
    expect(page.locator("main")).to_contain_text("hides row 7")
    axe(page)
    page.get_by_role("button", name="Go on to the columns").click()
    page.wait_for_url(re.compile("/columns/"))
    axe(page)
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_url(re.compile("/answers/"))
    page.get_by_label("measured?").nth(0).select_option(label="Vertex")
    page.get_by_label("measured?").nth(1).select_option(label="Clinician’s visual estimate")
    axe(page)
    page.get_by_role("button", name="Show what would happen").click()
    page.wait_for_url(re.compile("/preview/"), timeout=LONGEST_IMPORT_MS)
    new = page.locator(".import-counts div").first
    expect(new).to_contain_text(str(PATIENTS + SESSIONS + PATIENTS + PATIENTS))
    axe(page)
    form.type(reason="Copied from the list of all years")
    page.locator("main").get_by_label("Import without the refused rows").check()
    page.get_by_role("button", name=re.compile("^Import ")).click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"), timeout=LONGEST_IMPORT_MS)
    expect(page.locator("main")).to_contain_text(f"{SESSIONS} sessions")
    axe(page)

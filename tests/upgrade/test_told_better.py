"""What can now be told better of a clinic of 0.1.0: each fact by its own course, and no day that nobody knew."""

import html
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from clinic.staff.models import Membership, Role
from tests.upgrade import pages
from tests.upgrade.old_clinics import default_database, migrated_copy, record_models
from treatments.models import Assessment, Course, ExosomeSession, Measurement, Patient, Photo

pytestmark = pytest.mark.slow
DAY = re.compile(r"(?<!Month )(?<!to )\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*(?: \d{4})?\b")
READ = {
    "timeline:patient", "sessions:course", "sessions:detail", "examination:detail", "assessments:measurement",
    "safety:event", "photos:sheet", "photos:detail", "photos:compare", "today", "patients:index", "safety:index",
}  # fmt: skip


def manager() -> Client:
    client = Client()
    client.force_login(Membership.objects.active().filter(role=Role.MANAGER).first().user)
    return client


def read(client: Client, url: str) -> str:
    """The words of a page, without its head and its scripts."""
    body = client.get(url).content.decode().partition("<main")[2].partition("</main>")[0]
    return html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", body)))


def days_of_entry() -> set[str]:
    """When something was entered is known to the day, and so is today."""
    days = {timezone.localdate()}
    for model in record_models():
        for column in {"created_at", "at"} & {field.name for field in model._meta.fields}:
            days |= {timezone.localdate(moment) for moment in model._base_manager.values_list(column, flat=True)}
    return {f"{day.day} {day:{spelling}}" for day in days for spelling in ("%b %Y", "%b", "%B %Y", "%B")}


# What its paper did give to the day: a consent, and the yearly session, from which the next is counted; and the
# example of how a day is written.
GIVEN = {"6 Jan 2025", "10 Sep 2026", "10 Sep 2027", "14 May 2025"}


def test_the_paper_case_names_no_day(path: Path) -> None:
    """Nearly everything in it was known to the month: no page of the record and no list says any other day."""
    migrated_copy("paper-case-0.1.0", path)
    with default_database(path):
        client, entered, invented = manager(), days_of_entry() | GIVEN, {}
        for route in pages.routes():
            if route.name in READ:
                for parameters in pages.parameters(route, 1):
                    url = route.url(parameters)
                    if found := set(DAY.findall(read(client, url))) - entered:
                        invented[url] = found
    assert invented == {}


def test_paper_sessions_are_of_month_1_to_5(path: Path) -> None:
    """Month 0 is January, and each session was given a month after the one before."""
    migrated_copy("paper-case-0.1.0", path)
    with default_database(path):
        timeline = read(manager(), Patient.objects.get().get_absolute_url())
    words = " ".join(timeline.split())
    for number in range(1, 6):
        assert re.search(rf"Month {number} \w{{3}} 2025, day not recorded", words), number


def test_facts_know_their_own_course(path: Path) -> None:
    """Of a patient with one course every fact is of it; of one with several no fact is filed under a course of another
    patient, and a fact whose course cannot be known is left open for a person to say."""
    migrated_copy("untidy-clinic-0.1.0", path)
    with default_database(path):
        for model in (Assessment, Measurement, Photo):
            for fact in model.objects.select_related("course"):
                standing = list(Course.objects.standing().filter(patient=fact.patient_id))
                if len(standing) == 1:
                    assert fact.course == standing[0], fact
                assert fact.course is None or fact.course.patient_id == fact.patient_id, fact
        for session in ExosomeSession.objects.select_related("course"):
            assert session.course.patient_id == session.patient_id

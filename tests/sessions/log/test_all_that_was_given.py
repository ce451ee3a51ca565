"""What is given beside the first product is judged, told at once and named in every place as the first is."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import log_url, lot_of, planned, session_post
from tests.sessions.log.test_further import also, log, prp
from treatments.models import Application, ExosomeSession, HairHistory
from treatments.records.actions import update
from treatments.records.partial_dates import of_day

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def test_mixed_too_long_before(cast: Cast) -> None:
    """Rule 16 counts the hours of the second vial by its own limit; with a reason they are kept and shown."""
    course, one = planned(cast), lot_of(cast)
    two = lot_of(cast, product=factories.product(cast.clinic, name="Vesicle W", in_use_hours=2))
    fields = also(1, what=str(two.pk), ml="1", mixed_hours="3")
    posted = session_post(course, lot=one, **fields)
    page = cast.client(cast.nurse).post(log_url(course), posted)
    [asked] = page.context["form"].unpassed
    assert (asked.rule, asked.field, asked.sentence) == (
        "16",
        "also1-mixed_hours",
        "Mixed 3 h before use; the limit is 2 h.",
    )
    assert (
        cast.client(cast.nurse).post(log_url(course), posted | {asked.input_name: "The room was cold."}).status_code
        == 302
    )
    application = Application.objects.get()
    assert application.mixed_hours == Decimal(3)
    session = application.exosome_session
    page = cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    assert 'mixed <span class="nb">3 h</span> before use' in page and "mixed 3 h before use" in application.text
    begun = cast.client(cast.nurse).get(reverse("sessions:correct", args=[session.patient_id, session.pk]))
    assert begun.context["form"]["also1-mixed_hours"].value() == "3"


@pytest.mark.parametrize(
    ("route", "technique", "asks"),
    [
        ("topical_only", "microneedling_topical", True),
        ("topical_only", "other", False),
        ("microneedling_topical", "microneedling_topical", False),
    ],
)
def test_roller_over_a_topical_product(cast: Cast, route: str, technique: str, asks: bool) -> None:
    """Rule 17: a serum for unbroken skin and a roller in one visit break the skin under it, whichever row names it."""
    serum = factories.product(cast.clinic, name="Serum", labelled_route="topical_only")
    course, lot = planned(cast), lot_of(cast, product=serum)
    fields = also(1, what="technique", route=technique, regions=["frontal"])
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, route=route, **fields))
    said = [each for each in page.context["form"].warnings if each.field == "also1-route"] if page.context else []
    assert [each.rule for each in said] == (["17"] if asks else [])


def test_told_at_once_for_each(cast: Cast) -> None:
    """The live check tells of what is given beside the first product, and under which of its fields."""
    history = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    HairHistory.objects.create(**history, allergies="yes", allergies_text="egg")
    course, one = planned(cast), lot_of(cast)
    two = lot_of(
        cast,
        product=factories.product(cast.clinic, name="Serum", excipients="egg lecithin"),
        expires_on=TODAY - datetime.timedelta(days=3),
    )
    asked = {"course": str(course.pk), "lot": str(one.pk), "when": f"{TODAY:%-d %b %Y}", "volume-vertex": "3"}
    asked |= also(1, what=str(two.pk), ml="18") | also(2, lot_number="NO-SUCH-LOT")
    answer = cast.client(cast.nurse).get(reverse("sessions:log-check", args=[cast.patient.pk]), asked).json()
    told = {each["field"]: each["sentence"] for each in answer["warnings"]}
    assert "Allergy" in told["also1-what"] or "expired" in told["also1-what"]
    sentences = " ".join(each["sentence"] for each in answer["warnings"])
    assert "expired on" in sentences and "Allergy to “egg”" in sentences
    assert "NO-SUCH-LOT" in told["also2-lot_number"]
    assert "Serum" in answer["compared"] and str(one.product) in answer["compared"]


def test_allergy_of_its_day(cast: Cast) -> None:
    """A session of an earlier day is held against that day's allergies, for a further product as for the first."""
    history = HairHistory.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician, allergies="none"
    )
    found = TODAY - datetime.timedelta(days=5)
    changes = {"allergies": "yes", "allergies_text": "egg"}
    update(history, changes=changes, since=of_day(found), expected_version=1, by=cast.nurse)
    course, one = planned(cast), lot_of(cast)
    egg = lot_of(cast, product=factories.product(cast.clinic, name="Serum", excipients="egg white"))
    when = f"{TODAY - datetime.timedelta(days=10):%-d %b %Y}"
    log(cast, course, one, when=when, **also(1, what=str(egg.pk), ml="1"))


def combined(cast: Cast) -> tuple[ExosomeSession, Any, Any]:
    course, one = planned(cast), lot_of(cast)
    two = lot_of(cast, product=factories.product(cast.clinic, name="Vesicle W"))
    parts = also(1, what=str(two.pk), ml="1") | also(2, what=f"own:{prp(cast).pk}", ml="2")
    parts |= also(3, what="technique", route="microneedling_topical", regions=["frontal"])
    return log(cast, course, one, **parts), one, two


def test_today_names_every_lot(cast: Cast) -> None:
    """Today: what was logged, and what happened after it; the course's page names each source too."""
    session, one, two = combined(cast)
    factories.adverse_event(cast.patient, exosome_session=session, kind="anaphylaxis", is_serious=True, grade=3)
    page = cast.client(cast.clinician).get(reverse("today")).content.decode()
    assert page.count(f"lot {one}</span>") == page.count(f"lot {two}</span>") == 3
    course = cast.client(cast.reader).get(session.course.get_absolute_url()).content.decode()
    assert f"{one}, {two}, prepared from the patient’s own blood" in course

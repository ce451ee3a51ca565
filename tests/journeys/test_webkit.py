"""The journeys of a day in WebKit, by mouse and by keyboard alone."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from selenium.webdriver.common.keys import Keys

from tests import factories
from tests.people import Cast
from tests.photos.pictures import jpeg
from tests.sessions.log.post_data import TODAY
from treatments.models import Assessment, Draft, ExosomeSession, HairHistory, Photo
from treatments.records.months import add_months

pytestmark = [pytest.mark.webkit, pytest.mark.django_db(transaction=True)]
NONE = '[name="since_last"][value="none"]'
LOT = ".lot:has(.lot-suggested) [name=lot]"
NONE_SEEN = '[name="reaction"][value="none"]'
ONE_LINE = 75
"""px that a finding is high when its answers stand beside its name: a touch target, its padding and a rule."""


@pytest.fixture
def treated(cast: Cast) -> Cast:
    """The cast's patient had one session a month ago."""
    factories.consent(cast.patient, created_by=cast.nurse)
    lot = factories.lot(factories.product(cast.clinic), number="EX-2503")
    begun = add_months(TODAY(), -1)
    course = factories.course(cast.patient, baseline_on=begun, sessions_done=1, product=lot.product)
    factories.exosome_session(course, lot=lot, product=lot.product, needle_gauge=30, anaesthesia="none")
    return cast


def expect_saved(webkit) -> None:
    webkit.says("Session 2 of 5 is saved.")
    session = ExosomeSession.objects.get(performed_on=TODAY())
    assert (session.since_last, session.reactions, session.pain_during) == ("none", "none", 2)
    assert (session.lot.number, session.total_ml) == ("EX-2503", Decimal("3.00"))


def test_session_with_the_mouse(webkit, treated: Cast) -> None:
    webkit.sign_in(treated.nurse)
    webkit.go(treated.patient.get_absolute_url())
    webkit.click("a", "Log session")
    for control in (NONE, LOT, '[name="pain_during"][value="2"]', NONE_SEEN):
        webkit.click(control)
    webkit.click("button", "Save session")
    expect_saved(webkit)


def test_session_by_keyboard(webkit, treated: Cast) -> None:
    webkit.sign_in(treated.nurse)
    webkit.go(treated.patient.get_absolute_url())
    webkit.tab_to('a[href$="/sessions/log/"]')
    webkit.press(Keys.ENTER)
    webkit.says("Session 2 of 5", "h1")
    for control in (NONE, LOT, NONE_SEEN):
        webkit.tab_to(control)
        webkit.press(Keys.SPACE)
    webkit.tab_to('[name="pain_during"]')
    webkit.press(Keys.SPACE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    webkit.tab_to(".savebar [type=submit]")
    webkit.press(Keys.ENTER)
    expect_saved(webkit)


def test_assessment_by_keyboard(webkit, cast: Cast) -> None:
    """Also: a finding is one line."""
    webkit.sign_in(cast.clinician)
    webkit.go(f"/patients/{cast.patient.pk}/assess/")
    webkit.tab_to('[name="grade"]')
    webkit.press(Keys.ARROW_RIGHT)
    webkit.tab_to("details:has([name=finding_scaling]) > summary")
    webkit.press(Keys.ENTER)
    webkit.find('[name="finding_scaling"]')
    heights = webkit.script(
        "return [...document.querySelectorAll('.finding')].map((row) => row.offsetHeight).filter(Boolean)"
    )
    assert min(heights) <= ONE_LINE, heights
    assert webkit.script("return document.querySelectorAll('.browser-note').length") == 0
    webkit.tab_to('[name="finding_scaling"]')
    webkit.press(Keys.SPACE, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    webkit.tab_to("form[data-record-form] [type=submit]")
    webkit.press(Keys.ENTER)
    webkit.until(Assessment.objects.exists, "the assessment is never saved")
    saved = Assessment.objects.get()
    assert saved.stage and saved.findings["scaling"] == 1


def test_photos_are_sent(webkit, cast: Cast, tmp_path: Path, settings) -> None:
    """Two photos go through the page's own scripts: one gets its view by mouse, one by keyboard, Enter sends both."""
    settings.MEDIA_ROOT = tmp_path / "photos"
    settings.MEDIA_ROOT.mkdir()
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    files = [tmp_path / f"IMG_{number}.jpg" for number in (1, 2)]
    for number, file in enumerate(files):
        file.write_bytes(jpeg(number))
    webkit.sign_in(cast.nurse)
    webkit.go(f"/patients/{cast.patient.pk}/photos/")
    webkit.find("[data-open-camera]")
    webkit.choose_files("[data-choose]", *files)
    webkit.click("[data-in-order]")
    webkit.tab_to("[data-send]")
    webkit.press(Keys.ENTER)
    webkit.says("2 of 2 sent", "[data-send-state]")
    webkit.until(lambda: Photo.objects.count() == 2)
    assert all(photo.sha256 for photo in Photo.objects.all())


def test_sign_in_over_a_form(webkit, cast: Cast) -> None:
    """The session ends while somebody types: they sign in over the form, and nothing is lost."""
    webkit.sign_in(cast.clinician)
    webkit.go(f"/patients/{cast.patient.pk}/history/")
    # Ten rows of nothing are no use to anybody where style sheets cannot let a text area grow.
    assert webkit.script("return document.querySelector('[name=story]').offsetHeight") < 110
    webkit.click("[name=story]")
    webkit.type("Thinner at the crown since spring.")
    webkit.until(Draft.objects.exists, "no draft is kept")
    Session.objects.all().delete()
    webkit.type(" Told on the telephone.")
    webkit.click(".savebar [type=submit]")
    webkit.says("You have been signed out")
    webkit.until(lambda: webkit.focused("#sign-in-password"))
    webkit.type(factories.PASSWORD)
    webkit.press(Keys.ENTER)
    webkit.until(HairHistory.objects.exists, "the history is never saved")
    assert HairHistory.objects.get().story == "Thinner at the crown since spring. Told on the telephone."


def test_an_empty_date_is_empty(webkit, cast: Cast) -> None:
    """WebKit would show today's in it."""
    webkit.sign_in(cast.clinician)
    webkit.go(f"/patients/{cast.patient.pk}/consents/add/")
    inside = webkit.rest(webkit.find("[name=expires_on]"))
    x, y, width, height = (round(value) for value in inside)
    box = webkit.picture().crop((x + 6, y + 6, x + width - 60, y + height - 6))
    assert len(set(box.getdata())) == 1, "something is written in an empty date"
    webkit.tab_to("[name=expires_on]")
    webkit.press(*"12", Keys.ARROW_RIGHT, *"12", Keys.ARROW_RIGHT, *"2027", Keys.TAB)
    assert webkit.value("[name=expires_on]") == "2027-12-12"
    assert webkit.script("return document.querySelectorAll('[data-empty]').length") == 0

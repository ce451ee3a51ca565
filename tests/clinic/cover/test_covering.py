"""When a session is covered, how long it lasts, and what it answers meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.session_store import SessionStore
from clinic.sign_in.cover.covering import SLACK_SECONDS
from clinic.sign_in.sessions import LONGEST_SECONDS, end_sessions
from tests.clinic.cover.at_the_tablet import PIN, choose_pin, sign_in_fully, tablet, uncover
from tests.people import Cast
from treatments.models import Therapy

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
MINUTES = 10
TOO_LONG = MINUTES * 60 + SLACK_SECONDS
A_FETCH = {"X-Requested-With": "fetch"}
A_PICTURE = {"Accept": "image/avif,image/webp,*/*;q=0.8"}


@pytest.fixture
def clock() -> Any:
    """Time that stands still until it is shifted, in seconds."""
    with travel(timezone.now(), tick=False) as traveller:
        yield traveller


def is_covered(client: Client, address: str = "/") -> bool:
    response = client.get(address)
    assert (response.status_code == 423) == ("data-cover-body" in response.content.decode())
    return response.status_code == 423


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def test_untouched_session_is_covered(cast: Cast, clock: Any) -> None:
    """Every page of it, and nothing of the page is in the answer."""
    client = cast.client(cast.nurse)
    client.get("/")
    clock.shift(TOO_LONG)

    page = client.get(f"/patients/{cast.patient.pk}/")

    assert page.status_code == 423 and cast.patient.name not in page.content.decode()
    assert is_covered(client, "/patients/") and is_covered(client)
    assert actions().count("covered") == 1
    assert "viewed" not in actions()


def test_a_page_that_is_opened_is_a_touch(cast: Cast, clock: Any) -> None:
    client = cast.client(cast.nurse)
    for _ in range(5):
        clock.shift(TOO_LONG - 1)
        assert not is_covered(client)


def test_clinic_says_after_how_many_minutes(cast: Cast, clock: Any) -> None:
    cast.clinic.cover_minutes = 1
    cast.clinic.save()
    client = cast.client(cast.nurse)
    client.get("/")

    clock.shift(60 + SLACK_SECONDS)

    assert is_covered(client)


@pytest.mark.parametrize("headers", [A_FETCH, A_PICTURE], ids=["fetch", "picture"])
def test_what_a_page_asks_is_no_touch(cast: Cast, clock: Any, headers: dict[str, str]) -> None:
    """Drafts, searches and pictures are asked for by a page that nobody has touched."""
    client = cast.client(cast.nurse)
    client.get("/")
    for _ in range(3):
        clock.shift(TOO_LONG // 3)
        client.get("/patients/", headers=headers)

    assert is_covered(client)


def test_told_touches_count_alone(cast: Cast, clock: Any) -> None:
    """Where the pages tell of touches, opening one is none: after an outage a page opens itself anew."""
    client = cast.client(cast.nurse)
    assert client.post("/cover/touched/", headers=A_FETCH).json() == {"covered": False}
    clock.shift(TOO_LONG - 1)
    assert not is_covered(client)
    client.post("/cover/touched/", headers=A_FETCH)
    clock.shift(TOO_LONG - 1)
    assert not is_covered(client)

    clock.shift(1)

    assert is_covered(client)
    assert client.post("/cover/touched/", headers=A_FETCH).json() == {"covered": True}
    assert is_covered(client)


def test_clock_put_back_covers_in_time(cast: Cast, clock: Any) -> None:
    client = cast.client(cast.nurse)
    client.get("/")
    clock.shift(-timedelta(days=2))
    client.get("/", headers=A_PICTURE)

    clock.shift(TOO_LONG)

    assert is_covered(client)


def test_fetch_and_picture_are_told_in_kind(cast: Cast) -> None:
    client = cast.client(cast.nurse)
    client.post("/cover/")

    fetched, picture = client.get("/patients/", headers=A_FETCH), client.get("/patients/", headers=A_PICTURE)

    assert (fetched.status_code, fetched.json()) == (423, {"error": "covered"})
    assert (picture.status_code, picture["Content-Type"]) == (423, "text/plain")


def test_covered_session_refuses_all_acts(cast: Cast) -> None:
    """What it may not see anyway is answered by the cover too, and no form is saved."""
    client = cast.client(cast.reception)
    client.post("/cover/")

    assert is_covered(client, "/people/") and is_covered(client, f"/patients/{cast.patient.pk}/history/")
    assert client.post("/sign-out/").status_code == 423
    assert client.post(f"/patients/{cast.patient.pk}/therapies/add/", {"kind": "other"}).status_code == 423
    assert not Therapy.objects.exists() and "refused" not in actions()


def test_request_under_way_uncovers_nothing(cast: Cast) -> None:
    """A touch that was told as the page was covered, and answered after it, writes its part of the session alone."""
    client = cast.client(cast.nurse)
    client.get("/")
    running = SessionStore(client.session.session_key)
    running["touched"] = int(timezone.now().timestamp())

    client.post("/cover/")
    running["reports_touches"] = True
    running.save()

    assert is_covered(client) and client.session["reports_touches"]


def test_cover_now_without_scripts(cast: Cast) -> None:
    """The button of the menu covers, and the PIN leads back to where it was pressed."""
    client = tablet((cast.nurse, PIN))
    here = f"http://testserver/patients/{cast.patient.pk}/"

    cover = client.post("/cover/", headers={"Referer": here}, follow=True)

    assert "Who goes on?" in cover.content.decode()
    back = uncover(client, cast.nurse, PIN, next=here)
    assert (back.status_code, back["Location"]) == (302, here)
    assert actions()[-2:] == ["covered", "uncovered"]


def test_form_sent_under_cover_comes_back(cast: Cast, clock: Any) -> None:
    """Without scripts: what was typed is shown again after the PIN of who typed it, and to nobody else."""
    client = tablet((cast.clinician, PIN), (cast.nurse, PIN))
    address = f"/patients/{cast.patient.pk}/history/"
    opened = client.get(address).context["opened_as"]
    clock.shift(TOO_LONG)

    cover = client.post(address, {"_as": opened, "story": "Thinner at the crown", "_sentinel": "1"})

    assert cover.status_code == 423 and "Thinner" not in cover.content.decode()
    held = cover.context["late_form"]
    wrong = uncover(client, cast.nurse, "000001", held=held)
    assert wrong.status_code == 422 and wrong.context["late_form"]
    assert "Thinner at the crown" in uncover(client, cast.nurse, PIN, held=held).content.decode()
    client.post("/cover/")
    assert uncover(client, cast.clinician, PIN, held=held)["Location"] == "/"


def test_full_sign_in_uncovers(cast: Cast) -> None:
    client = tablet((cast.nurse, PIN))
    client.post("/cover/")

    sign_in_fully(client, cast.nurse)

    assert not is_covered(client)
    assert actions()[-1] != "covered" and "uncovered" in actions()


def test_held_form_goes_on_by_password(cast: Cast) -> None:
    """The way from the cover to the password asks for it, and is no try with an empty one."""
    client = tablet((cast.nurse, PIN))
    client.post("/cover/")

    asked = client.post("/sign-in/", {"next": "/patients/", "held": ""})

    assert asked.status_code == 200 and 'value="/patients/"' in asked.content.decode()
    assert "sign_in_failed" not in actions()


# ── Twelve hours ───────────────────────────────────────────────────────────────────────────────


def test_no_session_outlasts_12_hours(cast: Cast, clock: Any) -> None:
    """Not by touches, not by a PIN, and to the second."""
    client = tablet((cast.nurse, PIN))
    for _ in range(71):
        clock.shift(600)
        assert client.post("/cover/touched/", headers=A_FETCH).json() == {"covered": False}
    client.post("/cover/")
    assert uncover(client, cast.nurse, PIN).status_code == 302
    clock.shift(599)
    assert client.get("/").status_code == 200

    clock.shift(1)

    assert client.get("/").status_code == 302
    assert client.get("/patients/", headers=A_FETCH).status_code == 401


def test_covered_session_waits_12_hours(cast: Cast, clock: Any) -> None:
    """A PIN lifts the cover until the last minute; then the full sign-in is asked for."""
    client = tablet((cast.nurse, PIN))
    clock.shift(LONGEST_SECONDS - 1)
    assert is_covered(client)
    assert uncover(client, cast.nurse, PIN).status_code == 302
    client.post("/cover/")

    clock.shift(1)

    assert uncover(client, cast.nurse, PIN)["Location"].startswith("/sign-in/")


def test_12_hours_with_a_clock_put_back(cast: Cast, clock: Any) -> None:
    """They count anew from the new time, and not from one that is to come."""
    client = cast.client(cast.nurse)
    client.get("/")
    clock.shift(-timedelta(days=3))
    client.get("/")

    clock.shift(LONGEST_SECONDS)

    assert client.get("/").status_code == 302


def test_clock_put_back_shuts_nobody_out(cast: Cast, clock: Any) -> None:
    """Signed out everywhere at a time that is still to come: what was begun before is over, and one can sign in."""
    before, after = Client(), Client()
    sign_in_fully(before, cast.nurse)
    end_sessions(cast.nurse)
    clock.shift(-3600)

    sign_in_fully(after, cast.nurse)

    assert after.get("/").status_code == 200 and before.get("/").status_code == 302
    assert choose_pin(after).status_code == 302
    after.post("/cover/")
    assert uncover(after, cast.nurse, PIN).status_code == 302


def test_signed_out_everywhere_is_at_once(cast: Cast, clock: Any) -> None:
    client = tablet((cast.nurse, PIN), (cast.clinician, PIN))
    clock.shift(2)

    end_sessions(cast.nurse)
    client.post("/cover/")

    assert [m.user for m in client.get("/cover/").context["people"]] == [cast.clinician]
    assert uncover(client, cast.nurse, PIN).status_code == 422

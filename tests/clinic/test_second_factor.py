"""Second factors without a browser: who must have one, what a code opens and how often, and what the trail says."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.sign_in.factors import actions, second_factors
from clinic.sign_in.throttle import FREE_TRIES
from clinic.staff.models import Clinic, Role, User
from tests import factories
from tests.concurrency import at_once
from tests.people import Cast
from tests.urls import routes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(ahead: int = 0, secret: str = SECRET) -> str:
    """What the app shows so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + ahead))


def with_app(user: User) -> None:
    """Its code of the last half minute is used up by that."""
    clinic = Clinic.objects.filter(memberships__user=user).first()
    assert clinic is not None
    actions.add_totp(secret=SECRET, code=code(-1), clinic=clinic, by=user)


def enter(client: Client, user: User, **more: str) -> Any:
    return client.post("/sign-in/", {"username": user.email, "password": factories.PASSWORD, **more})


def second(client: Client, typed: str, **more: str) -> Any:
    return client.post("/sign-in/", {"step": "second", "code": typed, **more})


def is_in(client: Client) -> bool:
    return client.get("/own-page/").status_code == 200


def test_password_alone_is_no_session(client: Client, cast: Cast) -> None:
    """The password alone opens nothing and leaves no session; then a code does."""
    with_app(cast.clinician)

    asked = enter(client, cast.clinician, next="/patients/")

    assert asked.status_code == 200 and "Second step" in asked.content.decode()
    assert Session.objects.count() == 0 and not is_in(client)
    assert not AuditEvent.objects.filter(action="signed_in").exists()

    answer = second(client, code(), next="/patients/")

    assert (answer.status_code, answer["Location"]) == (302, "/patients/") and is_in(client)
    assert AuditEvent.objects.get(action="signed_in").detail == {"factors": ["password", "totp"]}


def test_a_code_works_once_in_any_process(cast: Cast) -> None:
    """What is used lies in the database: an empty cache, as another process has, changes nothing."""
    with_app(cast.clinician)
    typed = code()

    assert second_factors.check_code(cast.clinician, typed) == "totp"
    cache.clear()

    assert second_factors.check_code(cast.clinician, typed) == ""
    assert second_factors.check_code(cast.clinician, code(-1)) == ""
    assert second_factors.check_code(cast.clinician, code(1)) == "totp"


@pytest.mark.django_db(transaction=True)
def test_code_sent_twice_at_once_works_once(cast: Cast) -> None:
    with_app(cast.clinician)
    typed = code()

    answers = at_once(lambda: second_factors.check_code(cast.clinician, typed), times=4)

    assert sorted(answers) == ["", "", "", "totp"]


def test_code_after_the_clock_was_put_back(cast: Cast) -> None:
    with travel(timezone.now() + timedelta(days=2), tick=False):
        with_app(cast.clinician)

    assert second_factors.check_code(cast.clinician, code()) == "totp"


def test_recovery_code_works_once(client: Client, cast: Cast) -> None:
    with_app(cast.clinician)
    row = Authenticator.objects.get(user=cast.clinician, type="recovery_codes")
    first, *others = RecoveryCodes(row).generate_codes()
    enter(client, cast.clinician)

    assert second(client, f"{first[:4]} {first[4:]}").status_code == 302
    assert second(Client(), first).status_code == 422, "no half sign-in in this browser"
    enter(again := Client(), cast.clinician)
    assert second(again, first).status_code == 422 and not is_in(again)
    assert len({first, *others}) == 10


def test_secrets_are_stored_encrypted(cast: Cast) -> None:
    with_app(cast.clinician)
    rows = {row.type: row.data for row in Authenticator.objects.filter(user=cast.clinician)}

    assert SECRET not in rows["totp"]["secret"] and rows["totp"]["secret"].startswith("gAAAA")
    assert rows["recovery_codes"]["seed"].startswith("gAAAA")
    with override_settings(SECRET_KEY="another key"):
        assert second_factors.check_code(cast.clinician, code()) == ""
    assert second_factors.check_code(cast.clinician, code()) == "totp"


def test_wrong_code_says_what_to_do(client: Client, cast: Cast) -> None:
    with_app(cast.clinician)
    enter(client, cast.clinician)

    answer = second(client, "000000")

    assert answer.status_code == 422
    assert "That code is not right, or was used before." in answer.content.decode()
    assert AuditEvent.objects.get(action="sign_in_failed").detail["how"] == "totp"
    assert "Enter your code." in second(client, "").content.decode()


def test_half_sign_in_lasts_five_minutes(client: Client, cast: Cast) -> None:
    with_app(cast.clinician)
    enter(client, cast.clinician)

    with travel(timezone.now() + timedelta(minutes=6)):
        late = second(client, code())
        again = client.post("/sign-in/again/", {"step": "second", "code": code()})

    assert late.status_code == 422 and "Enter your e-mail and password again" in late.content.decode()
    assert again.status_code == 422 and again.json()["begin"] is True


def test_half_sign_in_ends_with_its_password(client: Client, cast: Cast) -> None:
    """A half sign-in holds only as long as the password that began it, and only in its browser."""
    with_app(cast.clinician)
    enter(client, cast.clinician)
    cast.clinician.set_password("quite another long phrase")
    cast.clinician.save()

    assert second(client, code()).status_code == 422 and not is_in(client)
    assert second(Client(), code()).status_code == 422


def test_codes_cannot_be_tried_for_ever(client: Client, cast: Cast) -> None:
    """The right password does not begin the count of codes anew, and a known device is not shut out by it."""
    with_app(cast.clinician)
    known = Client()
    enter(known, cast.clinician)
    second(known, code())
    known.post("/sign-out/")
    with travel(timezone.now(), tick=False):
        for _ in range(FREE_TRIES):
            enter(client, cast.clinician)
            assert second(client, "000000").status_code == 422
        enter(client, cast.clinician)
        waits = second(client, code(1))
        assert waits.status_code == 429 and "Try again in 1 second" in waits.content.decode()

        enter(known, cast.clinician)
        assert second(known, code(1)).status_code == 302


def test_signing_in_over_a_page_asks_for_it(client: Client, cast: Cast) -> None:
    with_app(cast.clinician)
    told = {"username": cast.clinician.email, "password": factories.PASSWORD}

    first = client.post("/sign-in/again/", told)
    wrong = client.post("/sign-in/again/", {"step": "second", "code": "111111"})
    right = client.post("/sign-in/again/", {"step": "second", "code": code()})

    assert first.json() == {"second": {"code": True, "passkey": False}}
    assert wrong.status_code == 422 and "not right" in wrong.json()["error"]
    assert right.json()["person"] == cast.clinician.pk


def sessions_begun_long_ago(user: User) -> Client:
    """A person whose week is over, signed in without a second factor."""
    client = Client()
    User.objects.filter(pk=user.pk).update(first_signed_in_at=timezone.now() - timedelta(days=8))
    client.force_login(user)
    return client


def test_after_the_week_only_ones_own_page(cast: Cast) -> None:
    """A page leads there, a script is told so, and a form is held; afterwards it goes on."""
    client = sessions_begun_long_ago(cast.clinician)
    path = f"/patients/{cast.patient.pk}/history/"

    assert client.get(path)["Location"] == "/own-page/"
    told = client.get("/", headers={"X-Requested-With": "fetch"})
    assert told.status_code == 403 and "second factor" in told.json()["error"]
    assert client.get("/own-page/").status_code == 200
    assert "<b>You need a second factor now.</b>" in client.get("/own-page/").content.decode()

    with_app(cast.clinician)

    assert client.get(path).status_code == 200
    assert path in client.get("/own-page/").content.decode(), "the way back"


def test_a_form_without_scripts_is_held(cast: Cast) -> None:
    client = sessions_begun_long_ago(cast.clinician)
    user = cast.clinician
    User.objects.filter(pk=user.pk).update(first_signed_in_at=None)
    path = f"/patients/{cast.patient.pk}/history/"
    page = client.get(path).content.decode()
    opened = re.search(r'name="_as"\s+value="([^"]+)"', page)
    assert opened is not None
    User.objects.filter(pk=user.pk).update(first_signed_in_at=timezone.now() - timedelta(days=8))

    held = client.post(path, {"_as": opened[1], "notes": "Typed before the week was over"})

    assert held.status_code == 403
    assert "Typed before the week was over" in held.content.decode()
    assert "set up a second factor first" in held.content.decode()


@pytest.mark.parametrize(
    ("role", "for_all", "must"),
    [
        (Role.MANAGER, False, True),
        (Role.CLINICIAN, False, True),
        (Role.NURSE, False, False),
        (Role.READER, False, False),
        (Role.RECEPTION, True, True),
    ],
)
def test_who_must_have_one(cast: Cast, role: str, for_all: bool, must: bool) -> None:
    Clinic.objects.filter(pk=cast.clinic.pk).update(second_factor_for_all=for_all)
    user = getattr(cast, role)
    user.first_signed_in_at = timezone.now()

    assert second_factors.must_have_one(user) is must
    assert (second_factors.needed_from(user) is not None) is must


def test_a_week_from_the_first_sign_in(client: Client, cast: Cast) -> None:
    enter(client, cast.clinician)

    today = client.get("/").content.decode()

    day = timezone.localtime(timezone.now() + timedelta(days=7), cast.clinic.zone)
    assert f"From {day.day} {day:%B} you need a second factor" in today
    with travel(timezone.now() + timedelta(days=6, hours=23)):
        enter(client, cast.clinician)
        assert client.get("/").status_code == 200
    with travel(timezone.now() + timedelta(days=7, minutes=1)):
        enter(client, cast.clinician)
        assert client.get("/")["Location"] == "/own-page/"


def confirmed(user: User) -> Client:
    """Signed in just now by password, before there was a second factor."""
    client = Client()
    enter(client, user)
    return client


def test_setting_up_an_app(cast: Cast) -> None:
    """The secret is shown as a picture and as text; the codes follow, once; the trail has no secret."""
    client = confirmed(cast.clinician)
    page = client.get("/own-page/app/").content.decode()
    shown = re.search(r'class="own-secret">([A-Z2-7 ]+)<', page)
    assert shown is not None and "data:image/svg+xml;base64," in page
    secret = shown[1].replace(" ", "")
    assert secret in client.get("/own-page/app/").content.decode().replace(" ", ""), "the same when opened anew"

    wrong = client.post("/own-page/app/", {"code": "12"})
    typed = code(secret=secret)
    right = client.post("/own-page/app/", {"code": typed}, follow=True)

    assert wrong.status_code == 422 and "That code is not right" in wrong.content.decode()
    codes = re.findall(r"<li>(\d{4} \d{4})</li>", right.content.decode())
    assert len(codes) == 10
    assert codes[0] not in client.get("/own-page/recovery-codes/").content.decode()
    events = AuditEvent.objects.filter(actor=cast.clinician).exclude(action="viewed")
    assert [e.action for e in events.order_by("id")] == ["signed_in", "added_totp", "made_recovery_codes"]
    assert secret not in str(list(events.values())) and codes[0].replace(" ", "") not in str(list(events.values()))
    assert second_factors.check_code(cast.clinician, typed) == "", "it was used up"


def test_first_factor_is_asked_everywhere(cast: Cast) -> None:
    """A session that somebody began by a stolen password, before there was a second factor, ends when there is one."""
    here, there = confirmed(cast.clinician), confirmed(cast.clinician)
    shown = re.search(r'class="own-secret">([A-Z2-7 ]+)<', here.get("/own-page/app/").content.decode())
    assert shown is not None and is_in(there)

    told = here.post("/own-page/app/", {"code": code(secret=shown[1].replace(" ", ""))}, follow=True)

    assert is_in(here) and not is_in(there)
    assert "signed out everywhere else" in told.content.decode()


def test_last_factor_of_who_must_have_one(cast: Cast) -> None:
    client = confirmed(cast.clinician)
    with_app(cast.clinician)
    app = Authenticator.objects.get(user=cast.clinician, type="totp")

    refused = client.post(f"/own-page/remove/?factor={app.pk}")

    assert "Set up the new one first" in refused.content.decode()
    assert second_factors.has_second_factor(cast.clinician)


def test_nurse_may_remove_hers(cast: Cast) -> None:
    """Whoever need not have one may remove it; her recovery codes go with it."""
    client = confirmed(cast.nurse)
    with_app(cast.nurse)
    app = Authenticator.objects.get(user=cast.nurse, type="totp")
    other = confirmed(cast.reader)

    assert other.post(f"/own-page/remove/?factor={app.pk}").status_code == 404
    assert client.post(f"/own-page/remove/?factor={app.pk}").status_code == 302
    assert not Authenticator.objects.filter(user=cast.nurse).exists()
    assert AuditEvent.objects.filter(action="removed_totp", actor=cast.nurse).exists()


@pytest.mark.parametrize("path", ["app/", "passkeys/add/", "recovery-codes/"])
def test_old_session_is_asked_again(cast: Cast, path: str) -> None:
    """After five minutes the password is asked, at the same address; a wrong one opens nothing."""
    client = confirmed(cast.nurse)
    with_app(cast.nurse)
    with travel(timezone.now() + timedelta(minutes=6)):
        address = f"/own-page/{path}"
        asked = client.get(address)
        wrong = client.post(address, {"_confirm": "GET", "password": "wrong"})
        right = client.post(address, {"_confirm": "GET", "password": factories.PASSWORD})

        assert "Is it you" in asked.content.decode()
        assert wrong.status_code == 422 and "That is not your password" in wrong.content.decode()
        assert (right.status_code, right["Location"]) == (302, address)
        assert "Is it you" not in client.get(address).content.decode()
    assert AuditEvent.objects.filter(action="confirmed_identity", actor=cast.nurse).count() == 1


def test_what_was_posted_goes_on(cast: Cast) -> None:
    """The act that was asked for is done after the password, in one step."""
    client, other = confirmed(cast.nurse), confirmed(cast.nurse)
    with travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post("/own-page/devices/end/", {"device": "others"})
        assert '<input type="hidden" name="device" value="others">' in asked.content.decode() and is_in(other)

        client.post("/own-page/devices/end/", {"device": "others", "_confirm": "POST", "password": factories.PASSWORD})

        assert is_in(client) and not is_in(other)


def test_scripts_are_told_to_confirm(cast: Cast) -> None:
    client = cast.client(cast.nurse)

    answer = client.get("/own-page/passkeys/options/", headers={"X-Requested-With": "fetch"})

    assert (answer.status_code, answer.json()) == (403, {"error": "confirm"})


def test_allauth_has_no_address() -> None:
    """No sign-up, no other sign-in, no reset, no e-mail page: nothing of allauth is in the table, under any name."""
    views = [route for route in routes() if "allauth" in route.view.__module__]
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}

    assert views == []
    assert [name for name in names if name.startswith(("account_", "mfa_", "usersessions_"))] == []
    for name in ("account_signup", "account_login", "account_reset_password", "account_email", "mfa_index"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for path in ("/accounts/", "/accounts/login/", "/accounts/signup/", "/signup/"):
        assert Client().get(path).status_code == 404

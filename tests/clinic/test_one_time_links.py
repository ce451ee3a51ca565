"""One-time links: what they open, once, for whom, until when; and what one cannot learn or take by them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from time_machine import travel

from clinic.audit.models import AuditEvent
from clinic.sign_in.factors.actions import change_password
from clinic.sign_in.throttle import FREE_TRIES_OF_AN_ADDRESS
from clinic.staff.actions import change_member, open_clinic
from clinic.staff.links import VALID_FOR, cancel_links, make_link
from clinic.staff.models import Membership, OneTimeLink, Role, User
from tests import factories
from tests.clinic.test_people import act, last_event, text, work
from tests.concurrency import at_once
from tests.people import Cast

pytestmark = pytest.mark.django_db
NEW = "nine blue kettles under the stairs"


def link_of(cast: Cast, user: User, **told: Any) -> str:
    secret, _ = make_link(work(user), by=cast.manager, **told)
    return f"/link/{secret}/"


def use(client: Client, link: str, password: str = NEW, again: str | None = None) -> Any:
    return client.post(link, {"password": password, "again": password if again is None else again})


def test_a_link_opens_an_account_once(cast: Cast, client: Client) -> None:
    """Looks use nothing up; the password is set, the person is signed in, and then the link is over."""
    link = link_of(cast, cast.nurse)
    looks = [Client().get(link) for _ in range(3)]
    assert [look.status_code for look in looks] == [200] * 3
    assert looks[0]["Referrer-Policy"] == "strict-origin" and "no-store" in looks[0]["Cache-Control"]
    assert cast.nurse.name in text(looks[0]) and cast.clinic.name in text(looks[0])

    answer = use(client, link)

    assert answer["Location"] == "/" and client.get("/adverse-events/").status_code == 200
    assert User.objects.get(pk=cast.nurse.pk).check_password(NEW)
    assert last_event("used_link").actor == cast.nurse
    assert last_event("signed_in").detail == {"factors": ["link"]}
    assert use(Client(), link, "another " + NEW).status_code == 404
    assert User.objects.get(pk=cast.nurse.pk).check_password(NEW)


def test_all_links_that_are_over_look_alike(cast: Cast) -> None:
    """Used, too late, cancelled, followed by a newer one, of somebody who has left, invented: one page, one status."""
    used, late, cancelled, older, left = (link_of(cast, factories.member(cast.clinic)) for _ in range(5))
    use(Client(), used)
    of = {link: row.user for link, row in zip((used, late, cancelled, older, left), _rows(), strict=True)}
    cancel_links(of[cancelled], by=cast.manager, clinic=cast.clinic)
    link_of(cast, of[older])
    Membership.objects.filter(user=of[left]).update(is_active=False)
    OneTimeLink.objects.filter(user=of[late]).update(expires_at=timezone.now())

    for link in (used, late, cancelled, older, left, "/link/invented/", "/link/%00/", f"/link/{'n' * 3000}/"):
        for answer in (Client().get(link), use(Client(), link)):
            assert answer.status_code == 404 and "Ask a manager of your clinic" in text(answer)
            assert cast.clinic.name not in text(answer)


def _rows() -> list[OneTimeLink]:
    return list(OneTimeLink.objects.select_related("user").order_by("pk"))


def test_a_link_ends_after_48_hours(cast: Cast) -> None:
    link, now = link_of(cast, cast.nurse), timezone.now()
    with travel(now + VALID_FOR - timedelta(minutes=1), tick=False):
        assert Client().get(link).status_code == 200
    with travel(now + VALID_FOR + timedelta(minutes=1), tick=False):
        assert Client().get(link).status_code == 404


def test_a_weak_password_leaves_it_open(cast: Cast, client: Client) -> None:
    link = link_of(cast, cast.nurse)

    for password, again in (
        ("short", "short"),
        ("a" * 20, "a" * 20),
        (NEW, NEW + "!"),
        (cast.nurse.email, None),
        ("", ""),
    ):
        assert use(client, link, password, again).status_code == 422
    assert use(client, link).status_code == 302


def test_a_reset_ends_every_session(cast: Cast) -> None:
    """Those of the person, and none of anybody else."""
    devices, other = [cast.client(cast.nurse) for _ in range(2)], cast.client(cast.clinician)

    use(Client(), link_of(cast, cast.nurse))

    assert [device.get("/").status_code for device in (*devices, other)] == [302, 302, 200]


def _with_second_factor(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_second_factors_stay(cast: Cast, client: Client) -> None:
    """A new password alone signs nobody in who has one; the sign-in page asks for it."""
    _with_second_factor(cast.nurse)

    made = act(cast.client(cast.manager), "person-link", work(cast.nurse))
    assert "They sign in with it, and with their second factor." in text(made)
    link = made.context["address"].removeprefix("http://testserver")
    assert "Save, then sign in with it" in text(client.get(link))
    answer = use(client, link)

    assert answer["Location"] == "/sign-in/" and client.get("/").status_code == 302
    assert Authenticator.objects.filter(user=cast.nurse).exists()


def test_a_lost_second_factor_goes_if_asked(cast: Cast, client: Client) -> None:
    """It stands on the trail of the link, and takes effect when the link is used, not before."""
    _with_second_factor(cast.nurse)
    answer = act(cast.client(cast.manager), "person-link", work(cast.nurse), removes_second_factor="on")
    link = answer.context["address"].removeprefix("http://testserver")
    assert last_event("made_link").detail["removes_second_factor"] is True
    assert Authenticator.objects.filter(user=cast.nurse).exists()

    assert use(client, link)["Location"] == "/"
    assert not Authenticator.objects.filter(user=cast.nurse).exists()


def test_nobody_makes_a_link_for_themselves(cast: Cast) -> None:
    """A second manager does; and neither can by way of a clinic that the other does not manage."""
    second = factories.member(cast.clinic, Role.MANAGER)

    answer = act(cast.client(cast.manager), "person-link", work(cast.manager))
    assert answer.status_code == 422 and "another manager" in text(answer) and not OneTimeLink.objects.exists()
    assert act(cast.client(second), "person-link", work(cast.manager)).status_code == 200


@pytest.mark.parametrize("works_there_still", [True, False])
def test_no_link_takes_another_clinic_over(works_there_still: bool, cast: Cast) -> None:
    """Who works at a clinic that this manager does not manage, or worked there and may come back, gets none here."""
    Membership.objects.create(user=cast.nurse, clinic=cast.other_clinic, role=Role.MANAGER, is_active=works_there_still)
    member = work(cast.nurse, cast.clinic)

    answer = act(cast.client(cast.manager), "person-link", member)

    assert answer.status_code == 422 and "./anagen member link" in text(answer)
    assert not OneTimeLink.objects.exists()
    Membership.objects.create(user=cast.manager, clinic=cast.other_clinic, role=Role.MANAGER)
    assert act(cast.client(cast.manager), "person-link", member).status_code == 200, "who manages both may"


def _ends(cast: Cast) -> None:
    change_member(work(cast.manager), role=Role.MANAGER, is_active=False, by=cast.clinician)


def _becomes_nurse(cast: Cast) -> None:
    change_member(work(cast.manager), role=Role.NURSE, is_active=True, by=cast.clinician)


def _user_gets_a_clinic(cast: Cast) -> None:
    open_clinic(name="Third Clinic", time_zone="Asia/Singapore", email=cast.nurse.email)


def _password_is_remembered(cast: Cast) -> None:
    change_password(password=NEW + " two", clinic=cast.clinic, by=cast.nurse)


@pytest.mark.parametrize("happens", [_ends, _becomes_nurse, _user_gets_a_clinic, _password_is_remembered])
def test_a_link_opens_no_more_than_its_maker(happens: Callable[[Cast], None], cast: Cast) -> None:
    """A manager who has left, or manages no longer all where the person works, keeps no way in by an old link; and it
    is over once the person has chosen another password."""
    factories.member(cast.clinic, Role.MANAGER)
    link = link_of(cast, cast.nurse)
    assert Client().get(link).status_code == 200

    happens(cast)

    assert Client().get(link).status_code == 404 and use(Client(), link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_used_twice_at_once_it_works_once(cast: Cast) -> None:
    link = link_of(cast, cast.nurse)

    answers = at_once(lambda: use(Client(), link).status_code, times=4)

    assert sorted(answers) == [302, 404, 404, 404]
    assert AuditEvent.objects.filter(action="used_link").count() == 1


def test_guessing_links_is_slowed(cast: Cast) -> None:
    """By address, like signing in; a link that is right costs its holder none of the tries."""
    link = link_of(cast, cast.nurse)
    for _ in range(3):
        assert Client().get(link).status_code == 200

    answers = [Client().get(f"/link/guess-{n}/").status_code for n in range(FREE_TRIES_OF_AN_ADDRESS + 1)]

    assert answers == [404] * FREE_TRIES_OF_AN_ADDRESS + [429]


def test_the_secret_is_in_no_log(cast: Cast, client: Client, caplog: Any, settings: Any) -> None:
    """Django names the address of whatever it refuses; what writes the log puts the name of the page there."""
    for name in settings.LOGGING["handlers"]["console"]["filters"]:
        caplog.handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())

    assert use(client, link_of(cast, cast.nurse), "short").status_code == 422

    assert [record.getMessage() for record in caplog.records] == ["Unprocessable Entity: one-time-link"]


def test_whoever_is_signed_in_here_is_named(cast: Cast) -> None:
    """On a shared tablet: the page says who will be signed out, and then works at the clinic of the link."""
    client = cast.client(cast.clinician)
    link = link_of(cast, cast.nurse)

    assert f"{cast.clinician.name} is signed in on this device" in text(client.get(link))
    use(client, link)

    assert client.get("/own-page/").context["request"].user == cast.nurse

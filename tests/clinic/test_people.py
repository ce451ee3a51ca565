"""People, by a manager: who is shown, what is done to them, what is refused, and what of it is on the trail."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.people.roster import roster
from clinic.staff.models import Clinic, Membership, OneTimeLink, Role, User
from tests import factories
from tests.html_tree import read
from tests.people import Cast
from tests.sessions.log.test_at_once import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def work(user: User, at: Clinic | None = None) -> Membership:
    return Membership.objects.get(user=user, clinic=at) if at else Membership.objects.get(user=user)


def act(client: Client, name: str, member: Membership, **told: Any) -> Any:
    stands = {"role": member.role, "was": f"{member.role}:{member.is_active}"}
    return client.post(reverse(name, args=[member.pk]), stands | told)


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def last_event(action: str) -> AuditEvent:
    return AuditEvent.objects.filter(action=action).latest("id")


def test_who_works_here_is_listed(cast: Cast) -> None:
    """Name, role, since when, last seen; who has left stands apart, and nobody of another clinic."""
    Membership.objects.filter(user=cast.nurse).update(since=None)
    Membership.objects.filter(user=cast.reader).update(is_active=False)
    cast.client(cast.clinician).get("/patients/")

    answer = cast.client(cast.manager).get("/people/")

    rows = {row.all("th")[0].text: row.text for row in read(answer.content.decode()).all("tr")[1:]}
    assert "not known" in next(row for name, row in rows.items() if cast.nurse.name in name)
    assert cast.stranger.name not in text(answer)
    assert text(answer).index("Who has left (1)") < text(answer).index(cast.reader.name)


def test_list_costs_the_same_for_any_number(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """One query for everybody, with what was last seen of each."""
    for _ in range(5):
        factories.member(cast.clinic)
    with django_assert_max_num_queries(1):
        assert len(roster(cast.clinic)) == 11


def test_a_person_is_added_with_a_link(cast: Cast) -> None:
    client = cast.client(cast.manager)
    told = {"email": "Mei.Tan@Example.test", "name": " Mei\u202e Tan ", "role": "nurse"}

    answer = client.post("/people/add/", told)

    member = work(User.objects.get(email="mei.tan@example.test"))
    assert (member.user.name, member.role, member.clinic) == ("Mei Tan", Role.NURSE, cast.clinic)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    [address] = re.findall(r"http://testserver/link/[\w-]{22,}/", answer.content.decode())
    secret = address.split("/")[-2]
    assert secret not in str(list(OneTimeLink.objects.values()) + list(AuditEvent.objects.values()))
    assert secret not in client.get(f"/people/{member.pk}/").content.decode(), "shown once"
    assert last_event("added_member").detail == {"role": "nurse", "member": member.user_id}
    assert last_event("made_link").detail["member"] == member.user_id

    again = client.post("/people/add/", told)
    assert again.status_code == 200 and Membership.objects.filter(user=member.user).count() == 1
    assert client.get(address).status_code == 404, "a form that came twice gives a newer link"


def test_an_account_from_elsewhere_joins(cast: Cast) -> None:
    """No new password and no link; a link that waits at the other clinic ends, because it would open this one too."""
    waiting = factories.user(email="wait@example.test", password=None)
    there = Membership.objects.create(user=waiting, clinic=cast.other_clinic, role=Role.NURSE)
    act(cast.client(cast.stranger), "person-link", there)
    before = User.objects.get(pk=cast.stranger.pk).password

    for person in (cast.stranger, waiting):
        told = {"email": person.email, "name": "Another Name", "role": "reader"}
        answer = cast.client(cast.manager).post("/people/add/", told, follow=True)

        assert answer.redirect_chain and "/link/" not in "".join(url for url, _ in answer.redirect_chain)
        assert "http://testserver/link/" not in answer.content.decode()
        assert work(person, cast.clinic).role == Role.READER
        assert str(User.objects.get(pk=person.pk)) == person.name
    assert User.objects.get(pk=cast.stranger.pk).password == before
    assert not OneTimeLink.objects.open().exists()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"email": "no mail"}, "valid email"),
        ({"name": "\u200b"}, "required"),
        ({"role": "owner"}, "Select a valid choice"),
        ({"email": "NURSE"}, "works here already"),
    ],
)
def test_what_cannot_be_added_is_said(told: dict[str, str], said: str, cast: Cast) -> None:
    """What was typed comes back, and nobody is made."""
    before = User.objects.count()
    typed = {"email": "new@example.test", "name": "Newly Invented", "role": "reader"} | told
    if typed["email"] == "NURSE":
        typed["email"] = cast.nurse.email.upper()

    answer = cast.client(cast.manager).post("/people/add/", typed)

    assert answer.status_code == 422 and said in text(answer)
    assert answer.context["form"]["name"].value() == typed["name"]
    assert User.objects.count() == before


def test_another_role_from_the_next_page(cast: Cast) -> None:
    nurse = cast.client(cast.nurse)
    assert nurse.get("/adverse-events/").status_code == 200

    act(cast.client(cast.manager), "person-role", work(cast.nurse), role="reception")

    assert nurse.get("/adverse-events/").status_code == 403
    event = last_event("changed_member")
    assert (event.actor, event.clinic) == (cast.manager, cast.clinic)
    assert event.detail == {"role": "reception", "member": cast.nurse.pk, "is_active": True}


def test_end_and_come_back(cast: Cast) -> None:
    """Their next page is refused; what they wrote, their account and their history stay; their link ends."""
    manager, nurse = cast.client(cast.manager), cast.client(cast.nurse)
    act(manager, "person-link", work(cast.nurse))

    assert act(manager, "person-end", work(cast.nurse)).status_code == 302
    assert nurse.get("/").status_code == 403
    left = work(cast.nurse)
    assert left.ended_at is not None and not OneTimeLink.objects.open().exists()
    assert last_event("ended_member").detail["member"] == cast.nurse.pk
    assert last_event("cancelled_link").detail["member"] == cast.nurse.pk
    assert act(manager, "person-link", left).status_code == 422

    assert act(manager, "person-return", left, role="reader").status_code == 302
    back = work(cast.nurse)
    assert (back.role, back.is_active, back.ended_at) == ("reader", True, None)
    assert nurse.get("/").status_code == 200


@pytest.mark.parametrize("name", ["person-role", "person-end", "person-return"])
def test_nobody_changes_themselves(name: str, cast: Cast) -> None:
    """Not the only manager, and not one of two."""
    for _ in range(2):
        answer = act(cast.client(cast.manager), name, work(cast.manager), role="reader")
        assert answer.status_code == 422 and "Ask another manager" in text(answer)
        assert work(cast.manager).role == Role.MANAGER and work(cast.manager).is_active
        factories.member(cast.clinic, Role.MANAGER)


def test_two_managers_change_one_person(cast: Cast) -> None:
    """The second is told that the page is old, and sees what is true now."""
    second = factories.member(cast.clinic, Role.MANAGER)
    seen = work(cast.nurse)
    act(cast.client(cast.manager), "person-role", seen, role="reader")

    answer = act(cast.client(second), "person-role", seen, role="clinician")

    assert answer.status_code == 409 and "Somebody else has changed this" in text(answer)
    assert work(cast.nurse).role == "reader"


@pytest.mark.django_db(transaction=True)
def test_two_managers_end_each_other(cast: Cast) -> None:
    """One of them stays: a clinic always has a manager."""
    second = factories.member(cast.clinic, Role.MANAGER)
    pairs = [(cast.client(cast.manager), work(second)), (cast.client(second), work(cast.manager))]

    answers = all_at_once([lambda c=client, m=member: act(c, "person-end", m) for client, member in pairs])

    assert sorted(answer.status_code for answer in answers) in ([302, 403], [302, 422])
    assert Membership.objects.active().filter(clinic=cast.clinic, role=Role.MANAGER).count() == 1


def test_signed_out_on_every_device(cast: Cast) -> None:
    devices = [cast.client(cast.nurse), cast.client(cast.nurse)]
    assert [device.get("/").status_code for device in devices] == [200, 200]

    act(cast.client(cast.manager), "person-sign-out", work(cast.nurse))

    assert [device.get("/").status_code for device in devices] == [302, 302]
    assert last_event("signed_out_everywhere").detail == {"member": cast.nurse.pk}


def test_not_signed_out_of_another_clinic(cast: Cast) -> None:
    """A manager who adds an e-mail of another clinic gets no hold on that person there."""
    Membership.objects.create(user=cast.nurse, clinic=cast.other_clinic, role=Role.READER)
    device = cast.client(cast.nurse)

    answer = act(cast.client(cast.stranger), "person-sign-out", work(cast.nurse, cast.other_clinic))

    assert answer.status_code == 422 and "works at a clinic that you do not manage" in text(answer)
    assert device.get("/").status_code == 200


ACTS = ["person-role", "person-end", "person-return", "person-sign-out", "person-link", "person-link-cancel"]


@pytest.mark.parametrize("name", ACTS)
def test_no_manager_acts_on_another_clinic(name: str, cast: Cast) -> None:
    """Also where the person works at both, and the manager names the row of the other clinic."""
    Membership.objects.create(user=cast.nurse, clinic=cast.other_clinic, role=Role.READER)
    before = list(Membership.objects.values()), User.objects.get(pk=cast.nurse.pk).signed_out_at

    answer = act(cast.client(cast.stranger), name, work(cast.nurse, cast.clinic), role="manager")

    assert answer.status_code == 404
    assert before == (list(Membership.objects.values()), User.objects.get(pk=cast.nurse.pk).signed_out_at)
    assert not OneTimeLink.objects.exists()


def test_the_clinics_page_is_saved(cast: Cast) -> None:
    """The trail names the fields; time zone, letterhead and prefix are true from the next page on."""
    client = cast.client(cast.manager)
    shown = client.get("/clinic/").context["form"].initial
    told = shown | {"letterhead": "1 Invented Road\r\nSingapore", "time_zone": "Europe/London", "cover_minutes": "3"}
    told["second_factor_for_all"] = ""

    first = client.post("/clinic/", told)

    cast.clinic.refresh_from_db()
    assert first["Location"] == "/first-start/" and cast.clinic.settings_saved_at is not None
    assert (cast.clinic.letterhead, cast.clinic.time_zone) == ("1 Invented Road\nSingapore", "Europe/London")
    assert last_event("changed_clinic").detail == {"fields": ["letterhead", "time_zone", "cover_minutes"]}
    page = client.get("/patients/").content.decode()
    assert "1 Invented Road<br>Singapore" in page

    late = client.post("/clinic/", told | {"name": "Another Name"})
    assert late.status_code == 409 and "1 Invented Road" in text(late)
    again = client.post("/clinic/", told | {"name": "Another Name", "version": late.context["form"]["version"].value()})
    assert again["Location"] == "/clinic/"
    cast.clinic.refresh_from_db()
    assert cast.clinic.name == "Another Name"


@pytest.mark.parametrize(
    "told",
    [
        {"cover_minutes": "0"},
        {"cover_minutes": "31"},
        {"time_zone": "Mars/Base"},
        {"name": " "},
        {"letterhead": "a\n" * 9},
    ],
)
def test_settings_out_of_bounds_are_refused(told: dict[str, str], cast: Cast) -> None:
    client = cast.client(cast.manager)
    shown = client.get("/clinic/").context["form"].initial

    answer = client.post("/clinic/", shown | {"second_factor_for_all": ""} | told)

    assert answer.status_code == 422
    assert Clinic.objects.get(pk=cast.clinic.pk).settings_saved_at is None


def test_menu_shows_what_the_role_may(cast: Cast) -> None:
    for role in Role.values:
        page = cast.client(getattr(cast, role)).get("/").content.decode()
        assert ('href="/people/"' in page, 'href="/clinic/"' in page) == (role == "manager",) * 2


def test_last_seen_is_at_this_clinic(cast: Cast) -> None:
    Membership.objects.create(user=cast.stranger, clinic=cast.clinic, role=Role.READER)
    AuditEvent.objects.create(clinic=cast.other_clinic, actor=cast.stranger, action="viewed", at=timezone.now())

    [row] = [row for row in roster(cast.clinic) if row.user == cast.stranger]

    assert row.last_seen is None

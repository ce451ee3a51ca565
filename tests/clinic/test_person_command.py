"""People are added, get another role and leave by one command, which names the manager who asked."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.staff.models import Membership, Role, User
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANAGEN_PASSWORD", factories.PASSWORD)


def person(cast: Cast, email: str, **options: Any) -> None:
    call_command("person", email, **{"by": cast.manager.email, **options})


def test_a_person_is_added_and_signs_in(cast: Cast, client: Client) -> None:
    person(cast, "Mei.Tan@example.test", name="Mei Tan", role="nurse")

    member = Membership.objects.get(user__email="mei.tan@example.test")
    assert (member.clinic, member.role, str(member.user)) == (cast.clinic, Role.NURSE, "Mei Tan")
    event = AuditEvent.objects.get(action="added_member")
    assert (event.actor, event.clinic) == (cast.manager, cast.clinic)
    client.post("/sign-in/", {"username": "mei.tan@example.test", "password": factories.PASSWORD})
    assert client.get("/adverse-events/").status_code == 200


def test_a_person_gets_another_role(cast: Cast) -> None:
    """The next page that the person opens is one of the new role."""
    client = cast.client(cast.nurse)
    person(cast, cast.nurse.email, role="reception")

    assert client.get("/adverse-events/").status_code == 403
    assert AuditEvent.objects.get(action="changed_member").actor == cast.manager


def test_a_person_leaves_and_comes_back(cast: Cast) -> None:
    """Whoever leaves opens no page any more, though signed in; coming back takes no new account."""
    client = cast.client(cast.nurse)
    person(cast, cast.nurse.email, leaves=True)
    assert client.get("/adverse-events/").status_code == 403

    person(cast, cast.nurse.email, role="nurse")
    assert client.get("/adverse-events/").status_code == 200
    assert User.objects.filter(email=cast.nurse.email).count() == 1


@pytest.mark.parametrize(
    ("who", "options", "said"),
    [
        ("manager", {"leaves": True}, "only manager"),
        ("manager", {"role": "nurse"}, "only manager"),
        ("stranger", {"leaves": True}, "works at"),
        ("nurse", {"role": "reader", "by": "nurse"}, "is not a manager"),
        ("nurse", {"role": "reader", "clinic": "Another Clinic"}, "is not a manager of Another Clinic"),
        ("new@example.test", {"role": "nurse"}, "--name"),
        ("new.example.test", {"role": "nurse", "name": "Mei Tan"}, "valid email"),
    ],
)
def test_what_cannot_be_is_a_sentence(who: str, options: dict[str, Any], said: str, cast: Cast) -> None:
    """Nothing is changed, and the command says why."""
    before = set(Membership.objects.values_list("user", "role", "is_active"))
    if "by" in options:
        options = options | {"by": getattr(cast, options["by"]).email}

    with pytest.raises(CommandError, match=said):
        person(cast, getattr(cast, who).email if hasattr(cast, who) else who, **options)
    assert set(Membership.objects.values_list("user", "role", "is_active")) == before


def test_a_weak_password_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANAGEN_PASSWORD", "short")

    with pytest.raises(CommandError):
        person(cast, "new@example.test", name="Mei Tan", role="nurse")
    assert not User.objects.filter(email="new@example.test").exists()

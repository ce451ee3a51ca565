"""People are added, get another role, leave and get a new link by one command, which names the manager who asked."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic, Membership, OneTimeLink, Role, User
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.django_db
HOME = "https://records.example.org"


def member(cast: Cast, *words: str, by: str = "") -> str:
    told = io.StringIO()
    call_command("member", *words, "--by", by or cast.manager.email, stdout=told)
    return told.getvalue()


def test_a_person_is_added_and_signs_in(cast: Cast, client: Client) -> None:
    """By the link that the command prints, on a name that the server was given."""
    told = member(cast, "add", "Mei.Tan@example.test", "--name", "Mei Tan", "--role", "nurse", "--address", f"{HOME}/")

    work = Membership.objects.get(user__email="mei.tan@example.test")
    assert (work.clinic, work.role, str(work.user)) == (cast.clinic, Role.NURSE, "Mei Tan")
    event = AuditEvent.objects.get(action="added_member")
    assert (event.actor, event.clinic) == (cast.manager, cast.clinic)
    link = told.split()[-1]
    assert link.startswith(f"{HOME}/link/")
    client.post(link.removeprefix(HOME), {"password": factories.PASSWORD, "again": factories.PASSWORD})
    assert client.get("/adverse-events/").status_code == 200


def test_a_password_for_scripts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ANAGEN_PASSWORD the account is open at once, and no link is made; a weak one is refused."""
    monkeypatch.setenv("ANAGEN_PASSWORD", factories.PASSWORD)
    assert "/link/" not in member(cast, "add", "mei@example.test", "--name", "Mei Tan", "--role", "nurse")

    monkeypatch.setenv("ANAGEN_PASSWORD", "short")
    with pytest.raises(CommandError):
        member(cast, "add", "other@example.test", "--name", "Mei Tan", "--role", "nurse")
    assert not User.objects.filter(email="other@example.test").exists()


def test_a_person_gets_another_role(cast: Cast) -> None:
    """The next page that the person opens is one of the new role."""
    client = cast.client(cast.nurse)
    member(cast, "role", cast.nurse.email, "--role", "reception")

    assert client.get("/adverse-events/").status_code == 403
    assert AuditEvent.objects.get(action="changed_member").actor == cast.manager


def test_a_person_leaves_and_comes_back(cast: Cast) -> None:
    """Whoever leaves opens no page any more, though signed in; coming back takes no new account."""
    client = cast.client(cast.nurse)
    assert "may do nothing" in member(cast, "end", cast.nurse.email)
    assert client.get("/adverse-events/").status_code == 403

    member(cast, "role", cast.nurse.email, "--role", "nurse")
    assert client.get("/adverse-events/").status_code == 200
    assert User.objects.filter(email=cast.nurse.email).count() == 1


def test_only_manager_gets_a_link(cast: Cast) -> None:
    """Who nobody else could make one for; the trail says whose name was given."""
    told = member(cast, "link", cast.manager.email)

    assert "/link/" in told.split()[-1]
    assert OneTimeLink.objects.get().made_by is None
    assert AuditEvent.objects.get(action="made_link").actor == cast.manager


def test_open_clinic_for_who_is_there(cast: Cast, client: Client) -> None:
    """A manager of one clinic opens a second with the same account, and chooses between the two."""
    told = io.StringIO()
    call_command("open_clinic", name="Second Clinic", email=cast.manager.email.upper(), stdout=told)

    assert "can sign in" in told.getvalue() and "/link/" not in told.getvalue()
    second = Clinic.objects.get(name="Second Clinic")
    assert set(cast.manager.memberships.values_list("clinic", flat=True)) == {cast.clinic.pk, second.pk}
    assert cast.manager.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    ("words", "who", "said"),
    [
        (["end"], "manager", "only manager"),
        (["role", "--role", "nurse"], "manager", "only manager"),
        (["end"], "stranger", "works at"),
        (["link"], "stranger", "works at"),
        (["role", "--role", "reader", "--by", "nurse"], "nurse", "is not a manager"),
        (["role", "--role", "reader", "--clinic", "Another Clinic"], "nurse", "is not a manager of Another Clinic"),
        (["add", "--role", "nurse"], "new@example.test", "person’s name"),
        (["add", "--role", "nurse", "--name", "Mei Tan"], "new.example.test", "valid email"),
        (["add", "--role", "nurse"], "nurse", "works here already"),
    ],
)
def test_what_cannot_be_is_a_sentence(words: list[str], who: str, said: str, cast: Cast) -> None:
    """Nothing is changed, and the command says why."""
    before = set(Membership.objects.values_list("user", "role", "is_active"))
    email = getattr(cast, who).email if hasattr(cast, who) else who
    by, rest = "", words[1:]
    if "--by" in rest:
        by, rest = cast.nurse.email, rest[:-2]

    with pytest.raises(CommandError, match=said):
        member(cast, words[0], email, *rest, by=by)
    assert set(Membership.objects.values_list("user", "role", "is_active")) == before


def test_which_of_several_clinics_is_asked(cast: Cast) -> None:
    """By its name; where that is the same, what to do about it."""
    call_command("open_clinic", name="Second Clinic", email=cast.manager.email, stdout=io.StringIO())
    with pytest.raises(CommandError, match="Name one of them with --clinic"):
        member(cast, "end", cast.nurse.email)

    Clinic.objects.filter(name="Second Clinic").update(name=cast.clinic.name)

    with pytest.raises(CommandError, match="Give one another name, under Clinic"):
        member(cast, "end", cast.nurse.email, "--clinic", cast.clinic.name)


def test_no_single_host_needs_an_address(cast: Cast, settings: Any) -> None:
    """And nobody is added before the command knows what to print."""
    settings.ALLOWED_HOSTS = ["*"]

    with pytest.raises(CommandError, match="--address"):
        member(cast, "add", "mei@example.test", "--name", "Mei Tan", "--role", "nurse")
    assert not User.objects.filter(email="mei@example.test").exists()

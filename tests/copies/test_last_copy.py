"""Today tells the managers when the last good copy was made."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinic.operations import models as upkeep
from clinic.staff.models import Membership, Role
from tests import factories
from tests.people import Cast

pytestmark = pytest.mark.any_database
NEVER, GOOD, OLD = "No copy has been made yet", "Last good copy: ", "No copy since "


def copied(*, days: float = 0, faults: int = 0) -> None:
    upkeep.done(upkeep.BACKUP, faults=faults, at=timezone.now() - timedelta(days=days))


@pytest.mark.parametrize(
    ("done", "sentence", "is_red"),
    [
        (lambda: None, NEVER, False),
        (lambda: copied(), GOOD, False),
        (lambda: copied(days=1.9), GOOD, False),
        (lambda: copied(days=2.1), OLD, True),
        (lambda: copied(faults=1), "Everything else is in it. An earlier copy may have it.", True),
        (lambda: copied(faults=2), "but 2 photos are missing or altered", True),
        (lambda: (copied(days=1), upkeep.done(upkeep.BACKUP_FAILED)), "failed; the last good one is of", True),
        (lambda: (upkeep.done(upkeep.BACKUP_FAILED), copied()), GOOD, False),
        (lambda: upkeep.done(upkeep.BACKUP_FAILED), "The last attempt to make a copy failed", True),
    ],
)
def test_today_tells_of_the_last_copy(done: object, sentence: str, is_red: bool, cast: Cast) -> None:
    """In a line while it is good; else it stands out, with the page that says what to do."""
    done()  # type: ignore[operator]
    client = cast.client(factories.member(cast.clinic, Role.MANAGER))
    for address in ("/", "/copies/"):
        page = client.get(address).content.decode()
        assert sentence in page
        assert ("notice-serious" in page) is is_red
    assert ("What to do" in page) is (sentence != GOOD)


@pytest.mark.parametrize(("days", "is_red"), [(1.9, False), (2.1, True), (None, True)])
def test_a_clinic_that_never_made_one(days: float | None, is_red: bool, cast: Cast) -> None:
    """Red after two days too, and nothing is said of a copy that was never made."""
    manager = factories.member(cast.clinic, Role.MANAGER)
    began = None if days is None else timezone.now() - timedelta(days=days)
    Membership.objects.filter(user=manager).update(since=began)
    for address in ("/", "/copies/"):
        page = cast.client(manager).get(address).content.decode()
        assert NEVER in page and "since then" not in page
        assert ("notice-serious" in page) is is_red


def test_page_says_why_the_last_one_failed(cast: Cast) -> None:
    """What the command printed at night, which nobody saw; a good copy ends it."""
    why = "There is no folder /media/disk. Connect its disk, or correct its name."
    client = cast.client(factories.member(cast.clinic, Role.MANAGER))
    upkeep.done(upkeep.BACKUP_FAILED, reason=why)
    assert why in client.get("/copies/").content.decode()
    copied()
    assert why not in client.get("/copies/").content.decode()


def test_first_copy_is_due_tonight(cast: Cast, settings: Any) -> None:
    """Nobody is told to do something about the first copy before its night has come."""
    settings.BACKUP_TO = "file:///media/disk/anagen"
    manager = factories.member(cast.clinic, Role.MANAGER)
    Membership.objects.filter(user=manager).update(since=timezone.now())
    for address in ("/", "/copies/"):
        assert "The first one is due in the coming night." in cast.client(manager).get(address).content.decode()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("", "No place is set"),
        ("/media/disk/anagen", "<code>/media/disk/anagen</code>"),
        ("file:///media/disk%20of%20copies", "<code>/media/disk of copies</code>"),
        (
            "s3://copies/lime?endpoint=https://s3.example.org:9000",
            "<code>copies/lime</code> at <code>s3.example.org:9000",
        ),
    ],
)
def test_page_says_where_copies_go(place: str, told: str, cast: Cast, settings: Any) -> None:
    settings.BACKUP_TO = place
    page = cast.client(factories.member(cast.clinic, Role.MANAGER)).get("/copies/").content.decode()
    assert told in page and "endpoint" not in page


def test_copy_of_another_program_is_not_read(cast: Cast) -> None:
    """Where only the manifest was written, nothing says that the copy was read back."""
    at = timezone.now()
    upkeep.done(upkeep.BACKUP_DESCRIBED, at=at)
    copied()
    client = cast.client(factories.member(cast.clinic, Role.MANAGER))
    assert "read back" in client.get("/").content.decode()
    for task in (upkeep.BACKUP_DESCRIBED, upkeep.BACKUP):
        upkeep.done(task, at=at)
    for address in ("/", "/copies/"):
        page = client.get(address).content.decode()
        assert GOOD in page and "read back" not in page


def test_only_managers_are_told(cast: Cast) -> None:
    client = cast.client(factories.member(cast.clinic, Role.CLINICIAN))
    assert NEVER not in client.get("/").content.decode()
    assert client.get("/copies/").status_code == 403

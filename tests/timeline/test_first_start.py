"""First start: each step ticks itself off by what it makes, in any order, and Today leads there while it is needed."""

import pytest
from django.utils import timezone

from clinic.staff.models import Clinic, Membership, Role, User
from tests import factories
from tests.people import Cast
from treatments.timeline.first_start import first_steps, is_begun

pytestmark = pytest.mark.django_db


@pytest.fixture
def alone(db: None) -> User:
    """The manager of a clinic that was opened just now."""
    return factories.member(factories.clinic(), Role.MANAGER)


def done(clinic: Clinic) -> list[str]:
    clinic.refresh_from_db()
    return [step.title for step in first_steps(clinic) if step.is_done]


def test_each_step_ticks_itself_off(alone: User) -> None:
    clinic = alone.memberships.get().clinic
    assert done(clinic) == []
    lot = factories.lot(product := factories.product(clinic), created_by=alone)
    assert done(clinic) == ["Product and lot"] and lot.product == product
    factories.patient(clinic)
    Clinic.objects.filter(pk=clinic.pk).update(settings_saved_at=timezone.now())
    assert done(clinic) == ["Clinic", "Product and lot", "First patient"]
    clinic.refresh_from_db()
    assert is_begun(first_steps(clinic)), "who works alone, and without a protocol, begins too"
    factories.protocol(clinic)
    nurse = factories.member(clinic, Role.NURSE)
    assert len(done(clinic)) == 5
    Membership.objects.filter(user=nurse).update(is_active=False)
    assert "People" not in done(clinic)


def test_a_product_alone_leads_to_its_lot(alone: User) -> None:
    clinic = alone.memberships.get().clinic
    assert "Add a product" in {step.act for step in first_steps(clinic)}
    factories.product(clinic)
    assert "Receive a lot" in {step.act for step in first_steps(clinic)}


def test_rows_of_others_tick_nothing_off(alone: User, cast: Cast) -> None:
    factories.lot(factories.product(cast.clinic))

    assert done(alone.memberships.get().clinic) == []


def test_today_leads_there_until_it_begins(alone: User, cast: Cast) -> None:
    """Only a manager, and only as long as something is missing that the day needs."""
    clinic = alone.memberships.get().clinic
    nurse = factories.member(clinic, Role.NURSE)
    client = cast.client(alone)

    assert 'href="/first-start/"' in client.get("/").content.decode()
    assert 'href="/first-start/"' not in cast.client(nurse).get("/").content.decode()
    assert cast.client(nurse).get("/first-start/").status_code == 403
    factories.lot(factories.product(clinic))
    factories.patient(clinic)
    Clinic.objects.filter(pk=clinic.pk).update(settings_saved_at=timezone.now())
    assert 'href="/first-start/"' not in client.get("/").content.decode()
    assert "The clinic is ready" in client.get("/first-start/").content.decode()

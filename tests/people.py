"""The people of a test: one clinic with a person in each role, and another clinic that must see nothing."""

from dataclasses import dataclass

import pytest
from django.test import Client

from clinic.staff.models import Clinic, Role, User
from tests import factories
from treatments.models import Patient


@dataclass
class Cast:
    clinic: Clinic
    manager: User
    clinician: User
    nurse: User
    reception: User
    reader: User
    blind_reader: User
    other_clinic: Clinic
    stranger: User
    patient: Patient

    def client(self, person: User) -> Client:
        client = Client(enforce_csrf_checks=False)
        client.force_login(person)
        return client


@pytest.fixture
def cast(db: None) -> Cast:
    clinic, other = factories.clinic(name="Lime Tree Hair Clinic"), factories.clinic(name="Another Clinic")
    people = {role.value: factories.member(clinic, role) for role in Role}
    return Cast(
        clinic=clinic,
        other_clinic=other,
        stranger=factories.member(other, Role.MANAGER),
        patient=factories.patient(clinic, name="Ida Invented", created_by=people["clinician"]),
        **people,
    )


@pytest.fixture
def clinician_client(cast: Cast) -> Client:
    return cast.client(cast.clinician)

"""Whoever sits at the desk."""

import pytest
from django.test import Client

from tests.people import Cast


@pytest.fixture
def desk_client(cast: Cast) -> Client:
    return cast.client(cast.reception)

"""What all tests of old clinics need: databases other than the usual one, and a place for a file."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings


@pytest.fixture(autouse=True)
def databases_other_than_the_usual(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def path() -> Iterator[Path]:
    """Where a file is made for one test: in memory, as the suite's own database, where there is room."""
    path = settings.SCRATCH / f"upgrade-{uuid.uuid4().hex}.sqlite3"
    yield path
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()

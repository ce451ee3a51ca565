from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies.installations import Installation, beside, drop


@pytest.fixture
def new(transactional_db: None, tmp_path: Path) -> Iterator[Installation]:
    """An installation of the database that the tests run on, empty, not even with tables."""
    target = beside(tmp_path / "new")
    yield target
    drop(target)

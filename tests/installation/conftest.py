from pathlib import Path

import pytest

from tests.installation import machine


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return machine.build(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of a machine on which nothing is set up; no test sets anything up there."""
    return machine.install(wheel, tmp_path_factory.mktemp("machine"))

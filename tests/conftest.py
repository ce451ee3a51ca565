"""What every test shares. Fixtures that open pages are in tests/browser.py."""

import os
import shutil
from collections.abc import Iterator
from itertools import islice

import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from tests import flush
from tests.databases import MIGRATED
from tests.missing_tools import NO_SKIP

pytest_plugins = ["tests.browser", "tests.webkit", "tests.people"]

# A busy machine is slow, not wrong; and a failure in CI must be the same one when looked into.
hypothesis.settings.register_profile("anagen", deadline=None, print_blob=True, derandomize=NO_SKIP)
hypothesis.settings.load_profile("anagen")


def pytest_configure() -> None:
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)  # of a run that was killed, under the same number
    for folder in (settings.MEDIA_ROOT, settings.VAR_DIR):
        folder.mkdir(parents=True)
    flush.install()


def pytest_unconfigure() -> None:
    shutil.rmtree(settings.SCRATCH, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool, django_db_modify_db_settings: None) -> bool:
    """On SQLite a run of many processes migrates once (scripts/suite.py): each begins with a copy of that file."""
    migrated = os.environ.get(MIGRATED)
    if migrated is None or connection.vendor != "sqlite":
        return django_db_keepdb
    shutil.copy(migrated, connection.settings_dict["TEST"]["NAME"])
    return True


def pytest_report_header() -> str:
    return f"database: {connection.display_name}"


@pytest.hookimpl(trylast=True)  # of what -m leaves
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other database's run is for; that is no skip.

    On SQLite that is what can only be true on PostgreSQL, on PostgreSQL what asks no
    database anything, or nothing that a database decides.
    """
    if connection.vendor == "postgresql":
        left_out = [item for item in items if not asks_the_database(item)]
    else:
        left_out = [item for item in items if item.get_closest_marker("postgres")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items[:] = longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Modules with a slow test stand at the head of each worker's part, or one worker ends minutes after the others.

    Of n tests xdist gives each worker n / workers that follow one another, and lets who is done take from the end of
    another's. What a module's tests share is set up once only where they stay together.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    slow = [each for each in modules.values() if any(item.get_closest_marker("slow") for item in each)]
    rest = iter([item for each in modules.values() if each not in slow for item in each])
    parts: list[pytest.Item] = []
    for worker in range(workers):
        here = [item for each in slow[worker::workers] for item in each]
        size = len(items) * (worker + 1) // workers - len(parts)
        parts += here + list(islice(rest, max(size - len(here), 0)))
    return [*parts, *rest]


def asks_the_database(item: pytest.Item) -> bool:
    if any(mark.name == "any_database" for mark in item.own_markers):
        return False
    # What a module says of all its tests is not meant for one that commits: it is about two at once.
    commits = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    if item.get_closest_marker("any_database") and not commits:
        return False
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db") or item.get_closest_marker("postgres"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    return no_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    return no_skip(report)


def no_skip(report: pytest.TestReport | pytest.CollectReport) -> pytest.TestReport | pytest.CollectReport:
    """Where nothing may be skipped, a skip is a failure with the same reason."""
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        if isinstance(report.longrepr, tuple):
            path, line, reason = report.longrepr
            report.longrepr = f"{path}:{line}: {reason} (ANAGEN_NO_SKIP=1)"
    return report

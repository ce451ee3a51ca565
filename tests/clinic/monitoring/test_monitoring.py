"""What is seen of Anagen from outside: lines of the log, figures, reports of errors. None of it names a patient."""

import json
import logging
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.http import Http404
from django.test import Client
from django.utils import timezone

from clinic.monitoring import counters, error_reports
from clinic.monitoring.log_format import JsonFormatter, TextFormatter, WithoutAddresses
from clinic.monitoring.models import ErrorReport
from clinic.operations import models as upkeep
from tests.people import Cast

pytestmark = pytest.mark.django_db
NAME = "Ida Invented"
TOKEN = "t" * 30


class Lines(logging.Handler):
    """What the handler of the settings would write."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.written: list[str] = []
        self.setFormatter(formatter)
        self.addFilter(WithoutAddresses())

    def emit(self, record: logging.LogRecord) -> None:
        self.written.append(self.format(record))

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written]


@pytest.fixture
def log(settings: Any, tmp_path: Path) -> Iterator[Lines]:
    settings.VAR_DIR = tmp_path
    lines, requests = Lines(JsonFormatter()), logging.getLogger("anagen.requests")
    logging.getLogger().addHandler(lines)
    requests.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(lines)
        requests.setLevel(logging.WARNING)


def test_each_request_is_one_line(cast: Cast, log: Lines) -> None:
    """By the name of its page; the person as a hash; nothing of the address or of the patient."""
    client = cast.client(cast.manager)
    client.get(f"/patients/{cast.patient.pk}/?q={NAME}")
    client.get("/nothing-here/")
    client.get("/health/live")

    shown, missing = (line for line in log.told if line["kind"] == "request")
    assert (shown["page"], shown["method"], shown["status"], shown["level"]) == ("timeline:patient", "GET", 200, "info")
    assert shown["queries"] > 3 and shown["ms"] >= shown["database_ms"] and shown["clinic"] == cast.clinic.pk
    assert shown["person"] == missing["person"] and len(shown["person"]) == 12
    assert uuid.UUID(shown["request"]) and (missing["page"], missing["status"]) == ("", 404)
    everything = "\n".join(log.written)
    assert "an address without a page" in everything, "Django's own line of what is not found"
    for secret in (str(cast.patient.pk), cast.patient.name, NAME, "nothing-here", cast.manager.email):
        assert secret not in everything


@pytest.mark.parametrize("address", [f"/{NAME}/", "/José/", "/Ida%0a%7b%22kind%22:%22request%22%7d/", "/%1b[31mIda/"])
def test_no_name_of_an_address_is_logged(client: Client, log: Lines, address: str) -> None:
    """Nor where Django escapes it: a letter with an accent, the end of a line."""
    client.get(address)

    [line] = [line for line in log.told if line["kind"] == "message"]
    assert line["message"] == "Not Found: an address without a page"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("Error handling request %s", f"/patients/?q={NAME}"), "Error handling request"),
        (("Error handling request %s %s", "GET", f"/?q={NAME}"), "Error handling request"),
        ((f"Invalid request from ip=::1: Invalid HTTP Header: '{NAME}\n'",), "Invalid request from ip=::1"),
        (("Booting worker with pid: %s", 7), "Booting worker with pid: 7"),
    ],
)
def test_servers_lines_name_nobody(settings: Any, said: tuple[Any, ...], told: str) -> None:
    """Those of gunicorn, which quotes addresses, headers and the text of an error."""
    lines = Lines(JsonFormatter())
    try:
        raise ValueError(NAME)
    except ValueError:
        lines.handle(logging.LogRecord("gunicorn.error", 40, "", 0, said[0], said[1:], sys.exc_info()))

    assert lines.told[0]["message"] == told and lines.told[0]["exception"] == "ValueError"
    assert NAME not in lines.written[0]
    assert settings.LOGGING["loggers"]["gunicorn.error"] == {"handlers": ["console"], "propagate": False}


@pytest.mark.urls("tests.clinic.monitoring.failing")
def test_error_is_kept_without_values(cast: Cast, log: Lines, settings: Any) -> None:
    """Class and places, in the log and in a report; a manager of that clinic copies it, by the number on the page."""
    client = cast.client(cast.nurse)
    client.raise_request_exception = False
    broken = client.get(f"/fails/{cast.patient.pk}/", HTTP_USER_AGENT="Safari on an iPad")
    report = ErrorReport.objects.get()

    assert broken.status_code == 500 and str(report.pk) in broken.content.decode()
    assert (report.page, report.exception) == ("fails", "django.db.utils.IntegrityError")
    assert report.frames[-1].endswith("monitoring/failing.py:19 in fails")
    [error] = [line for line in log.told if "exception" in line]
    assert (error["exception"], error["frames"]) == (report.exception, report.frames)
    [line] = [line for line in log.told if line["kind"] == "request"]
    assert (line["request"], line["status"]) == (str(report.pk), 500)

    page = cast.client(cast.manager).get(f"/support/?error={report.pk}").content.decode()
    for told in (str(report.pk), report.exception, "fails", "Safari on an iPad", "database: works"):
        assert told in page
    for text in (*log.written, page):
        assert NAME not in text and str(cast.patient.pk) not in text
    assert cast.client(cast.stranger).get(f"/support/?error={report.pk}").status_code == 404
    assert cast.client(cast.manager).get("/support/?error=of-nothing").status_code == 404
    assert cast.client(cast.nurse).get(f"/support/?error={report.pk}").status_code == 403

    assert error_reports.sweep(timezone.now()) == 0
    assert error_reports.sweep(timezone.now() + error_reports.LASTS + error_reports.LASTS) == 1


def test_text_log_has_no_values_either() -> None:
    try:
        raise Http404(NAME)
    except Http404:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "It broke", (), sys.exc_info())

    told = TextFormatter().format(record)
    assert "django.http.response.Http404" in told and "in test_text_log" in told and NAME not in told


def test_processes_count_into_one_file(settings: Any, tmp_path: Path) -> None:
    """Four at once, a hundred times each, while this one reads: nothing is lost."""
    settings.VAR_DIR = tmp_path
    counters.add(saves=2)
    code = "import django; django.setup(); from clinic.monitoring import counters\n"
    code += "for n in range(100): counters.add(saves=1, answers_2xx=1)"
    told = {"ANAGEN_MODE": "test", "DJANGO_SETTINGS_MODULE": "clinic.settings", "VAR_DIR": str(tmp_path)}
    root = Path(__file__).resolve().parents[3]
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=root, env=told) for _ in range(4)]

    assert [each.wait() for each in running] == [0] * 4
    assert (counters.read()["saves"], counters.read()["answers_2xx"]) == (402, 400)


def figures(**more: Any) -> dict[str, float]:
    answer = Client(SERVER_NAME="127.0.0.9").get("/metrics", HTTP_AUTHORIZATION=f"Bearer {TOKEN}", **more)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_figures_for_whoever_has_the_token(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """Saves, refusals, failed sign-ins and answers as they happened; the age of the last good copy; room."""
    settings.VAR_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path
    (tmp_path / "originals").mkdir()
    assert Client().get("/metrics").status_code == 404, "without the setting there is no such page"
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 401

    counters.add(saves=12_345_678, milliseconds=9_876_543_210)  # a counter is told to its last digit
    before = figures()
    client = cast.client(cast.nurse)
    form = {"name": "Newly Invented", "record_number": "T-99999", "sex": "female", "_sentinel": "1"}
    assert client.post("/patients/register/", form).status_code == 302
    assert client.post("/patients/register/", form | {"name": ""}).status_code == 422
    Client().post("/sign-in/", {"username": cast.nurse.email, "password": "wrong and long enough"})
    upkeep.done(upkeep.BACKUP, at=timezone.now() - timedelta(hours=1))
    after = figures()

    grown = {name: after[name] - before[name] for name in before if name.endswith("_total") or "answers" in name}
    assert grown["anagen_saves_total"] == 1 and grown["anagen_sign_ins_failed_total"] == 1
    assert grown["anagen_refusals_total"] == 2 and grown['anagen_answers_total{status="3xx"}'] == 1
    assert after["anagen_last_good_backup_age_seconds"] == pytest.approx(3600, abs=60)
    assert after["anagen_migrations_missing"] == 0 and after['anagen_part_ok{part="database"}'] == 1
    assert after['anagen_free_bytes{of="photos"}'] > 0
    assert "anagen_last_good_backup_age_seconds" not in before, "what is not known is left out"

    upkeep.done(upkeep.BACKUP, faults=1)
    assert "anagen_last_good_backup_age_seconds" not in figures()


def test_sweep_clears_reports_away(cast: Cast, capsys: Any) -> None:
    call_command("sweep")
    assert "0 reports of errors" in capsys.readouterr().out

"""The preview: what is the same, what differs, who may be somebody else, and what comes back to be mended."""

import datetime
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests import factories
from tests.people import Cast
from tests.transfer.steps import go_on, import_all, to_preview
from tests.transfer.workbooks import saved, workbook
from treatments.models import ExosomeSession, Import, ImportFile, PassedWarning, Patient
from treatments.records.partial_dates import PartialDate
from treatments.transfer import actions

pytestmark = [pytest.mark.django_db]
HEAD = ["Record number", "Name", "Sex", "Date of birth", "Telephone"]


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.manager)


def test_changed_is_shown_and_left(client: Client, cast: Cast) -> None:
    """Both values stand in the preview; nothing is overwritten, and an empty cell says nothing."""
    factories.patient(cast.clinic, record_number="P-1", name="Ann Invented", sex="female", phone="555 0100")

    preview = to_preview(
        client, workbook([HEAD, ["P-1", "Ann Invented", "", "", "555 0199"], ["P-2", "Bo New", "m", "", ""]])
    )

    assert preview.context["judgement"].counts == {"new": 1, "same": 0, "changed": 1, "refused": 0}
    text = preview.content.decode()
    assert "555 0100" in text and "555 0199" in text
    import_all(client, preview)
    assert Patient.objects.get(record_number="P-1").phone == "555 0100"


def test_number_of_another_name_is_refused(client: Client, cast: Cast) -> None:
    """Nobody gets the sessions of whoever has their record number."""
    factories.patient(cast.clinic, record_number="P-1", name="Ann Invented")
    rows = [["Record number", "Name", "Date", "Vertex, mL"], ["P-1", "Otto Different", datetime.date(2025, 1, 3), 3]]

    preview = to_preview(client, workbook(rows))

    [why] = preview.context["judgement"].refused.values()
    assert "belongs to Ann Invented here" in why[0]


def test_who_may_be_there_is_asked(client: Client, cast: Cast) -> None:
    """The same name and birth under another number: answered by a person, never merged."""
    factories.patient(cast.clinic, record_number="P-1", name="Ann Invented", birth=PartialDate("1970-02-03"))
    preview = to_preview(client, workbook([HEAD, ["Q-9", "Invented Ann", "f", "1970-02-03", ""]]))
    assert preview.context["open_doubles"] == 1

    refused = import_all(client, preview)
    assert refused.status_code == 422 and "Answer first" in refused.content.decode()
    path = preview.request["PATH_INFO"]
    answered = client.post(path.replace("preview", "doubles"), {"d-0": "another", "_sentinel": "1"}, follow=True)
    import_all(client, answered, reason="Seen both of them")

    assert Patient.objects.filter(record_number="Q-9").count() == 1
    assert PassedWarning.objects.get(rule="same-person").reason == "Seen both of them"


def test_same_person_is_left_out(client: Client, cast: Cast) -> None:
    factories.patient(cast.clinic, record_number="P-1", name="Ann Invented", birth=PartialDate("1970-02-03"))
    rows = [HEAD, ["Q-9", "Invented Ann", "f", "1970-02-03", ""], ["Q-10", "Somebody Else", "f", "1971", ""]]
    preview = to_preview(client, workbook(rows))

    path = preview.request["PATH_INFO"].replace("preview", "doubles")
    answered = client.post(path, {"d-0": "leave", "_sentinel": "1"}, follow=True)

    assert answered.context["judgement"].counts == {"new": 1, "same": 0, "changed": 0, "refused": 1}


def test_refused_rows_come_back(client: Client) -> None:
    """The same sheet, with the same headings, the refused rows alone, and a column that says why."""
    rows = [
        ["All patients"],
        HEAD,
        ["00012", "Ann Invented", "f", "31/02/1970", ""],
        ["P-2", "Bo New", "m", "1971", ""],
    ]
    preview = to_preview(client, workbook(rows, title="List"))

    data = client.get(preview.request["PATH_INFO"].replace("preview", "refused")).content

    sheet = load_workbook(io.BytesIO(data))["List"]
    told = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert told[1] == [*HEAD, "Why it was refused"]
    assert (len(told), told[2][0], told[2][3]) == (3, "00012", "31/02/1970")
    assert "There is no day" in str(told[2][5])


def test_refused_rows_can_be_sent_again(client: Client) -> None:
    """As often as it takes: with the patient whom the row had from a merged cell, the groups of the headings, and one
    column that says why."""
    rows: list[list[Any]] = [
        ["Patient", None, "Session", None, "Examination", None],
        ["No", "Name", "Date", "Vertex, mL", "Date", "Norwood"],
        ["007", "Ann Invented", "2025-01-03", 3, "2025-01-03", "3v"],
        [None, None, "2025-02-03", "three", "2025-02-04", "3v"],
    ]
    book = load_workbook(io.BytesIO(workbook(rows)))
    for merged in ("A1:B1", "C1:D1", "E1:F1", "A3:A4", "B3:B4"):
        book.active.merge_cells(merged)
    preview = to_preview(client, saved(book), answers={"scale": "norwood_1975"})

    for _ in range(2):
        data = client.get(preview.request["PATH_INFO"].replace("preview", "refused")).content
        preview = to_preview(client, data, answers={"scale": "norwood_1975"})
        assert [*preview.context["judgement"].refused] == [(0, 3)]
    sheet: Any = load_workbook(io.BytesIO(data))
    sheet.active["D3"] = 2
    judgement = to_preview(client, saved(sheet), answers={"scale": "norwood_1975"}).context["judgement"]

    assert judgement.counts == {"new": 3, "same": 0, "changed": 0, "refused": 0}
    assert [str(each.draft.extra["when"]) for each in judgement.planned[1:]] == ["3 Feb 2025", "4 Feb 2025"]
    assert {each.draft.number for each in judgement.planned} == {"007"}


def test_a_reason_passes_what_is_asked(client: Client, cast: Cast) -> None:
    """Without consent and lot: asked once for the import, and kept with each record."""
    rows = [["Record number", "Name", "Date", "Vertex, mL"], ["P-1", "Ann Invented", datetime.date(2025, 1, 3), 3]]
    preview = to_preview(client, workbook(rows))

    refused = import_all(client, preview, reason="")
    assert refused.status_code == 422 and ExosomeSession.objects.count() == 0
    import_all(client, preview, reason="Copied from paper")

    session = ExosomeSession.objects.get()
    assert session.is_late_entry and session.lot_is_unknown
    assert set(PassedWarning.objects.filter(record_id=session.pk).values_list("reason", flat=True)) == {
        "Copied from paper"
    }
    assert cast.manager == session.created_by


def test_what_was_not_shown_is_not_imported(client: Client, cast: Cast) -> None:
    preview = to_preview(client, workbook([HEAD, ["P-1", "Ann Invented", "f", "1970", ""]]))
    factories.patient(cast.clinic, record_number="P-1", name="Ann Invented", sex="female")

    page: Any = import_all(client, preview)

    assert page.status_code == 422 and "changed while you were reading" in page.content.decode()


def test_other_answers_are_shown_first(client: Client) -> None:
    """Changed in another tab while the preview stood open: the births that were shown are imported, or none."""
    rows = [HEAD, ["P-1", "Ann Invented", "f", "01/02/1980", ""]]
    preview = to_preview(client, workbook(rows), answers={"order": "dmy"})
    questions = client.get(preview.request["PATH_INFO"].replace("preview", "answers"))
    go_on(client, questions, **{"q-0": "mdy"})

    page: Any = import_all(client, preview)

    assert page.status_code == 422 and "changed while you were reading" in page.content.decode()
    assert not Patient.objects.filter(record_number="P-1").exists()


def test_sent_twice_shows_the_import(client: Client) -> None:
    """A button that is pressed twice: the answer to the second is what is seen."""
    preview = to_preview(client, workbook([HEAD, ["P-1", "Ann Invented", "f", "1980", ""]]))
    first = import_all(client, preview)

    again: Any = import_all(client, preview)

    assert again.request["PATH_INFO"] == first.request["PATH_INFO"]
    assert "imported already" in again.content.decode()
    assert Import.objects.count() == 1 and Patient.objects.filter(record_number="P-1").count() == 1


@pytest.mark.parametrize("is_same", [True, False])
def test_imported_at_the_same_time(client: Client, monkeypatch: pytest.MonkeyPatch, is_same: bool) -> None:
    """The same file sent twice shows what was imported; another file of the same people is to be looked at again."""
    rows = [HEAD, ["P-1", "Ann Invented", "f", "1980", ""]]
    preview = to_preview(client, workbook(rows))
    other = preview if is_same else to_preview(client, workbook([*rows, ["P-2", "Bo Invented", "m", "1950", ""]]))
    real = actions.import_records

    def first_the_other(*args: Any, **kwargs: Any) -> Import:
        monkeypatch.setattr(actions, "import_records", real)
        import_all(client, other)
        return real(*args, **kwargs)

    monkeypatch.setattr(actions, "import_records", first_the_other)
    page: Any = import_all(client, preview)

    assert Import.objects.count() == 1 and Patient.objects.filter(record_number="P-1").count() == 1
    told = "imported already" if is_same else "entered a moment ago. Look at the preview again."
    assert told in page.content.decode() and page.status_code == (200 if is_same else 422)


def test_a_file_waits_for_a_day(client: Client) -> None:
    """Encrypted meanwhile, and swept away afterwards."""
    to_preview(client, workbook([HEAD, ["P-1", "Ann Invented", "f", "1970", ""]]))
    kept = ImportFile.objects.get()
    assert b"Invented" not in bytes(kept.tables) and not kept.content

    ImportFile.objects.update(uploaded_at=timezone.now() - datetime.timedelta(hours=25))
    call_command("sweep_imports", stdout=io.StringIO())

    assert ImportFile.objects.count() == 0


def test_csv_is_asked_how_it_is_written(client: Client) -> None:
    data = "Record number;Name;Sex\nP-1;Zoë Größler;f\n".encode("cp1252")

    page = to_preview(client, data, name="list.csv", answers={"encoding": "cp1252"})

    assert "Zoë Größler" in page.content.decode()


def test_columns_are_kept_for_next_time(client: Client) -> None:
    rows = [["Kartei", "Wer", "Was"], ["P-1", "Ann Invented", "f"]]
    page = to_preview(client, workbook(rows), answers={"c-0-1": "record_number", "c-0-2": "name", "c-0-3": "sex"})
    import_all(client, page)

    again = to_preview(client, workbook(rows))

    assert again.context["judgement"].counts == {"new": 0, "same": 1, "changed": 0, "refused": 0}


VISITS = [*HEAD, "Date", "Vertex, mL", "Norwood"]


def test_nobody_comes_of_a_refused_row(client: Client) -> None:
    """The birth may be what is wrong: the patient waits with the session for the row to be mended."""
    rows = [
        VISITS,
        ["P-1", "Ann Invented", "f", "2020-01-01", "", "2019-01-01", 3, ""],
        ["P-1", "", "", "", "", "2021-01-01", 3, ""],
    ]

    rows.append(["P-2", "Bo Invented", "m", "", "", "", 3, ""])  # a session without a date

    judgement = to_preview(client, workbook(rows)).context["judgement"]

    assert judgement.counts == {"new": 0, "same": 0, "changed": 0, "refused": 3} and judgement.courses == []
    assert "before the patient’s birth" in judgement.refused[0, 2][0]
    assert judgement.refused[0, 3] == ["The row that names the patient is refused."]


def test_two_values_of_a_person_stay_out(client: Client) -> None:
    """Nobody knows which is right, wherever in the file it stands; the rows without it are read."""
    rows = [
        VISITS,
        ["P-1", "Ann Invented", "f", "", "555 0100", "2024-01-01", 3, ""],
        ["P-1", "Ann Invented", "", "", "", "2024-02-01", 3, ""],
        ["P-1", "Ann Invented", "f", "", "555 0199", "2024-03-01", 3, ""],
        ["P-2", "Bo Invented", "m", "", "", "2024-03-01", 3, ""],
        ["P-2", "Bo Invented", "f", "", "", "2024-04-01", 3, ""],
    ]

    preview = to_preview(client, workbook(rows))

    judgement = preview.context["judgement"]
    assert sorted(row for _, row in judgement.refused) == [2, 4, 5, 6]
    assert "“555 0100” here and “555 0199” in row 4" in judgement.refused[0, 2][0]
    import_all(client, preview)
    ann = Patient.objects.get(name="Ann Invented")
    assert (ann.phone, ann.sex, ann.exosome_sessions.count()) == ("", "unknown", 1)
    assert not Patient.objects.filter(name="Bo Invented").exists()


def test_month_0_is_of_what_is_imported(client: Client) -> None:
    """Not of the session of a refused row, whatever was wrong in it."""
    rows = [
        VISITS,
        ["P-1", "Ann Invented", "f", "2020-01-01", "", "2024-02-01", 3, ""],
        ["P-1", "", "", "", "", "2019-01-01", 3, ""],
    ]

    judgement = to_preview(client, workbook(rows)).context["judgement"]

    [course] = judgement.courses
    assert [*judgement.refused] == [(0, 3)]
    assert (course.baseline.text, course.facts.sessions_planned) == ("2024-02-01", 1)


def test_rows_of_two_sheets_are_told_apart(client: Client) -> None:
    book = load_workbook(io.BytesIO(workbook([HEAD, ["P-1", "Ann Invented", "f", "", ""], ["P-2", "Bo", "m", "", ""]])))
    other: Any = book.create_sheet("Visits")
    other.append(["Record number", "Sex", "Date", "Density change"])
    other.append(["P-1", "m", "2024-01-01", None])
    other.append(["P-2", None, "2024-01-01", 0.25])

    preview = to_preview(client, saved(book), answers={"site": "vertex", "method": "clinician_visual_estimate"})

    refused = preview.context["judgement"].refused
    assert "in row 2 of “Visits”. Which" in refused[0, 2][0] and "in row 2 of “Patients”. Which" in refused[1, 2][0]
    assert "Row 3 of “Visits”: Density change" in preview.content.decode()

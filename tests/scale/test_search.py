"""The search for people gives the same answer on either database, in any spelling, and through its index."""

import random
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.staff.models import Clinic
from tests import factories
from tests.people import Cast
from treatments.models import Patient
from treatments.patients import actions, search_index
from treatments.records.text.text_folding import digits, fold
from treatments.registry.patient_list import Filters, first_matches, page_of

NAMES = ["Søren Übel", "Łucja Müller", "王小明", "李 明", "100%_sure", "back\\slash", 'O\'Neil "Q"', "Đặng Thị Æsa"]


def found(clinic: Clinic, text: str) -> list[str]:
    return [patient.name for patient in Patient.objects.of(clinic).active().matching(text).by_name()]


@pytest.fixture
def people(cast: Cast) -> Clinic:
    for name in NAMES:
        factories.patient(cast.clinic, name=name, phone="+65 8079 4567" if name.startswith("S") else "")
    factories.patient(cast.other_clinic, name="Søren Elsewhere")
    return cast.clinic


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("soren", ["Søren Übel"]),
        ("SØREN", ["Søren Übel"]),
        ("übel", ["Søren Übel"]),
        ("ubel søren", ["Søren Übel"]),
        ("lucja", ["Łucja Müller"]),
        ("ŁU", ["Łucja Müller"]),
        ("mu", ["Łucja Müller"]),
        ("dang aesa", ["Đặng Thị Æsa"]),
        ("王", ["王小明"]),
        ("小明", ["王小明"]),
        ("明", ["李 明", "王小明"]),
        ("%", ["100%_sure"]),
        ("%_s", ["100%_sure"]),
        ("_", ["100%_sure"]),
        ("\\", ["back\\slash"]),
        ('"', ["O'Neil \"Q\""]),
        ("l \"q\"", ["O'Neil \"Q\""]),
        ("8079 4567", ["Søren Übel"]),
        ("8079-4567", ["Søren Übel"]),
        ("(+65) 8079", ["Søren Übel"]),
        ("zz", []),
        ("z", []),
        ("OR NOT *", []),
        ("\x00soren", ["Søren Übel"]),
    ],
)  # fmt: skip
def test_a_fragment_finds_whoever_has_it(people: Clinic, text: str, names: list[str]) -> None:
    assert found(people, text) == names


def test_people_in_order_of_folded_names(people: Clinic) -> None:
    """People come in the order of their folded names."""
    names = [patient.name for patient in Patient.objects.of(people).by_name()]

    assert names == sorted(names, key=lambda name: [ord(letter) for letter in fold(name)])


def test_the_index_names_them_and_no_others(people: Clinic) -> None:
    """What the index says by itself, without the rows being read after it."""
    named = search_index.find(Patient.objects.of(people), [["lucja"], ["ller"]])

    assert named == search_index.Matches([Patient.objects.get(name="Łucja Müller").pk], is_complete=True, is_exact=True)


def test_index_follows_every_write(people: Clinic, cast: Cast) -> None:
    """The index follows every way in which a patient is written."""
    person = Patient.objects.get(name="Søren Übel")
    changes = {"name": "Nils Übel"}
    actions.correct_details(person, changes=changes, reason="misheard", expected_version=1, by=cast.clinician)
    assert (found(people, "soren"), found(people, "nil")) == ([], ["Nils Übel"])

    twin = Patient(clinic=people, created_by=cast.clinician, name="Bulk", record_number="B-1", sex="male")
    twin.search_text = twin.folded()
    Patient.objects.bulk_create([twin])
    assert found(people, "bul") == ["Bulk"]

    Patient.objects.filter(pk=twin.pk).delete()
    assert found(people, "bul") == []
    assert search_index.find(Patient.objects.all(), [["bul"]]).ids == []


def test_every_fragment_of_a_name_is_found(cast: Cast) -> None:
    """Against reading all rows, which is slow and cannot be wrong."""
    chance = random.Random(11)
    for _ in range(40):
        factories.patient(cast.clinic, name="".join(chance.choice("ab cé王 ") for _ in range(9)).strip() or "a")
    rows = list(Patient.objects.of(cast.clinic).by_name().values_list("name", "search_text"))

    for _ in range(150):
        text = chance.choice(rows)[1]
        start = chance.randrange(len(text))
        words = text[start : start + chance.randrange(1, 7)].split()
        # A number is also looked for without its dashes, which is another test.
        if words and not any(digits(word) != word and digits(word) for word in words):
            wanted = [name for name, kept in rows if all(word in kept for word in words)]
            assert found(cast.clinic, " ".join(words)) == wanted, words


@pytest.fixture
def crowd(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """Thirty who have "mar" in their names, where the index is content with ten."""
    monkeypatch.setattr(search_index, "MAX_MATCHES", 10)
    for number in range(20):
        factories.patient(cast.clinic, name=f"Ana Tamar {number:02}", latest_stage="Norwood IV")
    for number in range(10):
        factories.patient(cast.clinic, name=f"Marlo {number:02}", course_state="stopped")
    yield cast.clinic


def test_names_beginning_with_it_come_first(crowd: Clinic) -> None:
    """Of many, those come first whose text begins with the fragment."""
    names = [patient.name for patient in first_matches(crowd, "MAR", 12)]

    assert names[:10] == [f"Marlo {number:02}" for number in range(10)]
    assert len(names) == 12 and all(name.startswith("Ana Tamar") for name in names[10:])


def test_filters_among_many_miss_none(crowd: Clinic) -> None:
    """Among many, none is missed when more than text is asked for."""
    assert len(found(crowd, "mar")) == 30
    assert len(page_of(crowd, Filters(text="mar", state="stopped")).rows) == 10
    assert len(page_of(crowd, Filters(text="mar", stage="Norwood IV")).rows) == 20
    assert page_of(crowd, Filters(text="tamar", state="stopped")).rows == []


def test_a_search_among_many_can_be_paged(crowd: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treatments.registry.patient_list.PAGE_SIZE", 7)
    seen, after = [], ""
    while True:
        page = page_of(crowd, Filters(text="mar"), after=after)
        seen += [patient.name for patient in page.rows]
        if page.after is None:
            break
        after = str(page.after)

    assert seen[:10] == [f"Marlo {number:02}" for number in range(10)]
    assert len(seen) == len(set(seen)) == 20, "ten that begin with it, and the ten others that the index names"
    page = page_of(crowd, Filters(text="mar"), before=str(Patient.objects.get(name=seen[10]).pk))
    assert [patient.name for patient in page.rows] == seen[3:10]


def test_cut_off_result_is_marked(crowd: Clinic, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many, the page says that it does not show all."""
    monkeypatch.setattr("treatments.registry.patient_list.COUNTED_WITH_TEXT", 10)
    client = cast.client(cast.nurse)

    assert "Type more letters to see the rest" in client.get("/patients/", {"q": "mar"}).content.decode()
    assert "Type more" not in client.get("/patients/", {"q": "marlo 03"}).content.decode()
    assert "Type more" not in client.get("/patients/", {"q": "mar", "state": "stopped"}).content.decode()


def test_queries_for_few_and_for_many(crowd: Clinic) -> None:
    """The search asks as often for few as for many."""

    def asked(text: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(crowd, Filters(text=text))
        return len(captured)

    assert asked("mar") == asked("marlo 03") == asked("m") == asked("tamar") == 6


def test_index_can_be_rebuilt(people: Clinic) -> None:
    """The index can be taken down, and built over the patients that there are."""
    connection.check_constraints()  # what is still to be checked would hold the table against a change
    search_index.take_down(connection)
    search_index.build(connection)

    assert found(people, "ubel") == ["Søren Übel"]
    assert search_index.find(Patient.objects.of(people), [["ubel"]]).is_complete


def test_migrating_restores_the_triggers(people: Clinic, cast: Cast) -> None:
    """On SQLite a migration that alters the table of patients takes them along."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in ("patient_fragments_put_in", "patient_fragments_changed", "patient_fragments_taken_out"):
                cursor.execute(f"DROP TRIGGER {name}")
    factories.patient(cast.clinic, name="Written meanwhile")

    search_index.keep_in_step(connection)
    factories.patient(cast.clinic, name="Written since")

    assert found(people, "written") == ["Written meanwhile", "Written since"]
    assert found(people, "ubel") == ["Søren Übel"]

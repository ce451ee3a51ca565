"""What a session of a file says beside its first product: further products, who gave it, reactions; and its rules."""

import datetime
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests import factories
from tests.people import Cast
from tests.transfer.steps import import_all, to_preview
from tests.transfer.whole_database import differences, rows
from tests.transfer.workbooks import saved, workbook
from treatments.models import (
    AdverseEvent,
    Assessment,
    ExosomeSession,
    FollowUp,
    Import,
    ImportHabits,
    Lot,
    Measurement,
    PassedWarning,
    Product,
)
from treatments.safety.actions import follow_up
from treatments.transfer import actions, own_workbook

pytestmark = [pytest.mark.django_db]
DAY = datetime.date(2025, 3, 3)
HEAD = ["Record number", "Name", "Date", "Vertex, mL", "Product", "Lot"]
WHO = ["P-1", "Ann Invented", DAY]
BESIDE = ["Product 2", "Lot 2", "mL 2", "Region 2", "Technique 2"]


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(cast.manager)


@pytest.fixture
def lots(cast: Cast) -> dict[str, Lot]:
    """Two lots of one product, 10 mL of each."""
    vesicles = factories.product(cast.clinic, name="Vesicle N")
    received = {"received_on": DAY, "expires_on": DAY.replace(year=2030), "received_ml": Decimal(10)}
    return {number: factories.lot(vesicles, number=number, **received) for number in ("EX-1", "EX-2")}


@pytest.fixture
def plasma(cast: Cast) -> Product:
    """From the patient's own blood."""
    own = {"source_type": "platelet_rich_plasma", "donor": "autologous"}
    return factories.product(cast.clinic, name="PRP", **own)


def judged(client: Client, *rows: list[Any], **answers: str) -> Any:
    preview = to_preview(client, workbook(rows), answers=answers)
    return preview.context["judgement"]


def imported(client: Client, *rows: list[Any], **answers: str) -> ExosomeSession:
    page = import_all(client, to_preview(client, workbook(rows), answers=answers))
    assert page.status_code == 200, page.context["form"].errors
    session: ExosomeSession = ExosomeSession.objects.get()
    return session


def refusals(client: Client, *rows: list[Any], **answers: str) -> str:
    judgement = judged(client, *rows, **answers)
    assert judgement.counts["new"] <= 1  # the patient
    return " ".join(sentence for why in judgement.refused.values() for sentence in why)


def left(number: str) -> Decimal:
    return Decimal(Lot.objects.get(number=number).stock_ml)


# ── Further products ───────────────────────────────────────────────────────────────────────────


def test_further_products_are_given(client: Client, lots: dict[str, Lot], plasma: Product) -> None:
    """A second lot with mL by region, plasma without a lot, and a technique alone; each lot gives its own."""
    third, fourth = ["Product 3", "mL 3", "Region 3"], ["Route 4", "Region 4", "Depth 4", "Note on product 4"]
    session = imported(
        client,
        [*HEAD, *BESIDE, *third, *fourth],
        [*WHO, 3, "Vesicle N", "EX-1", "Vesicle N", "EX-2", "3 mL", "Vertex 2; Frontal 1 mL", "Intradermal",
         "prp", 2.5, "crown", "microneedling", "Vertex; mid-scalp", 1.5, "slowly"],
    )  # fmt: skip

    second, own, technique = session.applications.all()
    assert (session.first_ml, session.total_ml) == (Decimal(3), Decimal("8.5"))
    assert (second.lot, second.volumes, second.route) == (
        lots["EX-2"], {"vertex": "2.00", "frontal": "1.00"}, "intradermal_injection",
    )  # fmt: skip
    assert (own.product, own.lot_is_unknown, own.volumes_ml) == (plasma, False, {"vertex": Decimal("2.5")})
    assert (technique.total_ml, technique.regions) == (None, ["vertex", "mid_scalp"])
    assert (technique.depth_mm, technique.note) == (Decimal("1.5"), "slowly")
    assert (left("EX-1"), left("EX-2")) == (Decimal(7), Decimal(7))


def test_own_workbook_carries_all(client: Client, cast: Cast, lots: dict[str, Lot], plasma: Product) -> None:
    """Out and in again: nothing is new, and nothing is changed."""
    head = [
        *HEAD,
        *BESIDE,
        "Product 3",
        "mL 3",
        "Region 3",
        "Given by",
        "Reactions",
        "Where (in the words of the old record)",
    ]
    row = [*WHO, 3, "Vesicle N", "EX-1", "Vesicle N", "EX-2", 3, "Vertex 2; Frontal 1", "SC", "PRP", 2, "beard",
           "Dr Away", "mild redness", "top of the head"]  # fmt: skip
    imported(client, head, row, left="settled")

    data = own_workbook.write(cast.clinic, by=cast.manager, version="0")
    judgement = to_preview(client, data).context["judgement"]

    assert ExosomeSession.objects.get().region_volumes.get().as_told == "top of the head"
    assert [each.differences for each in judgement.planned if each.differences] == []
    assert (judgement.counts["new"], judgement.refused) == (0, {})


def test_take_back_takes_all_of_it(client: Client, lots: dict[str, Lot]) -> None:
    """Further products and reactions go, and each lot gets back what it gave: the same lot twice, both."""
    before = rows()
    head = [*HEAD, *BESIDE, "Product 3", "Lot 3", "mL 3", "Region 3", "Reactions"]
    row = [*WHO, 3, None, "EX-1", None, "EX-2", 2, "Vertex", None, None, "ex1", 1, "Frontal", "severe pain, mild itch"]
    imported(client, head, row, left="not_recorded")
    assert (left("EX-1"), left("EX-2"), AdverseEvent.objects.count()) == (Decimal(6), Decimal(8), 2)

    made = Import.objects.get()
    page = client.post(f"/imports/{made.pk}/take-back/", {"reason": "Wrong file", "_sentinel": "1"}, follow=True)

    assert page.status_code == 200
    assert differences(before, rows()) == []
    assert made.counts["adverseevent"] == 2


def test_followed_reaction_stands(client: Client, cast: Cast) -> None:
    """What was entered of a reaction since is not taken away with the import that made it."""
    session = imported(client, [*HEAD[:4], "Reactions"], [*WHO, 3, "mild redness"], left="still_there")
    event = session.adverse_events.get()
    look = FollowUp(
        clinic=cast.clinic, patient=session.patient, event=event, seen_on=DAY, outcome="1", ended=event.onset
    )
    follow_up(look, by=cast.clinician)

    [obstacle] = actions.in_the_way(Import.objects.get())

    assert obstacle.startswith("Entered since: 1 follow up (of P-1)")


def test_same_twice_changes_nothing(client: Client, lots: dict[str, Lot]) -> None:
    head, row = [*HEAD, *BESIDE], [*WHO, 3, None, "EX-1", "Plasma X", "L-9", 2, "Vertex", None]
    session = imported(client, head, row)
    assert session.applications.get().note == "Lot (old record): L-9\nProduct (old record): Plasma X"

    again = judged(client, head, row)
    other = judged(client, head, [*row[:-3], 4, "Vertex", None])

    assert (again.counts["same"], again.counts["changed"]) == (2, 0)
    [(what, recorded, told)] = other.in_state("changed")[0].differences
    assert (what, "2 mL" in recorded, "4 mL" in told) == ("Also given", True, True)


@pytest.mark.parametrize(
    ("beside", "sentence"),
    [
        (["Vesicle N", "EX-2", None, "Vertex", None], "How many mL were given is not said"),
        (["Vesicle N", "EX-2", 2, None, None], "In which region"),
        (["Vesicle N", "EX-2", 2, "Vertex; Frontal", None], "went to several regions"),
        (["Vesicle N", "EX-2", 4, "Vertex 2; Frontal 1", None], "add up to 3 mL"),
        (["Vesicle N", "EX-2", 2, "Vertex 2; crown 1", None], "one region twice"),
        (["Vesicle N", "EX-2", 2, "whole scalp", None], "not exact enough"),
        ([None, None, None, "Vertex", None], "What was given beside the first product is not said"),
        (["Vesicle N", "EX-1", 8, "Vertex", None], "Only 10 mL of lot EX-1 is left, and this session needs 11 mL"),
        (["Vesicle N", None, 18, "Vertex", None], "21 mL is more than one session may have"),
        (["Vesicle N", "EX-2", 8, "Vertex", "by hand"], "not one of the answers"),
        (["Vesicle N", "EX-2", "=2+1", "Vertex", None], "formula that was never calculated"),
        (["Vesicle N", "EX-1 / EX-2", 2, "Vertex", None], "more than the number of one lot"),
        (["Vesicle N", "EX-2", 3, "Vertex 2", None], "add up to 2 mL"),
        (["Vesicle N", "EX-2", 3, "Vertex 2.555", None], "has a figure in it that no region has"),
        (["Vesicle N", "EX-2", 3, "Vertex2 Frontal1", None], "has a figure in it that no region has"),
        (["Vesicle N", "EX-2", "2 vials", "Vertex", None], "not a number"),
    ],
)  # fmt: skip
def test_half_of_it_is_refused(client: Client, lots: dict[str, Lot], beside: list[Any], sentence: str) -> None:
    assert sentence in refusals(client, [*HEAD, *BESIDE], [*WHO, 3, "Vesicle N", "EX-1", *beside])


def test_rules_see_what_was_beside(client: Client, cast: Cast, lots: dict[str, Lot]) -> None:
    """An expired lot, a route against the label, a recall, and no lot at all: each is asked about."""
    cream = factories.product(cast.clinic, name="Cream", labelled_route="topical_only")
    old = {"received_on": DAY, "expires_on": DAY - datetime.timedelta(days=1), "received_ml": Decimal(10)}
    factories.lot(cream, number="OLD-1", **old)
    recall = {"recall_reason": "Glass", "recalled_at": timezone.now(), "recalled_by": cast.manager}
    Lot.objects.filter(number="EX-2").update(state="recalled", **recall)
    head = [*HEAD, *BESIDE, "Lot 3", "mL 3", "Region 3", "Product 4", "mL 4", "Region 4"]
    row = [*WHO, 3, None, "EX-1", None, "OLD-1", 1, "Vertex", "ID", "EX-2", 1, "Frontal", "Vesicle N", 6.5, "Beard"]

    judgement = judged(client, head, row)

    told = {each.code for planned in judgement.planned for each in planned.warnings}
    assert told >= {"expired-drug", "route_against_label", "recalled", "lot_unknown", "total_unusual"}


def test_what_a_volume_is_of_is_asked(client: Client, lots: dict[str, Lot]) -> None:
    """A total beside a second volume, and a second volume without a region: neither is guessed."""
    head = ["Record number", "Name", "Date", "Total", "Region", "mL 2", "Lot 2"]
    row = [*WHO, 5, "Vertex", 2, "EX-2"]

    all_of_it = judged(client, head, row, total="all", region="same").planned[-1]
    first_alone = judged(client, head, row, total="first", region="frontal").planned[-1]

    assert (all_of_it.draft.extra["volumes"], all_of_it.further[0].volumes) == (
        {"vertex": Decimal(3)}, {"vertex": "2.00"},
    )  # fmt: skip
    assert first_alone.draft.extra["volumes"] == {"vertex": Decimal(5)}
    assert first_alone.further[0].volumes == {"frontal": "2.00"}


def test_lot_of_two_products_is_refused(client: Client, cast: Cast, lots: dict[str, Lot]) -> None:
    """Which of them it was nobody can know; the product beside it says it."""
    other = factories.product(cast.clinic, name="Other")
    received = {"received_on": DAY, "expires_on": DAY.replace(year=2030)}
    factories.lot(other, number="EX-1", **received)

    why = refusals(client, HEAD, [*WHO, 3, None, "EX-1"])
    named = judged(client, HEAD, [*WHO, 3, "Other", "EX-1"]).planned[-1]

    assert "may be EX-1 of Vesicle N or EX-1 of Other here" in why
    assert named.values["lot"].product == other


def test_two_rows_of_a_visit_stay_out(client: Client, lots: dict[str, Lot]) -> None:
    """Rows that differ in the product alone: none of them is taken for the whole visit."""
    judgement = judged(client, HEAD, [*WHO, 3, None, "EX-1"], [*WHO, 2, None, "EX-2"])

    assert {place[1] for place in judgement.refused} == {2, 3}
    assert all("“Product 2”, “Lot 2”, “Volume 2, mL”" in why[0] for why in judgement.refused.values())
    assert judgement.counts["new"] == 0  # nor anybody whom no other row names


def test_two_heading_rows_number_them(client: Client, lots: dict[str, Lot]) -> None:
    """ "Product 1" and "Product 2" over the same three headings."""
    data = workbook(
        [
            ["Visit", None, None, "Product 1", None, None, "Product 2", None, None],
            ["Record number", "Name", "Date", "Lot", "mL", "Region", "Lot", "mL", "Region"],
            [*WHO, "EX-1", 3, "Vertex", "EX-2", 2, "Frontal"],
        ]
    )
    book = load_workbook(io.BytesIO(data))
    for cells in ("A1:C1", "D1:F1", "G1:I1"):
        book.active.merge_cells(cells)

    planned = to_preview(client, saved(book), answers={"total": "first"}).context["judgement"].planned[-1]

    assert planned.values["lot"].number == "EX-1"
    assert [(each.lot.number, each.volumes) for each in planned.further] == [("EX-2", {"frontal": "2.00"})]


# ── Who gave it ────────────────────────────────────────────────────────────────────────────────


def test_given_by_has_an_account_or_a_name(client: Client, cast: Cast) -> None:
    """Who may give sessions here by their account; whoever else by name, once in the file as on the page."""
    head = [*HEAD[:4], "Given by"]
    other = ["P-2", "Bo Invented", DAY, 3, cast.clinician.name.upper()]
    desk = ["P-3", "Cy Invented", DAY, 3, cast.reception.name]
    import_all(client, to_preview(client, workbook([head, [*WHO, 3, "Dr Elsewhere"], other, desk])))

    given = {each.patient.record_number: each for each in ExosomeSession.objects.all()}
    assert (given["P-1"].operator, given["P-1"].operator_name, given["P-1"].note) == (None, "Dr Elsewhere", "")
    assert (given["P-2"].operator, given["P-2"].operator_name) == (cast.clinician, "")
    assert (given["P-3"].operator, given["P-3"].operator_name) == (None, cast.reception.name)
    cast.clinician.memberships.update(role="reader")
    again = judged(client, head, [*WHO, 3, "Dr Elsewhere"], other, [*desk[:4], "Somebody else"])
    assert [each.differences for each in again.in_state("changed")] == [
        [("Given by", cast.reception.name, "Somebody else")]
    ]


# ── Reactions ──────────────────────────────────────────────────────────────────────────────────


def test_reactions_become_events(client: Client) -> None:
    """As the page records a tap: tied to the session, of that day, with the words of the file."""
    session = imported(client, [*HEAD[:4], "Reactions"], [*WHO, 3, "Mild redness, moderate pain"], left="settled")

    events = {each.kind: each for each in session.adverse_events.all()}
    assert session.reactions == "yes"
    assert {kind: each.grade for kind, each in events.items()} == {
        "injection_site_erythema": 1, "injection_site_pain": 2,
    }  # fmt: skip
    redness = events["injection_site_erythema"]
    assert (redness.outcome, redness.ended.text, redness.description) == (
        "1", DAY.isoformat(), "Mild redness, moderate pain",
    )  # fmt: skip
    again = judged(client, [*HEAD[:4], "Reactions"], [*WHO, 3, "mild redness"], left="settled")
    worse = judged(client, [*HEAD[:4], "Reactions"], [*WHO, 3, "severe redness"], left="settled")
    assert (again.counts["same"], again.counts["changed"]) == (2, 0)
    assert worse.in_state("changed")[0].differences[0][0] == "Reactions"


def test_reaction_words_are_asked_once(client: Client) -> None:
    """A word without a grade: what it means is asked, and remembered for the next file."""
    head = [*HEAD[:4], "Side effects"]
    session = imported(
        client, head, [*WHO, 3, "pink"], **{"word:reactions:pink": "injection_site_erythema/1", "left": "settled"}
    )
    assert session.adverse_events.get().kind == "injection_site_erythema"
    assert ImportHabits.objects.get().words["word:reactions:pink"] == "injection_site_erythema/1"

    next_file = judged(client, head, ["P-7", "Di Invented", DAY, 3, "Pink"], left="settled")

    assert next_file.refused == {}
    assert [(each.kind, each.grade) for each in next_file.planned[-1].events] == [("injection_site_erythema", 1)]


@pytest.mark.parametrize(
    ("words", "answer"),
    [("none", "none"), ("Keine", "none"), ("not asked", "not_asked"), (None, "not_asked"), ("yes", "yes")],
)
def test_plain_answers_are_no_events(client: Client, words: str | None, answer: str) -> None:
    session = imported(client, [*HEAD[:4], "Reactions"], [*WHO, 3, words])

    assert (session.reactions, session.note, session.adverse_events.count()) == (answer, "", 0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("redness", "“redness” is not one of the reactions"),
        ("mild redness, felt odd", "“felt odd” is not one of the reactions"),
        ("none, mild redness", "there was none, and a reaction"),
        ("mild redness, severe redness", "with two grades"),
        ("-", "“-” is not one of the reactions"),
    ],
)
def test_other_words_refuse_the_row(client: Client, words: str, sentence: str) -> None:
    assert sentence in refusals(client, [*HEAD[:4], "Reactions"], [*WHO, 3, words], left="settled")


def test_words_that_are_no_event_are_noted(client: Client) -> None:
    answers = {"word:since_last:headache for two days": "yes", "word:reactions:burning": "yes"}
    head = [*HEAD[:4], "Since last", "Reactions"]

    session = imported(client, head, [*WHO, 3, "Headache for two days", "burning"], **answers)

    assert (session.since_last, session.reactions) == ("yes", "yes")
    assert session.note == (
        "Since the last session (old record): Headache for two days\nReactions (old record): burning"
    )
    assert PassedWarning.objects.filter(record_id=session.pk, rule="22").exists()


# ── The other rules of the page ────────────────────────────────────────────────────────────────


def test_open_reaction_is_asked_of_next(client: Client) -> None:
    """A severe one that nobody saw end stands before the next session; "nothing since" is questioned for a mild one."""
    head = [*HEAD[:4], "Since last", "Reactions"]
    later = DAY + datetime.timedelta(days=30)

    judgement = judged(
        client, head,
        [*WHO, 3, "none", "severe pain, mild redness"], ["P-1", "Ann Invented", later, 3, "none", "none"],
        left="not_recorded",
    )  # fmt: skip

    codes = [{each.code for each in planned.warnings} for planned in judgement.planned if planned.kind == "session"]
    assert {"open_grade_3", "open_event_not_asked"} & codes[0] == set()
    assert {"open_grade_3", "open_event_not_asked"} <= codes[1]


def test_signals_are_those_of_the_day(client: Client, cast: Cast, lots: dict[str, Lot]) -> None:
    """A serious event on a lot is told of sessions after it, of a finished lot too, and of none before it."""
    other = factories.course(factories.patient(cast.clinic), baseline_on=DAY)
    session = factories.exosome_session(other, lot=lots["EX-2"], performed_on=DAY)
    happened = DAY + datetime.timedelta(days=10)
    factories.adverse_event(
        other.patient,
        exosome_session=session,
        kind="necrosis",
        grade=3,
        is_serious=True,
        outcome="3",
        happened=happened,
    )
    Lot.objects.filter(number="EX-2").update(finished_on=DAY + datetime.timedelta(days=90))
    after = DAY + datetime.timedelta(days=30)
    head = [*HEAD, "Lot 2", "mL 2", "Region 2"]
    given = [3, None, "EX-1", "EX-2", 1, "Vertex"]

    judgement = judged(client, head, [*WHO, *given], ["P-1", "Ann Invented", after, *given])

    codes = [{each.code for each in planned.warnings} for planned in judgement.planned if planned.kind == "session"]
    assert ["lot_open_serious" in each for each in codes] == [False, True]


def test_gap_to_the_record_is_the_last_rows(client: Client, cast: Cast, lots: dict[str, Lot]) -> None:
    """Sessions of a file that lie before a recorded one: the last of them alone is next to it."""
    patient = factories.patient(cast.clinic, record_number="P-1", name="Ann Invented")
    course = factories.course(patient, baseline_on=DAY)
    factories.exosome_session(course, performed_on=DAY + datetime.timedelta(days=210))
    month = datetime.timedelta(days=30)

    judgement = judged(client, HEAD, *[["P-1", "Ann Invented", DAY + month * n, 3, None, "EX-1"] for n in range(3)])

    gaps = [
        [each.code for each in planned.warnings if each.code.startswith("next_too")]
        for planned in judgement.planned
        if planned.kind == "session"
    ]
    assert gaps == [[], [], ["next_too_late"]]


def test_hours_and_roller_are_asked(client: Client, cast: Cast) -> None:
    """The hours of each vial, and a roller over a serum that is for unbroken skin."""
    factories.product(cast.clinic, name="Serum", labelled_route="topical_only")
    factories.product(cast.clinic, name="Powder", in_use_hours=6)
    mixed = ["Product 2", "mL 2", "Region 2", "Mixed, hours before use 2", "Route 3"]

    judgement = judged(
        client, [*HEAD[:5], "Route", *mixed], [*WHO, 3, "Serum", "topical", "Powder", 1, "Vertex", 9, "microneedling"]
    )

    codes = {each.code for each in judgement.planned[-1].warnings}
    assert {"in_use_limit", "route_against_label"} <= codes


def test_who_measured_is_kept(client: Client, cast: Cast) -> None:
    """By account or by name, out and in again."""
    head = ["Record number", "Name", "Date", "Density", "Measured by"]
    rows = [head, [*WHO, 120, "Dr Away"], ["P-2", "Bo Invented", DAY, 130, cast.nurse.name]]
    answers = {"site": "vertex", "method": "phototrichogram"}
    import_all(client, to_preview(client, workbook(rows), answers=answers))

    assert set(Measurement.objects.values_list("operator_name", "operator")) == {
        ("Dr Away", None), ("", cast.nurse.pk),
    }  # fmt: skip
    again = to_preview(client, own_workbook.write(cast.clinic, by=cast.manager, version="0")).context["judgement"]
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)


def test_plasma_needs_no_lot(client: Client, plasma: Product) -> None:
    session = imported(client, HEAD, [*WHO, 3, "PRP", None])

    assert (session.product, session.lot_is_unknown) == (plasma, False)
    assert not PassedWarning.objects.filter(record_id=session.pk, rule="15").exists()


def test_reason_without_a_break_is_refused(client: Client) -> None:
    head = [*HEAD[:4], "Why it was not completed"]

    assert "says why the session was not completed" in refusals(client, head, [*WHO, 3, "fainted"])


def test_note_of_a_visit_without_a_session(cast: Cast, client: Client) -> None:
    """A remark in a row that only grades stands with the examination; the same file again is the same."""
    head = ["Record number", "Name", "Date", "Vertex, mL", "Stage", "Scale", "Note"]
    graded = [*WHO, None, "III", "Norwood", "nur Beratung"]
    preview = to_preview(client, workbook([head, graded]))
    page = " ".join(preview.content.decode().split())
    assert "1 patient, 1 examination" in page and "1 patients" not in page
    import_all(client, preview)

    assert Assessment.objects.get().examination == "Note (old record): nur Beratung"
    assert not ExosomeSession.objects.exists()
    again = to_preview(client, workbook([head, graded])).context["judgement"]
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)


def test_refused_rows_are_found_again(client: Client) -> None:
    """Once the file is imported it is not kept: its page says how to see which rows were refused."""
    page = import_all(client, to_preview(client, workbook([HEAD[:4], [*WHO, 3], ["P-2", "Bo Invented", DAY, 99]])))

    words = " ".join(page.content.decode().split())
    assert "1 row refused. To see which and why, read the same file again" in words


def test_each_row_is_told_what_is_true(client: Client, cast: Cast) -> None:
    """A consent signed too late and one that was never given are two objections, and another day is told as such."""
    for number, late in (("P-1", 5), ("P-2", 9)):
        patient = factories.patient(cast.clinic, record_number=number, name="Ann Invented", birth="1980-01-01")
        factories.consent(patient, given_on=DAY + datetime.timedelta(days=late))
    given = [DAY, 3]

    judgement = judged(client, HEAD[:4], *[[f"P-{number}", "Ann Invented", *given] for number in (1, 2, 3)])

    said = {group.sentence: group for group in judgement.warnings if "consent" in group.sentence}
    late, never = sorted(said, key=lambda sentence: "There is no" in sentence)
    assert "was signed on" in late and "There is no treatment consent" in never
    assert (said[late].rows, said[late].unlike_rows) == ([2], [3])
    assert (said[never].rows, said[never].unlike_rows) == ([4], [])

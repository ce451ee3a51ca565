"""What a cell says, and what a column leaves open."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from treatments.assessments.scales.catalogue import Grading
from treatments.transfer.reading import cell_values, stage_words
from treatments.transfer.reading.cell_values import (
    COMMA,
    DAY_FIRST,
    MONTH_FIRST,
    POINT,
    YEAR_FIRST,
    Doubtful,
    Reading,
    Unreadable,
)
from treatments.transfer.reading.reaction_words import Reactions
from treatments.transfer.reading.targets import TARGETS, target_of_heading
from treatments.transfer.spreadsheets import csv_files
from treatments.transfer.spreadsheets.tables import Cell

TODAY = date(2026, 3, 1)


def read(code: str, cell: Cell, **decided: Any) -> Any:
    value = Reading(TARGETS[code], TODAY, **decided).read(cell)
    return getattr(value, "text", value)


@pytest.mark.parametrize(
    ("code", "cell", "decided", "value"),
    [
        ("record_number", "00123", {}, "00123"),
        ("record_number", ["n", "124"], {}, "124"),
        ("name", "Ann\u00a0 Tan ", {}, "Ann Tan"),
        ("birth", ["d", "1964-05-02"], {}, "1964-05-02"),
        ("birth", ["n", "1964"], {}, "1964"),
        ("birth", "1/2/64", {}, "1964-02-01"),
        ("birth", "1/2/64", {"order": MONTH_FIRST}, "1964-01-02"),
        ("date", "Feb 2025", {}, "2025-02"),
        ("date", "1/2/25", {}, "2025-02-01"),
        ("date", ["n", "45779"], {"serials": True}, "2025-05-02"),
        ("date", "25-02-14", {"order": YEAR_FIRST}, "2025-02-14"),
        ("date", "14-Feb-25", {}, "2025-02-14"),
        ("birth", "2 May '64", {}, "1964-05-02"),
        ("birth", "64-02-14", {"order": YEAR_FIRST}, "1964-02-14"),
        ("date", "2025-02-14 00:00:00", {}, "2025-02-14"),
        ("date", "2/14/2025 9:30 AM", {"order": MONTH_FIRST}, "2025-02-14"),
        ("m_hair_density", "1 146", {}, (Decimal("1146.000"), None, None)),
        ("total_ml", "3,0", {"sign": COMMA}, Decimal("3.00")),
        ("total_ml", "3cc", {}, Decimal("3.00")),
        ("total_ml", "2.5 mL", {}, Decimal("2.50")),
        ("m_hair_density", "1.146,5", {"sign": COMMA}, (Decimal("1146.500"), None, None)),
        ("m_density_change_pct", ["%", "0.25"], {}, (Decimal("25.000"), None, None)),
        ("m_density_change_pct", "20–25%", {}, (None, Decimal("20.000"), Decimal("25.000"))),
        ("sex", "W", {}, "female"),
        ("region", "crown and vertex", {}, ("vertex", "crown and vertex")),
        ("stage", "3v", {"scale": "norwood_1975"}, Grading("norwood_1975", "III-vertex")),
        ("is_clipped", ["b", False], {}, False),
        ("where_2", "2 mL in vertex, frontal: 1,5", {}, (("vertex", Decimal(2)), ("frontal", Decimal("1.5")))),
        ("where_2", "left temple 1 / right temple 1 cc", {}, (("temporal_left", 1), ("temporal_right", 1))),
        ("where_2", "Mid-scalp und crown", {}, (("mid_scalp", None), ("vertex", None))),
        ("since_last", "nein", {}, Reactions("none")),
        ("reactions", "Rötung grade 2", {}, Reactions("yes", (("injection_site_erythema", 2),), "Rötung grade 2")),
    ],
)  # fmt: skip
def test_cell_is_read(code: str, cell: Cell, decided: dict[str, Any], value: Any) -> None:
    assert read(code, cell, **decided) == value


@pytest.mark.parametrize(
    ("code", "cell", "sentence"),
    [
        ("birth", "31/02/2025", "no day"),
        ("birth", "1/2/20", "may be 1920 or 2020"),
        ("birth", "5 years ago", "counts back"),
        ("date", "1964", "at least the month"),
        ("date", "Feb-25", "not a date"),
        ("date", ["d", "9999-12-31"], "in the future"),
        ("date", "14-Feb-98", "in the future"),
        ("birth", "14-Feb-20", "may be 1920 or 2020"),
        ("date", ["n", "45779"], "is a number, not a date"),
        ("total_ml", "3,0", "decimal sign of this column is the full stop"),
        ("total_ml", ["e", "#N/A"], "shows the error #N/A"),
        ("total_ml", ["f"], "never calculated"),
        ("total_ml", ["n", "1" + "0" * 300], "is not from 0 to 20"),
        ("phone", "9.12E+10", "only 9.12E\\+10 is left"),
        ("record_number", ["d", "2025-04-03"], "Type it again as text"),
        ("phone", ["d", "2025-04-03"], "Type it again as text"),
        ("region", "frontal, vertex", "several regions"),
        ("region", "whole scalp", "which regions got it"),
        ("m_hair_density", "25 %", "is per cent"),
        ("m_hair_density", ["%", "0.25"], "is per cent"),
        ("total_ml", "1 2", "space between its figures"),
        ("m_hair_density", "14 6", "space between its figures"),
        ("record_number", "n/a", "is no record number"),
        ("record_number", "–", "is no record number"),
        ("note", "x" * 5000, "has 5000 letters"),
        ("sex", "perhaps", "not one of the answers"),
        ("note", "#WERT!", "shows the error #WERT!"),
        ("where_2", "Vertex 2; Frontal", "of some regions how many mL"),
        ("where_2", "crown, vertex", "one region twice"),
    ],
)  # fmt: skip
def test_cell_is_refused(code: str, cell: Cell, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read(code, cell)


def test_lost_figures_are_told() -> None:
    value = Reading(TARGETS["phone"], TODAY).read(["n", "91200000000"])
    assert isinstance(value, Doubtful) and "may be lost" in value.sentence


@pytest.mark.parametrize(
    ("code", "cell", "words"),
    [("record_number", "124.0", "wrote “.0”"), ("m_density_change_pct", ["n", "0.25"], "If it is 25 %"),
     ("m_density_change_pct", "0.25", "If it is 25 %")],
)  # fmt: skip
def test_doubtful_cell_is_told(code: str, cell: Cell, words: str) -> None:
    """It is imported as it stands, and a person is asked to look."""
    value = Reading(TARGETS[code], TODAY).read(cell)
    assert isinstance(value, Doubtful) and words in value.sentence


def test_year_in_two_figures_may_be_first() -> None:
    """Asked where every value can be read so; shown by a figure that is no day, or by a day that is yet to come."""

    def orders(*days: str, is_birth: bool = False) -> str | tuple[str, ...]:
        order, opened = cell_values.date_orders(days, today=TODAY, is_birth=is_birth)
        return opened.orders if opened is not None else order

    assert orders("25-02-14", "25-03-20") == (DAY_FIRST, YEAR_FIRST)
    assert orders("25-02-14", "25-03-29") == YEAR_FIRST  # 2029 is yet to come
    assert orders("25.02.14", "27.03.15") == DAY_FIRST  # so is 2027
    assert orders("64-02-14", is_birth=True) == YEAR_FIRST
    assert orders("25-02-14", "1/2/25") == DAY_FIRST
    assert orders("14.02.64", is_birth=True) == DAY_FIRST


def test_order_of_dates_is_shown_or_asked() -> None:
    assert cell_values.date_orders(["1/2/25", "13/2/25"]) == (DAY_FIRST, None)
    assert cell_values.date_orders(["1/2/25", "2/13/25"]) == (MONTH_FIRST, None)
    assert cell_values.date_orders(["1/2/25"])[1] is not None
    assert cell_values.date_orders(["13/2/25", "2/13/25"])[1] is not None
    assert cell_values.date_orders(["2025-02-01", "Feb 2025"]) == (DAY_FIRST, None)


def test_decimal_sign_is_shown_or_asked() -> None:
    assert cell_values.decimal_signs(["3,0", "1,500"]) == (COMMA, None)
    assert cell_values.decimal_signs(["3.5", "3 mL"]) == (POINT, None)
    assert cell_values.decimal_signs(["1,500"])[1] is not None
    assert cell_values.decimal_signs(["3,5", "3.5"])[1] is not None


@pytest.mark.parametrize("words", ["3v", "III v", "III-vertex", "NW 3 vertex", "Norwood IIIv", "Type III vertex"])
def test_stage_in_any_words(words: str) -> None:
    assert stage_words.read(words, scale="norwood_1975") == ("norwood_1975", "III-vertex")


@pytest.mark.parametrize("scale", ["norwood_1975", "ludwig_1977", "savin_1996", "sinclair_2004", "olsen_1999"])
@pytest.mark.parametrize("words", ["3-4", "I-II", "I – II", "I II", "I-V"])
def test_stage_of_two_is_none(scale: str, words: str) -> None:
    """Two Roman numbers are not run together into a third."""
    with pytest.raises(ValueError, match="not a stage"):
        stage_words.read(words, scale=scale)


@pytest.mark.parametrize(
    ("heading", "code"),
    [("D.O.B. (dd/mm/yy)", "birth"), ("Session: Date", "session_date"), ("Lot no.", "lot"), ("mL", "total_ml"),
     ("Hair density, hairs/cm²", "m_hair_density"), ("M/F", "sex"), ("Lot 2", "lot_2"),
     ("mL (2)", "ml_2"), ("Dose (mL)", "total_ml"), ("Dose (vials)", ""), ("Volume (µl)", ""), ("Pain (0-100)", ""),
     ("Pain (0-10)", "pain_during"), ("Name (next of kin)", ""), ("Stage (target)", ""), ("Grade (Ludwig)", "stage"),
     ("Date (next)", ""), ("Hair diameter (µm)", "m_shaft_diameter_mean"), ("Sex (M/F)", "sex"),
     ("2nd product: Lot", "lot_2"), ("Second product", "product_2"),
     ("Product 3: Area", "where_3"), ("Favourite colour", ""), ("Patient: Geb.", "birth"),
     ("Befund: Dichte (Haare/cm²)", "m_hair_density"), ("Behandlung: Menge ml", "total_ml"),
     ("Schmerz 0-10", "pain_during"), ("Behandlung: Bemerkung", "note"), ("Behandlung: Charge", "lot")],
)  # fmt: skip
def test_heading_is_known(heading: str, code: str) -> None:
    assert target_of_heading(heading) == code


def test_csv_says_its_encoding_or_is_asked() -> None:
    assert csv_files.encoding_of("Zoë".encode("utf-16")) == "utf-16"
    assert csv_files.encoding_of("Zoë".encode()) == "utf-8-sig"
    assert csv_files.encoding_of("Zoë".encode("cp1252")) == ""
    assert [code for code, _, _ in csv_files.readings("Zoë".encode("cp1252"))[:3]] == ["cp1252", "cp1250", "mac_roman"]


@pytest.mark.parametrize(
    "text", ["sep=;\nNo;Name\n1;A, B\n", "No;Name\n1;A, B\n2;C\n", "No,Name\n1,A\n", "No\tName\n1\tA;B\n"]
)
def test_csv_is_parted(text: str) -> None:
    table = csv_files.read(text.encode(), "utf-8-sig", name="list.csv")
    assert (table.rows[0], table.width) == ((1, ["No", "Name"]), 2)

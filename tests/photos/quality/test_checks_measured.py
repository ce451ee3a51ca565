"""The table of hits and misses in docs/photos.md is what the gates do, measured again on a part of the pictures."""

import re

import pytest

from scripts import measure_gates
from scripts.measure_gates import CLOSE_UPS, DOCUMENT, GROUPS, STEPS, TITLES, counted, levels

DARK_HEADS = "heads, dark skin"


def rows_of(first_word: str) -> list[list[str]]:
    table = DOCUMENT.read_text().partition(measure_gates.BEGIN)[2].partition(measure_gates.END)[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {first_word} "))
    width = lines[start].count("|")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:] if line.count("|") == width]
    return [rows[0], *rows[2:]]


def share(cell: str) -> float:
    warned, shown = cell.split("/")
    return int(warned) / int(shown)


def test_table_has_every_step_and_group() -> None:
    """The table has a row for every step and a column for every group."""
    heading, *rows = rows_of("gate")
    assert heading[3:] == list(GROUPS)
    told = [[TITLES[step.gate], step.told] for step in (*STEPS, *CLOSE_UPS)]
    assert [row[:2] for row in rows] == told
    assert {word for step in STEPS for word in step.gate.split()} == {
        "blur", "light", "over_exposed", "resolution", "capture_date", "same_picture",
    }  # fmt: skip


def test_dark_skin_column_is_current() -> None:
    """The column of dark skin is what the gates do now."""
    heading, *rows = rows_of("gate")
    column = heading.index(DARK_HEADS)
    assert [row[column] for row in rows] == counted(DARK_HEADS)


def test_skin_levels_are_current() -> None:
    """The levels of the skin types are what the gates see now."""
    heading, *rows = rows_of("skin")
    now = [[cell.strip() for cell in line.strip("|").split("|")] for line in levels(["III", "VI"])]
    assert [heading, *(row for row in rows if row[0] in ("III", "VI"))] == [now[0], *now[2:]]


def test_only_nearly_white_is_warned_wrongly() -> None:
    """Nothing that is right is warned of but what is nearly white."""
    heading, *rows = rows_of("gate")
    wrong = [
        (row[1], group)
        for row in rows
        for group, cell in zip(heading[3:], row[3:], strict=True)
        if row[2] == "no" and cell != "–" and share(cell) > 0
    ]
    assert wrong == [("as taken", "heads, light skin, grey hair"), ("as taken", "scalps, skin I to III")]


def test_dark_skin_is_served_like_light_skin() -> None:
    """Every fault that the gates find on light skin they find on dark skin, but for one picture in ten."""
    heading, *rows = rows_of("gate")
    pairs = [("heads, light skin, dark hair", DARK_HEADS), ("scalps, skin I to III", "scalps, skin IV to VI")]
    worse = set()
    for row in rows:
        for light, dark in pairs:
            there, here = row[heading.index(light)], row[heading.index(dark)]
            if row[2] == "yes" and there != "–" and share(here) < share(there) - 0.1:
                worse.add(row[0])
    assert worse == {"Burnt out"}  # a dark picture has further to go until it burns out


@pytest.mark.parametrize("told", ["out of focus by 2.5 px", "trichoscopy, out of focus by 2.5 px"])
def test_blur_meets_its_limit(told: str) -> None:
    _, *rows = rows_of("gate")
    [blurred] = [row for row in rows if row[1] == told]
    assert all(share(cell) >= 0.9 for cell in blurred[3:] if cell != "–")


def test_type_vi_is_darker_than_dim_type_iii() -> None:
    """Why there is no absolute rule for a dark picture, as the page says."""
    _, *rows = rows_of("skin")
    level = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    assert level["VI"][0] < level["III"][1]
    assert all(re.match(r"0/", row[3]) for row in rows)

"""A DOCX as somebody sees it who opens it: by LibreOffice, printed, and read from the print."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from tests.missing_tools import skip_or_fail
from tests.office import converted
from tests.papers.pdf_reader import facts_of, letters, lines_of, read_of, sheets_of, text_of
from tests.papers.test_docx import MANUSCRIPT
from tests.papers.test_pdf import ARABIC, CHINESE, KOREAN, TAMIL, THAI, VIETNAMESE
from treatments.papers.document import Heading, Paragraph, Table
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf

pytestmark = [pytest.mark.any_database, pytest.mark.slow]

ROWS = tuple((f"{number} Jun 2025", f"Figure {number * 7919 % 1000}.{number}", "3") for number in range(1, 60))
LONG = replace(
    MANUSCRIPT,
    stamp="DRAFT",
    blocks=(
        *MANUSCRIPT.blocks,
        Heading("Names"),
        *(Paragraph(name) for name in (CHINESE, KOREAN, ARABIC, VIETNAMESE, THAI, TAMIL)),
        Heading("Every session"),
        Table("All", ("When", "What was given", "mL"), ROWS, ("start", "start", "end")),
    ),
)


@pytest.fixture(scope="module")
def printed() -> bytes:
    return converted(as_docx(LONG), "docx", "pdf")


def fonts_of(pdf: bytes) -> set[str]:
    program = shutil.which("pdffonts")
    if program is None:
        skip_or_fail("pdffonts", "apt install poppler-utils")
    lines = subprocess.run([program, "-"], input=pdf, capture_output=True, check=True).stdout.decode().splitlines()[2:]
    return {re.sub(r"^[A-Z]+\+", "", line.split()[0]) for line in lines}


def test_it_opens_with_all_its_texts(printed: bytes) -> None:
    said = letters(text_of(printed))

    texts = [text for text in LONG.texts() if ARABIC not in text]
    assert [text for text in texts if letters(text) not in said] == []
    assert letters(ARABIC) in letters(read_of(printed))


def test_headings_stand_as_lines(printed: bytes) -> None:
    lines = [letters(line) for line in lines_of(printed)]

    assert [text for _, text in LONG.headings() if letters(text) not in lines] == []


def test_figures_are_those_of_the_pdf(printed: bytes) -> None:
    """Every number in the same order of the body, whichever file is read."""
    body = lambda pdf: re.findall(r"Figure \d+\.\d+", text_of(pdf))  # noqa: E731

    assert body(printed) == body(as_pdf(LONG)) == [row[1] for row in ROWS]


def test_head_comes_on_each_sheet(printed: bytes) -> None:
    assert int(facts_of(printed)["Pages"]) > 3
    with_rows = [sheet for sheet in sheets_of(printed) if "Jun 2025 Figure" in sheet]
    assert len(with_rows) > 1 and all("When What was given mL" in sheet for sheet in with_rows)
    assert all("DRAFT" in sheet for sheet in sheets_of(printed))
    assert f"Sheet 2 of {facts_of(printed)['Pages']}" in text_of(printed)


def test_typefaces_come_with_the_file(printed: bytes) -> None:
    """It is set in ours, which this machine need not have, and in no other."""
    ours = {"Inter", "IBMPlexSansArabic", "NanumGothic", "NotoSansThai", "NotoSansTamil", "DroidSansFallback"}

    assert {name.split("-")[0] for name in fonts_of(printed)} == ours


def test_sheets_are_a4(printed: bytes) -> None:
    assert "(A4)" in facts_of(printed)["Page size"]

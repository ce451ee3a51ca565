"""A document as a PDF: its texts, its tags, its letters, and nothing else in the file."""

import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from tests.papers.pdf_reader import (
    bytes_of,
    facts_of,
    headings_of,
    letters,
    lines_of,
    read_of,
    sheets_of,
    structure_of,
    text_of,
)
from treatments.papers.document import (
    Document,
    Heading,
    Items,
    KeyValues,
    Letterhead,
    NewSheet,
    Paragraph,
    Passage,
    Picture,
    Pictures,
    Signature,
    Table,
)
from treatments.papers.pdf import UNWRITABLE, as_pdf, unwritable
from treatments.papers.sheet_text import blocks
from treatments.papers.typefaces import FONTS

pytestmark = pytest.mark.any_database

CHINESE, ARABIC, VIETNAMESE = "陈英杰 喆堃镕玥", "محمد بن عبد العزيز", "Nguyễn Thị Hoài Ân"
KOREAN, THAI, TAMIL = "김민준 똠방각하", "กานดา ศรีสุข", "தமிழ்செல்வி கிருஷ்ணன்"
OTHERS = ("यशोदा शर्मा", "শ্রীমতী কৃষ্ণ", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "వెంకటేశ్వర కృష్ణ", "ព្រះ ស្រី", "အောင် ကျော်", "יעקב כהן")
HOSTILE = '#read("/etc/passwd") $x^2$ <label> @ref *bold* _it_ `raw` \\u{41} // no /* no */ = no - no'


def document(*more: object, title: str = "Your treatment on 16 Jun 2025") -> Document:
    return Document(
        title=title,
        letterhead=Letterhead("Lime Tree Hair Clinic", ("1 Invented Road", "+65 6000 0000")),
        about=(VIETNAMESE, "HC-0001"),
        blocks=(Heading("What was given"), KeyValues((("Volume", "3 mL"), ("Where", "vertex"))), *more),  # type: ignore[arg-type]
        made="Lime Tree Hair Clinic, 16 Jun 2025, 10:15",
    )


EVERYTHING = document(
    Paragraph("A first paragraph.\nIts second line.", "lede"),
    Items(("wash it gently", "no sun")),
    Heading("Of your sessions", 3),
    Table("Sessions", ("When", "mL"), (("16 May 2025", "3"), ("16 Jun 2025", "2.5")), ("start", "end"), (3, 1)),
    Paragraph("Call at once.", "notice"),
    NewSheet(),
    Signature(("Dr Sam Invented", "16 Jun 2025"), "M10 90 L200 20 L300 150"),
    Paragraph("Version 2.", "quiet"),
)


def picture() -> Picture:
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 110)).save(made, "JPEG")
    return Picture("Vertex before treatment", "Month 0", jpeg=made.getvalue())


def test_every_text_is_printed_in_order():
    printed, start = letters(text_of(as_pdf(EVERYTHING))), 0

    for text in EVERYTHING.texts()[:-1]:  # the last stands at the foot of each sheet
        found = printed.find(letters(text), start)
        assert found >= 0, text
        start = found
    assert letters(EVERYTHING.made) in printed


def test_file_is_tagged():
    """Tagged, with its title, headings in order and one table whose head is one."""
    made = as_pdf(EVERYTHING)

    assert facts_of(made)["Tagged"] == "yes"
    assert facts_of(made)["Title"] == EVERYTHING.title
    assert b"StructTreeRoot" in bytes_of(made) and b"pdfuaid:part" in bytes_of(made)
    assert headings_of(made) == EVERYTHING.headings()
    tags = re.findall(r"^\s*(Table|TH|TD|L|LI|Figure)\b", structure_of(made), re.M)
    assert [tags.count(tag) for tag in ("Table", "TH", "TD", "L", "LI", "Figure")] == [1, 2, 4, 1, 2, 1]


@pytest.mark.parametrize(
    "name",
    [CHINESE, ARABIC, VIETNAMESE, KOREAN, THAI, TAMIL, *OTHERS, "Müller-Łukasz", "Ελένη", "Ольга", "さくら"],
)
def test_names_of_many_scripts_are_printed(name):
    """In the typefaces that are shipped, also where the machine has none."""
    made = as_pdf(document(Paragraph(name), title=name))

    assert letters(name) in letters(read_of(made))
    assert unwritable(document(Paragraph(name))) == ""
    assert UNWRITABLE not in text_of(made)


def test_arabic_sheet_runs_from_the_right():
    """A passage in Arabic begins at the right, and says in what language it is."""
    made = as_pdf(document(Passage("ar", blocks("# بعد الجلسة\nلا تغسل شعرك.\n- لا شمس"))))

    assert letters("بعد الجلسة") in letters(read_of(made)) and letters("تغسل شعرك") in letters(read_of(made))
    assert re.search(rb"/Lang\s*\(ar\)", bytes_of(made))


def test_letter_that_no_typeface_has():
    """It is a box in the file, and the page says which letters those are."""
    with_georgian = document(Paragraph("ანა 😀 ok"))

    assert unwritable(with_georgian) == "ან😀"
    assert f"{UNWRITABLE * 3} {UNWRITABLE} ok" in text_of(as_pdf(with_georgian))


def test_text_is_never_source():
    """What looks like Typst's own signs is printed as it was typed."""
    made = as_pdf(document(Paragraph(HOSTILE), Items((HOSTILE,)), title=HOSTILE))

    assert letters(text_of(made)).count(letters(HOSTILE)) == 3


def test_control_characters_are_left_out():
    assert letters("aboveright") in letters(text_of(as_pdf(document(Paragraph("above\x00\x07\x1b ri\u202eght")))))


def test_same_document_is_the_same_bytes():
    assert as_pdf(EVERYTHING) == as_pdf(EVERYTHING)


def test_file_tells_nothing_of_the_machine():
    """No day but what is printed, no place of a file, no name of one."""
    made = bytes_of(as_pdf(document(Pictures((picture(), picture())))))

    assert b"CreationDate" not in made and b"CreateDate" not in made
    assert b"/tmp" not in made and b".jpg" not in made and str(FONTS).encode() not in made


def test_picture_says_what_it_shows():
    assert "Vertex before treatment" in bytes_of(as_pdf(document(Pictures((picture(),))))).decode("latin-1")


def test_thirty_sessions_run_over_sheets():
    """The head of a table comes again on each sheet, and each says which it is."""
    rows = tuple((f"{number} Jun 2025", "Vesicle solution " * 4, "3") for number in range(1, 31))
    made = as_pdf(document(Paragraph("x " * 900), Table("Sessions", ("When", "Product", "mL"), rows)))

    assert int(facts_of(made)["Pages"]) > 1
    assert f"Sheet 1 of {facts_of(made)['Pages']}" in text_of(made)
    assert text_of(made).count("When Product mL") == 2
    assert text_of(made).count(VIETNAMESE) == int(facts_of(made)["Pages"])


@pytest.mark.parametrize("lines", range(36, 46, 3))
def test_signature_is_never_alone(lines: int) -> None:
    """Wherever the sheet ends, the sheet of a signature has what stands right before it, and a few facts stay whole."""
    facts = KeyValues((("Signed on", "16 Jun 2025"), ("By", "The patient"), ("Witness", "Somebody")))
    signature = Signature(("Dr Sam Invented", "of Month 1"))
    filled = Paragraph("\n".join(f"Line {number}" for number in range(lines)))
    for before in (Paragraph("With kind regards,"), facts):
        (signed,) = [sheet for sheet in sheets_of(as_pdf(document(filled, before, signature))) if "of Month 1" in sheet]

        for said in before.text.splitlines() if isinstance(before, Paragraph) else [name for name, _ in facts.rows]:
            assert said in signed


@pytest.mark.parametrize("lines", [34, 38, 42])
def test_few_rows_are_not_parted(lines: int) -> None:
    """A short table with its heading is on one sheet, so that no row stands on the next one alone."""
    filled = Paragraph("\n".join(f"Line {number}" for number in range(lines)))
    rows = tuple((f"Day {number}", "3 mL") for number in range(1, 9))
    made = as_pdf(document(filled, Heading("Your treatments"), Table("Eight", ("When", "mL"), rows)))

    (sheet,) = [each for each in sheets_of(made) if "Your treatments" in each]
    assert all(row[0] in sheet for row in rows)


@pytest.mark.parametrize("lines", [34, 38, 42])
def test_short_list_is_not_parted(lines: int) -> None:
    filled, items = Paragraph("\n".join(f"Line {number}" for number in range(lines))), Items(("One", "Two", "Three"))
    made = as_pdf(document(filled, Heading("Other treatments"), items))

    (sheet,) = [each for each in sheets_of(made) if "Other treatments" in each]
    assert all(item in sheet for item in items.items)


def test_sentence_has_the_line_to_itself() -> None:
    """A use of photographs is a sentence: it is not squeezed into the column of the names of facts."""
    sentence = "Printed, without my name, in a medical journal or report that the clinic names to me."
    made = as_pdf(document(Passage("ar", (KeyValues((("لا شمس", "Yes"),), answers_in="en"),))))

    assert f"{sentence} No" in lines_of(as_pdf(document(KeyValues(((sentence, "No"),), answers_in="en"))))
    assert re.search(rb"/Lang\s*\(en\)", bytes_of(made)) and "Yes" in read_of(made)


def test_long_address_leaves_the_name_whole() -> None:
    """A letterhead with long lines does not squeeze the name of the clinic into a column of single words."""
    head = Letterhead("Lime Tree Hair Clinic", ("Level 17, The Very Long Named Medical Tower " * 3,))

    assert "Lime Tree Hair Clinic" in lines_of(as_pdf(replace(EVERYTHING, letterhead=head, made="", blocks=())))


def test_title_in_another_language() -> None:
    """It says in which, as the words below it do."""
    made = as_pdf(replace(document(title="شعرك بعد الجلسة"), title_language="ar"))

    assert letters("شعرك بعد الجلسة") in letters(read_of(made)) and re.search(rb"/Lang\s*\(ar\)", bytes_of(made))


def test_every_direction_is_known() -> None:
    """A passage runs as a consent form in its language does, also where the language was written by hand."""
    assert Passage("ckb", ()).is_right_to_left and Passage("pa-Arab", ()).is_right_to_left
    assert not Passage("zh-Hans", ()).is_right_to_left


def test_signature_and_facts_are_one_part() -> None:
    """With their heading; a paragraph without one comes alone, and what is no text stays where it is."""
    heading, facts, signature = Heading("Signed"), KeyValues((("By", "The patient"),)), Signature(("Ida",))
    regards, rest = Paragraph("With kind regards,"), Items(("one",))
    parts = lambda *blocks: replace(EVERYTHING, blocks=blocks).parts  # noqa: E731

    assert parts(rest, heading, facts, signature) == [(rest,), (heading, facts, signature)]
    assert parts(rest, regards, signature) == [(rest,), (regards, signature)]
    assert parts(rest, signature) == [(rest,), (signature,)] and parts(signature, rest) == [(signature,), (rest,)]

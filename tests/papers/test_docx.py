"""A document as a DOCX: its texts, its styles, its letters, and nothing else in the file."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from PIL import Image

from tests.papers.docx_reader import W, headings_of, parts_of, pictures_of, tables_of, text_of
from tests.papers.pdf_reader import letters, squeezed
from tests.papers.test_pdf import ARABIC, CHINESE, EVERYTHING, KOREAN, OTHERS, THAI, VIETNAMESE, document, picture
from treatments.papers.document import (
    Document,
    Figure,
    Items,
    KeyValues,
    Paragraph,
    Passage,
    Pictures,
    Sentence,
    Sentences,
    Signature,
    Table,
)
from treatments.papers.docx import as_docx
from treatments.papers.pdf import as_pdf
from treatments.papers.sheet_text import blocks

pytestmark = pytest.mark.any_database

MANUSCRIPT = replace(
    EVERYTHING,
    blocks=(
        *EVERYTHING.blocks,
        Sentences((Sentence("He is 60.", "Patient"), Sentence("He works in an office."))),
        Figure(1, "Vertex before and after.", (picture(), picture())),
        KeyValues((("May be printed", "Yes"),), answers_in="en"),
    ),
)
CUSTOM = re.compile(rb"python-docx|2013|generated|<w:comment|Calibri|Cambria|rsid", re.I)


def body_of(made: Document) -> str:
    return parts_of(as_docx(made))["word/document.xml"].decode()


def test_every_text_stands_in_order() -> None:
    printed, start = letters(text_of(as_docx(MANUSCRIPT))), 0

    for text in MANUSCRIPT.texts()[:-1]:  # the last stands at the foot of each sheet
        found = printed.find(letters(text), start)
        assert found >= 0, text
        start = found
    assert squeezed(MANUSCRIPT.made) in parts_of(as_docx(MANUSCRIPT))["word/footer1.xml"].decode()


def test_every_block_can_be_written() -> None:
    """Each kind of block, by name, so that a new one is not forgotten."""
    written = {type(block).__name__ for block in MANUSCRIPT.blocks} | {"Pictures"}

    assert written == {
        kind.__name__ for kind in __import__("treatments.papers.document").papers.document.Block.__args__
    }


def test_headings_are_those_of_the_paper() -> None:
    assert headings_of(as_docx(MANUSCRIPT)) == MANUSCRIPT.headings()


def test_head_of_a_table_comes_again() -> None:
    (table,) = tables_of(as_docx(MANUSCRIPT))

    assert [cell.text for cell in table.rows[0].cells] == ["When", "mL"]
    assert len(table._tbl.findall(f".//{W}tblHeader")) == 1 and len(table._tbl.findall(f".//{W}cantSplit")) == 3
    assert 'w:val="Sessions"' in body_of(MANUSCRIPT).split("<w:tblCaption")[1][:60]


def test_picture_says_what_it_shows() -> None:
    """By its alt text; its name is a number, and its file too."""
    made = as_docx(MANUSCRIPT)

    shown = [each for each in pictures_of(made) if "Signature" not in each[1]]
    assert shown == [("Figure 2", "Vertex before treatment"), ("Figure 3", "Vertex before treatment")]
    assert not [name for name in parts_of(made) if "media" in name and not re.search(r"/image\d+\.(jpg|png)$", name)]


def test_picture_has_its_pixels_alone() -> None:
    taken, made = Image.Exif(), io.BytesIO()
    taken[0x010E] = "Ida Invented"
    Image.new("RGB", (60, 40), (200, 120, 110)).save(made, "JPEG", exif=taken)
    parts = parts_of(as_docx(document(Pictures((replace(picture(), jpeg=made.getvalue()),)))))

    (bare,) = [content for name, content in parts.items() if "media" in name]
    with Image.open(io.BytesIO(bare)) as opened:
        assert opened.size == (60, 40) and not opened.getexif() and "exif" not in opened.info


def test_numbers_begin_at_one_again() -> None:
    twice = document(Items(("a", "b"), True), Items(("c",), True))

    assert len(set(re.findall(r'<w:numId w:val="(\d+)"', body_of(twice)))) == 2
    assert parts_of(as_docx(twice))["word/numbering.xml"].count(b"startOverride") == 2


@pytest.mark.parametrize(
    ("name", "family"),
    [
        (CHINESE, "Droid Sans Fallback"),
        (KOREAN, "NanumGothic"),
        (ARABIC, "IBM Plex Sans Arabic"),
        (VIETNAMESE, ""),
        (THAI, "Noto Sans Thai"),
        (OTHERS[-1], "Noto Sans Hebrew"),
    ],
)
def test_name_has_the_typeface_for_it(name: str, family: str) -> None:
    """Its letters are set in a typeface that has them, which lies in the file with the one of the paper."""
    made = as_docx(document(Paragraph(name)))
    parts = parts_of(made)

    assert name in text_of(made)
    fonts = parts["word/fontTable.xml"].decode()
    assert re.findall(r'w:font w:name="([^"]+)"', fonts) == [*dict.fromkeys(["Inter", *filter(None, [family])])]
    assert (f'w:eastAsia="{family}"' in parts["word/document.xml"].decode()) is bool(family)
    embedded = fonts.count("w:fontKey")
    assert sum(name.startswith("word/fonts/") for name in parts) == embedded >= 2


def test_arabic_runs_from_the_right() -> None:
    """A passage is turned with its table, and says its language; what is English in it is not turned."""
    table = Table("جلسات", ("متى", "mL"), (("لا شمس", "3"),))
    body = body_of(document(Passage("ar", (*blocks("# بعد الجلسة\nلا تغسل شعرك."), table))))

    assert body.count("<w:bidi/>") == 8 and body.count("<w:bidiVisual/>") == 1
    assert 'w:bidi="ar"' in body and "<w:rtl/>" in body
    latin = re.search(r"<w:r>(?:(?!</w:r>).)*>mL</w:t>", body)
    assert latin and "rtl" not in latin[0]


def test_language_is_said() -> None:
    styles = parts_of(as_docx(replace(EVERYTHING, language="fr")))["word/styles.xml"].decode()

    assert '<w:lang w:val="fr" w:eastAsia="fr" w:bidi="fr"/>' in styles


def test_paper_is_a4() -> None:
    assert '<w:pgSz w:w="11906" w:h="16838"/>' in body_of(EVERYTHING)


def test_draft_says_so_on_each_sheet() -> None:
    """Across each sheet and in words at its head; a paper without a stamp has neither."""
    made, plain = parts_of(as_docx(replace(EVERYTHING, stamp="DRAFT"))), parts_of(as_docx(EVERYTHING))

    for header in ("word/header1.xml", "word/header2.xml"):
        assert 'string="DRAFT"' in made[header].decode() and "DRAFT</w:t>" in re.sub(
            r" ·.*?<", "<", made[header].decode()
        )
        assert b"DRAFT" not in plain[header] and b"v:shape" not in plain[header]


def test_file_tells_nothing_of_the_machine() -> None:
    """No author but the clinic, no day of making, no comment, nothing of another program's template."""
    made = as_docx(MANUSCRIPT)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    parts = parts_of(made)
    own = {name: content for name, content in parts.items() if name.endswith((".xml", ".rels"))}
    assert [name for name, content in own.items() if CUSTOM.search(content)] == []
    core = re.sub(rb".*?<cp:coreProperties[^>]*>", b"", parts["docProps/core.xml"], flags=re.S).decode()
    assert core.replace("</cp:coreProperties>", "") == (
        f"<dc:title>{MANUSCRIPT.title}</dc:title><dc:creator>Lime Tree Hair Clinic</dc:creator>"
        "<dc:language>en</dc:language>"
    )


def test_nobody_named_is_no_author() -> None:
    """A manuscript without a letterhead has no author in its properties, and no empty lines at its head."""
    bare = replace(EVERYTHING, letterhead=replace(EVERYTHING.letterhead, name="", lines=()))

    assert (
        b"<dc:creator></dc:creator>" in (core := parts_of(as_docx(bare))["docProps/core.xml"])
        or b"<dc:creator/>" in core
    )
    assert 'w:pStyle w:val="Clinic"' not in body_of(bare)


def test_control_characters_are_left_out() -> None:
    assert "above right" in text_of(as_docx(document(Paragraph("above\x00\x07\x1b ri\u202eght\ufffe"))))


def test_same_document_is_the_same_bytes() -> None:
    assert as_docx(MANUSCRIPT) == as_docx(MANUSCRIPT)


def test_markup_is_text() -> None:
    hostile = '<w:p/> & "quoted" ]]> {0} %s'
    made = as_docx(document(Paragraph(hostile), KeyValues(((hostile, hostile),)), title=hostile))

    assert letters(text_of(made)).count(letters(hostile)) == 4


def test_signature_is_drawn_or_typed() -> None:
    drawn = document(Signature(("Ida Invented", "16 Jun 2025"), "M10 90 L200 20 L300 150"))
    typed = document(Signature(("Ida Invented",), typed="I. Invented"))

    assert pictures_of(as_docx(drawn)) == [("Figure 1", "Signature: Ida Invented, 16 Jun 2025")]
    assert "I. Invented Ida Invented" in text_of(as_docx(typed))


def test_both_files_say_the_same() -> None:
    """The same headings, and the same figures in the same order, as the PDF."""
    from tests.papers.pdf_reader import headings_of as in_pdf

    assert headings_of(as_docx(MANUSCRIPT)) == in_pdf(as_pdf(MANUSCRIPT))

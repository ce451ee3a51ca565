from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treatments.products.gs1 import GS1, normalise_lot, number_key, parse

GTIN = "09506000134352"
FULL = GS1(GTIN, "EX-2503", date(2025, 11, 30), "A77")


@pytest.mark.parametrize(
    ("scan", "read"),
    [
        (f"(01){GTIN}(17)251130(10)EX-2503(21)A77", FULL),
        (f"]d201{GTIN}1725113010EX-2503\x1d21A77", FULL),
        (f"]C101{GTIN}1725113010EX-2503\x1d21A77", FULL),
        (f"\x1d01{GTIN}21A77\x1d1725113010EX-2503", FULL),
        (f"01{GTIN}1725113010EX-2503\x1d21A77\r\n", FULL),
        (f"01{GTIN}1725113010EX-2503␝21A77", FULL),
        (f"01{GTIN}10EX-2503\x1d17251130\x1d21A77", FULL),
        (f"]d201{GTIN}1124010117251130240X9\x1d10EX-2503\x1d21A77", FULL),
        (f"01 {GTIN} 17 251130 10 EX-2503", GS1(GTIN, "EX-2503", date(2025, 11, 30))),
        (f"]d202{GTIN}3712\x1d17251130\x1d10EX-2503\x1d21A77", FULL),
        (f"]d201{GTIN}3922500\x1d888X\x1d1725113010EX-2503\x1d21A77", FULL),
        (f"（01）{GTIN}（17）２５１１３０（10）ＥＸ-2503（21）A77", FULL),
        (f"https://id.gs1.org/01/{GTIN}/10/EX-2503/21/A77?17=251130", FULL),
        (f"]Q1HTTPS://ID.GS1.ORG/01/{GTIN}/10/EX-2503/21/A77?17=251130", FULL),
        (f"https://brand.example/some/shop/01/{GTIN[1:]}/21/A77/10/EX-2503?17=251100&linkType=all", FULL),
        ("https://example.org/gtin/9506000134352/lot/EX-2503/ser/A77?exp=251130", FULL),
        (f"https://id.gs1.org/01/{GTIN}/10/EX%2F25%2003", GS1(GTIN, "EX/25 03")),
        (f"https://id.gs1.org/01/{GTIN}", GS1(GTIN)),
        (f"]E0{GTIN[1:]}", GS1(GTIN)),
        ("]d210EX-2503", GS1(lot="EX-2503")),
        *((f"01{GTIN}1725113010EX-2503{sign}21A77", FULL) for sign in ("^", "]", "|", "~", "<GS>", "{GS}", "[FNC1]")),
        (f"^01{GTIN}1725113010EX-2503^21A77", FULL),
        (f"]01{GTIN}1725113010EX-2503]21A77", FULL),
        (f"]C101{GTIN}17251130]C110EX-2503^21A77", FULL),
        (f"]c101{GTIN}1725113010ex-2503\x1d21A77", GS1(GTIN, "ex-2503", date(2025, 11, 30), "A77")),
        ("]q310EX-2503", GS1(lot="EX-2503")),
        (f"id.gs1.org/01/{GTIN}/10/EX-2503/21/A77?17=251130", FULL),
        (f"//id.gs1.org/01/{GTIN}/10/EX-2503/21/A77?17=251130", FULL),
        (f"(01){GTIN}\r\n(17)251130\r\n(10)EX-2503\r\n(21)A77", FULL),
        ("EX.ab/01/05", GS1(lot="EX.ab/01/05")),
        ("EX-٢٥٠٣", GS1(lot="EX-2503")),
        (f"(01)٠{GTIN[1:]}(17)٢٥١١٣٠(10)EX-2503(21)A77", FULL),
        ("EX-2503²", GS1(lot="EX-2503²")),
        ("EX-2503", GS1(lot="EX-2503")),
        ("  EX-2503 ", GS1(lot="EX-2503")),
        ("10EX2503", GS1(lot="10EX2503")),
        ("17251130", GS1(lot="17251130")),
        ("0109506000134353", GS1(lot="0109506000134353")),
    ],
)
def test_scans_are_read(scan, read):
    assert parse(scan) == read


@pytest.mark.parametrize(
    ("yymmdd", "day"), [("251100", date(2025, 11, 30)), ("280200", date(2028, 2, 29)), ("251101", date(2025, 11, 1))]
)
def test_day_00_is_the_months_last_day(yymmdd, day):
    assert parse(f"(17){yymmdd}").expiry == day


@pytest.mark.parametrize(
    ("scan", "sentence"),
    [
        ("", "empty"),
        ("\x1d", "empty"),
        (" \r\n", "empty"),
        ("(01)09506000134353(10)A", "GTIN"),
        ("(17)251340", "expiry"),
        ("(17)250231", "expiry"),
        ("(17)25113", "expiry"),
        ("(10", "could not be read"),
        ("(10)EX(25)", "could not be read"),
        ("(10)EX(2503)", "could not be read"),
        ("]d2888888", "does not know"),
        ("]d210" + "A" * 21, "run into each other"),
        ("EX\x002503", "unreadable"),
        ("(10)A(10)B", "two different values"),
        (f"01{GTIN}17", "expiry"),
        (f"01{GTIN}10EX250317251130", "does not send the sign between the parts"),
        ("https://example.com/lot-info", "web address without a lot number"),
        ("https://id.gs1.org/AQEFab3x", "web address without a lot number"),
        (f"https://id.gs1.org/01/{GTIN[:-1]}9/10/EX", "GTIN"),
        (f"https://id.gs1.org/01/{GTIN}/10/%ff", "could not be read"),
        (f")01={GTIN})17=251130)10=EX", "wrong keyboard setting"),
        ("httpsÖ--id.gs1.org-01-", "wrong keyboard setting"),
        ("à&" + GTIN.translate(str.maketrans("0123456789", "à&é\"'(-è_ç")), "wrong keyboard setting"),
        ("+A123BJC5D6E71", "HIBC"),
    ],
)
def test_contradictory_labels_are_refused(scan, sentence):
    """Labels that contradict themselves are refused."""
    with pytest.raises(ValueError, match=sentence):
        parse(scan)


@given(st.text(max_size=60))
def test_any_scan_is_read_or_refused(text):
    try:
        read = parse(text)
    except ValueError as refusal:
        assert str(refusal).endswith(".")
    else:
        assert read != GS1() or "(" in text or "]" in text


@pytest.mark.parametrize("text", ["EX-2503", "ex 2503", "Ex.25/03", " ex_2503 ", "ＥＸ２５０３", "EX-٢٥٠٣", "ex२५०३"])
def test_one_lot_is_found_in_any_spelling(text):
    """One lot is found however it is written."""
    assert normalise_lot(text) == "EX2503"


def test_letter_o_and_zero_are_two_lots():
    """The letter O and a zero stay two lots, and so does a superscript from a figure."""
    assert normalise_lot("EXO1") != normalise_lot("EX01")
    assert number_key("EX-2²") != number_key("EX-22") and number_key("EX-٢") == number_key("EX-2")


def test_two_figures_are_the_nearest_year() -> None:
    """GS1 has 51 to 99 years ahead in the century before: a label of 1999 does not last until 2099."""
    year = date.today().year
    for years in (-49, -1, 0, 1, 50):
        assert parse(f"(17){(year + years) % 100:02d}0630").expiry == date(year + years, 6, 30)
    assert parse(f"(17){(year + 51) % 100:02d}0630").expiry == date(year - 49, 6, 30)

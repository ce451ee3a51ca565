"""What a cell says, read for the field that its column holds. No Django here.

A cell that cannot be read is told in a sentence; nothing is guessed that a column leaves open (`open_questions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from treatments.assessments.scales.catalogue import Grading
from treatments.records.formatting import day, number
from treatments.records.partial_dates import PartialDate, of_day, parse
from treatments.records.regions import INJECTABLE, Region, region_from_text
from treatments.records.text.numbers import parse_decimal
from treatments.records.text.text_folding import ascii_digits, fold, is_dash
from treatments.transfer.reading import reaction_words, stage_words
from treatments.transfer.reading.reaction_words import Reactions
from treatments.transfer.reading.targets import Target
from treatments.transfer.spreadsheets.tables import Cell, plain, shown

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
POINT, COMMA = "point", "comma"
YOUNGEST: Final = 15
"""A birth year of two figures is taken for this century from this age on; a younger patient's is asked in full."""
_SERIALS: Final = (20_000, 60_000)
"""Days since 1900 that Excel shows as a number where a column lost its format: 1954 to 2064."""
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_THREE: Final = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})\.?")
_NAMED_MONTH: Final = re.compile(r"(\d{1,2})[ .\-/]+([A-Za-z]{3,9})[ .,\-/']+(\d{2})")
"""14-Feb-25, as Excel writes a day into a CSV file. Feb-25 may be a day of February as well as its year."""
_CLOCK: Final = re.compile(r"[T ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AP]M)?Z?", re.IGNORECASE)
"""The time that another program writes behind every day; a session has a column of its own for it."""
_BACK: Final = re.compile(r"\b(?:ago|old|today|yesterday|aged?|yrs?|years?)\b")
_SEVERAL_LINES: Final = 1_000
"""From this many letters on a field of the record has lines."""
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_POWER: Final = re.compile(r"[0-9.,]+E\+?[0-9]+", re.IGNORECASE)
_IDLE_DECIMAL: Final = re.compile(r"[0-9]+\.0+")
_NO_NUMBER: Final = frozenset({"n/a", "na", "nan", "none", "nil", "null", "unknown", "not known"})
"""What stands where there is no record number: it would make one patient of all who have none."""
_VOLUME_UNIT: Final = re.compile(r"\s*(?:ml|cc)\.?$", re.IGNORECASE)
_RANGE: Final = re.compile(r"([+-]?[0-9.,]+)\s*%?\s*(?:-|to)\s*([+-]?[0-9.,]+)")
_COMMA_DECIMAL: Final = re.compile(
    r"[+-]?(?:[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0?,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+)"
)
_POINT_DECIMAL: Final = re.compile(
    r"[+-]?(?:[0-9]*\.(?:[0-9]{1,2}|[0-9]{4,})|0?\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+)"
)
_EITHER: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}[,.][0-9]{3}")
_PLACES: Final = re.compile(r"\s*(?:[;/&+\n]|,(?![0-9])|\band\b|\bund\b)\s*", re.IGNORECASE)
_ML: Final = r"(?P<ml>[0-9]{1,2}(?:[.,][0-9]{1,2})?)\s*(?:ml|cc)?\.?"
_PLACE_ML: Final = re.compile(rf"(?P<name>.*[^0-9.,\s:])[\s:]+{_ML}", re.IGNORECASE)
_ML_PLACE: Final = re.compile(rf"{_ML}\s+(?:in\s+)?(?P<name>[^0-9]+)", re.IGNORECASE)
_PARTED: Final = re.compile(r"[0-9.,] +[0-9.,]")
_THOUSANDS: Final = re.compile(r"[+-]? ?[0-9]{1,3}(?: [0-9]{3})*(?:[.,][0-9]+)?")
_ERRORS: Final = re.compile(
    r"#(?:N/A|NV|REF!|BEZUG!|VALUE!|WERT!|DIV/0!|NAME\?|NULL!|NUM!|ZAHL!|SPILL!|CALC!|#+)", re.IGNORECASE
)
"""What a spreadsheet writes into a CSV file in place of a value that it could not show, in English and German."""


class Unreadable(ValueError):
    """A cell that cannot be read as what its column holds; the text is a sentence."""


@dataclass(frozen=True)
class Doubtful:
    """A value that was read, and the sentence by which it is shown before it is imported."""

    value: Any
    sentence: str


@dataclass
class Reading:
    """What was decided about a column: the order of its dates, its decimal sign, whether its numbers are days, which
    code stands for which of its words, and the scale of its stages."""

    target: Target
    today: date
    order: str = DAY_FIRST
    sign: str = POINT
    serials: bool | None = None
    from_1904: bool = False
    words: Mapping[str, str] = field(default_factory=dict)
    scale: str = ""
    _known: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._own_codes = codes_of(self.target)
        self._codes = self._own_codes | {key: code for key, code in self.words.items() if code}
        self._read = getattr(self, f"_{self.target.reads}")

    def read(self, cell: Cell) -> Any:
        """The value, or Doubtful; None for an empty cell. Raises Unreadable. The same cell is read once."""
        if cell is None:
            return None
        key = cell if isinstance(cell, str) else tuple(cell)
        found = self._known.get(key)
        if found is None:
            try:
                found = (self._of(cell),)
            except Unreadable as refusal:
                found = refusal
            self._known[key] = found
        if isinstance(found, Unreadable):
            raise found
        return found[0]

    def _of(self, cell: str | list[Any]) -> Any:
        if isinstance(cell, list):
            if cell[0] == "e":
                raise Unreadable(f"The cell shows the error {cell[1]}. Mend it in the file.")
            if cell[0] == "f":
                raise Unreadable(
                    "The cell holds a formula that was never calculated. Open the file, and save it again."
                )
            return self._read(cell, "")
        text = plain(cell)
        if _ERRORS.fullmatch(text):
            raise Unreadable(f"The cell shows the error {text}. Mend it in the file.")
        return self._read(cell, text) if text else None

    def unknown_words(self, cell: Cell) -> list[str]:
        """The words of a cell of which a person must say what they mean: of several parts each by itself."""
        text = plain(shown(cell))
        if self.target.reads == "reactions":
            return [part for part in self._parts(text) if word_key(part) not in self._codes]
        if self.target.reads == "places":
            # A name with figures in it tells of a volume that cannot be read: no region stands for that.
            names = (name for name, _ in self._named_places(text) if not any(sign.isdecimal() for sign in name))
            return [name for name in names if not self._is_place(name)]
        try:
            self.read(cell)
        except Unreadable:
            return [text]
        return []

    # ── Texts ──────────────────────────────────────────────────────────────────────────────────

    def _text(self, cell: Cell, text: str) -> Any:
        if self.target.most >= _SEVERAL_LINES and isinstance(cell, str) and "\n" in cell:
            text = "\n".join(plain(line) for line in cell.strip().splitlines())
        text = text or plain(shown(cell))
        if len(text) > self.target.most:
            raise Unreadable(f"This has {len(text)} letters; at most {self.target.most} are kept. Shorten it.")
        return text

    def _identifier(self, cell: Cell, text: str) -> Any:
        """A record number or a lot: figures lose nothing, and a day that a spreadsheet made of them is no number."""
        if isinstance(cell, list) and cell[0] != "n":
            raise Unreadable(f"The spreadsheet made {shown(cell)} of this number. Type it again as text.")
        if self.target.code == "record_number" and text and _is_no_number(text):
            raise Unreadable(f"“{text}” is no record number. Give this patient one.")
        if _IDLE_DECIMAL.fullmatch(text):
            return Doubtful(text, f"“{text}” looks like a number behind which a program wrote “.0”.")
        if _POWER.fullmatch(text):
            return Doubtful(text, f"“{text}” looks like a number of which a spreadsheet lost the end.")
        return self._text(cell, text)

    def _phone(self, cell: Cell, text: str) -> Any:
        if _POWER.fullmatch(text):
            raise Unreadable(f"Of this telephone number only {text} is left. Type it again as text.")
        if isinstance(cell, list):
            figures = shown(cell)
            if cell[0] != "n":
                raise Unreadable(f"The spreadsheet made {figures} of this telephone number. Type it again as text.")
            if len(figures) >= 9 and figures.endswith("00000"):
                return Doubtful(figures, f"The telephone number {figures} ends in zeros: its last figures may be lost.")
            return self._text(cell, figures)
        return self._text(cell, text)

    def _email(self, cell: Cell, text: str) -> Any:
        text = text.removeprefix("mailto:")
        if not _EMAIL.fullmatch(text):
            raise Unreadable(f"“{text or shown(cell)}” is not an e-mail address.")
        return text

    # ── Choices ────────────────────────────────────────────────────────────────────────────────

    def _choice(self, cell: Cell, text: str) -> Any:
        text = text or plain(shown(cell))
        code = self._codes.get(word_key(text))
        if code is None:
            raise Unreadable(f"“{text}” is not one of the answers that are known here.")
        return code

    def _bool(self, cell: Cell, text: str) -> Any:
        if isinstance(cell, list) and cell[0] == "b":
            return bool(cell[1])
        return self._choice(cell, text) == "yes"

    def _asked(self, cell: Cell, text: str) -> Any:
        """Whether somebody asked, and the answer; with the words where they were said to mean it."""
        text = text or plain(shown(cell))
        return Reactions(self._choice(cell, text), (), "" if word_key(text) in self._own_codes else text)

    def _reactions(self, cell: Cell, text: str) -> Any:
        text = text or plain(shown(cell))
        parts = self._parts(text)
        codes = [self._codes.get(word_key(part), "") for part in parts]
        if "" in codes:
            raise Unreadable(f"“{parts[codes.index('')]}” is not one of the reactions that are known here.")
        try:
            told = reaction_words.answer_of(codes, words=text)
        except ValueError as refusal:
            raise Unreadable(str(refusal)) from None
        is_plain = not told.seen and word_key(text) in self._own_codes
        return Reactions(told.answer) if is_plain else told

    def _parts(self, text: str) -> list[str]:
        return [text] if word_key(text) in self._codes else reaction_words.parts(text) or [text]

    def _stage(self, cell: Cell, text: str) -> Any:
        """A stage with its scale, or the column's where the words name none; else another column may still say it."""
        text = text or plain(shown(cell))
        if code := self._codes.get(word_key(text)):
            scale, _, stage = code.partition("/")
            return Grading(scale, stage)
        try:
            return stage_words.read(text, scale=self.scale)
        except ValueError as refusal:
            if not self.scale:
                return text
            raise Unreadable(str(refusal)) from None

    def _site(self, cell: Cell, text: str) -> Any:
        return self._region_code(text or shown(cell))

    def _region(self, cell: Cell, text: str) -> Any:
        """The one region, and the words that were used: "crown and vertex" is the vertex. Raises for several."""
        text = text or shown(cell)
        code = self._codes.get(word_key(text))
        if code:
            return code, text
        parts = [part for part in re.split(r"\s*(?:,|;|/|&|\+|\band\b)\s*", text) if part]
        codes = {self._region_code(part) for part in parts}
        if len(codes) != 1:
            raise Unreadable(f"“{text}” names several regions. Give each a column of its own, with its mL.")
        code = codes.pop()
        if code not in INJECTABLE:
            raise Unreadable(f"Nothing is given into “{text}” as a whole. Write which regions got it, with their mL.")
        return code, text

    def _places(self, cell: Cell, text: str) -> Any:
        """Regions, each with its mL where they are written: "Vertex 2 mL; Frontal 1 mL". Raises for one told twice."""
        text = text or shown(cell)
        found: dict[str, Decimal | None] = {}
        for name, given in self._named_places(text):
            code = self._region_code(name)
            if code in found:
                raise Unreadable(f"“{text}” names one region twice. Crown and vertex are one region.")
            found[code] = given
        if len({given is None for given in found.values()}) > 1:
            raise Unreadable(f"“{text}” says of some regions how many mL they got, and not of others.")
        if Region.WHOLE_SCALP in found:
            raise Unreadable("Write which regions got it. “Whole scalp” is not exact enough.")
        return tuple(found.items())

    def _named_places(self, text: str) -> list[tuple[str, Decimal | None]]:
        if self._is_place(text):
            return [(text, None)]
        found: list[tuple[str, Decimal | None]] = []
        for part in filter(None, _PLACES.split(text)):
            match = _PLACE_ML.fullmatch(part) or _ML_PLACE.fullmatch(part)
            found.append((match["name"], Decimal(match["ml"].replace(",", "."))) if match else (part, None))
        return found

    def _is_place(self, name: str) -> bool:
        try:
            self._region_code(name)
        except Unreadable:
            return False
        return True

    def _region_code(self, text: str) -> str:
        code = self._codes.get(word_key(text))
        if code:
            return code
        if any(sign.isdecimal() for sign in text):
            raise Unreadable(f"“{text}” has a figure in it that no region has. Write the region alone.")
        try:
            return region_from_text(text).value
        except ValueError as refusal:
            raise Unreadable(str(refusal)) from None

    # ── Numbers ────────────────────────────────────────────────────────────────────────────────

    def _decimal(self, cell: Cell, text: str) -> Any:
        value = self._figure(cell, _VOLUME_UNIT.sub("", text) if self.target.unit == "mL" else text)
        return self._within(value)

    def _within(self, value: Decimal) -> Decimal:
        if not self.target.low <= value <= self.target.high:
            raise Unreadable(f"{number(value)} is not from {number(self.target.low)} to {number(self.target.high)}.")
        kept = round(value, self.target.places)
        if value != kept:
            raise Unreadable(f"At most {self.target.places} decimals can be kept of {number(value)}.")
        return kept

    def _whole(self, cell: Cell, text: str) -> Any:
        value = self._within(self._figure(cell, text))
        if value != int(value):
            raise Unreadable(f"{number(value)} is not a whole number.")
        return int(value)

    def _amount(self, cell: Cell, text: str) -> Any:
        """What was measured: (value, None, None), or a range (None, from, to); per cent as people write it: 25."""
        if isinstance(cell, list):
            if cell[0] == "%" and self.target.unit not in {"", "%"}:
                raise Unreadable(f"{shown(cell)} is per cent, and this column holds {self.target.unit}.")
            value = self._within(Decimal(cell[1]) * 100 if cell[0] == "%" else self._figure(cell, ""))
            return self._perhaps_a_part(value, shown(cell), is_per_cent=cell[0] == "%")
        is_per_cent = text.endswith("%")
        if is_per_cent and self.target.unit and self.target.unit != "%":
            raise Unreadable(f"{text} is per cent, and this column holds {self.target.unit}.")
        bare = "".join("-" if is_dash(sign) else sign for sign in text.rstrip("% "))
        if match := _RANGE.fullmatch(bare):
            low, high = (self._within(self._figure(None, each)) for each in match.groups())
            if low > high:
                raise Unreadable(f"“{text}” runs from more to less.")
            return None, low, high
        return self._perhaps_a_part(self._within(self._figure(None, bare)), text, is_per_cent=is_per_cent)

    def _perhaps_a_part(self, value: Decimal, text: str, *, is_per_cent: bool) -> Any:
        """0.25 in a column of per cent: a quarter of one per cent, or 25 per cent of which the sign is lost."""
        if self.target.unit != "%" or is_per_cent or not 0 < abs(value) < 1:
            return value, None, None
        sentence = f"{text} is read as {number(value)} %. If it is {number(value * 100)} %, write it so in the file."
        return Doubtful((value, None, None), sentence)

    def _figure(self, cell: Cell, text: str) -> Decimal:
        if isinstance(cell, list):
            if cell[0] == "n":
                return Decimal(cell[1])
            if cell[0] == "%" and self.target.unit == "%":
                return Decimal(cell[1]) * 100
            raise Unreadable(f"This is {shown(cell)}, not a number.")
        figures = ascii_digits(text)
        if _PARTED.search(figures) and not _THOUSANDS.fullmatch(figures):
            raise Unreadable(f"“{text}” has a space between its figures: which number it is cannot be known.")
        figures = figures.replace(" ", "")
        if self.sign == COMMA:
            if "." in figures and not re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?", figures):
                raise Unreadable(f"“{text}” has a full stop, and the decimal sign of this column is the comma.")
            figures = figures.replace(".", "").replace(",", ".")
        elif "," in figures:
            if not re.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", figures):
                raise Unreadable(f"“{text}” has a comma, and the decimal sign of this column is the full stop.")
            figures = figures.replace(",", "")
        try:
            return parse_decimal(figures)
        except ValueError:
            raise Unreadable(f"“{text}” is not a number.") from None

    # ── Days and times ─────────────────────────────────────────────────────────────────────────

    def _birth(self, cell: Cell, text: str) -> Any:
        return self._date(cell, text, is_birth=True)

    def _past(self, cell: Cell, text: str) -> Any:
        when = self._date(cell, text, is_birth=False)
        if when.precision == "year":
            raise Unreadable(f"Of “{text or shown(cell)}” at least the month must be known.")
        if when.earliest > self.today:  # before any plan is reckoned from it: 31 Dec 9999 has no month after it
            raise Unreadable(f"{when.label()} is in the future. Check the date.")
        return when

    def _date(self, cell: Cell, text: str, *, is_birth: bool) -> PartialDate:
        if isinstance(cell, list):
            return self._date_of_number(cell)
        text = _without_clock(text)
        if _BACK.search(fold(text)):
            raise Unreadable(f"“{text}” counts back from a day that is not known. Write the date.")
        if match := _THREE.fullmatch(ascii_digits(text)):
            return self._in_figures(text, *match.groups(), is_birth=is_birth)
        if text.isdecimal() and len(text) == 5:
            return self._date_of_number(["n", text])
        if match := _NAMED_MONTH.fullmatch(ascii_digits(text)):
            full = self._century(text, int(match[3]), is_birth=is_birth)
            if full > self.today.year:
                raise Unreadable(f"“{text}” would be in the future. Write the year with four figures.")
            text = f"{match[1]} {match[2]} {full}"
        try:
            return parse(text.rstrip(".").replace("'", " "), today=self.today)
        except ValueError as refusal:
            raise Unreadable(str(refusal).partition(" Write for example")[0]) from None

    def _date_of_number(self, cell: list[Any]) -> PartialDate:
        if cell[0] == "d":
            return of_day(date.fromisoformat(cell[1][:10]))
        figures = Decimal(cell[1]) if cell[0] == "n" else Decimal(0)
        whole = int(figures)
        if figures == whole and 1900 <= whole <= 2199:
            return PartialDate(f"{whole:04d}")
        if _SERIALS[0] <= whole <= _SERIALS[1] and self.serials:
            return of_day(_day_of_serial(whole, from_1904=self.from_1904))
        raise Unreadable(f"{shown(cell)} is a number, not a date.")

    def _in_figures(self, text: str, first: str, second: str, third: str, *, is_birth: bool) -> PartialDate:
        if self.order == YEAR_FIRST:
            days, months, year = third, second, first
        else:
            days, months = (first, second) if self.order == DAY_FIRST else (second, first)
            year = third
        if len(year) not in {2, 4} or len(days) > 2:
            raise Unreadable(f"“{text}” is not in the order of this column: {_ORDER_NAMES[self.order]}.")
        full = int(year) if len(year) == 4 else self._century(text, int(year), is_birth=is_birth)
        try:
            when = of_day(date(full, int(months), int(days)))
        except ValueError:
            raise Unreadable(f"There is no day “{text}” ({_ORDER_NAMES[self.order]}).") from None
        if len(year) == 2 and when.earliest > self.today:
            raise Unreadable(f"“{text}” would be in the future. Write the year with four figures.")
        return when

    def _century(self, text: str, year: int, *, is_birth: bool) -> int:
        if not is_birth:
            return 2000 + year
        if 2000 + year > self.today.year:
            return 1900 + year
        if self.today.year - 2000 - year < YOUNGEST:
            raise Unreadable(f"“{text}” may be {1900 + year} or {2000 + year}. Write the year with four figures.")
        return 2000 + year

    def _time(self, cell: Cell, text: str) -> Any:
        if isinstance(cell, list):
            text = cell[1] if cell[0] == "t" else cell[1][11:] if cell[0] == "d" else ""
        try:
            return time.fromisoformat(text.replace(".", ":").zfill(5))
        except ValueError:
            raise Unreadable(f"“{text or shown(cell)}” is not a time, such as 14:30.") from None


def _is_no_number(text: str) -> bool:
    return word_key(text) in _NO_NUMBER or not any(sign.isalnum() for sign in text)


_ORDER_NAMES: Final = {
    DAY_FIRST: "day, month, year",
    MONTH_FIRST: "month, day, year",
    YEAR_FIRST: "year, month, day",
}


def _without_clock(text: str) -> str:
    clock = _CLOCK.search(text)
    return text[: clock.start()] if clock is not None and clock.end() == len(text) and clock.start() >= 6 else text


def word_key(text: str) -> str:
    return " ".join(fold(text).split()).rstrip(".")


def codes_of(target: Target) -> dict[str, str]:
    """The codes of a choice by what a cell may say: code, label, and other words for it."""
    if target.reads == "bool":
        yes, no = (
            ("y", "yes", "true", "1", "x", "ja", "wahr", "oui", "si"),
            ("n", "no", "false", "0", "nein", "falsch", "non"),
        )
        return {word_key(word): "yes" for word in yes} | {word_key(word): "no" for word in no}
    found = {word_key(word): code for word, code in target.spellings}
    found |= {word_key(code.replace("_", " ")): code for code, _ in target.choices}
    return (
        found
        | {word_key(label): code for code, label in target.choices}
        | {word_key(code): code for code, _ in target.choices}
    )


@dataclass(frozen=True)
class Open:
    """What the values of a column leave open, with one of its cells as an example."""

    question: str
    example: str
    orders: tuple[str, ...] = (DAY_FIRST, MONTH_FIRST)


def date_orders(cells: Iterable[Cell], *, today: date | None = None, is_birth: bool = False) -> tuple[str, Open | None]:
    """The order of days and months that the values of a column show, and the question where they do not show one.

    "25-02-14" may have its year first. Only where every value can be read so is it asked; a session that would lie in
    the future cannot.
    """
    days_first, months_first, either = "", "", ""
    orders = {DAY_FIRST: True, MONTH_FIRST: True, YEAR_FIRST: True}
    seen = ""
    latest = today.year % 100 if today is not None and not is_birth else 99
    for text in _texts(cells):
        match = _THREE.fullmatch(ascii_digits(_without_clock(text)))
        if not match:
            continue
        seen = seen or text
        first, second, third = int(match[1]), int(match[2]), int(match[3])
        has_full_year = len(match[3]) == 4
        is_past = has_full_year or third <= latest
        orders[DAY_FIRST] &= 1 <= first <= 31 and second <= 12 and is_past
        orders[MONTH_FIRST] &= first <= 12 and 1 <= second <= 31 and is_past
        orders[YEAR_FIRST] &= (
            len(match[1]) == 2 and not has_full_year and first <= latest and 1 <= second <= 12 and 1 <= third <= 31
        )
        if first > 12 >= second:
            days_first = days_first or text
        elif second > 12 >= first:
            months_first = months_first or text
        elif first != second:
            either = either or text
    if seen and orders[YEAR_FIRST]:
        possible = tuple(order for order, is_possible in orders.items() if is_possible)
        return (YEAR_FIRST, None) if len(possible) == 1 else ("", Open("order", days_first or seen, possible))
    if days_first and months_first:
        return "", Open("order", f"{days_first} and {months_first}")
    if days_first or months_first:
        return (DAY_FIRST if days_first else MONTH_FIRST), None
    return ("", Open("order", either)) if either else (DAY_FIRST, None)


def decimal_signs(cells: Iterable[Cell]) -> tuple[str, Open | None]:
    """The decimal sign that the values of a column show, and the question where they do not show one."""
    comma, point, either = "", "", ""
    for text in _texts(cells):
        for part in re.split(r"\s*(?:-|–|to)\s*", _VOLUME_UNIT.sub("", text).rstrip("% ")):
            figures = ascii_digits(part).replace(" ", "")
            if _EITHER.fullmatch(figures):
                either = either or text
            elif _COMMA_DECIMAL.fullmatch(figures):
                comma = comma or text
            elif _POINT_DECIMAL.fullmatch(figures):
                point = point or text
    if comma and point:
        return "", Open("sign", f"{comma} and {point}")
    if comma or point:
        return (COMMA if comma else POINT), None
    return ("", Open("sign", either)) if either else (POINT, None)


def _day_of_serial(number: int, *, from_1904: bool) -> date:
    return (_EPOCH_1904 if from_1904 else _EPOCH) + timedelta(days=number)


def serial_numbers(cells: Iterable[Cell], *, from_1904: bool = False) -> Open | None:
    """The question whether the numbers of a column of dates are days as a spreadsheet counts them."""
    for cell in cells:
        figures = cell[1] if isinstance(cell, list) and cell[0] == "n" else cell if isinstance(cell, str) else ""
        if isinstance(figures, str) and re.fullmatch(r"[0-9]{5}", figures.strip()):
            whole = int(figures)
            if _SERIALS[0] <= whole <= _SERIALS[1]:
                return Open("serials", f"{whole} would be {day(_day_of_serial(whole, from_1904=from_1904))}")
    return None


def _texts(cells: Iterable[Cell]) -> Iterator[str]:
    seen: set[str] = set()
    for cell in cells:
        if isinstance(cell, str) and cell not in seen:
            seen.add(cell)
            yield plain(cell)


def region_labels() -> list[tuple[str, str]]:
    return [(region.value, str(region.label)) for region in Region]

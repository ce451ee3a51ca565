"""The records that the rows of a file describe, before anything is compared with the clinic. No Django here.

A row may hold a patient, a session, an examination and measurements, each from the columns of its group; a patient may
have many rows. A row of which one cell cannot be read is refused whole: half a row is no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from treatments.assessments.measurement_kinds import QUANTITIES
from treatments.assessments.scales.catalogue import Grading
from treatments.courses.volumes import regions_named
from treatments.records.partial_dates import PartialDate
from treatments.records.text.text_folding import fold, identifier_key
from treatments.transfer.reading import stage_words
from treatments.transfer.reading.cell_values import Doubtful, Unreadable
from treatments.transfer.reading.layout import (
    FIRST_ALONE,
    SAME_REGION,
    Layout,
    body,
    column_key,
    headings,
    readings,
)
from treatments.transfer.reading.reaction_words import NOT_RECORDED, Reactions
from treatments.transfer.reading.targets import (
    FURTHER,
    FURTHER_PLACES,
    MEASUREMENT,
    PATIENT,
    SESSION,
    STAGE,
    TARGETS,
)
from treatments.transfer.spreadsheets.tables import Cell, Table, letter, shown

PERSON: Final = ("name", "sex", "birth", "phone", "email", "ethnicity", "contact_note")
_ONLY_WITH_SESSION: Final = {"session_date", "reported_label", "phase", "course"}
Place = tuple[int, int]
"""A row of the file: which sheet, and the number of the row in it."""


@dataclass
class Row:
    """One row as it was read: values by target, wide measurements by column, and what is wrong or doubtful."""

    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    measured: list[tuple[int, str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    is_per_cent: bool = False


@dataclass(frozen=True)
class GivenBeside:
    """What a row says was given beside the first product: names of a product and a lot with the mL by region, or a
    technique alone with the regions in which it was used. `values` are columns of the record."""

    place: int
    product: str
    lot: str
    volumes: Mapping[str, Decimal]
    regions: tuple[str, ...]
    values: Mapping[str, Any]


@dataclass
class Draft:
    """One record that the file describes. `values` are columns of its model, as far as the file says them; `extra` is
    what is looked up in the clinic: names of a lot, a product, a person."""

    kind: str
    number: str
    places: list[Place]
    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def patient_key(self) -> str:
        return identifier_key(self.number)


@dataclass
class Reading:
    """All of a file: drafts of each kind in the order of their rows, and why rows are refused."""

    patients: dict[str, Draft] = field(default_factory=dict)
    records: list[Draft] = field(default_factory=list)
    refused: dict[Place, list[str]] = field(default_factory=dict)
    names: dict[Place, str] = field(default_factory=dict)
    # By patient and column, two values that rows of the file say of them, each with its row.
    contested: dict[str, dict[str, list[tuple[Any, Place]]]] = field(default_factory=dict)
    rows: int = 0
    sheets: list[str] = field(default_factory=list)

    def row(self, place: Place, here: Place) -> str:
        """ "row 7", seen from another row; with the name of its sheet where that is another one."""
        return f"row {place[1]}" if place[0] == here[0] else f"row {place[1]} of “{self.sheets[place[0]]}”"

    def refuse(self, place: Place, sentence: str) -> None:
        sentences = self.refused.setdefault(place, [])
        if sentence not in sentences:
            sentences.append(sentence)


def read(tables: Sequence[Table], layout: Layout, *, today: date) -> Reading:
    """Read every row of the sheets that are read."""
    found = Reading(sheets=[table.name for table in tables])
    rows: list[Row] = []
    for place, sheet in enumerate(layout.sheets):
        if sheet.is_read:
            rows += _rows(tables, layout, place, today, found)
    found.rows = len(rows)
    whole = [row for row in rows if not row.errors]
    for row in rows:
        for sentence in row.errors:
            found.refuse(row.place, sentence)
    for row in whole:
        _gather_patient(row, found)
    _refuse_contested(whole, found)
    seen: dict[tuple[Any, ...], Draft] = {}
    for row in whole:
        if row.place not in found.refused:
            _gather_records(row, layout, found, seen)
    # Of two rows that contradict each other nobody knows which is right: neither is compared with the record.
    found.records = [draft for draft in found.records if not any(place in found.refused for place in draft.places)]
    return found


def _rows(tables: Sequence[Table], layout: Layout, place: int, today: date, found: Reading) -> Iterator[Row]:
    table, sheet = tables[place], layout.sheets[place]
    columns = readings(tables, layout, place, today=today)
    names = headings(table, sheet)
    titles = {column: f"{names.get(column, '')} ({letter(column)})".strip() for column in columns}
    too_wide = table.too_wide(sheet.header_row)
    plan = [(column, reading.target, reading.read) for column, reading in columns.items()]
    for number, cells in body(table, sheet):
        row = Row((place, number))
        width = len(cells)
        if number in too_wide:
            row.errors.append(
                f"This row has {too_wide[number]} cells, more than the others: a separator within a value has parted "
                "it, and what follows stands in the wrong columns. Put that value into quotation marks."
            )
        for column, target, read_cell in plan:
            cell = cells[column - 1] if column <= width else None
            if cell is None:
                continue
            try:
                value = read_cell(cell)
            except Unreadable as refusal:
                row.errors.append(f"{titles[column]}: {refusal}")
                continue
            if value is None:
                continue
            if type(value) is Doubtful:
                row.doubts.append(f"{titles[column]}: {value.sentence}")
                value = value.value
            if target.code == "value":
                row.is_per_cent = cell[0] == "%" if isinstance(cell, list) else cell.rstrip().endswith("%")
            if target.group == MEASUREMENT and target.kind:
                row.measured.append((column, target.kind, value))
            else:
                row.values[target.code] = value
            if target.code == "birth" and isinstance(cell, str):
                row.values["birth_as_told"] = shown(cell).strip()[:60]
        if row.values or row.measured or row.errors:
            _read_stage_of_scale(row)
            _name(row)
            if not row.values.get("record_number") and not row.errors:
                row.errors.append("This row has no record number, so that its patient is not known.")
            found.names[row.place] = str(row.values.get("record_number", ""))
            yield row


def _name(row: Row) -> None:
    given, family = row.values.pop("given_name", ""), row.values.pop("family_name", "")
    if (given or family) and "name" not in row.values:
        row.values["name"] = " ".join(filter(None, (given, family)))


def _read_stage_of_scale(row: Row) -> None:
    """A stage whose column leaves the scale to another column of the row."""
    stage, scale = row.values.get("stage"), row.values.get("scale")
    if isinstance(stage, Grading) and scale and stage.scale != scale:
        stage = stage.stage
    if not isinstance(stage, str):
        return
    if not scale:
        row.errors.append(f"The stage “{stage}” has no scale.")
        return
    try:
        row.values["stage"] = stage_words.read(stage, scale=scale)
    except ValueError as refusal:
        row.errors.append(str(refusal))


# ── Patients ───────────────────────────────────────────────────────────────────────────────────


def _gather_patient(row: Row, found: Reading) -> None:
    """What all rows say of one patient. An empty cell contradicts nothing."""
    number = row.values["record_number"]
    key = identifier_key(number)
    told = {name: row.values[name] for name in (*PERSON, "birth_as_told") if name in row.values}
    draft = found.patients.get(key)
    if draft is None:
        draft = found.patients[key] = Draft(PATIENT, number, [], {"record_number": number})
        draft.extra["told"] = {}
    told_in: dict[str, list[Place]] = draft.extra["told"]
    for name, value in told.items():
        known = draft.values.get(name)
        if known is None:
            draft.values[name] = value
        elif name != "birth_as_told" and not _alike(known, value):
            both = [(known, told_in[name][0]), (value, row.place)]
            found.contested.setdefault(key, {}).setdefault(name, both)
        told_in.setdefault(name, []).append(row.place)
    if told:
        draft.places.append(row.place)
        draft.doubts += row.doubts
    draft.extra.setdefault("asked_by", row.place)


def _refuse_contested(rows: Sequence[Row], found: Reading) -> None:
    """Of two values that rows of one patient say nobody knows which is right: no row that says one of them is read."""
    if not found.contested:
        return
    about = [row for row in rows if identifier_key(row.values["record_number"]) in found.contested]
    for row in about:
        number = row.values["record_number"]
        for name, (one, other) in found.contested[identifier_key(number)].items():
            value = row.values.get(name)
            if value is None:
                continue
            against, place = other if _alike(value, one[0]) else one
            found.refuse(
                row.place,
                f"{TARGETS[name].label} of {number} is {_spelled(value)} here and {_spelled(against)} in "
                f"{found.row(place, row.place)}. Which is right?",
            )
    for key in found.contested:
        del found.patients[key]
    for row in about:
        if row.place not in found.refused:
            _gather_patient(row, found)


def _alike(one: Any, other: Any) -> bool:
    return one == other or (isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other))


def _spelled(value: Any) -> str:
    return value.label() if isinstance(value, PartialDate) else f"“{value}”"


# ── What happened to them ──────────────────────────────────────────────────────────────────────


def _gather_records(row: Row, layout: Layout, found: Reading, seen: dict[tuple[Any, ...], Draft]) -> None:
    session = _session(row, layout, found)
    if session is None:
        _keep_the_note(row)
    stage = _stage(row, found)
    drafts = [*filter(None, (session, stage)), *_measurements(row, layout, found)]
    if row.place in found.refused:
        return
    repeated: list[Draft] = []
    for draft in drafts:
        draft.doubts = row.doubts
        key = (draft.kind, draft.patient_key, *draft.extra["key"])
        if (twin := seen.get(key)) is not None:
            if twin.values == draft.values and twin.extra == draft.extra:
                twin.places.append(row.place)
                repeated.append(twin)
                continue
            _refuse_both(row.place, twin, found)
            return
        seen[key] = draft
        found.records.append(draft)
    if repeated and len(repeated) == len(drafts):
        first = repeated[0]
        other = found.row(row.place, first.places[0])
        # A copy: the doubts of a row are those of all that it describes.
        first.doubts = [*first.doubts, f"R{other[1:]} says the same of the same day, and is read as one with this row."]


def _keep_the_note(row: Row) -> None:
    """At a visit without a session the remark of the row stands with what was examined."""
    if note := row.values.pop("note", ""):
        row.values["examination"] = "\n".join(
            filter(None, (row.values.get("examination", ""), f"Note (old record): {note}"))
        )


def _refuse_both(place: Place, twin: Draft, found: Reading) -> None:
    what = {SESSION: "session", STAGE: "examination", MEASUREMENT: "measurement"}[twin.kind]
    todo = ""
    if twin.kind == SESSION:
        names = ", ".join(f"“{TARGETS[code].title}”" for code in ("product_2", "lot_2", "ml_2"))
        todo = f" If it is one visit, write what else was given into the columns {names} of one row."
    for here, there in ((place, twin.places[0]), *((each, place) for each in twin.places)):
        found.refuse(here, f"R{found.row(there, here)[1:]} has another {what} of the same patient and day.{todo}")


def _when(row: Row, *names: str) -> PartialDate | None:
    return next((row.values[name] for name in names if name in row.values), None)


def _session(row: Row, layout: Layout, found: Reading) -> Draft | None:
    told = {code: value for code, value in row.values.items() if TARGETS_OF[SESSION].get(code)}
    label = row.values.get("reported_label", "")
    volumes = {TARGETS[code].kind: value for code, value in told.items() if code.startswith("volume_") and value}
    total: Decimal | None = told.get("total_ml")
    region, words = told.get("region", ("", ""))
    beside_ml = sum((told[f"ml_{place}"] for place in FURTHER_PLACES if f"ml_{place}" in told), Decimal(0))
    if total is not None and not volumes:
        region = region or layout.answers.get(f"region:{row.place[0]}", "")
        if not region:
            found.refuse(row.place, "In which region the volume was given is not said.")
            return None
        if layout.answers.get(f"total:{row.place[0]}", FIRST_ALONE) != FIRST_ALONE:
            total -= beside_ml
        if total <= 0:
            found.refuse(row.place, "Nothing of the volume is left for the first product. Check the mL.")
            return None
        volumes = {region: total}
    elif total is not None and volumes and total - sum(volumes.values()) not in {0, beside_ml}:
        given = sum(volumes.values())
        found.refuse(
            row.place, f"The regions add up to {given.normalize():f} mL, the total is {total.normalize():f} mL."
        )
        return None
    if not volumes:
        if set(told) - _ONLY_WITH_SESSION - {"note"}:
            found.refuse(row.place, "This row tells of a session, and not how many mL were given.")
        elif set(told) and not any(TARGETS_OF[STAGE].get(code) for code in row.values) and not row.measured:
            found.refuse(row.place, "This row tells of a session, and not how many mL were given.")
        return None
    when = _when(row, "session_date", "date")
    if when is None:
        found.refuse(row.place, "The session has no date.")
        return None
    plain_columns = {code: value for code, value in told.items() if code in _SESSION_COLUMNS}
    values = plain_columns | ({"reported_label": label} if label else {})
    if "session_time" in told:
        values["performed_at"] = told["session_time"]
    beside = list(_given_beside(row, told, volumes, layout, found))
    reactions = _asked(told, values)
    labels = {region: words} if words and region and fold(words) not in _plain_names(region) else {}
    if "as_told" in told:
        try:
            labels = regions_named(told["as_told"], volumes)
        except ValueError as refusal:
            found.refuse(row.place, str(refusal))
    extra = {
        "when": when,
        "volumes": volumes,
        "labels": labels,
        "as_told": "as_told" in told,
        "lot": told.get("lot", ""),
        "product": told.get("product", ""),
        "operator": told.get("operator", ""),
        "course": told.get("course", ""),
        "beside": beside,
        "reactions": reactions,
        "left": layout.answers.get(f"left:{_column(layout, row, 'reactions')}", NOT_RECORDED),
        "key": (when.text, fold(told.get("course", "")), fold(label), told.get("session_time")),
    }
    return Draft(SESSION, row.values["record_number"], [row.place], values, extra)


_SESSION_COLUMNS: Final = {
    "phase", "route", "needle_gauge", "needle_length_mm", "depth_mm", "points", "point_ml", "mixed_hours", "device",
    "skin_prep", "anaesthesia", "anaesthesia_detail", "pain_during", "pain_after", "assistant", "outcome",
    "outcome_reason", "note",
}  # fmt: skip
_NUMBERED_CHOICES: Final = {"needle_gauge", "global_change", "patient_change", "satisfaction"}
TARGETS_OF: Final = {
    group: {code: target for code, target in TARGETS.items() if target.group == group}
    for group in (PATIENT, SESSION, STAGE, MEASUREMENT)
}


def _column(layout: Layout, row: Row, code: str) -> str:
    """The column that holds a target, as its questions are called."""
    return column_key(row.place[0], layout.sheets[row.place[0]].column_of(code) or 0)


def _asked(told: Mapping[str, Any], values: dict[str, Any]) -> Reactions | None:
    """Put the answers to both questions after harm among the values of a session. Words that become no event of their
    own stand in the note: nothing that the file says is lost."""
    lines = []
    for code, what in (("since_last", "Since the last session"), ("reactions", "Reactions")):
        answer: Reactions | None = told.get(code)
        if answer is None:
            continue
        values[code] = answer.answer
        if answer.words and not answer.seen:
            lines.append(f"{what} (old record): {answer.words}")
    if lines:
        values["note"] = "\n".join(filter(None, (values.get("note", ""), *lines)))
    return told.get("reactions")


def _given_beside(
    row: Row, told: Mapping[str, Any], first: Mapping[str, Decimal], layout: Layout, found: Reading
) -> Iterator[GivenBeside]:
    """What was given beside the first product, in the order of its columns; the row is refused for half of one."""
    for place in FURTHER_PLACES:
        cells = {code: told[f"{code}_{place}"] for code in FURTHER if f"{code}_{place}" in told}
        if cells.get("ml") == 0:
            del cells["ml"]
        if not cells:
            continue
        where = dict(cells.get("where", ()))
        ml: Decimal | None = cells.get("ml")
        has_product = bool({"product", "lot"} & set(cells)) or ml is not None or any(where.values())
        volumes: dict[str, Decimal] = {}
        try:
            if has_product:
                answer = layout.answers.get(f"region:{row.place[0]}:{place}", "")
                volumes = _volumes_beside(place, where, ml, first, answer)
            elif "route" not in cells:
                what = f"{_titled('product', place)} and {_titled('route', place)} are empty"
                raise ValueError(f"What was given beside the first product is not said: {what}.")
            elif "mixed_hours" in cells:
                raise ValueError(
                    f"{_titled('mixed_hours', place)} is of a product, and {_titled('product', place)} is empty."
                )
        except ValueError as refusal:
            found.refuse(row.place, str(refusal))
            return
        columns: dict[str, Any] = {
            code: cells[code] for code in ("route", "depth_mm", "device", "mixed_hours", "note") if code in cells
        }
        regions = () if has_product else tuple(where)
        yield GivenBeside(place, cells.get("product", ""), cells.get("lot", ""), volumes, regions, columns)


def _volumes_beside(
    place: int, where: Mapping[str, Decimal | None], ml: Decimal | None, first: Mapping[str, Decimal], answer: str
) -> dict[str, Decimal]:
    """mL by region. Raises ValueError with a sentence where they are not said, or contradict each other."""
    volume, region = _titled("ml", place), _titled("where", place)
    volumes = {code: given for code, given in where.items() if given is not None}
    if volumes:
        given = sum(volumes.values(), Decimal(0))
        if ml is not None and ml != given:
            raise ValueError(
                f"The regions of {region} add up to {given.normalize():f} mL, {volume} is {ml.normalize():f} mL."
            )
        return volumes
    if ml is None:
        raise ValueError(f"How many mL were given is not said in {volume}.")
    regions = list(where) or (list(first) if answer == SAME_REGION else [answer] if answer else [])
    if not regions:
        raise ValueError(f"In which region {volume} was given is not said: {region} is empty.")
    if len(regions) > 1:
        raise ValueError(
            f"{volume} went to several regions. Write into {region} how many mL each got: Vertex 2 mL; Frontal 1 mL."
        )
    return {regions[0]: ml}


def _titled(code: str, place: int) -> str:
    return f"“{TARGETS[f'{code}_{place}'].title}”"


def _plain_names(region: str) -> set[str]:
    return {fold(region.replace("_", " ")), fold(TARGETS[f"volume_{region}"].label.removesuffix(", mL"))}


def _stage(row: Row, found: Reading) -> Draft | None:
    told = {code: value for code, value in row.values.items() if TARGETS_OF[STAGE].get(code)}
    grading = told.pop("stage", None)
    told.pop("scale", None)
    day = told.pop("stage_date", None)
    if grading is None and not told:
        return None
    when = day or _when(row, "date", "session_date")
    if when is None:
        found.refuse(row.place, "The examination has no date.")
        return None
    if grading is not None:
        told["scale"], told["stage"] = grading
    label = row.values.get("reported_label", "")
    if label:
        told["reported_label"] = label
    return Draft(STAGE, row.values["record_number"], [row.place], told, {"when": when, "key": (when.text, fold(label))})


_MEASURED_COLUMNS: Final = {
    "site_detail", "is_same_spot", "area_cm2", "magnification", "vellus_cutoff_um", "is_clipped", "is_dyed",
}  # fmt: skip


def _measurements(row: Row, layout: Layout, found: Reading) -> Iterator[Draft]:
    told = {code: value for code, value in row.values.items() if TARGETS_OF[MEASUREMENT].get(code)}
    amounts = [(column, kind, value) for column, kind, value in row.measured]
    if {"kind", "value", "low", "high"} & set(told):
        if "kind" not in told:
            found.refuse(row.place, "What was measured is not said.")
            return
        unit = QUANTITIES[told["kind"]].unit
        if row.is_per_cent and unit != "%":
            found.refuse(row.place, f"“{TARGETS['value'].label}” is per cent, and this is measured in {unit}.")
            return
        value, low, high = told.get("value", (None, None, None))
        amounts.append((0, told["kind"], (value, told.get("low", low), told.get("high", high))))
    if not amounts:
        return
    when = _when(row, "measured_date", "date", "stage_date", "session_date")
    if when is None:
        found.refuse(row.place, "The measurement has no date.")
        return
    for column, kind, (value, low, high) in amounts:
        key, answers = column_key(row.place[0], column), layout.answers
        values = {code: told[code] for code in _MEASURED_COLUMNS if code in told}
        values |= {"kind": kind, "value": value, "low": low, "high": high}
        values["site"] = told.get("site") or answers.get(f"site:{key}", "")
        values["method"] = told.get("method") or answers.get(f"method:{key}", "")
        if "vellus_cutoff_um" not in values and (cutoff := answers.get(f"cutoff:{key}")):
            values["vellus_cutoff_um"] = int(cutoff)
        if "measuring_device" in told:
            values["device"] = told["measuring_device"]
        if not values["site"] or not values["method"]:
            what = "Where" if not values["site"] else "How"
            found.refuse(row.place, f"{what} “{TARGETS[f'm_{kind}'].label}” was measured is not said.")
            return
        spot = fold(values.get("site_detail", ""))
        extra = {
            "when": when,
            "operator": told.get("measured_by", ""),
            "key": (when.text, kind, values["site"], values["method"], spot),
        }
        yield Draft(MEASUREMENT, row.values["record_number"], [row.place], values, extra)


def with_numbers(values: dict[str, Any]) -> dict[str, Any]:
    """Choices whose codes are numbers in the record, as numbers."""
    return {name: int(value) if name in _NUMBERED_CHOICES else value for name, value in values.items()}


def shown_cells(cells: Sequence[Cell]) -> list[str]:
    return [shown(cell) for cell in cells]

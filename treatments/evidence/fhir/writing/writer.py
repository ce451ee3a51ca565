"""The list that resources go into, and what all of them share: ids, references, dates, and whether people are named."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.crypto import salted_hmac

from treatments.evidence.fhir.writing.datatypes import Json, bare, clean, instant, no_value
from treatments.evidence.fhir.writing.narrative import items, narrative, paragraph
from treatments.evidence.fhir.writing.terms import own
from treatments.records.months import MonthLabel, label
from treatments.records.partial_dates import PartialDate, of_day

RELATIVE: Final = "http://hl7.org/fhir/StructureDefinition/cqf-relativeDateTime"
_OURS: Final = uuid.UUID("6a0b36c6-2f2b-5b1e-9b0a-5d1c0f3f7a11")

When = PartialDate | datetime.date


@dataclass(frozen=True)
class Month0:
    """What the dates of a bundle without dates are counted from: `of` is the key of the resource that holds it."""

    when: PartialDate
    of: str
    path: str = "CarePlan.period.start"


@dataclass
class Writer:
    """Takes resources in the order in which they are added.

    `is_named`: whether the bundle is of somebody who may be known by it. Without, no free text of the record, no name,
    number or place is written, dates are Months from `month_0`, and the ids are others, which nobody without the
    clinic's key can lead back to those of a bundle with names.
    """

    zone: datetime.tzinfo
    is_named: bool = True
    month_0: Month0 | None = None
    entries: list[Json] = field(default_factory=list)
    rows: dict[Any, list[str]] = field(default_factory=dict)
    _added: set[str] = field(default_factory=set)

    def key(self, kind: str, of: object, part: str = "") -> str:
        """The id of a resource: always the same for the same part of the same row."""
        text = f"{kind}:{of}:{part}"
        if self.is_named:
            return str(uuid.uuid5(_OURS, text))
        return str(uuid.UUID(bytes=salted_hmac("fhir case report", text, algorithm="sha256").digest()[:16], version=4))

    def reference(self, kind: str, of: object, part: str = "") -> Json:
        return {"reference": f"urn:uuid:{self.key(kind, of, part)}"}

    def add(
        self, kind: str, of: object, body: Json, *, part: str = "", text: str | list[str], row: object = None
    ) -> Json:
        """Add a resource, and answer the reference to it. What was added before under the same key stays as it is.

        `text` is what it says in words, a line or several. `row` is the row of the record that it says something of:
        who entered that stands in a Provenance.
        """
        key = self.key(kind, of, part)
        reference = {"reference": f"urn:uuid:{key}"}
        if key in self._added:
            return reference
        self._added.add(key)
        told = narrative(paragraph(text)) if isinstance(text, str) else narrative(*_lines(text))
        resource = bare({"resourceType": kind, "id": key, "text": told, **body})
        self.entries.append({"fullUrl": f"urn:uuid:{key}", "resource": resource})
        if row is not None:
            self.rows.setdefault(row, []).append(key)
        return reference

    def has(self, kind: str, of: object, part: str = "") -> bool:
        return self.key(kind, of, part) in self._added

    def words(self, *texts: str | None) -> str:
        """Free text of the record, as one; "" where it might name somebody."""
        return " ".join(filter(None, (clean(text or "") for text in texts))) if self.is_named else ""

    def named(self, text: str) -> str:
        """The same for a single name."""
        return clean(text) if self.is_named else ""

    def date(self, name: str, when: When | None, *, at: datetime.time | None = None) -> Json:
        """An element of the type date or dateTime; about-dates say that they are. {} for a date that is not known.

        `at` is the time of that day on the clinic's clock.
        """
        if when is None:
            return {}
        known = _known(when)
        if not self.is_named:
            return {f"_{name}": self._relative(known)}
        if at is not None and known.is_exact:
            return {name: instant(datetime.datetime.combine(known.earliest, at, self.zone), self.zone)}
        about = {f"_{name}": {"extension": [own("approximate", valueBoolean=True)]}} if known.approximate else {}
        return {name: known.text.rstrip("~"), **about}

    def period(self, start: When | None, end: When | None) -> Json:
        """From `start` to `end`. A period never ends before it begins: what was given up before it was to begin has its
        end in an extension."""
        if start is not None and end is not None and _known(end).certainly_before(start):
            ended = own("ended-before-its-start", valuePeriod=self.date("end", end))
            return {**self.date("start", start), "extension": [ended]}
        return {**self.date("start", start), **self.date("end", end)}

    def moment(self, name: str, at: datetime.datetime | None) -> Json:
        """An element of the type dateTime or instant; {} where nobody may know when."""
        return {name: instant(at, self.zone)} if at is not None and self.is_named else {}

    def said(self, when: When | None) -> str:
        """A date inside a narrative: "14 May 2026", "Month 3"; "" for none."""
        if when is None:
            return ""
        known = _known(when)
        if self.is_named:
            return known.label()
        heading = label(self.month_0.when, known).heading if self.month_0 else ""
        return f"{heading} Month 0" if heading.endswith("before") else heading

    def _relative(self, when: PartialDate) -> Json:
        """How many months after or before Month 0, by HL7's extension; "masked" where nothing is counted from."""
        if self.month_0 is None:
            return no_value("masked")
        month = label(self.month_0.when, when)
        target = {"reference": f"urn:uuid:{self.month_0.of}"}
        parts = [
            {"url": "target", "valueReference": target},
            {"url": "targetPath", "valueString": self.month_0.path},
            {"url": "relationship", "valueCode": _relationship(month)},
            {"url": "offset", **_offset(month)},
        ]
        return {"extension": [{"url": RELATIVE, "extension": parts}]}


def _known(when: When) -> PartialDate:
    return when if isinstance(when, PartialDate) else of_day(when)


def _relationship(month: MonthLabel) -> str:
    if month.first == month.last == 0:
        return "concurrent"
    return "before" if month.last <= 0 else "after"


def _offset(month: MonthLabel) -> Json:
    """Months, without their days. A span that lies on both sides of Month 0 begins with a negative number."""
    before = _relationship(month) == "before"
    low, high = (-month.last, -month.first) if before else (month.first, month.last)
    if low == high:
        return {"valueDuration": _months(low)}
    return {"valueRange": {"low": _months(low), "high": _months(high)}}


def _months(count: int) -> Json:
    return {"value": count, "unit": "months", "system": "http://unitsofmeasure.org", "code": "mo"}


def _lines(texts: list[str]) -> list[str]:
    told = [text for text in texts if clean(text)]
    return [paragraph(told[0]), items(told[1:])] if told else []


Write = Callable[[Writer, Any], None]

"""What the forms of plans and sessions share: coded warnings beside their field, and mL by region."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.forms import BoundField

from treatments.courses.models import MAX_SESSION_ML
from treatments.courses.protocol import total_problems, volume_problems
from treatments.courses.volumes import FIRST_SHOWN, ORDER, total
from treatments.records.forms.fields import ExactDecimalField
from treatments.records.forms.record_form import FormWarning, RecordForm
from treatments.records.problems import Problem
from treatments.records.regions import Region, region_from_text

_MANY_OF_ONE_CODE = {"caution", "open_grade_3", "open_lump"}
CROWN = "volume-crown"


def volume_name(region: str) -> str:
    return f"volume-{region}"


@dataclass(frozen=True)
class VolumeRow:
    """One region of the scalp map: its number field, and the mark of a value taken over."""

    region: str
    label: str
    alias: str
    field: BoundField
    mark: str
    ml: str

    @property
    def is_charged(self) -> bool:
        return bool(self.ml.strip("0. "))


class JudgedForm(RecordForm):
    """A warning is known by its rule and code, so that a reason given for one can never pass for another."""

    beside: ClassVar[Mapping[str, str]] = {}

    def validate_constraints(self) -> None:
        """The rules say the same in a sentence; the database's own words are for what they let through."""
        if not self.errors:
            super().validate_constraints()

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Columns that are computed from several fields are compared like any other."""
        self.cleaned_data |= self.values()
        return super().differences(current)

    def judge(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            field = self.beside.get(problem.field, problem.field)
            if problem.is_error:
                self.add_error(field if field in self.fields else None, problem.sentence)
            else:
                self.caution(problem, field if field in self.fields else "")

    def caution(self, problem: Problem, field: str) -> None:
        key = f"{problem.rule}-{problem.code}"
        if problem.code in _MANY_OF_ONE_CODE:
            key += f"-{zlib.crc32(problem.sentence.encode()):x}"
        if any(warning.key == key for warning in self.warnings):
            return
        reason = str(self.data.get(f"pass-{key}", "")).strip()[:300]
        self.warnings.append(FormWarning(key, str(problem.rule), field, problem.sentence, reason))


class VolumeForm(JudgedForm):
    """mL in each region: a number field each, their sum, and "crown" read as the vertex.

    After `read_volumes` the form has `volumes`, mL by region code without the regions that received nothing.
    """

    beside: ClassVar[Mapping[str, str]] = {
        "volumes": volume_name(Region.VERTEX),
        **{region.value: volume_name(region) for region in ORDER},
    }
    volumes: dict[str, Decimal]
    marks: dict[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.volumes, self.marks = {}, {}
        for region in ORDER:
            self.fields[volume_name(region)] = ExactDecimalField(label=f"{region.label}, mL", high=MAX_SESSION_ML)

    def start_volumes(self, volumes: Mapping[str, Decimal]) -> None:
        for region, ml in volumes.items():
            self.initial.setdefault(volume_name(region), ml)

    def read_volumes(self) -> None:
        """Gather the volumes and judge them. Nothing is judged while a figure cannot be read."""
        names = [volume_name(region) for region in ORDER]
        pairs = [(region.value, self.cleaned_data.get(volume_name(region))) for region in ORDER]
        charged = [(region, ml) for region, ml in pairs if ml]
        charged += self._crown()
        if any(name in self.errors for name in names):
            return
        self.volumes = {region_from_text(region).value: ml for region, ml in charged}
        if charged:
            self.judge(volume_problems(charged, sum((ml for _, ml in charged), Decimal(0))))

    def judge_total(self, *, points: int | None = None, point_ml: Decimal | None = None) -> None:
        if self.volumes:
            self.judge(total_problems(total(self.volumes), points=points, point_ml=point_ml))

    def _crown(self) -> list[tuple[str, Decimal]]:
        """A volume sent for the "crown", which is the vertex under another name."""
        text = self.data.get(CROWN)
        if not text:
            return []
        try:
            ml = ExactDecimalField(high=MAX_SESSION_ML).clean(text)
        except ValidationError as error:
            self.add_error(volume_name(Region.VERTEX), error)
            return []
        return [("crown", ml)] if ml else []

    @property
    def volume_rows(self) -> list[VolumeRow]:
        rows = []
        for region in ORDER:
            name = volume_name(region)
            field = self[name]
            alias = "crown" if region is Region.VERTEX else ""
            shown = str(field.value() or "")
            rows.append(VolumeRow(region.value, str(region.label), alias, field, self.mark_of(name), shown))
        return rows

    @property
    def first_volume_rows(self) -> list[VolumeRow]:
        return self.volume_rows[:FIRST_SHOWN]

    @property
    def more_volume_rows(self) -> list[VolumeRow]:
        return self.volume_rows[FIRST_SHOWN:]

    @property
    def more_regions_are_used(self) -> bool:
        return any(row.is_charged or row.field.errors for row in self.more_volume_rows)

    @property
    def shown_total(self) -> str:
        """The sum of what stands in the fields, for a page without JavaScript; "" where a figure cannot be read."""
        try:
            found = sum((Decimal(row.ml) for row in self.volume_rows if row.ml.strip()), Decimal(0))
        except ArithmeticError:
            return ""
        return f"{found:f}" if found.is_finite() else ""

    def mark_of(self, name: str) -> str:
        """ "carried" or "planned" while a field still says what it was filled in with."""
        mark = self.marks.get(name, "")
        if not mark or not self.is_bound:
            return mark
        told, filled_in = self[name].value(), self.fields[name].prepare_value(self.initial.get(name))
        return mark if str(told or "") == str(filled_in or "") else ""

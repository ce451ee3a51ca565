"""mL by region, as protocols, courses and sessions ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.forms import BoundField

from treatments.courses.volumes import FIRST_SHOWN, MAX_SESSION_ML, ORDER, total, total_problems, volume_problems
from treatments.records.formatting import number
from treatments.records.forms.composite_form import CompositeForm, FormPart
from treatments.records.forms.fields import ExactDecimalField
from treatments.records.problems import Problem
from treatments.records.regions import Region, region_from_text
from treatments.records.text.numbers import parse_decimal

VERTEX = f"volume-{Region.VERTEX}"


@dataclass(frozen=True)
class VolumeRow:
    """One region of the scalp map with its number field; `ml` is the text that stands in it."""

    region: str
    label: str
    alias: str
    field: BoundField
    ml: str

    @property
    def is_treated(self) -> bool:
        try:
            return parse_decimal(self.ml) > 0
        except ValueError:
            return bool(self.ml.strip())


class VolumesForm(FormPart):
    """A field for the mL of each region, named "volume-vertex"; "volume-crown" is the vertex under another name."""

    prefix = "volume"
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for region in ORDER:
            self.fields[region.value] = ExactDecimalField(label=f"{region.label}, mL", high=MAX_SESSION_ML)
        # As they were sent, the crown apart from the vertex; and by region code, without those that received nothing.
        self.entries: list[tuple[str, Decimal]] = []
        self.ml_by_region: dict[str, Decimal] = {}

    def start_with(self, volumes: Mapping[str, Decimal]) -> None:
        for region, ml in volumes.items():
            self.initial.setdefault(region, ml)

    def clean(self) -> dict[str, Any]:
        """Gathers the volumes; nothing is gathered while a figure cannot be read."""
        entries = [(region, ml) for region, ml in self.cleaned_data.items() if ml]
        if crown := self._crown():
            entries.append(("crown", crown))
        if not self.errors:
            self.entries = entries
            self.ml_by_region = {region_from_text(region).value: ml for region, ml in entries}
        return self.cleaned_data

    def _crown(self) -> Decimal | None:
        text = self.data.get(self.add_prefix("crown"))
        try:
            return ExactDecimalField(high=MAX_SESSION_ML).clean(text) if text else None
        except ValidationError as error:
            self.add_error(Region.VERTEX.value, error)
            return None

    @property
    def problems(self) -> list[Problem]:
        """Rule 18: each region once, and more than 0 mL in it."""
        return volume_problems(self.entries, sum((ml for _, ml in self.entries), Decimal(0))) if self.entries else []

    @property
    def rows(self) -> list[VolumeRow]:
        aliases = {Region.VERTEX: "crown"}
        return [
            VolumeRow(region.value, str(region.label), aliases.get(region, ""), field, str(field.value() or ""))
            for region, field in ((region, self[region.value]) for region in ORDER)
        ]

    @property
    def first_rows(self) -> list[VolumeRow]:
        return self.rows[:FIRST_SHOWN]

    @property
    def more_rows(self) -> list[VolumeRow]:
        return self.rows[FIRST_SHOWN:]

    @property
    def more_regions_are_used(self) -> bool:
        return any(row.is_treated or row.field.errors for row in self.more_rows)

    @property
    def shown_total(self) -> str:
        """The sum of what stands in the fields, for a page without JavaScript; "" where a figure cannot be read."""
        try:
            return number(sum((parse_decimal(row.ml) for row in self.rows if row.ml.strip()), Decimal(0)))
        except ValueError:
            return ""


class TreatmentForm(CompositeForm):
    """What the forms of plans and sessions share: mL by region."""

    field_of: ClassVar[Mapping[str, str]] = {
        "volumes": VERTEX,
        **{region.value: f"volume-{region}" for region in ORDER},
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.volumes = self.add_part(VolumesForm)

    def judge_volumes(self, *, points: int | None = None, point_ml: Decimal | None = None) -> None:
        """Rules 18 and 19, once each figure can be read."""
        self.judge(self.volumes.problems)
        if volumes := self.volumes.ml_by_region:
            self.judge(total_problems(total(volumes), points=points, point_ml=point_ml))

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Columns that are computed from several fields are compared like any other."""
        self.cleaned_data |= self.values()
        return super().differences(current)

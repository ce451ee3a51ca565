"""The day that a file itself gives for a photo: who wrote it, in which field, and how much it is worth.

No Django here: the process that opens the picture uses it too. Reading the fields: `store.readers.camera_dates`.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from treatments.records.formatting import day as spelled

Strength = Literal["camera", "file"]
"""Whether the camera wrote the date when it took the photo, or a program when it made or saved the file."""
Moment = Literal["taken", "made", "saved"]
FIRST_DAY: Final = datetime.date(1990, 1, 1)
"""Before it there were no digital photographs of patients: a camera whose clock was never set says 1970 or 1980."""
UTC_MARK: Final = "Z"
PAGE_CAMERA: Final = "page_camera"
"""The camera that Anagen's own page used: its day came with the picture, and is not in the file."""


class Field(NamedTuple):
    """A field of a file that holds a date: what it is called, and what happened then."""

    name: str
    moment: Moment


FIELDS: Final[dict[str, Field]] = {
    "exif_original": Field("EXIF DateTimeOriginal", "taken"),
    "xmp_original": Field("XMP DateTimeOriginal", "taken"),
    "exif_gps": Field("EXIF GPS date, in GPS time", "taken"),
    "xmp_gps": Field("XMP GPS date, in GPS time", "taken"),
    "exif_digitized": Field("EXIF DateTimeDigitized", "made"),
    "xmp_digitized": Field("XMP DateTimeDigitized", "made"),
    "xmp_date_created": Field("XMP DateCreated", "made"),
    "iptc_date_created": Field("IPTC DateCreated", "made"),
    "iptc_digitized": Field("IPTC DigitalCreationDate", "made"),
    "xmp_create_date": Field("XMP CreateDate", "made"),
    "png_creation_time": Field("PNG Creation Time", "made"),
    "exif_modified": Field("EXIF DateTime", "saved"),
    "xmp_modify_date": Field("XMP ModifyDate", "saved"),
    "xmp_datetime": Field("XMP DateTime", "saved"),
    "png_time": Field("PNG tIME", "saved"),
    PAGE_CAMERA: Field("the camera on the page", "taken"),
}
"""In the order in which they are believed."""

_SAYS: Final[dict[tuple[Moment, Strength], str]] = {
    ("taken", "camera"): "The camera wrote {} into the file when it took the photo ({}).",
    ("made", "camera"): "The camera wrote {} into the file when it took the photo ({}).",
    ("made", "file"): "The file names {} as the day the picture was made or scanned ({}).",
    ("saved", "file"): "The file was last saved on {} ({}); the day the photo was taken is not in it.",
}


@dataclass(frozen=True, slots=True)
class FileDate:
    """A date found in a file. `time` is None where only the day was written.

    `offset` is the zone that the file names, "+08:00"; "Z" where the moment was written in UTC by a clock that knows
    no place; None where the file names none. `field` is a key of FIELDS.
    """

    day: datetime.date
    time: datetime.time | None
    offset: str | None
    field: str
    strength: Strength

    def at(self, zone: zoneinfo.ZoneInfo) -> FileDate:
        """As it was at a clinic in `zone`: a moment in UTC may be another day there. The camera's own day stays."""
        if self.offset != UTC_MARK or self.time is None:
            return self
        try:
            there = datetime.datetime.combine(self.day, self.time, datetime.UTC).astimezone(zone)
        except (ValueError, OverflowError):
            return self
        offset = there.isoformat()[-6:]
        return FileDate(there.date(), there.time(), offset, self.field, self.strength)

    def moment(self, zone: zoneinfo.ZoneInfo) -> datetime.datetime | None:
        """The moment in UTC, in the zone that the file names or else in `zone`; None where no time was written."""
        if self.time is None:
            return None
        local = datetime.datetime.combine(self.day, self.time)
        try:
            named = datetime.datetime.fromisoformat(local.isoformat() + self.offset) if self.offset else None
            return (named or local.replace(tzinfo=zone)).astimezone(datetime.UTC)
        except (ValueError, OverflowError):  # the year 1, or 9999, has no counterpart in another zone
            return None

    @property
    def label(self) -> str:
        """ "10 Jun 2025, 09:00", "10 Jun 2025"."""
        return f"{spelled(self.day)}, {self.time:%H:%M}" if self.time else spelled(self.day)

    @property
    def whose(self) -> str:
        return "the camera’s date" if self.strength == "camera" else "the file’s date"

    @property
    def sentence(self) -> str:
        field = FIELDS[self.field]
        if self.field == PAGE_CAMERA:
            return f"The camera on the page took it on {self.label}. There is no date in the file."
        return _SAYS[field.moment, self.strength].format(self.label, field.name)

    @property
    def why_not_used(self) -> str:
        """For a date that cannot be that of a photo."""
        clock = "the clock of the camera was wrong" if self.strength == "camera" else "it is not that of a photo"
        return f"The file also says {self.label} ({FIELDS[self.field].name}), which cannot be right; {clock}."

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "time": self.time.isoformat() if self.time else None,
            "offset": self.offset,
            "field": self.field,
            "strength": self.strength,
        }


def from_json(stored: dict[str, Any]) -> FileDate:
    """Raises KeyError, TypeError or ValueError for what `as_json` does not give."""
    clock, offset, strength = stored["time"], stored["offset"], stored["strength"]
    FIELDS[stored["field"]]
    return FileDate(
        day=datetime.date.fromisoformat(stored["day"]),
        time=datetime.time.fromisoformat(clock) if clock else None,
        offset=str(offset) if offset else None,
        field=stored["field"],
        strength="camera" if strength == "camera" else "file",
    )


class DatesOfFile(NamedTuple):
    """The date that is used, None where the file has none that can be, and those passed over because none can be it."""

    used: FileDate | None
    unused: list[FileDate]


def choose(
    found: Iterable[FileDate], *, zone: zoneinfo.ZoneInfo, earliest: datetime.date, latest: datetime.date
) -> DatesOfFile:
    """The first date from `earliest` to `latest`. `found` are in the order in which they are believed."""
    unused: list[FileDate] = []
    for each in found:
        local = each.at(zone)
        if max(earliest, FIRST_DAY) <= local.day <= latest:
            return DatesOfFile(local, unused)
        unused.append(local)
    return DatesOfFile(None, unused)

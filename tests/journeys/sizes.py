"""The windows in which whole journeys are walked: a small notebook, a tablet and a telephone."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    width: int
    height: int
    touch: bool

    @property
    def options(self) -> dict[str, Any]:
        return {"width": self.width, "height": self.height, "touch": self.touch}

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


SIZES = [Size(1280, 720, touch=False), Size(820, 1180, touch=True), Size(390, 844, touch=True)]

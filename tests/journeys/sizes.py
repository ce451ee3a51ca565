"""The windows in which whole journeys are walked: a small notebook, a tablet and a telephone."""

from dataclasses import dataclass
from itertools import cycle
from typing import Any

from playwright.sync_api import Page


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


def change_size_at_every_page(page: Page) -> None:
    """Open every page in another window than the one before: a long journey meets all sizes in one walk."""
    sizes, goto = cycle(SIZES), page.goto

    def go_in_the_next_size(url: str, **options: Any) -> Any:
        set_size(page, next(sizes))
        return goto(url, **options)

    page.goto = go_in_the_next_size  # type: ignore[method-assign]


def set_size(page: Page, size: Size) -> None:
    page.set_viewport_size({"width": size.width, "height": size.height})

"""What a measurement found, one a line, and whether it meets its bar."""

import math
import operator
import re
from dataclasses import dataclass, field

_COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "=": operator.eq}
_BAR = re.compile(r"(<=|>=|<|>|=) *(-?[0-9.]+)")
# What a test or another script prints; "figure: " in front sets it apart among other lines.
LINE = re.compile(r"^(?:figure: )?([A-Za-z0-9_.:-]+) (-?[0-9][0-9_.,e+-]*|nan|missing) (\S+) \((.+)\)$")


@dataclass
class Figures:
    """`fallen_short` names every figure that missed its bar or could not be measured."""

    fallen_short: list[str] = field(default_factory=list)

    def say(self, name: str, value: float, unit: str, bar: str = "no bar") -> None:
        """Print one figure. A bar such as "<= 1.3" is a promise; any other text is a remark."""
        print(f"{name} {value:.4g} {unit} ({bar})", flush=True)
        if not meets(value, bar):
            self.fallen_short.append(f"{name} is {value:.4g}, promised {bar}")

    def missing(self, name: str, why: str) -> None:
        print(f"{name} missing - ({why})", flush=True)
        self.fallen_short.append(f"{name} is missing: {why}")

    def skipped(self, name: str, why: str) -> None:
        """Say what was not measured because this machine lacks what it needs; no bar is missed by that."""
        print(f"{name} skipped - ({why})", flush=True)

    def pass_on(self, line: str) -> bool:
        """Print and judge a line that another program wrote, if it is a figure."""
        found = LINE.match(line.strip())
        if found is None:
            return False
        name, value, unit, bar = found.groups()
        print(f"{name} {value} {unit} ({bar})", flush=True)
        number = float(value.replace(",", "").replace("_", "")) if value != "missing" else math.nan
        if not meets(number, bar) or value == "missing":
            self.fallen_short.append(f"{name} is {value}, promised {bar}")
        return True


def meets(value: float, bar: str) -> bool:
    found = _BAR.match(bar)
    return found is None or bool(_COMPARE[found[1]](value, float(found[2])))

"""What is left of a lot, and how an act changes it: received + excess = in stock + given + discarded. No Django here.

Volumes are in mL, exact to the hundredth. `excess` is what an earlier release left in stock beyond what had been
received: it had no such equation. No act makes any; counting the lot takes it away.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal

from treatments.records.formatting import count, ml

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """What one act adds to each part of a lot, mL; signed. It keeps the equation whenever the parts did."""

    received: Decimal = ZERO
    stock: Decimal = ZERO
    given: Decimal = ZERO
    discarded: Decimal = ZERO
    excess: Decimal = ZERO

    def __bool__(self) -> bool:
        return any(asdict(self).values())


NO_CHANGE = Change()


@dataclass(frozen=True, slots=True)
class Balance:
    """The parts of a lot, mL; none is below zero.

    Each method gives the change that an act makes. It raises ValueError, with a sentence, for an act that cannot be.
    """

    received: Decimal
    stock: Decimal
    given: Decimal = ZERO
    discarded: Decimal = ZERO
    excess: Decimal = ZERO

    def __add__(self, change: Change) -> Balance:
        more = asdict(change)
        return Balance(**{name: part + more[name] for name, part in asdict(self).items()})

    @property
    def is_kept(self) -> bool:
        """Whether the equation holds, and no part is below zero."""
        parts = asdict(self).values()
        return min(parts) >= 0 and self.received + self.excess == self.stock + self.given + self.discarded

    @property
    def most_left(self) -> Decimal:
        """What can be left at most: what was received and not given."""
        return max(ZERO, self.received - self.given)

    def available(self, *, is_finished: bool) -> Decimal:
        """What a session may take: of a finished lot also what was counted as discarded."""
        return self.stock + self.discarded if is_finished else self.stock

    def give(self, volume: Decimal, *, is_finished: bool) -> Change:
        if volume > (available := self.available(is_finished=is_finished)):
            raise ValueError(f"Only {ml(available)} is left.")
        from_stock = min(self.stock, volume)
        return Change(stock=-from_stock, discarded=from_stock - volume, given=volume)

    def give_back(self, volume: Decimal, *, is_finished: bool) -> Change:
        """A finished lot gets no stock: what comes back counts as discarded with the rest of it."""
        return Change(given=-volume, **{"discarded" if is_finished else "stock": volume})

    def finish(self) -> Change:
        """All that is left counts as discarded; what was in stock beyond what was received cannot have been."""
        excess = min(self.excess, self.stock)
        return Change(stock=-self.stock, discarded=self.stock - excess, excess=-excess)

    def counted(self, left: Decimal, *, received_more: bool = False) -> Change:
        """So much is in stock. What is missing counts as discarded, what is more had wrongly been counted so.

        More than was received and not given is refused, unless `received_more`: the vials held more than was noted.
        """
        if left > self.most_left and not received_more:
            given = f", {ml(self.given)} of it given" if self.given else ""
            raise ValueError(f"{ml(self.received)} was received{given}: at most {ml(self.most_left)} can be left.")
        received = max(self.received, left + self.given)
        return Change(
            received=received - self.received,
            stock=left - self.stock,
            discarded=received - self.given - left - self.discarded,
            excess=-self.excess,
        )

    def received_was(self, received: Decimal, *, is_finished: bool) -> Change:
        """So much was received after all. What is in stock follows; of a finished lot, what was discarded."""
        if received < self.given:
            raise ValueError(f"{ml(self.given)} of it has been given: no less can have been received. Count again.")
        more = received - self.received
        if more >= 0:
            excess = min(self.excess, more)
            return Change(more, excess=-excess, **{"discarded" if is_finished else "stock": more - excess})
        parts = {"stock": self.stock, "discarded": self.discarded}
        first, second = ("discarded", "stock") if is_finished else ("stock", "discarded")
        from_first = min(parts[first], -more)
        return Change(more, **{first: -from_first, second: more + from_first})


def vials(volume: Decimal, unit_ml: Decimal | None) -> str:
    """A volume counted in vials, never rounded: "3 vials", "2 vials and 4.8 mL", "less than one vial".

    "" for nothing, and where it is not known how much a vial holds.
    """
    if not unit_ml or not volume:
        return ""
    whole, rest = divmod(volume, unit_ml)
    if not whole:
        return "less than one vial"
    return count(int(whole), "vial") + (f" and {ml(rest)}" if rest else "")


def left_text(volume: Decimal, unit_ml: Decimal | None) -> str:
    """In one breath: "3 vials", "14.8 mL, 2 vials and 4.8 mL", "4.8 mL, less than one vial", "4.8 mL"."""
    in_vials = vials(volume, unit_ml)
    if in_vials and not volume % unit_ml:  # type: ignore[operator]
        return in_vials
    return ", ".join(filter(None, (ml(volume), in_vials)))

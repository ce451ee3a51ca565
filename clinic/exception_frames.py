"""What the calls that failed still hold.

An error and the call that raised it hold each other, and the call its cursor; a connection of SQLite that failed while
it was opened holds itself. Its files stay open, and a disk cannot be taken out or made read-only, until Python happens
to look for such rings. Whoever answers for an error of the database, instead of raising it again, lets go of it here.
"""

import gc
import traceback
from collections.abc import Iterator
from typing import Final

_LONGEST_CHAIN: Final = 10
# A collection that another thread is at work on makes the next do nothing.
_COLLECTIONS: Final = 2
_collections_due = 0


def causes(fault: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, what caused that."""
    each: BaseException | None = fault
    for _ in range(_LONGEST_CHAIN):
        if each is None:
            return
        yield each
        each = each.__cause__ or each.__context__


def let_go(fault: BaseException) -> None:
    """Forget the variables of the calls that ended with this error. The messages and lines of the traceback stay."""
    global _collections_due
    for each in causes(fault):
        traceback.clear_frames(each.__traceback__)
    _collections_due = _COLLECTIONS


def close_files() -> None:
    """Close what failed connections still hold open: a tenth of a second, spent only where something failed before."""
    global _collections_due
    if _collections_due:
        _collections_due -= 1
        gc.collect()

"""When columns that are computed from other rows are brought in line: after each record, or once for many.

A session brings its course and its patient's lists in line. Of a thousand sessions that are imported together only the
last one's result stays, so an import does it once for each course at its end, in its own transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

_waiting: ContextVar[dict[Any, Callable[[], Any]] | None] = ContextVar("waiting", default=None)


def bring_in_line(recompute: Callable[..., Any], *about: Any, **more: Any) -> None:
    """Call `recompute(*about, **more)`: now, or inside `once_for_all` at its end, once for the same `about`."""
    waiting = _waiting.get()
    if waiting is None:
        recompute(*about, **more)
    else:
        waiting.setdefault((recompute, *about), partial(recompute, *about, **more))


@contextmanager
def once_for_all() -> Iterator[None]:
    """What the records written inside compute is computed when the block ends without an error.

    To be used in one transaction with those records. What reads such a column inside finds what stood there before.
    """
    waiting: dict[Any, Callable[[], Any]] = {}
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    for recompute in waiting.values():
        recompute()

"""What is computed of a record: at once, or once at the end of many that are written together."""

import pytest

from treatments.courses.computed_columns import bring_in_line, once_for_all


def test_computed_once_in_the_order_asked() -> None:
    told: list[str] = []
    bring_in_line(told.append, "alone")
    with once_for_all():
        for name in ("course 1", "course 2", "course 1"):
            bring_in_line(told.append, name)
        assert told == ["alone"]
    assert told == ["alone", "course 1", "course 2"]
    bring_in_line(told.append, "afterwards")
    assert told[-1] == "afterwards"


def test_nothing_computed_after_an_error() -> None:
    told: list[str] = []
    with pytest.raises(ValueError, match="refused"), once_for_all():
        bring_in_line(told.append, "never")
        raise ValueError("refused")
    bring_in_line(told.append, "now")
    assert told == ["now"]

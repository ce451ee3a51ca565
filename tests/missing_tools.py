"""What to do about a tool that is not on this machine."""

import os
from typing import NoReturn

import pytest

NO_SKIP = os.environ.get("ANAGEN_NO_SKIP") == "1"


def skip_or_fail(tool: str, remedy: str) -> NoReturn:
    """Skip the test and name the tool; where nothing may be skipped, as in CI, fail instead."""
    reason = f"{tool} is missing: {remedy}"
    if NO_SKIP:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

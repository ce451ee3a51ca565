"""20,000 rows are previewed within 10 seconds and below 300 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.transfer.workbooks import visits, workbook

pytestmark = [pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MEGABYTES = 10, 300


def test_20000_rows_are_previewed(tmp_path: Path) -> None:
    """Counted in seconds of the processor: what else the machine does is not the preview's."""
    file = tmp_path / "visits.xlsx"
    file.write_bytes(workbook(visits(4_000, 5)))
    told = {"ANAGEN_MODE": "development", "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    told |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}", "VAR_DIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-m", "tests.transfer.previewing", str(file)],
        cwd=ROOT, env=os.environ | told, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    print(f"\nfigure: preview_of_20000_rows {figures}")
    assert figures["counts"] == {"new": 4_000 + 20_000 + 4_000 + 4_000, "same": 0, "changed": 0, "refused": 0}
    assert figures["preview_processor_seconds"] <= MOST_SECONDS
    assert figures["megabytes"] < MOST_MEGABYTES

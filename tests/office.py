"""What LibreOffice makes of a file, as somebody who gets it by mail would see it."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.missing_tools import skip_or_fail

REMEDY = "apt install libreoffice-writer-nogui libreoffice-calc-nogui"


@cache
def _profile() -> tempfile.TemporaryDirectory[str]:
    """Settings of its own, kept for one run: making them takes longer than a conversion."""
    return tempfile.TemporaryDirectory(prefix="anagen-office-")


def converted(content: bytes, ending: str, to: str) -> bytes:
    """A file opened by LibreOffice and saved as another kind: "docx" to "pdf", "xlsx" to "csv"."""
    program = shutil.which("soffice")
    if program is None:
        skip_or_fail("LibreOffice", REMEDY)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"file.{ending}"
        source.write_bytes(content)
        profile = f"-env:UserInstallation=file://{_profile().name}"
        command = [program, profile, "--headless", "--convert-to", to, "--outdir", folder, str(source)]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        made = Path(folder) / f"file.{to.partition(':')[0]}"
        assert made.is_file(), f"LibreOffice could not open it: {done.stderr.decode(errors='replace')}"
        return made.read_bytes()

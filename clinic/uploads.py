"""Files while they arrive: the largest that this server accepts, and where they lie until a view has read them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, TemporaryFileUploadHandler

MAX_FILE_BYTES = 40 * 1024 * 1024
ARRIVES_WITHIN = timedelta(hours=24)


class ArrivingFile(TemporaryUploadedFile):
    """A temporary file in ARRIVING_DIR rather than in the system's folder, where no sweep looks: a killed server leaves
    it behind, and it may be a patient's photo."""

    def __init__(self, name: str | None, kind: str | None, size: int, charset: Any, kind_extra: Any) -> None:
        folder = Path(settings.ARRIVING_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = NamedTemporaryFile(suffix=".upload", dir=folder)  # noqa: SIM115 -- closed and removed with the request
        UploadedFile.__init__(self, file, name, kind, size, charset, kind_extra)


def sweep(now: datetime) -> tuple[int, list[str]]:
    """Remove what arrived more than a day before `now` and was never read; returns how many files, and a line about
    each that could not be removed. One that goes away meanwhile was read."""
    removed, failed = 0, []
    for path in Path(settings.ARRIVING_DIR).glob("*.upload"):
        try:
            if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > ARRIVES_WITHIN:
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue
        except OSError as fault:
            failed.append(f"{path.name}: {fault.strerror}")
    return removed, failed


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Streams each file to disk and drops it at the first byte too many, or when the disk is full.

    What was dropped is listed in `request.refused_files`, a list of (field name, file name, "too_large" or "storage"):
    a view that takes files must look there, because such a file is not among `request.FILES`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        try:
            self.file = ArrivingFile(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
        except OSError:
            self._drop("storage")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_FILE_BYTES:
            self._drop("too_large")
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            self._drop("storage")

    def _drop(self, reason: str) -> None:
        refused = (self.field_name or "", self.file_name or "", reason)
        self.request.refused_files = [*getattr(self.request, "refused_files", []), refused]  # type: ignore[union-attr]
        raise SkipFile

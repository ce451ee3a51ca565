"""The largest file that this server accepts, checked while it arrives."""

from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

MAX_FILE_BYTES = 40 * 1024 * 1024


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Streams each file to disk and drops it at the first byte too many, or when the disk is full.

    What was dropped is listed in `request.refused_files`, a list of (field name, file name, "too_large" or "storage"):
    a view that takes files must look there, because such a file is not among `request.FILES`.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().new_file(*args, **kwargs)
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

"""What a file is, by its first bytes and never by its name. No Django here."""

from __future__ import annotations

from typing import Final

from treatments.transfer.spreadsheets.tables import FileRefused

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
_NOT_A_SHEET: Final = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without "
     "one, and send that."),
    (b"\xff\xd8\xff", "This is a photo. Photos are sent from the page of the patient."),
    (b"\x89PNG", "This is a picture. Only spreadsheets (.xlsx) and CSV files can be imported."),
    (b"%PDF", "This is a PDF. Only spreadsheets (.xlsx) and CSV files can be imported."),
    (b"Rar!", "This is an archive. Unpack it, and send the spreadsheet in it."),
    (b"7z\xbc\xaf", "This is an archive. Unpack it, and send the spreadsheet in it."),
    (b"\x1f\x8b", "This is an archive. Unpack it, and send the spreadsheet in it."),
    (b"{\\rtf", "This is a text document. Only spreadsheets (.xlsx) and CSV files can be imported."),
    (b"<", "This is a web page or an XML file. Open it in Excel, save it as .xlsx, and send that."),
)  # fmt: skip


def is_workbook(data: bytes) -> bool:
    """Whether the file is a workbook, else it is text. Raises FileRefused for anything else."""
    if not data.strip():
        raise FileRefused("This file is empty.")
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused(f"This file is too large. At most {MAX_FILE_BYTES // 1024 // 1024} MB are read.")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # a list of which the first heading is PK is text
        return True
    begin = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, sentence in _NOT_A_SHEET:
        if begin.startswith(start):
            raise FileRefused(sentence)
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not is_utf16 and b"\x00" in data[:4096]:
        raise FileRefused("This file is neither a spreadsheet (.xlsx) nor text (CSV).")
    return False

"""The whole record of one patient in one file: a PDF, a table for each kind, the originals, and what each file is.

It is written to disk piece by piece, so that the memory it takes does not grow with the number of photographs. No
name in it names the patient.
"""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

from django.utils import timezone

from clinic.object_store.stores import StoreAway
from treatments.consents.models import Consent, ConsentScan
from treatments.consents.scans import ENDINGS
from treatments.papers.consent_form.consent_text import consent_paper
from treatments.papers.letterhead import about, letterhead, made
from treatments.papers.pdf import as_pdf
from treatments.patients.models import Patient
from treatments.photos.models import Photo
from treatments.photos.store.photo_files import OriginalFault, whole_original
from treatments.records.formatting import day
from treatments.records.text import spreadsheet
from treatments.whole_record.record_text import record_of
from treatments.whole_record.tables import RecordTable, tables

PIECE: Final = 1 << 20
README: Final = """\
This file holds the whole record of one patient.

record.pdf             the record to be read
tables/                one table for each kind of entry (CSV, UTF-8)
data-dictionary.csv    what each column of the tables means, with its codes
photos/                the original files of the photos, as they came from the camera, with all that it wrote into them
consents/              each consent with the words that were signed (PDF), and scans of those signed on paper
manifest.csv           every file with its size and SHA-256

Entries that were struck out as entered in error are left out; they may be about somebody else. An empty cell is a
question that was not answered or not asked; "none" was asked and denied.
"""


@dataclass(frozen=True)
class Kept:
    """What the archive holds: photographs, those whose file is missing or damaged, and the SHA-256 of the whole."""

    photos: int
    missing: int
    scans: int
    sha256: str


class _Archive:
    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.manifest: list[tuple[str, int, str, str]] = []

    def add(self, path: str, pieces: Iterable[bytes], what: str, *, is_packed: bool = False) -> None:
        """Write a file; one that is packed already (a photo) is stored as it is."""
        info = zipfile.ZipInfo(path, date_time=timezone.localtime().timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as inside:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                inside.write(piece)
        self.manifest.append((path, size, digest.hexdigest(), what))

    def miss(self, path: str, what: str) -> None:
        self.manifest.append((path, 0, "", what))

    def close(self) -> None:
        columns = ("File", "Bytes", "SHA-256", "What it is")
        text = spreadsheet.lines(columns, list(self.manifest))
        self._zip.writestr("manifest.csv", "".join(text))
        self._zip.close()


def write_archive(patient: Patient, file: IO[bytes]) -> Kept:
    """Write it into an empty file that can be read again."""
    archive, kinds = _Archive(file), tables(patient)
    archive.add("README.txt", [README.encode()], "what this file holds")
    paper = record_of(
        patient,
        kinds,
        letterhead=letterhead(patient.clinic),
        about=about(patient, day(timezone.localdate())),
        made=made(patient.clinic),
    )
    archive.add("record.pdf", [as_pdf(paper)], "the record to be read")
    for table in kinds:
        archive.add(f"tables/{table.name}.csv", _csv(table), table.title)
    archive.add("data-dictionary.csv", _dictionary(kinds), "what the columns mean")
    photos, missing = _photos(archive, patient)
    _consents(archive, patient)
    scans = _scans(archive, patient)
    archive.close()
    return Kept(photos, missing, scans, _digest(file))


def _csv(table: RecordTable) -> Iterator[bytes]:
    lines = spreadsheet.lines([column.name for column in table.columns()], table.lines())
    return (line.encode() for line in lines)


def _dictionary(kinds: list[RecordTable]) -> Iterator[bytes]:
    columns = ("Table", "Column", "Meaning", "Kind", "Codes", "Entries left out as struck out")
    rows = (
        (table.name, column.name, column.meaning, column.kind, column.codes, table.struck_out)
        for table in kinds
        for column in table.columns()
    )
    return (line.encode() for line in spreadsheet.lines(columns, rows))


def _photos(archive: _Archive, patient: Patient) -> tuple[int, int]:
    """How many were written, and how many could not be."""
    written = missing = 0
    photos = Photo.objects.standing().filter(patient=patient).in_order()
    for number, photo in enumerate(photos.iterator(chunk_size=100), start=1):
        ending = photo.media_type.rpartition("/")[2].replace("jpeg", "jpg") or "bin"
        path = f"photos/{number:04d}-{photo.view}-{photo.taken.text.rstrip('~')}.{ending}"
        what = f"{photo.get_view_display()}, {photo.taken.label()}, photo {photo.pk}"
        try:
            with whole_original(photo) as original:
                archive.add(path, _pieces(original.open("rb")), what, is_packed=True)
            written += 1
        except (OriginalFault, OSError) as fault:
            archive.miss(
                path,
                f"{what}: not in this file. {fault if isinstance(fault, OriginalFault | StoreAway) else ''}".strip(),
            )
            missing += 1
    return written, missing


def _consents(archive: _Archive, patient: Patient) -> None:
    """Those whose words are kept here, as the paper that was given out: the record itself names the form alone."""
    consents = Consent.objects.standing().filter(patient=patient, text__isnull=False)
    signed = consents.select_related("clinic", "patient", "text").order_by("given_on", "pk")
    for number, consent in enumerate(signed, start=1):
        path = f"consents/{number:03d}-{consent.kind}-{consent.given_on}-words.pdf"
        archive.add(path, [as_pdf(consent_paper(consent))], f"{consent}: the words that were signed")


def _scans(archive: _Archive, patient: Patient) -> int:
    ids = ConsentScan.objects.filter(consent__patient=patient, consent__struck_out_at__isnull=True)
    keys = list(ids.order_by("consent__given_on", "pk").values_list("pk", flat=True))
    for number, key in enumerate(keys, start=1):
        scan: Any = ConsentScan.objects.select_related("consent").get(pk=key)
        path = f"consents/{number:03d}-{scan.consent.kind}-{scan.consent.given_on}.{ENDINGS[scan.media_type]}"
        archive.add(path, [bytes(scan.data)], str(scan.consent), is_packed=True)
    return len(keys)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()

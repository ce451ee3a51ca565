"""A paper that was signed goes into the record as it came, and is handed out to whoever may see the record."""

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.audit.models import AuditEvent
from clinic.uploads import MAX_FILE_BYTES
from tests.consents.test_views import filled, page, post
from tests.people import Cast
from tests.photos.pictures import jpeg
from treatments.consents.scans import MAX_BYTES
from treatments.models import Consent, ConsentScan

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def scanned(cast: Cast, data: bytes, *, name: str = "scan.bin", **fields: Any) -> Any:
    return post(cast, signed_how="paper_scan", scan=SimpleUploadedFile(name, data), **fields)


@pytest.mark.parametrize(
    ("data", "media_type", "ending"),
    [(PDF, "application/pdf", "pdf"), (PNG, "image/png", "png"), (None, "image/jpeg", "jpg")],
)
def test_scan_is_stored_byte_for_byte(data: bytes | None, media_type: str, ending: str, cast: Cast) -> None:
    """A scan is stored byte for byte and opened again."""
    data = jpeg() if data is None else data

    assert scanned(cast, data).status_code == 302

    consent = Consent.objects.get()
    assert (consent.signed_how, consent.scan.sha256) == ("paper_scan", hashlib.sha256(data).hexdigest())
    client = cast.client(cast.reader)
    assert page("scan", cast, consent.pk) in client.get(page("index", cast)).content.decode()
    opened = client.get(page("scan", cast, consent.pk))
    assert (opened.content, opened["Content-Type"]) == (data, media_type)
    assert opened["Content-Disposition"].endswith(f'consent-treatment-{consent.given_on}.{ending}"')
    assert opened["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert opened["Cache-Control"] == "private, no-store"
    assert AuditEvent.objects.filter(action="opened_scan", actor=cast.reader, patient_id=cast.patient.pk).count() == 1


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GIF89a" + b"0" * 40, "not a PDF, JPEG or PNG"),
        (b"<html><script>alert(1)</script>", "not a PDF, JPEG or PNG"),
        (b"", "empty"),
        (b"%PDF-" + b"0" * MAX_BYTES, "larger than 10 MB"),
        (b"%PDF-" + b"0" * MAX_FILE_BYTES, "too large"),
    ],
)
def test_other_files_are_refused(data: bytes, says: str, cast: Cast) -> None:
    """Anything else is refused in a sentence, and nothing is stored."""
    answer = scanned(cast, data, language="Mandarin")

    assert answer.status_code == 422
    assert says in answer.content.decode() and "Mandarin" in answer.content.decode()
    assert Consent.objects.count() == ConsentScan.objects.count() == 0


def test_scan_attached_agrees_with_the_file(cast: Cast) -> None:
    """ "Scan attached" is not chosen without a scan; chosen before another answer, a scan is not asked and not kept."""
    without = post(cast, signed_how="paper_scan")
    assert without.status_code == 422
    assert "Choose the scan" in without.content.decode()
    assert Consent.objects.count() == 0

    unasked = post(cast, signed_how="paper_filed", scan=SimpleUploadedFile("a.pdf", PDF))
    assert unasked.status_code == 302
    assert (Consent.objects.count(), ConsentScan.objects.count()) == (1, 0)


def test_scan_sent_twice_is_one_consent(cast: Cast) -> None:
    """Sent twice, it is one consent with one scan."""
    client, fields = cast.client(cast.nurse), filled(signed_how="paper_scan")

    answers = [client.post(page("add", cast), fields | {"scan": SimpleUploadedFile("a.pdf", PDF)}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Consent.objects.count() == ConsentScan.objects.count() == 1


def test_scan_is_hidden_from_reception(cast: Cast) -> None:
    """Reception and another clinic do not see it."""
    scanned(cast, PDF)
    url = page("scan", cast, Consent.objects.get().pk)

    assert cast.client(cast.reception).get(url).status_code == 403
    assert cast.client(cast.stranger).get(url).status_code == 404


def test_consent_list_reads_no_scan_bytes(cast: Cast, django_assert_max_num_queries: Any) -> None:
    """The list of consents leaves the bytes where they are."""
    for number in range(3):
        scanned(cast, PDF + bytes([48 + number]), form_version=f"T-{number}")
    client = cast.client(cast.nurse)

    with django_assert_max_num_queries(30) as captured:
        client.get(page("index", cast))

    assert not [query for query in captured.captured_queries if '"data"' in query["sql"] and "scan" in query["sql"]]

"""The store of the photos is away while somebody works in a browser: text is saved, the photo waits and arrives."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from clinic.object_store import circuit_breaker, s3
from clinic.operations import photo_store
from tests import factories
from tests.browser import sign_in
from tests.people import Cast
from tests.photos.corpus import encoded, scene
from tests.s3_server import KEY_ID, SECRET, S3Server, s3_server
from treatments.models import ExosomeSession, Photo
from treatments.photos.upload.store_photo import store_photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime.date.today()


@pytest.fixture
def server(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    monkeypatch.setattr(s3, "SILENCE_SECONDS", 1)
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0)
    photo_store._bucket.cache_clear()
    with s3_server(tmp_path / "s3") as running:
        settings.MEDIA_ROOT = tmp_path / "host"
        settings.PHOTO_STORE, settings.PHOTO_STORE_KEY_ID, settings.PHOTO_STORE_SECRET = running.url, KEY_ID, SECRET
        yield running
    photo_store._bucket.cache_clear()


@pytest.fixture
def page(new_page: Any, live_server: Any, cast: Cast, server: S3Server) -> Page:
    factories.consent(cast.patient)
    factories.consent(cast.patient, kind="photography", purposes=["record"])
    factories.course(cast.patient, baseline_on=TODAY, created_by=cast.clinician, views=["vertex", "frontal"])
    factories.lot(factories.product(cast.clinic), number="EX-77")
    page: Page = new_page(width=1280, height=900)
    sign_in(page.context, cast.clinician, live_server.url)
    return page


def jpeg(seed: int) -> bytes:
    return encoded(scene(seed, 2000, 1500), "JPEG", quality=80)


def test_note_saved_while_photo_waits(page: Page, server: S3Server, cast: Cast, watch: Any, live_server: Any) -> None:
    """The session is in the record at once; the photo beside it says that it waits, and follows by itself, once."""
    watch.allow("status of 503")
    page.goto(f"{live_server.url}/patients/{cast.patient.pk}/sessions/log/")
    server.kill()
    slot = page.locator(".slot[data-photo-view=vertex]")
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1)}
    slot.locator("input[type=file]").set_input_files([photo])
    expect(slot).to_contain_text("The store of the photos does not answer", timeout=20_000)
    expect(slot).to_contain_text("tried again by itself")

    page.get_by_label("EX-77").check()
    page.get_by_label("Asked, none").check()
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/sessions/log" in answer.url):
        page.locator("[data-save]").click()
    session = ExosomeSession.objects.get()
    assert not Photo.objects.exists()

    server.start()
    page.wait_for_url(lambda url: not url.endswith("/log/"), timeout=60_000)
    assert Photo.objects.get().exosome_session == session
    assert len([path for path in server.folder.rglob("*") if path.is_file()]) == 1


def test_pictures_that_cannot_be_shown(page: Page, server: S3Server, cast: Cast, watch: Any, live_server: Any) -> None:
    """One sentence says why, where a picture is not on this host; those that are there are shown."""
    told = {"patient": cast.patient, "clinic": cast.clinic, "taken_on": TODAY}
    kept = [
        store_photo(Photo(view=view, **told), [jpeg(n)], by=cast.nurse) for n, view in enumerate(("vertex", "frontal"))
    ]
    for path in (server.top.parent / "host").rglob(f"{kept[0].photo.pk}.jpg"):
        path.unlink()
    server.kill()
    watch.allow("status of 503")
    page.goto(f"{live_server.url}/patients/{cast.patient.pk}/photos/")
    notice = page.get_by_text("Some photos cannot be shown now; the record is unchanged.")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("The store of the photos does not answer.")
    there = page.locator(f"img[src*='{kept[1].photo.pk}']").first
    expect(there).to_be_visible()
    assert there.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0

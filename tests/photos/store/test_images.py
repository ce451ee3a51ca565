"""Any file at all goes in; a good photo comes out upright and bare, or a plain refusal does."""

import fcntl
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time as clock
from datetime import date, time
from pathlib import Path
from typing import Any, get_args

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.photos import corpus
from tests.photos.corpus import KEPT, Case
from treatments.photos.file_dates import FileDate
from treatments.photos.store import decoding
from treatments.photos.store.decoding import decode
from treatments.photos.store.formats import jpeg_segments
from treatments.photos.store.upload_errors import SENTENCES, PhotoRefused, RefusalCode

PROJECT = Path(decoding.__file__).parents[3]
STRUCTURAL = {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF header, quantisation, frame, Huffman tables

# A process of its own, so that the memory of the children it waits for is theirs alone.
DECODE_EACH = """
import json, resource, sys
from pathlib import Path
from treatments.photos.store.decoding import decode
from treatments.photos.store.upload_errors import PhotoRefused
for name in sys.stdin.read().splitlines():
    path = Path(name)
    folder = path.parent / "out" / path.name
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = {"name": path.name, "size": None, "media_type": None, "orientation": None}
    try:
        facts, measures = decode(path, derive={1600: folder / "1600.jpg", 400: folder / "400.jpg"})
        said |= {"verdict": "kept", "size": [facts.width, facts.height]}
        said |= {"media_type": facts.media_type, "orientation": facts.orientation}
    except PhotoRefused as refused:
        said["verdict"] = refused.code
    except Exception as fault:
        said["verdict"] = "UNHANDLED " + repr(fault)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    said["cpu"] = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    said["peak_kib"] = now.ru_maxrss
    print(json.dumps(said), flush=True)
"""


def decode_each(paths: list[Path]) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", DECODE_EACH],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=True,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(outcomes) == len(paths), done.stderr
    return {outcome["name"]: outcome for outcome in outcomes}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Case], dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("corpus")
    written = corpus.write(folder)
    return folder / "out", [case for case, _ in written], decode_each([path for _, path in written])


def _derivatives(folder: Path, name: str) -> list[Path]:
    return [folder / name / "1600.jpg", folder / name / "400.jpg"]


def test_every_file_gets_its_verdict(sent: Any) -> None:
    _, cases, outcomes = sent
    wrong = {
        case.name: outcomes[case.name]["verdict"]
        for case in cases
        if outcomes[case.name]["verdict"] not in case.verdict.split("|")
    }
    assert wrong == {}
    assert sum(case.verdict == KEPT for case in cases) >= 60
    assert sum(case.verdict != KEPT for case in cases) >= 41


def test_bytes_decide_the_type_not_the_name(sent: Any) -> None:
    """The bytes decide the type, and the name does not."""
    _, cases, outcomes = sent
    for case in cases:
        if case.verdict == KEPT:
            assert outcomes[case.name]["media_type"] == case.media_type, case.name


def test_every_file_within_time_and_memory(sent: Any) -> None:
    """No file takes more than ten seconds of a processor or 512 megabytes."""
    _, _, outcomes = sent
    assert max(outcome["cpu"] for outcome in outcomes.values()) < 10
    assert max(outcome["peak_kib"] for outcome in outcomes.values()) < 512 * 1024


def test_refused_file_leaves_nothing(sent: Any) -> None:
    """A refused file leaves nothing behind."""
    folder, cases, _ = sent
    left = {case.name: os.listdir(folder / case.name) for case in cases if case.verdict != KEPT}
    assert {name: files for name, files in left.items() if files} == {}


def test_stored_file_leaves_two_derivatives(sent: Any) -> None:
    """A stored file leaves its two derivatives and nothing else."""
    folder, cases, _ = sent
    for case in cases:
        if case.verdict == KEPT:
            assert sorted(os.listdir(folder / case.name)) == ["1600.jpg", "400.jpg"], case.name


def test_derivatives_upright_in_own_colours(sent: Any) -> None:
    """Derivatives are upright and in their own colours."""
    folder, cases, outcomes = sent
    looked_at = 0
    for case in cases:
        if not case.red_corner:
            continue
        assert outcomes[case.name]["size"] == [corpus.WIDTH, corpus.HEIGHT], case.name
        for path in _derivatives(folder, case.name):
            with Image.open(path) as picture:
                assert picture.size == (corpus.WIDTH, corpus.HEIGHT), case.name
                corner = picture.crop((8, 8, 32, 24)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
            distance = max(abs(a - b) for a, b in zip(corner, corpus.RED_CORNER, strict=True))
            assert distance <= 25, (case.name, corner)
            looked_at += 1
    assert looked_at >= 80


def test_applied_orientation_is_reported(sent: Any) -> None:
    """The orientation that was applied is reported."""
    _, _, outcomes = sent
    for tag in range(1, 9):
        for kind in ("jpeg", "png", "webp"):
            assert outcomes[f"orientation_{tag}.{kind}"]["orientation"] == tag
        assert outcomes[f"orientation_{tag}.heif"]["orientation"] == 1  # its decoder has turned it
    assert outcomes["orientation_99.jpg"]["orientation"] == 1


def test_derivatives_carry_no_metadata(sent: Any) -> None:
    """Derivatives carry no metadata segments and no tail."""
    folder, cases, _ = sent
    for case in cases:
        if case.verdict == KEPT:
            for path in _derivatives(folder, case.name):
                data = path.read_bytes()
                assert set(corpus.segments(data)) <= STRUCTURAL, case.name
                assert data.count(b"\xff\xd9") == 1 and data.endswith(b"\xff\xd9"), case.name


def test_sixteen_bits_are_scaled_not_cut(sent: Any) -> None:
    """Sixteen bits are scaled and not cut off."""
    folder, _, _ = sent
    with Image.open(folder / "sixteen_bit.png" / "1600.jpg") as picture:
        assert all(abs(mean - 4660 / 256) <= 1 for mean in ImageStat.Stat(picture).mean)


def test_what_shows_through_is_white(sent: Any) -> None:
    folder, _, _ = sent
    with (
        Image.open(folder / "rgba.png" / "1600.jpg") as through,
        Image.open(folder / "plain.png" / "1600.jpg") as solid,
    ):
        bottom = (0, corpus.HEIGHT - 20, corpus.WIDTH, corpus.HEIGHT)
        assert ImageStat.Stat(through.crop(bottom)).mean[2] > ImageStat.Stat(solid.crop(bottom)).mean[2] + 40


def test_facts_of_the_camera_are_read(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    picture = corpus.scene(2)
    path.write_bytes(corpus.encoded(picture, "JPEG", exif=corpus.exif_with(6, place=True, camera=True)))
    facts, _ = decode(path, derive={400: tmp_path / "400.jpg"})
    assert (facts.width, facts.height, facts.orientation) == (corpus.HEIGHT, corpus.WIDTH, 6)
    assert (facts.media_type, facts.extension) == ("image/jpeg", "jpg")
    taken = FileDate(date(2026, 3, 1), time(9, 10, 11), "+08:00", "exif_original", "camera")
    assert facts.dates == (taken,)
    assert (facts.camera, facts.lens_mm, facts.has_gps) == ("Invented Cam 3", 6.9, True)
    assert (tmp_path / "400.jpg").stat().st_mode & 0o077 == 0
    assert facts.exposure == {
        "time_s": 0.008, "f_number": 2.8, "iso": 200.0, "focal_35mm": 24.0, "flash": True, "white_balance": "auto",
    }  # fmt: skip


def test_no_exif_no_invented_facts(tmp_path: Path) -> None:
    """A photo without EXIF has no invented facts."""
    path = tmp_path / "photo"
    path.write_bytes(corpus.encoded(corpus.scene(2), "JPEG"))
    facts, _ = decode(path, derive={400: tmp_path / "400.jpg"})
    assert (facts.dates, facts.camera, facts.lens_mm) == ((), "", None)
    assert (facts.exposure, facts.has_gps) == ({}, False)


@pytest.mark.parametrize(
    ("kind", "width", "height"),
    [("JPEG", 3500, 2333), ("PNG", 6600, 4400), ("HEIF", 901, 600)],  # HEIF's encoder is slow on hair
)
def test_large_photo_is_shrunk_faithfully(kind: str, width: int, height: int, tmp_path: Path) -> None:
    """A large photo is shrunk faithfully and in proportion."""
    picture = corpus.scene(3, width, height, hairs=2000)
    options: dict[str, Any] = {"compress_level": 1} if kind == "PNG" else {"quality": 95}
    path = tmp_path / "photo"
    path.write_bytes(corpus.encoded(picture, kind, **options))
    facts, measures = decode(path, derive={1600: tmp_path / "1600.jpg", 400: tmp_path / "400.jpg"})
    assert (facts.width, facts.height, measures["long_side"]) == (width, height, width)
    for side in (1600, 400):
        scale = min(1, side / width)
        size = (round(width * scale), round(height * scale))
        with Image.open(tmp_path / f"{side}.jpg") as made:
            assert made.size == size
            plain = picture.resize(size, Image.Resampling.LANCZOS)
            rms = ImageStat.Stat(ImageChops.difference(made, plain).convert("L")).rms[0]
            assert 20 * math.log10(255 / rms) > 28  # a shift of one pixel falls below 17 dB


def test_changed_bytes_raise_only_refusals(tmp_path: Path) -> None:
    """Bytes changed anywhere never raise anything but a refusal."""
    chance = random.Random(20261122)
    picture = corpus.scene(5)
    paths = []
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        whole = corpus.encoded(picture, kind, exif=corpus.exif_with(6, camera=True))
        for number in range(15):
            data = bytearray(whole)
            for _ in range(chance.choice((1, 4, 30))):
                # half of the changes in the first kilobyte, where the structure is
                data[chance.randrange(min(len(data), chance.choice((1000, len(data)))))] = chance.randrange(256)
            paths.append(tmp_path / f"{kind}-{number}")
            paths[-1].write_bytes(data)
    verdicts = {name: outcome["verdict"] for name, outcome in decode_each(paths).items()}
    assert {v for v in verdicts.values()} <= {KEPT, *get_args(RefusalCode)}
    assert {KEPT, "damaged"} <= set(verdicts.values())  # the changes reached both sides


def test_changed_metadata_costs_no_photo(tmp_path: Path) -> None:
    """Metadata changed anywhere never loses the photo."""
    chance = random.Random(7)
    whole = corpus.encoded(
        corpus.scene(6), "JPEG", exif=corpus.exif_with(6, place=True, camera=True), icc_profile=corpus.swapped_profile()
    )
    whole = corpus.with_jpeg_segment(whole, 0xED, b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0\0\0\0\x10" + bytes(16))
    bodies = [(start + 4, end) for marker, start, end in jpeg_segments(whole) if marker in (0xE1, 0xE2, 0xED)]
    assert len(bodies) == 3
    paths = []
    for number in range(24):
        data = bytearray(whole)
        first, end = bodies[number % 3]
        for _ in range(12):
            data[chance.randrange(first, end)] = chance.randrange(256)
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(data)
    assert {outcome["verdict"] for outcome in decode_each(paths).values()} == {KEPT}


def test_refusal_is_one_useful_sentence() -> None:
    """Every refusal is a sentence or two that say what to do."""
    assert set(SENTENCES) == set(get_args(RefusalCode))
    for sentence in SENTENCES.values():
        assert sentence[0].isupper() and sentence.endswith(".") and sentence.count(". ") < 2
        assert any(word in sentence for word in ("send", "choose", "export", "save")), sentence
    assert PhotoRefused("moving").sentence == SENTENCES["moving"]


def test_full_disk_is_not_the_photos_fault(tmp_path: Path) -> None:
    """A disk that cannot be written is not blamed on the photo."""
    path = tmp_path / "photo"
    path.write_bytes(corpus.encoded(corpus.scene(1), "JPEG"))
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    with pytest.raises(PhotoRefused) as refused:
        decode(path, derive={400: in_the_way / "400.jpg"})
    assert refused.value.code == "storage"


def test_missing_original_is_not_damaged(tmp_path: Path) -> None:
    """An original that is gone is not called damaged."""
    with pytest.raises(PhotoRefused) as refused:
        decode(tmp_path / "gone", derive={400: tmp_path / "400.jpg"})
    assert refused.value.code == "storage"


# --- the child and its limits --------------------------------------------------------------------


def test_decoder_and_django_stay_apart() -> None:
    """The server process never loads a decoder, and the child never loads Django."""
    parent = "import sys; from treatments.photos.quality import checks; "
    parent += "from treatments.photos.store import decoding, originals"
    child = "import sys, treatments.photos.store.images"
    for code, module in ((parent, "PIL"), (child, "django"), (child, "pillow_heif")):
        check = f"{code}; sys.exit({module!r} in sys.modules)"
        assert subprocess.run([sys.executable, "-c", check], cwd=PROJECT).returncode == 0, (code, module)


def _limited(code: str) -> subprocess.CompletedProcess[bytes]:
    begin = "from treatments.photos.store.images import limit_this_process; limit_this_process(); "
    return subprocess.run([sys.executable, "-c", begin + code], cwd=PROJECT, capture_output=True)


def test_memory_is_limited() -> None:
    assert b"MemoryError" in _limited("bytearray(600_000_000)").stderr
    assert _limited("bytearray(300_000_000)").returncode == 0


def test_too_large_is_not_called_damaged(tmp_path: Path) -> None:
    """libheif tells it as an error like any other; a camera's 33 megapixels of ten bits need more than 512 MB."""
    path = tmp_path / "flat.heic"
    path.write_bytes(corpus.encoded(Image.new("RGB", (4000, 3000), (120, 90, 80)), "HEIF", quality=50))
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (100 << 20, 100 << 20)); "
    code += "from treatments.photos.store.images import main; main(sys.argv[1:])"
    said = subprocess.run(
        [sys.executable, "-c", code, path, f"400={tmp_path}/400.jpg"], cwd=PROJECT, capture_output=True
    )
    assert json.loads(said.stdout)["refused"] == "limits"


@pytest.mark.slow
def test_processor_time_is_limited() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert _limited("sum(iter(int, 1))").returncode in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 10.9


def _children() -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(stat.parent.name))
    return found


class Attempt(threading.Thread):
    """A decode in another thread: its refusal, and how long it took."""

    def __init__(self, original: Path, target: Path) -> None:
        super().__init__(daemon=True)
        self.original, self.target = original, target
        self.verdict, self.seconds = "", 0.0
        self.start()

    def run(self) -> None:
        begun = clock.monotonic()
        try:
            decode(self.original, derive={400: self.target})
            self.verdict = KEPT
        except PhotoRefused as refused:
            self.verdict = refused.code
        self.seconds = clock.monotonic() - begun


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file of which no byte ever comes."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    return path


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to find the child")
def test_a_child_that_is_killed_is_a_refusal(endless: Path, tmp_path: Path) -> None:
    before = _children()
    attempt = Attempt(endless, tmp_path / "out" / "400.jpg")
    until = clock.monotonic() + 10
    while not (born := _children() - before) and clock.monotonic() < until:
        clock.sleep(0.01)
    (child,) = born
    os.kill(child, signal.SIGKILL)
    attempt.join(10)
    assert attempt.verdict == "limits"
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.slow
def test_silent_child_is_ended(endless: Path, tmp_path: Path) -> None:
    """A child that does not answer is ended."""
    before = _children()
    attempt = Attempt(endless, tmp_path / "400.jpg")
    attempt.join(30)
    assert attempt.verdict == "limits"
    assert decoding.WALL_SECONDS <= attempt.seconds < decoding.WALL_SECONDS + 3
    assert _children() <= before


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """All places for decoding on a machine of this test's own, taken by other processes."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = tmp_path / f"anagen-decoding-{os.getuid()}"
    folder.mkdir(mode=0o700)
    held = [os.open(folder / f"place-{n}", os.O_RDWR | os.O_CREAT, 0o600) for n in range(decoding.AT_A_TIME)]
    for place in held:
        fcntl.flock(place, fcntl.LOCK_EX)
    return held


def test_two_are_decoded_at_a_time(places: list[int], tmp_path: Path) -> None:
    """No more than two are decoded at a time."""
    path = tmp_path / "photo"
    path.write_bytes(corpus.encoded(corpus.scene(1), "JPEG"))
    attempt = Attempt(path, tmp_path / "400.jpg")
    attempt.join(1)
    assert attempt.is_alive() and not (tmp_path / "400.jpg").exists()
    os.close(places.pop())
    attempt.join(20)
    assert attempt.verdict == KEPT and (tmp_path / "400.jpg").exists()
    os.close(places.pop())


def test_long_wait_asks_to_send_again(places: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits too long is asked to send it again."""
    monkeypatch.setattr(decoding, "PATIENCE_SECONDS", 0.2)
    path = tmp_path / "photo"
    path.write_bytes(corpus.encoded(corpus.scene(1), "JPEG"))
    with pytest.raises(PhotoRefused) as refused:
        decode(path, derive={400: tmp_path / "400.jpg"})
    assert refused.value.code == "busy"


@pytest.mark.slow
@pytest.mark.parametrize("name", corpus.HEAVY)
def test_heavy_files_stay_within_the_limits(name: str, tmp_path: Path) -> None:
    make, verdict = corpus.HEAVY[name]
    path = tmp_path / name
    path.write_bytes(make())
    outcome = decode_each([path])[name]
    assert outcome["verdict"] in verdict.split("|")
    assert outcome["cpu"] < 10
    assert outcome["peak_kib"] < 512 * 1024

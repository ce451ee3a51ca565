"""The parent's side of decoding a photo: the server's own process never opens a picture.

A child process with limits on processor time, memory and waiting time does, two at a time on a
machine, and whatever happens to it comes back as facts or as PhotoRefused.
"""

import contextlib
import fcntl
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from treatments.photos.file_dates import FileDate, from_json
from treatments.photos.quality.checks import DOUBTS, Doubt
from treatments.photos.store.raw_files import RAW_FILES
from treatments.photos.store.staging import private_folder
from treatments.photos.store.upload_errors import SENTENCES, PhotoRefused

if TYPE_CHECKING:  # it brings Pillow, which this process has no use for
    from treatments.photos.quality.measures import Measures

AT_A_TIME: Final = 2
WALL_SECONDS: Final = 15
PATIENCE_SECONDS: Final = 60
"""How long a photo waits for its turn before the person is asked to send it again."""

_PROJECT = Path(__file__).resolve().parents[3]
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv[1]); from treatments.photos.store.images import main; main(sys.argv[2:])"
)
_LONGEST_ANSWER = 64 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What is known of a photo whose every pixel was decoded once.

    Width and height are px of the upright picture. `extension` has no dot. `orientation` is the
    EXIF tag, 1 to 8, that was applied (1 where the decoder turned the picture itself).
    `dates` are those found in the file, never verified, the one believed most first. `lens_mm` is
    the lens's own focal length in mm. `exposure` holds what is known of time_s, f_number, iso,
    bias_ev, flash, white_balance, focal_35mm. `colour_doubt` is a key of DOUBTS, "" where the
    colours are right.
    """

    media_type: str
    extension: str
    width: int
    height: int
    orientation: int
    dates: tuple[FileDate, ...]
    camera: str
    lens_mm: float | None
    exposure: dict[str, float | bool | str]
    has_gps: bool
    colour_doubt: Doubt

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"dates": [each.as_json() for each in self.dates]}


def decode(original: Path, *, derive: dict[int, Path]) -> "tuple[ImageFacts, Measures]":
    """Check a stored file by decoding all of it, and write its derivatives.

    `derive` maps the longest side in px to the path of a JPEG; folders are made, each file
    appears whole or not at all, and none appears when the photo is refused. Derivatives are
    upright sRGB, never larger than the original, and carry no metadata.

    Raises PhotoRefused, with "storage" when the fault is the server's disk, not the file.
    """
    token = uuid.uuid4().hex
    parts = {side: path.with_name(f".{path.name}.{token}.part") for side, path in derive.items()}
    try:
        for path in derive.values():
            private_folder(path.parent)
        with _turn() as lock:
            output = _ask_child(original, parts, lock)
        facts, measures = _parsed(output)
        for side, path in derive.items():
            parts[side].replace(path)
    except OSError:
        _log.exception("a photo's derivatives could not be written")
        raise PhotoRefused("storage") from None
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return facts, measures


def _ask_child(original: Path, parts: dict[int, Path], lock: int) -> bytes:
    """What the child printed. Raises PhotoRefused("limits") when it did not end by itself, in time and well."""
    command = [sys.executable, "-I", "-c", _CHILD, str(_PROJECT), str(original.absolute())]
    command += [f"{side}={part.absolute()}" for side, part in parts.items()]
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter, our own code, no shell
            command,
            check=True,
            timeout=WALL_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # One arena: more would each reserve address space, which is what the limit counts.
            env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,
            # The child holds the lock too, so that the place stays taken if this process is killed.
            pass_fds=(lock,),
        )
    except subprocess.SubprocessError as fault:
        _log.warning("the child reading a photo ended with status %s", getattr(fault, "returncode", "none, in time"))
        raise PhotoRefused("limits") from None
    return child.stdout[:_LONGEST_ANSWER]


def _parsed(output: bytes) -> "tuple[ImageFacts, Measures]":
    """The child has read an untrusted file: each value of its answer is checked. Raises PhotoRefused."""
    try:
        answer = json.loads(output)
        refused = answer.get("refused")
        if refused is None:
            return facts_from_json(answer["facts"]), measures_from_json(answer["measures"])
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        _log.warning("the child reading a photo gave an answer that cannot be understood")
        raise PhotoRefused("damaged") from None
    _log.info("photo refused: %s %s", refused, answer.get("because", ""))
    name = answer.get("name")
    known = name if name in RAW_FILES.values() else ""
    raise PhotoRefused(refused if refused in SENTENCES else "damaged", known)


def facts_from_json(answer: dict[str, Any]) -> ImageFacts:
    """Raises KeyError, TypeError or ValueError for what `ImageFacts.as_json` does not give."""
    lens = answer["lens_mm"]
    return ImageFacts(
        media_type=str(answer["media_type"]),
        extension=str(answer["extension"]),
        width=int(answer["width"]),
        height=int(answer["height"]),
        orientation=int(answer["orientation"]),
        dates=tuple(map(from_json, answer["dates"])),
        camera=str(answer["camera"]),
        lens_mm=None if lens is None else round(float(lens), 2),
        exposure=dict(answer["exposure"]),
        has_gps=bool(answer["has_gps"]),
        colour_doubt=doubt if (doubt := answer["colour_doubt"]) in DOUBTS else "",
    )


def measures_from_json(answer: dict[str, Any]) -> "Measures":
    return {
        "version": str(answer["version"]),
        "long_side": int(answer["long_side"]),
        "reblur": None if answer["reblur"] is None else float(answer["reblur"]),
        "over_exposed": float(answer["over_exposed"]),
        "median": int(answer["median"]),
        "fingerprint": str(answer["fingerprint"]),
        "backdrop": None if answer["backdrop"] is None else float(answer["backdrop"]),
    }


@contextlib.contextmanager
def _turn() -> Iterator[int]:
    """Wait for one of the machine's places for decoding; yields the descriptor of the file that is locked for it."""
    folder = _lock_folder()
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        for place in range(AT_A_TIME):
            lock = os.open(folder / f"place-{place}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            try:
                yield lock
            finally:
                os.close(lock)
            return
        if time.monotonic() > until:
            raise PhotoRefused("busy")
        time.sleep(random.uniform(0.01, 0.04))  # noqa: S311 - so that two who wait do not march


def _lock_folder() -> Path:
    """One folder for all server processes of this user; another user's is not trusted."""
    folder = Path(tempfile.gettempdir()) / f"anagen-decoding-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or not folder.is_dir() or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to someone else")
    return folder

"""How long a photo takes from its first byte to being stored with both derivatives.

    python scripts/bench_images.py [rounds]

Compares with the bare Pillow work (open, shrink, turn, save twice) on the same generated photo,
each in a fresh process, rounds interleaved, the fastest of each. The start of the child process,
which is the same for every photo, is printed apart and not counted. Prints
`name value unit (bar)`, and ends with status 1 when a bar is missed.
"""

import io
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageCms, ImageDraw

PROJECT = Path(__file__).resolve().parents[1]
RATIO_BAR = 1.3
MEMORY_BAR_MB = 150

BARE = """
import json, sys, time
from PIL import Image, ImageOps, JpegImagePlugin
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1])
empty = peak()
begun = time.perf_counter()
picture = Image.open(sys.argv[1], formats=("JPEG",))
scale = 1600 / max(picture.size)
box = round(picture.width * scale), round(picture.height * scale)
picture.draft("RGB", (box[0] * 2, box[1] * 2))
picture = picture.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
picture = ImageOps.exif_transpose(picture)
picture.save(sys.argv[2] + "/1600.jpg", "JPEG", quality=85)
small = round(picture.width / 4), round(picture.height / 4)
picture.resize(small, Image.Resampling.LANCZOS, reducing_gap=2.0).save(sys.argv[2] + "/400.jpg", "JPEG", quality=85)
print(json.dumps({"seconds": time.perf_counter() - begun, "extra_kib": peak() - empty}))
"""

OURS = """
import json, resource, sys, time, uuid
from pathlib import Path
from treatments.photos.store.decoding import decode
from clinic.object_store.folders import FolderStore
from treatments.photos.store.originals import derivative_path, publish
from treatments.photos.store.staging import stage
from treatments.photos.store.upload_errors import PhotoRefused
root = Path(sys.argv[2])
content = open(sys.argv[1], "rb").read()
def received():
    for at in range(0, len(content), 65536):
        yield content[at : at + 65536]
def start():
    begun = time.perf_counter()
    try:
        decode(Path(sys.argv[3]), derive={})
    except PhotoRefused:
        return time.perf_counter() - begun
starts = [start() for _ in range(3)]
empty = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
begun = time.perf_counter()
staged = stage(received(), root=root)
arrived = time.perf_counter() - begun
photo_id = uuid.uuid4()
key = f"originals/{photo_id.hex[-2:]}/{photo_id}"
decode(staged.path, derive={size: derivative_path(root, key, size) for size in (1600, 400)})
assert publish(staged, key=photo_id, store=FolderStore(root, takes_files=True)) == key
whole = time.perf_counter() - begun
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"seconds": whole, "start": min(starts), "staging": arrived, "extra_kib": child - empty}))
"""


def photo(width: int, height: int) -> bytes:
    """Hair-like strokes and grain, lying on its side, as a phone writes it."""
    chance = random.Random(48)  # noqa: S311 - a picture, not a secret
    grain = Image.frombytes("RGB", (width // 8, height // 8), chance.randbytes(width * height // 64 * 3))
    picture = Image.blend(
        grain.resize((width, height), Image.Resampling.BICUBIC), Image.new("RGB", (width, height), (180, 140, 120)), 0.7
    )
    pen = ImageDraw.Draw(picture)
    for _ in range(width * height // 2500):
        x, y, shade = chance.uniform(0, width), chance.uniform(0, height), chance.randrange(20, 90)
        end = x + chance.uniform(-60, 60), y + chance.uniform(20, 150)
        pen.line([(x, y), end], fill=(shade, shade, shade), width=chance.randrange(1, 4))
    tags = Image.Exif()
    tags[0x0112] = 6
    out = io.BytesIO()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture.save(out, "JPEG", quality=88, exif=tags, icc_profile=srgb)
    return out.getvalue()


def run(code: str, *arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def say(name: str, value: float, unit: str, bar: str = "no bar") -> None:
    print(f"{name} {value:.3g} {unit} ({bar})", flush=True)


def measure(name: str, content: bytes, folder: Path, rounds: int) -> bool:
    source, refused = folder / f"{name}.jpg", folder / "not-a-photo"
    source.write_bytes(content)
    refused.write_bytes(b"x" * 64)
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(run(BARE, str(source), str(folder)))
        ours.append(run(OURS, str(source), str(folder / "root"), str(refused)))
    bare_ms = 1000 * min(one["seconds"] for one in bare)
    start_ms = 1000 * min(one["start"] for one in ours)
    ours_ms = 1000 * min(one["seconds"] - one["start"] for one in ours)
    extra_mb = max(one["extra_kib"] for one in ours) / 1024
    ratio = ours_ms / bare_ms
    say(f"{name}_file", len(content) / 1e6, "MB")
    say(f"{name}_bare_pillow", bare_ms, "ms")
    say(f"{name}_bare_pillow_extra_memory", max(one["extra_kib"] for one in bare) / 1024, "MB")
    say(f"{name}_child_start", start_ms, "ms", "apart")
    say(f"{name}_of_which_staging", 1000 * min(one["staging"] for one in ours), "ms")
    say(f"{name}_received_to_stored", ours_ms, "ms")
    say(f"{name}_ratio", ratio, "x", f"<= {RATIO_BAR}")
    say(f"{name}_ratio_with_child_start", (ours_ms + start_ms) / bare_ms, "x")
    say(f"{name}_extra_memory", extra_mb, "MB", f"< {MEMORY_BAR_MB}")
    return ratio <= RATIO_BAR and extra_mb < MEMORY_BAR_MB


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        met = [
            measure(name, photo(width, height), Path(folder), rounds)
            for name, width, height in (("12MP", 4032, 3024), ("48MP", 8064, 6048))
        ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())

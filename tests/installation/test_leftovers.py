"""What older releases left goes, and nothing that somebody still needs."""

import json
import subprocess
import sys
from pathlib import Path

from clinic.installation.upgrading import leftovers


def release(folder: Path, name: str) -> Path:
    made = folder / name
    (made / "bin").mkdir(parents=True)
    (made / "bin/anagen").write_text("import time; time.sleep(60)\n")
    return made


def test_older_releases_go(tmp_path: Path) -> None:
    """Not the two that are kept, not one that a process runs from, not what is no release; what was begun is ended."""
    before, now, runs = (release(tmp_path, name) for name in ("0.3.0", "0.4.0", "0.2.0"))
    release(tmp_path, "0.1.0")
    (tmp_path / "packages").mkdir()
    (tmp_path / "upgrade.json").write_text("{}")
    (tmp_path / "current").symlink_to(now)
    (tmp_path / ".going-0.0.9/lib").mkdir(parents=True)
    process = subprocess.Popen([sys.executable, runs / "bin/anagen"])
    try:
        assert leftovers.remove_releases(tmp_path, kept={before, now}) == ["0.0.9", "0.1.0"]
    finally:
        process.kill()
        process.wait()
    left = {"0.2.0", "0.3.0", "0.4.0", "current", "packages", "upgrade.json"}
    assert {path.name for path in tmp_path.iterdir()} == left
    assert leftovers.remove_releases(tmp_path, kept={before, now}) == ["0.2.0"]


def test_static_files_of_older_releases_go(tmp_path: Path) -> None:
    """Those of the manifests stay, compressed forms and all; a link that leads out of the folder is not followed."""
    static, elsewhere = tmp_path / "static", tmp_path / "elsewhere"
    for name in ("css/a.css", "css/a.11.css", "css/a.11.css.gz", "css/a.22.css.br", "old/b.33.js", "c.44.js"):
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text("x")
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("x")
    (static / "out").symlink_to(elsewhere)
    manifests = [static / leftovers.MANIFEST, tmp_path / "before.json"]
    for manifest, name in zip(manifests, ("css/a.11.css", "css/a.22.css"), strict=True):
        manifest.write_text(json.dumps({"paths": {"css/a.css": name}}))

    assert leftovers.clear_static(static, manifests) == 3
    assert sorted(path.relative_to(static).as_posix() for path in static.rglob("*")) == [
        "css",
        "css/a.11.css",
        "css/a.11.css.gz",
        "css/a.22.css.br",
        "css/a.css",
        leftovers.MANIFEST,
    ]
    assert (elsewhere / "kept.txt").exists()

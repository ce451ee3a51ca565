"""What upgrades leave behind: environments of older releases, their static files, and copies of the database.

The release that runs and the one before it stay. `python -m clinic.installation.upgrading.leftovers` does its part in
VAR_DIR as the user of the service: whoever owns a folder could lead the administrator's program elsewhere by a link.
"""

import json
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from clinic.installation import environment_file, paths
from clinic.installation.entering import CannotEnter, enter_installation

MANIFEST: Final = "staticfiles.json"
"""As Django calls it in the folder of static files; the environment of a release keeps its own when it is left."""
_GOING: Final = ".going-"
"""What a folder is called while it is removed: half a release must not look like one."""


def remove_releases(folder: Path, *, kept: set[Path]) -> list[str]:
    """Remove every other release of the folder that no process runs from; gives their names. Raises OSError."""
    removed = []
    for release in sorted(folder.iterdir()):
        is_begun = release.name.startswith(_GOING)
        is_release = not release.is_symlink() and (release / "bin/anagen").is_file()
        if not is_begun and (not is_release or release.resolve() in kept or _is_used(release)):
            continue
        going = release if is_begun else release.rename(folder / f"{_GOING}{release.name}")
        shutil.rmtree(going)
        removed.append(going.name.removeprefix(_GOING))
    return removed


def _is_used(folder: Path) -> bool:
    """Whether a process was started from there, or has a library from there open."""
    within = f"{folder}/".encode()
    for process in Path("/proc").glob("[0-9]*"):
        for told in ("cmdline", "maps"):
            with suppress(OSError):  # it has ended meanwhile
                if within in (process / told).read_bytes():
                    return True
    return False


def main(act: str, words: list[str]) -> int:
    """`manifest` prints which static files there are; `clear NAME… -- FILE…` keeps those of the manifests, and the
    copies of the database of the releases named, and prints what it removed."""
    try:
        file = paths.environment_file()
        enter_installation(file)
        data = Path(os.environ.get("VAR_DIR") or environment_file.read(file)["VAR_DIR"])
        if act == "manifest":
            print((data / "static" / MANIFEST).read_text())
            return 0
        at = words.index("--")
        print(json.dumps(_clear(data, names=words[:at], manifests=[Path(word) for word in words[at + 1 :]])))
    except (CannotEnter, OSError, KeyError, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _clear(data: Path, *, names: list[str], manifests: list[Path]) -> dict[str, int]:
    copies = [copy for copy in (data / "before-upgrade").glob("database-of-*") if copy.stem not in _stems(names)]
    for copy in copies:
        copy.unlink()
    static = data / "static"
    return {"copies": len(copies), "static": clear_static(static, [static / MANIFEST, *manifests]) if manifests else 0}


def _stems(names: Iterable[str]) -> set[str]:
    return {f"database-of-{name}" for name in names}


def clear_static(folder: Path, manifests: list[Path]) -> int:
    """Remove what no manifest names, compressed forms too; gives how many files. Raises OSError and ValueError."""
    wanted = {MANIFEST}
    for manifest in manifests:
        told = json.loads(manifest.read_text())["paths"]
        wanted |= {*told.keys(), *told.values()}
    removed = 0
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder before the folder
        if path.is_dir() and not path.is_symlink():
            with suppress(OSError):  # not empty
                path.rmdir()
            continue
        name = path.relative_to(folder).as_posix()
        if name not in wanted and name.removesuffix(".gz").removesuffix(".br") not in wanted:
            path.unlink()
            removed += 1
    return removed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

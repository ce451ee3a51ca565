"""The key of the copies: shown once, copied by hand, and understood as it is typed."""

import fcntl
import os
import select
import subprocess
import termios
from contextlib import suppress
from pathlib import Path

import pyrage
import pytest

from clinic.installation.setup import in_groups
from tests.installation import machine
from treatments.copies import age_files


def test_interrupted_key_is_not_used(wheel: Path, tmp_path: Path) -> None:
    """Ctrl-C while the key is shown: nothing is written, and whoever wrote it down is told."""
    release = machine.install(wheel, tmp_path)
    shown, said = until_key_is_shown(release)
    assert shown and "The key that was just shown is not used: cross it out." in said, said
    assert not (tmp_path / "etc/anagen/anagen.env").exists()


def until_key_is_shown(release: Path) -> tuple[bool, str]:
    """Set up in a terminal, with a second line pasted behind each answer, and interrupted when the key is there."""
    primary, secondary = os.openpty()
    plain = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [release / "bin/anagen", "setup"], stdin=secondary, stdout=secondary, stderr=secondary, env=plain, cwd="/",
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(secondary)
    said, answers = "", ["Lime Tree", "Ada Bloom", "ada@example.org", "anagen.local", "Europe/London", "/media/disk"]
    asks = ("  > ", "] ")
    with suppress(OSError):  # the terminal ends with the program
        while True:
            if not select.select([primary], [], [], 3)[0] and not answers:
                os.write(primary, b"\x03")  # one that comes before the program reads is not seen, as by a person
            said += os.read(primary, 65536).decode()
            if said.endswith(asks) and answers:
                os.write(primary, f"{answers.pop(0)}\nand a second line\n".encode())
                said += "\n"
    process.wait()
    os.close(primary)
    return "AGE-SECRET-KEY-1" in said, said


@pytest.mark.parametrize("key", ["whole", "groups", "small", "misread", "file"])
def test_key_is_read_as_written_by_hand(key: str) -> None:
    identity = str(pyrage.x25519.Identity.generate())
    typed = {
        "whole": identity,
        "groups": in_groups(identity),
        "small": in_groups(identity).lower().replace("\n", " "),
        "misread": identity[:16] + identity[16:].replace("0", "O").replace("L", "1").replace("8", "B"),
        "file": f"# created: 2026-11-30\n# public key: age1xyz\n{identity}\n",
    }[key]
    assert str(age_files.parse_identity(typed)) == identity


def test_wrong_keys_are_told_apart() -> None:
    identity = str(pyrage.x25519.Identity.generate())
    other = "Q" if identity[-1] != "Q" else "P"
    for typed, sentence in (
        ("age1qqqq", "This is no private key of age"),
        (identity[:-1], "has 58 letters and figures after AGE-SECRET-KEY-1; this has 57"),
        (identity[:-1] + other, "A letter of the key is wrong"),
    ):
        with pytest.raises(age_files.KeyRefused, match=sentence):
            age_files.parse_identity(typed)

"""`anagen doctor`: look at everything, say what is wrong, and end with status 1 when something is."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from clinic.installation import environment_file, installed_files
from clinic.installation.doctor import machine_faults
from clinic.installation.doctor.findings import Finding
from clinic.installation.entering import CannotEnter, become_owner_of
from clinic.installation.environment_file import BadLine
from clinic.installation.paths import Paths, installed_below
from clinic.installation.paths import environment_file as usual_file


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="anagen doctor", description=__doc__)
    parser.add_argument("--json", action="store_true", help="for a program: names that stay, and sentences")
    parser.add_argument("--address", help="what people type, where Caddy was not set up by anagen setup")
    parser.add_argument("--https", default="127.0.0.1:443", help="where HTTPS is answered on this machine")
    flags = parser.parse_args(words)
    findings = list(examine(usual_file(), address=flags.address, https=flags.https))
    print(machine_faults.as_json(findings) if flags.json else in_words(findings))
    return 1 if findings else 0


def examine(file: Path, *, address: str | None, https: str) -> Iterator[Finding]:
    """First what the administrator sees, then as the user of the service, so that what is written has its owner."""
    try:
        settings = environment_file.read(file)
    except FileNotFoundError:
        yield Finding("settings_missing", f"There is no {file}.")
        return
    except PermissionError:
        yield Finding("settings_unreadable", f"You may not read {file}.")
        return
    except (BadLine, UnicodeDecodeError) as fault:
        yield Finding("settings_wrong", f"{file}: {fault}")
        return
    paths = Paths(installed_below())
    host = address or installed_files.host_of_proxy(paths)
    yield from machine_faults.about_file(file)
    yield from machine_faults.about_settings(settings, host)
    yield from machine_faults.about_files(settings, paths)
    yield from machine_faults.about_clock()
    yield from machine_faults.about_services()
    name, _, port = https.rpartition(":")
    yield from machine_faults.about_certificate(host, (name, int(port)), paths)
    yield from _about_records(settings)


def _about_records(settings: dict[str, str]) -> Iterator[Finding]:
    environment_file.apply(settings)
    try:
        become_owner_of(settings.get("VAR_DIR", ""))
    except CannotEnter as fault:
        yield Finding("settings_unreadable", str(fault))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except (ImproperlyConfigured, ValueError, OSError) as fault:
        yield Finding("settings_wrong", f"The settings cannot be used: {fault}")
        return
    from clinic.installation.doctor import record_faults

    yield from record_faults.all_of_them()


def in_words(findings: list[Finding]) -> str:
    if not findings:
        return "All is well."
    told = [f"{each.name}\n  {each.truth}\n  {each.remedy}" for each in findings]
    return "\n\n".join([*told, f"{len(findings)} {'fault' if len(findings) == 1 else 'faults'}."])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

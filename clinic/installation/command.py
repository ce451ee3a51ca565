"""The command `anagen` of an installed package: Django's commands with the clinic's settings, and the package's own.

Whatever reads or writes the clinic's records runs as the user of the service, who owns VAR_DIR; started by the
administrator it becomes that user. So nothing in VAR_DIR ever belongs to somebody else.
"""

import os
import sys

from clinic.installation import paths, setup
from clinic.installation.doctor import examination
from clinic.installation.entering import CannotEnter, enter_installation
from clinic.installation.upgrading import upgrade

_OWN = {"setup": setup.main, "doctor": examination.main, "upgrade": upgrade.main}
# These say something about the program, and touch no record.
_ANYBODYS = {"help", "version", "--help", "-h", "--version"}


def main(words: list[str] | None = None) -> int:
    words = sys.argv[1:] if words is None else words
    if words and words[0] in _OWN:
        return _OWN[words[0]](words[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    if words and words[0] in {"--version", "version"}:
        from clinic.operations.release import version

        print(version())
        return 0
    is_told = not words or words[0] in _ANYBODYS
    try:
        enter_installation(paths.environment_file())
    except CannotEnter as fault:
        if not is_told:
            print(fault, file=sys.stderr)
            return 1
    from django.core.management import execute_from_command_line

    execute_from_command_line(["anagen", *words])
    return 0

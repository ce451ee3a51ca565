"""Entering an installation: its settings, and the user of its service, as whom everything there is done."""

import os
import pwd
from pathlib import Path

from clinic.installation import environment_file
from clinic.installation.environment_file import BadLine


class CannotEnter(Exception):
    """This user cannot work with the installation as it is; the text says why and what to do."""


def enter_installation(file: Path) -> None:
    """Take over the settings of the file and become the user of the service. Raises CannotEnter."""
    try:
        settings = environment_file.read(file)
    except FileNotFoundError:
        raise CannotEnter(f"There is no {file}. `anagen setup` makes it, asking six questions.") from None
    except PermissionError:
        raise CannotEnter(f"{user_name()} may not read {file}. Run it as the administrator: sudo anagen …") from None
    except (BadLine, OSError, UnicodeDecodeError) as fault:
        raise CannotEnter(f"{file} cannot be read. {fault}") from fault
    environment_file.apply(settings)
    become_owner_of(settings.get("VAR_DIR", ""))


def become_owner_of(folder: str) -> None:
    """Raises CannotEnter for a user who may not. A folder that is not there yet has no owner, and changes nothing."""
    try:
        owner = os.stat(folder).st_uid if folder else os.geteuid()
    except FileNotFoundError:
        return
    except PermissionError:
        raise CannotEnter(f"{user_name()} may not enter {folder}. Run it as the administrator: sudo anagen …") from None
    if owner == os.geteuid():
        return
    if os.geteuid() != 0:
        name = user_name(owner)
        raise CannotEnter(f"This runs as {name}, who owns {folder}, and you are {user_name()}: sudo -u {name} anagen …")
    become(owner)


def become(uid: int) -> None:
    """Raises CannotEnter where no user of this machine has this number."""
    try:
        account = pwd.getpwuid(uid)
    except KeyError:
        raise CannotEnter(f"No user of this machine has uid {uid}, who owns the clinic's data. Was it moved?") from None
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(uid)
    os.environ["HOME"] = account.pw_dir
    try:
        os.stat(".")
    except OSError:  # for example the administrator's own folder, which others may not enter
        os.chdir("/")


def user_name(uid: int | None = None) -> str:
    number = os.geteuid() if uid is None else uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"

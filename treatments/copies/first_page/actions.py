"""What the first page does."""

import os
import subprocess
import sys
import threading

from django.conf import settings

from clinic.staff.actions import open_clinic
from clinic.staff.links import make_link
from treatments.copies import restore


def begin_clinic(*, name: str, person: str, email: str, time_zone: str) -> str:
    """Open a clinic; the secret of the link by which its manager chooses a password. Raises ValidationError."""
    membership = open_clinic(name=name, time_zone=time_zone, email=email, person=person, password="")
    secret, _ = make_link(membership, by=membership.user, on_server=True)
    return secret


def begin_restore(*, place: str, stamp: str, key_id: str, secret: str, identity: str) -> None:
    """Start the program that restores, which goes on when this request is over. Raises OSError."""
    own = {
        "BACKUP_KEY_ID": key_id or settings.BACKUP_KEY_ID,
        "BACKUP_SECRET": secret or settings.BACKUP_SECRET,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH", "")])),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "clinic.settings"),
    }
    words = ["restore", *(["--identity", "-"] if identity else []), *(["--copy", stamp] if stamp else []), "--", place]
    state = restore.progress()
    process = subprocess.Popen(  # noqa: S603 -- our own command, without a shell
        [sys.executable, "-m", "django", *words],
        env=os.environ | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    # Waited for, or one that is killed would stay in the list of processes, as if it still restored.
    threading.Thread(target=process.wait, daemon=True).start()
    state.facts["place"] = place  # to try again, nobody has to type it anew
    state.begin("Starting")
    state.process = process.pid
    state.write()
    if process.stdin:
        process.stdin.write(identity)
        process.stdin.close()

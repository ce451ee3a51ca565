"""Writes the table "every address and who may open it" of docs/security.md from the addresses and rights of the code.

python scripts/access_matrix.py
"""

import os
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
DOCUMENT = TOP / "docs/security.md"
BEGIN, END = "<!-- begins: scripts/access_matrix.py -->\n", "<!-- ends -->\n"


def table() -> str:
    """Needs Django to be set up."""
    from clinic.staff.access import GUARDED, ROLE_CAN
    from clinic.staff.models import Role
    from tests.urls import routes

    roles = [Role.RECEPTION, Role.NURSE, Role.CLINICIAN, Role.MANAGER, Role.READER, Role.BLIND_READER]
    lines = [
        "| address | asks for the right to | signed out | " + " | ".join(role.label.lower() for role in roles) + " |",
        "|---|---|" + "---|" * (len(roles) + 1),
    ]
    for route in sorted(routes(), key=lambda each: each.pattern):
        who = (
            [True] * (len(roles) + 1)
            if route.is_open
            else [False, *(route.requires in ROLE_CAN[role] for role in roles)]
        )
        right = "nothing: open" if route.is_open else f"{route.requires}{' *' if route.requires in GUARDED else ''}"
        address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"‹\1›", route.pattern)
        lines.append(f"| {address} | {right} | " + " | ".join("yes" if may else "" for may in who) + " |")
    return "\n".join(lines) + "\n"


def put_in(document: str, table: str) -> str:
    before, _, rest = document.partition(BEGIN)
    return before + BEGIN + "\n" + table + "\n" + END + rest.partition(END)[2]


def main() -> None:
    import django

    sys.path.insert(0, str(TOP))
    os.environ["ANAGEN_MODE"] = "test"
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    django.setup()
    DOCUMENT.write_text(put_in(DOCUMENT.read_text(), table()))


if __name__ == "__main__":
    main()

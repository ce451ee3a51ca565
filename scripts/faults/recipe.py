"""The files that docs/operations/group.md prints, with the addresses and folders of a run in place of a group's.

Every host of the group has a loopback address of its own, so that ports stay as they are printed.
"""

import re
from pathlib import Path
from typing import Final

from scripts.faults.processes import NETWORK, TOP

PAGE: Final = TOP / "docs/operations/group.md"
PAGE_OF_THE_DATABASE: Final = TOP / "docs/operations/database.md"
HOST: Final = "records.example.org"


def address(printed: str) -> str:
    """The loopback address that stands for a printed one: 127.0.77.11 for 10.0.0.11."""
    assert printed.startswith("10.0.0."), printed  # noqa: S101 -- the page prints no others
    return NETWORK + printed.removeprefix("10.0.0.")


def block(kind: str, containing: str, page: Path = PAGE) -> str:
    """The one printed file of a kind (`yaml`, `nginx`) that contains these words. Raises ValueError for none or two."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text(), re.M | re.S)
    found = [each for each in blocks if containing in each]
    if len(found) != 1:
        raise ValueError(f"{page.name} has {len(found)} {kind} blocks with {containing!r}, not one")
    return found[0]


def replaced(text: str, changes: dict[str, str]) -> str:
    """The text with each printed part replaced, then the addresses. Raises ValueError where a part is not printed."""
    for printed, ours in changes.items():
        if printed not in text:
            raise ValueError(f"it is no longer printed: {printed!r}")
        text = text.replace(printed, ours)
    return text.replace("10.0.0.", NETWORK)


def etcd_variables(name: str, printed: str, folder: Path) -> dict[str, str]:
    """The environment of etcd on a host, from the /etc/default/etcd that is printed for app1."""
    lines = dict(line.split("=", 1) for line in block("sh", "ETCD_NAME").split())
    own = {
        key: value if key == "ETCD_INITIAL_CLUSTER" else value.replace("10.0.0.21", printed)
        for key, value in lines.items()
    }
    own |= {"ETCD_NAME": name, "ETCD_DATA_DIR": str(folder / "data")}
    return {key: replaced(value, {}) for key, value in own.items()}


def patroni_file(number: int, folder: Path, binaries: Path) -> str:
    """The printed /etc/patroni/config.yml of a database host; it is printed for db1."""
    changes = {
        "/var/lib/postgresql/15/anagen": str(folder / "data"),
        "/usr/lib/postgresql/15/bin": str(binaries),
        "/var/lib/postgresql/pgpass": str(folder / "pgpass"),
        "/var/run/postgresql": str(folder),
        # Connections between loopback addresses all come from 127.0.0.1.
        "10.0.0.0/24": "127.0.0.0/8",
    }
    own = {"name: db1": f"name: db{number}", "10.0.0.11": f"10.0.0.1{number}"}
    return replaced(block("yaml", "scope: anagen"), own | changes)


def haproxy_file(host: str) -> str:
    """The printed haproxy.cfg as it is on a host of Anagen."""
    return replaced(block("haproxy", "listen database"), {"127.0.0.1:": f"{host}:"})


def pgbouncer_file(host: str, users: Path) -> str:
    """The printed pgbouncer.ini as it is on a host of Anagen."""
    # Of this run alone: two of them on one machine, which would both want the socket.
    own = {"[pgbouncer]": "[pgbouncer]\nunix_socket_dir =", "/etc/pgbouncer/userlist.txt": str(users)}
    text = block("ini", "[pgbouncer]", PAGE_OF_THE_DATABASE)
    return replaced(text, {"127.0.0.1": host, **own})


def limits_of_the_role() -> list[str]:
    """The printed statements that give a role its limits, where a pooler stands between."""
    return block("sql", "ALTER ROLE", PAGE_OF_THE_DATABASE).splitlines()


def nginx_server(host: str, folder: Path) -> str:
    """The printed server block of nginx on a host of Anagen, at port 8443 of its address."""
    text = block("nginx", "proxy_pass")
    return replaced(
        text,
        {"listen 443": f"listen {host}:8443", "/etc/ssl/anagen": str(folder), "127.0.0.1:": f"{host}:"},
    )


def anagen_command(host: str, python: str) -> list[str]:
    """The printed line that starts Anagen on a host, with this run's Python."""
    lines = [line for line in block("ini", "[Service]").splitlines() if line.startswith("ExecStart=/")]
    changes = {"ExecStart=/opt/anagen/current/bin/python": python, "10.0.0.21": host}
    return replaced(lines[0], changes).split()


def anagen_variables(host: str) -> dict[str, str]:
    """The printed lines of .env as they are on a host of Anagen."""
    text = replaced(block("sh", "DATABASE_URL"), {"127.0.0.1:": f"{host}:"})
    return dict(line.split("=", 1) for line in text.split())

"""The address that people type: what kind of name it is, and so which certificate it can have."""

import re
from ipaddress import ip_address

# Names that no public certificate authority vouches for (RFC 6761, 6762, 8375, and what routers call their networks).
_INTERNAL = {"local", "lan", "internal", "home", "localdomain", "localhost", "intranet", "private", "corp", "test"}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def host_of(typed: str) -> str:
    """The host of what somebody typed. Raises ValueError with a sentence."""
    host = typed.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    if is_ip_address(host):
        return host
    if re.search(r"[/:?#@\s]", host):
        raise ValueError("Write only the name, without a port or a path, for example anagen.local.")
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        raise ValueError("This is no name that a browser understands. Write for example anagen.local.") from None
    labels = name.split(".")
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ValueError("Write a name such as anagen.local or records.your-clinic.example, or an IPv4 address.")
    return name


def is_ip_address(host: str) -> bool:
    try:
        return ip_address(host).version == 4
    except ValueError:
        return False


def is_internal(host: str) -> bool:
    """Whether only the clinic's own network knows this name, so that it needs the clinic's own authority."""
    labels = host.split(".")
    return is_ip_address(host) or len(labels) == 1 or labels[-1] in _INTERNAL or host.endswith(".home.arpa")

"""A store by its address: file:///folder, or s3://bucket/prefix?endpoint=https://host."""

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from clinic.object_store.folders import FolderStore
from clinic.object_store.stores import ObjectStore

if TYPE_CHECKING:
    from clinic.object_store.s3 import Bucket

EXAMPLES: Final = "file:///srv/anagen/photos or s3://anagen-photos?endpoint=https://s3.example.org"
_OPTIONS: Final = {"endpoint", "region"}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[\w=+@-][\w.=+@-]*(?:/[\w=+@-][\w.=+@-]*)*)?", re.ASCII)


class WrongAddress(ValueError):
    """The address is not one of a store. The text is a sentence for whoever wrote it."""


def open_store(url: str, *, key_id: str = "", secret: str = "", takes_files: bool = False) -> ObjectStore:
    """Asks nothing of the store yet. Raises WrongAddress.

    `takes_files`: see FolderStore; an S3 store takes no notice of it.
    """
    parts = urlsplit(url.strip())
    if parts.scheme == "file":
        return FolderStore(_folder(parts), takes_files=takes_files)
    if parts.scheme == "s3":
        from clinic.object_store.s3 import S3Store  # loads the library, which a folder does without

        return S3Store(_bucket(parts, key_id.strip(), secret.strip()))
    if parts.scheme in {"http", "https"}:
        raise WrongAddress(f"Write the bucket first and the server after it: s3://bucket?endpoint={parts.scheme}://…")
    raise WrongAddress(f"The address of a store begins with file:/// or s3://, for example {EXAMPLES}.")


def _folder(parts: SplitResult) -> Path:
    path = Path(unquote(parts.path))
    if parts.netloc:
        raise WrongAddress("A folder is written with three slashes, from the root: file:///srv/anagen/photos.")
    if not path.is_absolute() or path == Path("/") or parts.query:
        raise WrongAddress("Name a whole folder and nothing after it, for example file:///srv/anagen/photos.")
    return path


def _bucket(parts: SplitResult, key_id: str, secret: str) -> "Bucket":
    from clinic.object_store.s3 import Bucket

    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "@" in parts.netloc:
        raise WrongAddress("Leave key and secret out of the address: they have settings of their own.")
    if not _BUCKET.fullmatch(parts.netloc):
        raise WrongAddress("The name of a bucket has 3 to 63 small letters, digits, dots and hyphens: s3://bucket?…")
    if unknown := sorted(set(options) - _OPTIONS):
        raise WrongAddress(f"The address of a store has endpoint and region after its “?”, not “{unknown[0]}”.")
    if not _PREFIX.fullmatch(prefix := unquote(parts.path).strip("/")):
        raise WrongAddress("What follows the bucket has letters, digits, . _ = + @ - and single slashes alone.")
    if not key_id or not secret:
        raise WrongAddress("An S3 store needs a key: set both its key ID and its secret.")
    return Bucket(
        parts.netloc,
        prefix,
        _endpoint(options.get("endpoint", "")),
        options.get("region") or "us-east-1",
        key_id,
        secret,
    )


def _endpoint(value: str) -> str:
    if not value:
        raise WrongAddress("Name the server of the bucket: s3://bucket?endpoint=https://s3.example.org.")
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if parts.scheme not in {"http", "https"} or not host:
        raise WrongAddress("Write the endpoint with https:// and a host: endpoint=https://s3.example.org.")
    if parts.username or parts.path.strip("/") or parts.query:
        raise WrongAddress("The endpoint is a server alone, without a path or a name: endpoint=https://s3.example.org.")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise WrongAddress("The endpoint must be https: without it whoever is on the network sees what is stored.")
    return f"{parts.scheme}://{parts.netloc}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

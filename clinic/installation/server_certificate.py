"""The certificate of a web server: for which names it is, and whether a folder has one that can be shown."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """By its alternative names alone, as browsers do; a star stands for the first label (RFC 6125)."""
    names = _names(certificate)
    return host in names or f"*.{host.partition('.')[2]}" in names


def _names(certificate: x509.Certificate) -> set[str]:
    try:
        told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*told.get_values_for_type(x509.DNSName), *map(str, told.get_values_for_type(x509.IPAddress))}


def check(folder: Path, host: str) -> None:
    """Raises ValueError with a sentence unless fullchain.pem and privkey.pem can be shown for this host now."""
    chain, secret = folder / "fullchain.pem", folder / "privkey.pem"
    try:
        certificate = x509.load_pem_x509_certificates(chain.read_bytes())[0]
        key = load_pem_private_key(secret.read_bytes(), password=None)
    except OSError as fault:
        raise ValueError(f"{fault.filename} cannot be read: {fault.strerror}.") from None
    except (ValueError, TypeError):
        raise ValueError(f"{chain} has no certificate, or {secret} no key without a password (PEM).") from None
    if not is_for(certificate, host):
        raise ValueError(f"The certificate in {chain} is not for {host}.")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise ValueError(f"{secret} is not the key of {chain}, whose first certificate is the server's own.")
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise ValueError(f"The certificate in {chain} ended on {certificate.not_valid_after_utc:%-d %B %Y}.")

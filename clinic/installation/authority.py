"""The clinic's own certificate authority, for a name or an address that no public authority knows.

Its root certificate goes onto each device of the clinic. It can vouch for the clinic's address and for nothing else
(name constraints of RFC 5280), and for servers alone, so whoever steals its key can neither pretend to be a bank nor
sign a program. Caddy makes short-lived certificates with it.
"""

import plistlib
import uuid
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from clinic.installation import machine
from clinic.installation.addresses import is_ip_address

LIFETIME = timedelta(days=3650)
_EVERY_ADDRESS = [x509.IPAddress(ip_network("0.0.0.0/0")), x509.IPAddress(ip_network("::/0"))]


def make(folder: Path, *, host: str, clinic: str) -> None:
    """Write root.crt and root.key. The folder has no key yet. Raises OSError."""
    key = ec.generate_private_key(ec.SECP256R1())
    # Devices list it by this name. X.509 has 64 bytes for it, and a letter may take several.
    listed_as = f"Anagen: {clinic}".encode()[:64].decode(errors="ignore").rstrip()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, listed_as)])
    now = datetime.now(UTC)
    signing = {"key_cert_sign": True, "crl_sign": True}
    others = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = x509.KeyUsage(**signing, **dict.fromkeys((*others, "encipher_only", "decipher_only"), False))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_only(host), critical=True)
        # Names limit neither who signs a program nor, on some devices, who signs a letter: this does.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    machine.write(folder / "root.crt", certificate.public_bytes(pem), 0o644)
    # Last, because whoever looks whether there is an authority looks for its key.
    machine.write(folder / "root.key", key.private_bytes(pem, form, serialization.NoEncryption()), 0o640)


def _only(host: str) -> x509.NameConstraints:
    """A kind of name that is not mentioned is not limited; so both kinds are."""
    if is_ip_address(host):
        return x509.NameConstraints([x509.IPAddress(ip_network(host)), x509.DNSName("no-name.invalid")], None)
    return x509.NameConstraints([x509.DNSName(host)], _EVERY_ADDRESS)


def load(folder: Path) -> x509.Certificate:
    """The root certificate. Raises OSError and ValueError."""
    return x509.load_pem_x509_certificate((folder / "root.crt").read_bytes())


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in pairs, as devices show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def profile(certificate: x509.Certificate, *, host: str, clinic: str) -> bytes:
    """The certificate as an Apple configuration profile (com.apple.security.root)."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    own, inner = (str(uuid.uuid5(uuid.NAMESPACE_URL, f"{der.hex()} {part}")).upper() for part in ("profile", "root"))
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"anagen.{host}.root",
        "PayloadUUID": inner,
        "PayloadDisplayName": f"Anagen at {host}",
        "PayloadCertificateFileName": "anagen.cer",
        "PayloadContent": der,
    }
    told = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"anagen.{host}",
        "PayloadUUID": own,
        "PayloadDisplayName": f"Anagen at {host}",
        "PayloadDescription": f"Lets this device believe that https://{host} is the computer of {clinic}.",
        "PayloadOrganization": clinic,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [root],
    }
    return plistlib.dumps(told)

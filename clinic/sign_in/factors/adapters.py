"""What django-allauth asks of us: how a secret is stored, under which name a passkey is made, whose address it was."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest

from clinic.audit.log import request_facts

ADDRESS_NOT_KNOWN = "0.0.0.0"  # noqa: S104 -- the column takes no empty one; nothing listens here


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the trail has too. There is none behind a socket, or for a command."""
        return request_facts.get().address or ADDRESS_NOT_KNOWN

    def get_http_user_agent(self, request: HttpRequest) -> str:
        return request.headers.get("User-Agent", "")


class MFAAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken where SECRET_KEY is another one than when it was stored."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, Any]:
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}


def _cipher() -> Fernet:
    key = hashlib.sha256(b"anagen.second-factors\n" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))

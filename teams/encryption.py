"""A text field that is encrypted at rest (Fernet: AES-128-CBC with HMAC-SHA-256)."""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


def _key_from(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"ligne at rest:" + secret.encode()).digest())


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key_from(key)) for key in keys])


def _current() -> MultiFernet:
    """The newest key encrypts; each of them decrypts."""
    return _fernet((*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


class EncryptedTextField(models.TextField[str, str]):
    """Text in Python, ciphertext in the database. Can't be searched. "" when it can't be decrypted."""

    def get_prep_value(self, value: Any) -> str:
        text = super().get_prep_value(value)
        return _current().encrypt(text.encode()).decode() if text else ""

    def from_db_value(self, value: str | None, *args: Any) -> str:
        if not value:
            return ""
        try:
            return _current().decrypt(value.encode()).decode()
        except InvalidToken:
            # A lost key must not take the page down with it: the line is held, and a new key can be pasted.
            return ""

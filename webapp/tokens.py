"""Secrets that travel in addresses: made, hashed, sealed. (DESIGN rule 10, icalendar.md S1, S2.)"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_CHARACTERS = 32


def new_token() -> str:
    """A new secret for an address: 192 random bits as 32 URL-safe characters."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """The SHA-256 of a token in hex: what is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=8)
def _box(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=b"escale sealed column 1").derive(
        secret_key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))


def _text(secret_key: str | bytes | None) -> str:
    return secret_key.decode() if isinstance(secret_key, bytes) else secret_key or ""


def seal(secret_key: str | bytes | None, plain: bytes) -> bytes:
    """`plain`, encrypted and authenticated under a key derived from `secret_key`."""
    return _box(_text(secret_key)).encrypt(plain)


def unseal(secret_key: str | bytes | None, sealed: bytes) -> bytes:
    """What `seal` was given. Raises cryptography.fernet.InvalidToken under another key."""
    return _box(_text(secret_key)).decrypt(sealed)


def keyed_digest(secret_key: str | bytes | None, purpose: str, text: str) -> str:
    """The HMAC-SHA-256 of a text in hex, one for each purpose: nobody else can make or guess it."""
    key = f"escale {purpose} {_text(secret_key)}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)

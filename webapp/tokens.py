"""Secrets that travel in addresses: made, hashed, sealed. (DESIGN rule 10, icalendar.md S1, S2.)"""

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_CHARACTERS = 32
GCM = b"\x01"  # before what is sealed with AES-256-GCM; a Fernet token begins with another octet
NONCE = 12  # octets


def new_token() -> str:
    """A new secret for an address: 192 random bits as 32 URL-safe characters."""
    return secrets.token_urlsafe(24)


def digest(token: str) -> str:
    """The SHA-256 of a token in hex: what is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=8)
def _box(secret_key: str) -> AESGCM:
    return AESGCM(_derived(secret_key, b"escale sealed column 2"))


@lru_cache(maxsize=8)
def _box_of_before(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret_key, b"escale sealed column 1")))


def _derived(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())


def _text(secret_key: str | bytes | None) -> str:
    return secret_key.decode() if isinstance(secret_key, bytes) else secret_key or ""


def seal(secret_key: str | bytes | None, plain: bytes) -> bytes:
    """`plain`, encrypted and authenticated under a key derived from `secret_key`: 29 octets longer.

    AES-256-GCM with a random nonce, which is safe for 2**32 texts under one key.
    """
    nonce = secrets.token_bytes(NONCE)
    return GCM + nonce + _box(_text(secret_key)).encrypt(nonce, plain, None)


def unseal(secret_key: str | bytes | None, sealed: bytes) -> bytes:
    """What `seal` was given, or what was sealed with Fernet before there was GCM. Raises
    cryptography.fernet.InvalidToken under another key."""
    if not sealed.startswith(GCM):
        return _box_of_before(_text(secret_key)).decrypt(sealed)
    try:
        start = len(GCM) + NONCE
        return _box(_text(secret_key)).decrypt(sealed[len(GCM) : start], sealed[start:], None)
    except (InvalidTag, ValueError) as error:
        raise InvalidToken from error


def keyed_digest(secret_key: str | bytes | None, purpose: str, text: str) -> str:
    """The HMAC-SHA-256 of a text in hex, one for each purpose: nobody else can make or guess it."""
    key = f"escale {purpose} {_text(secret_key)}".encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)

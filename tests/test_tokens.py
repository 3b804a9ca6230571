"""Secrets in addresses: long enough, hashed for looking up, sealed for showing again."""

import re

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from webapp import tokens

KEY = "a key of the operator, long and random"


def test_a_token_is_192_random_bits_in_characters_that_an_address_can_hold():
    """icalendar.md S1."""
    made = {tokens.new_token() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(token) for token in made} == {tokens.TOKEN_CHARACTERS}
    assert tokens.TOKEN_CHARACTERS * 6 == 192
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", token) for token in made)


def test_a_digest_is_sha_256_in_hex():
    """icalendar.md S2."""
    assert tokens.digest("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_whatever_somebody_types_as_a_token_has_a_digest(text):
    assert len(tokens.digest(text)) == 64


@given(st.binary())
def test_what_was_sealed_is_opened_with_the_same_key(plain):
    assert tokens.unseal(KEY, tokens.seal(KEY, plain)) == plain
    assert tokens.unseal(KEY.encode(), tokens.seal(KEY, plain)) == plain


def test_what_is_sealed_shows_nothing_and_never_looks_the_same_twice():
    first, second = tokens.seal(KEY, b"the token"), tokens.seal(KEY, b"the token")

    assert first != second
    assert b"the token" not in first


@pytest.mark.parametrize("other", ["another key", KEY + " ", "", None])
def test_another_key_opens_nothing(other):
    with pytest.raises(InvalidToken):
        tokens.unseal(other, tokens.seal(KEY, b"the token"))


def test_a_sealed_text_that_was_touched_is_refused():
    whole = tokens.seal(KEY, b"the token")
    for place in range(len(whole)):
        sealed = bytearray(whole)
        sealed[place] ^= 1
        with pytest.raises(InvalidToken):
            tokens.unseal(KEY, bytes(sealed))
        with pytest.raises(InvalidToken):
            tokens.unseal(KEY, whole[:place])


def test_what_was_sealed_before_there_was_another_way_is_still_opened():
    """A Fernet token, made by the product of then."""
    sealed = (
        b"gAAAAABrAvaD8bcGX2BJztu8YE6esP6bhenlHWr2XE5bAL-8jQa-iXnZ0-7xOxYZzch6oHWBzpCkJAyFR1zAk5hsu8"
        b"qJ21cNAA=="
    )

    assert tokens.unseal(KEY, sealed) == b"the token"

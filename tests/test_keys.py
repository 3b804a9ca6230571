"""Keys in texts are found, and left out for whoever they do not belong to."""

import time
from uuid import uuid4

import pytest

from webapp import addresses, keys, tokens

TOKEN = tokens.new_token()
SLUG = "invest-in-provence-2027"


@pytest.fixture
def opened(app, monkeypatch):
    """Every address that opens something, by what makes it."""
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://tours.example.org:8443")
    return [
        addresses.company(TOKEN), addresses.delegate(TOKEN), addresses.feed(TOKEN),
        addresses.draft(SLUG, TOKEN), addresses.invited(SLUG, TOKEN),
        addresses.stop(TOKEN, "news"),
    ]  # fmt: skip


def test_each_address_that_is_a_key_is_found_however_it_is_written(opened):
    for address in opened:
        bare = address.partition("://")[2]
        for typed in (address, bare, f"webcal://{bare}", address.replace("/", "%2F"),
                      address.replace("tours.example.org:8443", "127.0.0.1:8000"),
                      f"<a href='{address}'>"):  # fmt: skip
            assert len(keys.found_in(f"See {typed}, please")) == 1, typed


def test_other_addresses_are_not(opened):
    others = [
        addresses.home(), addresses.trip(SLUG), addresses.agenda(SLUG), addresses.register(SLUG),
        addresses.public_feed(SLUG), addresses.item_file(SLUG, uuid4()), addresses.organizer(),
        "https://docs.google.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
        "https://example.com/r/sensors", "and/or, 5 d/week", "/r/ /d/",
    ]  # fmt: skip

    assert [typed for typed in others if keys.found_in(typed)] == []


def test_what_is_shown_to_others_has_no_key_and_says_where_one_stood(opened):
    for address in opened:
        shown = keys.left_out(f'<a href="{address}">{address}</a>')
        assert TOKEN not in shown
        assert shown.count("/…") == 2
        assert shown.startswith('<a href="https://tours.example.org:8443/')


def test_two_keys_in_one_word_are_both_left_out(app):
    assert keys.left_out("/calendars/abc.ics/d/def") == "/calendars/….ics/d/…"


@pytest.mark.parametrize("word", ["a.", "a:", "1", ":1", "/r/", "/trips/a", "%2F"])
def test_a_long_word_does_not_hold_up_whoever_looks_for_keys(app, word):
    began = time.process_time()
    keys.left_out(word * 50_000)
    keys.found_in(word * 50_000)

    assert time.process_time() - began < 2

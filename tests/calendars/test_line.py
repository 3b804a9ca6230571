"""What may stand in a line, how it is escaped, cut and folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars import wire
from tests.calendars.cases import ANYTHING, UNHURRIED
from webapp.calendars import line

SCRIPTS = "شركة \u200f👩🏽‍💻 e\u0301 漢字 14\u202fh\xa0: ok"


def test_f6_escapes_backslash_semicolon_comma_and_break_and_nothing_else():
    assert line.escaped('a\\b;c,d\ne:f"g') == 'a\\\\b\\;c\\,d\\ne:f"g'


def test_f6_a_backslash_before_an_n_is_no_line_break():
    assert line.escaped(r"C:\New \n") == r"C:\\New \\n"


@UNHURRIED
@given(ANYTHING)
def test_f5_f6_what_is_left_of_any_text_can_be_written_and_read_back(anything: str):
    words = line.prose(anything)
    assert wire.lines(line.folded(f"X:{line.escaped(words)}")) == [f"X:{line.escaped(words)}"]
    assert wire.text(line.escaped(words)) == words


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  a \x00\x07\x1b\x7f\x9fb\tc ", "a b\tc"),
        ("a\r\nb\rc\nd\x0be\x0cf\x85g\u2028h\u2029i", "a\nb\nc\nd\ne\nf\ng\nh\ni"),
        ("a\ud800b\udfffc\ufeffd\ufffee\uffff", "abcde"),
        (SCRIPTS, SCRIPTS),
        ("\x00\n \n", ""),
    ],
)  # fmt: skip
def test_f5_strips_controls_and_surrogates_and_makes_every_break_one(given_text: str, kept: str):
    assert line.prose(given_text) == kept


def test_a_phrase_is_one_line_with_single_blanks():
    assert line.phrase(" 23 place,\r\n\n  de la\t Joliette \n13002 ", ", ") == (
        "23 place, de la Joliette, 13002"
    )
    assert line.phrase("a\u2028b\nc") == "a b c"
    assert (
        line.phrase("Quai 3 , \nMarseille ,", ", ") == "Quai 3, Marseille"
    )  # E3: no blank at the end


@pytest.mark.parametrize(
    "words",
    [
        *("x" * length for length in (62, 63, 64, 300)),
        *(char * 200 for char in ("é", "漢", "🚢", "\\", " ")),
    ],
)
def test_f3_f4_folds_at_75_octets_between_characters(words: str):
    whole = f"DESCRIPTION:{words}"
    assert wire.lines(line.folded(whole)) == [whole]


def test_f3_folds_only_what_is_too_long():
    assert line.folded("X:" + "y" * 72) == b"X:" + b"y" * 72 + b"\r\n"
    assert line.folded("X:" + "y" * 80).count(b"\r\n ") == 1
    assert line.folded("X:é") == "X:é\r\n".encode()


@UNHURRIED
@given(ANYTHING, st.integers(3, 300))
def test_e1_shortened_to_the_octets_it_takes_when_escaped(anything: str, octets: int):
    words = line.phrase(anything)
    short = line.shortened(words, octets)
    assert len(line.escaped(short).encode()) <= octets
    assert short == words or (short.endswith("…") and words.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("words", "octets", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc…"),
        ("ab défgh", 7, "ab d…"),
        ("a;;;;;", 8, "a;;…"),
        ("ab cdef", 6, "ab…"),
        ("abe\u0301fghi", 8, "abe\u0301…"),
        ("abe\u0301fghi", 7, "ab…"),
        ("a👩🏽‍💻b", 14, "a…"),
        ("a👩🏽‍💻bc", 16, "a…"),
        ("ab👍🏽", 9, "ab…"),
    ],
)
def test_e1_never_cuts_a_character_as_readers_see_it(words: str, octets: int, short: str):
    assert line.shortened(words, octets) == short


def test_f8_a_parameter_is_quoted_and_holds_no_quote_and_no_caret():
    assert line.parameter('Quai "A"; 1, rue^n: b') == "\"Quai 'A'; 1, ruen: b\""


@pytest.mark.parametrize("url", ["https://a.example/x?y=1,2;z#w", "http://127.0.0.1:8000/a"])
def test_f7_an_address_stands_as_it_is(url: str):
    assert line.address(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "/trips/x", "ftp://a.example/", "https://", "https://a.example/é", "https://a.example/a b",
     "https://a.example/\r\nMETHOD:PUBLISH", "javascript:alert(1)", 'https://a.example/"'],
)  # fmt: skip
def test_f7_what_is_no_absolute_address_is_refused(url: str):
    with pytest.raises(ValueError, match="not an absolute"):
        line.address(url)

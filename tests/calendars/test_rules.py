"""docs/calendars.md says of every numbered rule what we do, and by which test it is held."""

from collections import Counter

import pytest

from tests.calendars import rules
from tests.calendars.rules import NUMBERS, ROOT, SOFTER, Row


def test_every_number_has_one_row_and_its_level():
    levels = {row.number: row.level.startswith("MUST") for row in rules.rows()}

    assert Counter(row.number for row in rules.rows()) == Counter(NUMBERS)
    assert levels == {number: number not in SOFTER for number in NUMBERS}


@pytest.mark.parametrize("row", rules.rows(), ids=lambda row: row.number)
def test_a_rule_is_held_by_tests_that_exist_and_name_it(row: Row):
    assert row.words.endswith(".")
    assert row.tests, f"no test holds {row.number}"
    for path, name in row.tests:
        assert (ROOT / path).exists(), path
        named = rules.named(path)
        assert name in named, f"{path} has no {name}"
        assert row.number in named[name], f"{name} does not name {row.number}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def test_f1_to_f3(): pass", {"F1", "F2", "F3"}),
        ('def test_it():\n    """icalendar.md H7, S5."""', {"H7", "S5"}),
        ("# R7\ndef test_it(): pass", set()),  # outside of it
        ("def test_it():\n    x = 'U1 to U3'  # E9", {"U1", "U2", "U3", "E9"}),
        ("def test_it():\n    at = 'T10000, A1, H264'", set()),
    ],
)
def test_the_rules_that_a_test_names_are_found(source: str, found: set[str], tmp_path):
    (tmp_path / "test_it.py").write_text(source)
    assert set().union(*rules.named(str(tmp_path / "test_it.py")).values()) == found

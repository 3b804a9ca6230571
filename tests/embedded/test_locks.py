import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def entries(name: str) -> dict[str, str]:
    """Pin with marker -> its hashes."""
    text = (ROOT / name).read_text()
    found = re.findall(r"^(\S+==[^\\\n]+?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", text, re.MULTILINE)
    return dict(found)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place_to_download_from(name: str):
    text = (ROOT / name).read_text()
    assert re.findall(r"://|^-", text, re.MULTILINE) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str):
    pins = re.findall(r"^\S+==", (ROOT / name).read_text(), re.MULTILINE)
    assert len(entries(name)) == len(pins) > 50


def test_the_development_lock_holds_the_runtime_one_unchanged():
    runtime, development = (entries(name) for name in LOCKS)
    assert {pin: development.get(pin) for pin in runtime} == runtime

"""The data files of the demonstration, read."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from webapp.domain import tripfiles

FOLDER = Path(__file__).parent
REAL_TOURS = ("oceanology-2017", "invest-in-provence-2017", "south-of-france-san-diego-2019")
UPCOMING = "upcoming"
TEMPLATE = "template"


@cache
def facts(name: str) -> Any:
    """What the data file `name`.json holds. Shared: do not change it."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def tour(name: str) -> dict[str, Any]:
    """The trip file `name`.json, checked."""
    return tripfiles.read((FOLDER / f"{name}.json").read_bytes())

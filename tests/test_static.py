"""The files that browsers load: whose they are, and that the colors can be read."""

import hashlib
import importlib
import json
import re
from pathlib import Path

import pytest

# The folder of vendored files has the same name; at run time the module goes first.
vendor = importlib.import_module("webapp.static.vendor")
ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "webapp/static"
MANIFEST = json.loads((ROOT / vendor.MANIFEST).read_text())
OWN = [
    path
    for path in sorted(STATIC.rglob("*"))
    if path.suffix in (".css", ".js", ".svg") and "vendor" not in path.parts
]
COLOR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLORS = {
    name: (light, dark)
    for name, light, dark in COLOR.findall((STATIC / "css/tokens.css").read_text())
}
GROUNDS = ("paper", "surface", "sunken", "shallow")
TRACKS = ("navy", "teal", "coral", "ochre", "plum", "olive", "sky", "slate")


def listed() -> dict[str, str]:
    return {
        path: digest for entry in MANIFEST["packages"] for path, digest in entry["files"].items()
    }


def test_each_vendored_file_is_what_the_manifest_says():
    found = {
        path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
        for path in listed()
        if (ROOT / path).is_file()
    }

    assert found == listed()


def test_no_vendored_file_is_missing_from_the_manifest():
    folders = {package.folder for package in vendor.PACKAGES}
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in folders | {vendor.STATIC}
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    assert found == set(listed()) | {vendor.MANIFEST.as_posix()}


def test_the_manifest_is_of_the_pinned_packages_and_each_has_its_licence():
    wanted = [(p.name, p.version, p.licence) for p in vendor.PACKAGES]
    found = [(e["name"], e["version"], e["licence"]) for e in MANIFEST["packages"]]
    texts = [(ROOT / p.folder / "LICENSE").read_text() for p in vendor.PACKAGES]

    assert found == wanted
    assert all(len(text) > 300 for text in texts)


def test_the_sprite_holds_the_listed_icons():
    found = re.findall(r'<symbol id="([^"]+)"', (ROOT / vendor.SPRITE).read_text())

    assert found == list(vendor.ICONS)


def test_no_file_is_a_megabyte():
    heavy = [
        path.name for path in STATIC.rglob("*") if path.is_file() and path.stat().st_size > 1e6
    ]

    assert heavy == []


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_own_files_load_only_files_that_are_there(path):
    text = path.read_text()
    addresses = re.findall(r"url\([\"']?([^\"')]+)", text)

    assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9.-]+\.[a-z]{2,}/", text) == []
    assert "@import" not in text
    assert [a for a in addresses if not (path.parent / a).is_file()] == []


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".js"], ids=lambda path: path.name)
def test_scripts_make_no_markup_out_of_text(path):
    words = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"

    assert re.findall(words, path.read_text()) == []


def luminance(color: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


TEXT_ON_GROUND = [
    *((text, ground) for text in ("ink", "ink-soft", "sea", "magenta") for ground in GROUNDS),
    *(("ink-faint", ground) for ground in ("paper", "surface", "sunken")),
    *((track, ground) for track in TRACKS for ground in ("paper", "surface", "shallow")),
    *((text, "paper") for text in ("good", "bad", "land-ink")),
    *((text, f"{text}-tint") for text in ("good", "wait", "bad", "magenta")),
    *(("ink", tint) for tint in ("good-tint", "bad-tint", "info-tint", "magenta-tint")),
    ("ink-soft", "quiet-tint"),
    ("sea", "info-tint"),
    ("on-sea", "sea"),
    ("land-ink", "land"),
]


@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_in_both_themes(text, ground):
    ratios = [contrast(COLORS[text][theme], COLORS[ground][theme]) for theme in (0, 1)]

    assert [ratio for ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_edges_of_fields_can_be_seen_in_both_themes(ground):
    ratios = [contrast(COLORS["line-strong"][theme], COLORS[ground][theme]) for theme in (0, 1)]

    assert [ratio for ratio in ratios if ratio < 3] == []

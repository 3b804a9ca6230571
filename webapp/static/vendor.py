"""Fetches the third-party files that pages and browser tests use; run as `./escale vendor`.

Each package is pinned by version and by the SHA-512 of its archive. Only the files named here are
kept, each with the licence it came with, and `vendor/manifest.json` says what they are. Needs the
`npm` program; nothing else here does, because the files are part of the repository.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = Path("webapp/static/vendor")
MANIFEST = STATIC / "manifest.json"
SPRITE = STATIC / "bootstrap-icons" / "sprite.svg"

# Only what a page shows; a test compares this list with the templates.
ICONS = (
    "airplane", "arrow-counterclockwise", "arrow-left", "arrow-right", "asterisk",
    "box-arrow-up-right", "building", "bus-front", "calendar-plus", "calendar2-week",
    "camera-video", "check-circle", "check-lg", "chevron-down", "circle-half", "compass", "copy",
    "cup-hot", "cup-straw", "download", "easel2", "envelope", "exclamation-triangle", "eye-slash",
    "geo-alt", "globe2", "hdd-network", "hourglass-split", "info-circle", "lock", "mic",
    "paperclip", "pc-display", "pen", "pencil", "people", "phone", "plus-lg", "send", "shop",
    "slash-circle", "tablet", "trash", "window", "x-circle", "x-lg",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """One package: `files` maps paths inside its archive to paths below `folder`."""

    name: str
    version: str
    integrity: str
    licence: str
    folder: Path
    files: Mapping[str, str]


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        "0BSD",
        STATIC / "htmx",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "sha512-OupL48va4JNofb97w6NYeF9S7W/kHNKM0Er8Dem5nqi4jeOLrVJDoE8tZEpnMJmtkvNbB1EIPPwHcdkF6b1oUA==",
        "OFL-1.1",
        STATIC / "inter",
        {
            # The cut with the optical size axis: large headings get Inter's display shapes.
            "files/inter-latin-opsz-normal.woff2": "inter-latin.woff2",
            "files/inter-latin-ext-opsz-normal.woff2": "inter-latin-ext.woff2",
            "LICENSE": "LICENSE",
        },
    ),
    Package(
        "bootstrap-icons",
        "1.13.2",
        "sha512-fAU1Ly3dH7hwRg+CB8EZ0Vl0fF80zgXHeUVJyfUOKzoURr+TbwISbCW5tKUoQLERaWYG2emTCybcPbD96hdD1A==",
        "MIT",
        SPRITE.parent,
        {"LICENSE": "LICENSE"},
    ),
    Package(
        "axe-core",
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "MPL-2.0",
        Path("tests/vendor/axe-core"),
        {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"},
    ),
)


def main() -> int:
    """Fetch every package anew and write the manifest. Returns the exit code."""
    npm = shutil.which("npm")
    if npm is None:
        print("npm was not found: install Node.js, then run this again", file=sys.stderr)
        return 1
    entries = []
    with tempfile.TemporaryDirectory() as scratch:
        for package in PACKAGES:
            print(f"{package.name} {package.version}")
            content = unpack(fetch(npm, package, Path(scratch)))
            entries.append(entry(package, place(package, content)))
    text = json.dumps({"packages": entries}, indent=2, ensure_ascii=False)
    (ROOT / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return 0


def fetch(npm: str, package: Package, scratch: Path) -> Path:
    """The archive of a package. Raises SystemExit when it is not the one that was pinned."""
    folder = Path(tempfile.mkdtemp(dir=scratch))
    command = [npm, "pack", f"{package.name}@{package.version}", "--silent"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise SystemExit(f"{package.name} {package.version}: not the archive that was pinned")
    return archive


def unpack(archive: Path) -> dict[str, bytes]:
    """The files of an archive by path, without its outermost folder. Nothing is written."""
    files = {}
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            file = tar.extractfile(member)
            if file is not None:
                files[member.name.partition("/")[2]] = file.read()
    return files


def place(package: Package, content: Mapping[str, bytes]) -> list[Path]:
    """Write the wanted files of a package and return their paths below the root."""
    shutil.rmtree(ROOT / package.folder, ignore_errors=True)
    (ROOT / package.folder).mkdir(parents=True)
    wanted = {package.folder / name: content[path] for path, name in package.files.items()}
    if package.folder == SPRITE.parent:
        wanted[SPRITE] = sprite(content).encode()
    for path, data in wanted.items():
        (ROOT / path).write_bytes(data)
    return sorted(wanted)


def sprite(content: Mapping[str, bytes]) -> str:
    """One SVG with a symbol for each of ICONS; a page shows one with <use href="...#name">."""
    symbols = []
    for name in ICONS:
        drawing = content[f"icons/{name}.svg"].decode()
        inner = re.sub(r"\s*\n\s*", "", drawing[drawing.index(">") + 1 : drawing.rindex("</svg>")])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{inner}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def entry(package: Package, paths: list[Path]) -> dict[str, object]:
    """What the manifest says of a package."""
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "files": {
            path.as_posix(): hashlib.sha256((ROOT / path).read_bytes()).hexdigest()
            for path in paths
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())

"""Whether every word of the product is there in French, and keeping the catalogue in step.

`python -m tests.translations` prints what is missing and exits 1; with `update` it brings the
catalogue up to date with the code first, for somebody to fill in.
"""

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FRENCH = ROOT / "webapp/translations/fr/LC_MESSAGES/messages.po"
METHODS = [("webapp/**.py", "python"), ("tasks/**.py", "python"), ("templates/**", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
OPTIONS = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def wanted() -> Catalog:
    """Every message of the code and the templates."""
    catalog = Catalog(locale="fr", project="Escale", fuzzy=False)
    found = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS, directory_filter=_ours)
    for filename, _line, message, comments, context in found:
        # No line numbers: they would change the catalogue with every edit of the code.
        catalog.add(message, None, [(filename, None)], auto_comments=comments, context=context)
    return catalog


def _ours(folder: str) -> bool:
    return Path(folder).name not in {".venv", ".git", "var", "static", "node_modules"}


def read() -> Catalog:
    """The French catalogue as it stands."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def faults(catalog: Catalog, messages: Catalog) -> list[str]:
    """What is wrong with a catalogue for these messages, one line each."""
    lines = []
    for message in messages:
        if message.id:
            known = catalog.get(message.id, context=message.context)
            lines += [f"missing: {message.id!r}"] if known is None else _wrong(known)
    wanted_ids = {m.id if isinstance(m.id, str) else m.id[0] for m in messages}
    for known in catalog:
        key = known.id if isinstance(known.id, str) else known.id[0]
        if key and key not in wanted_ids:
            lines.append(f"no longer used: {key!r}")
    return lines


def _wrong(known: Message) -> list[str]:
    texts = [known.string] if isinstance(known.string, str) else list(known.string)
    if known.fuzzy or not all(texts):
        return [f"not translated: {known.id!r}"]
    originals = [known.id] if isinstance(known.id, str) else list(known.id)
    names = set(PLACEHOLDER.findall(originals[-1]))
    if any(set(PLACEHOLDER.findall(text)) - names for text in texts):
        return [f"unknown placeholder: {known.id!r}"]
    if names - set(PLACEHOLDER.findall(texts[-1])):
        return [f"placeholder lost: {known.id!r}"]
    return []


def update() -> None:
    """Bring the catalogue in step with the code: new messages are empty, old ones go."""
    messages = wanted()
    catalog = read() if FRENCH.exists() else Catalog(locale="fr")
    catalog.header_comment = "# The French words of Escale."
    catalog.fuzzy = False
    catalog.update(messages, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    FRENCH.parent.mkdir(parents=True, exist_ok=True)
    with FRENCH.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, omit_header=False)


def main() -> int:
    if sys.argv[1:] == ["update"]:
        update()
    found = faults(read(), wanted())
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

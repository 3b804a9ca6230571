"""The one file in which somebody reads everything that is held: a page that needs nothing else.

The same values stand in it twice: as headings and tables for a reader, and as JSON in an element
of type application/json for a program. Documents are inside, as links that save them.
"""

import json
from collections.abc import Collection

from flask import render_template
from markupsafe import Markup

from webapp import clock, i18n
from webapp.domain.privacy import holdings
from webapp.domain.privacy.subjects import Subject

# The file is read from a disk, where no style sheet of ours is.
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem;
  padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; }
h2 { border-top: 2px solid; margin-top: 2.5rem; padding-top: 1rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th[scope=row] { font-weight: 600; width: 14rem; }
"""


def export(subject: Subject, language: str, private: Collection[int] | None = None) -> bytes:
    """Everything held about `subject`, as an HTML file in `language`. Sealed answers are in it for
    the tours in `private` (None: for all)."""
    with i18n.speaking(language):
        held = holdings.of(subject, private)
        at = clock.now()
        page = render_template(
            "privacy/export.html",
            held=held,
            made_at=at,
            language=language,
            style=Markup("<style>%s</style>") % Markup(STYLE),  # noqa: S704  # our own
            data=_data({"made_at": at.isoformat(timespec="seconds"), **held}),
        )
    return page.encode()


def filename(slug: str) -> str:
    """What the file is called when it is saved."""
    return f"my-data-{slug}.html"


def _data(held: dict[str, object]) -> Markup:
    """JSON that no text in it can end: "<" never stands in it as itself."""
    text = json.dumps(held, ensure_ascii=False, indent=1)
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    opened = '<script type="application/json" id="data">'
    return Markup(f"{opened}\n{safe}\n</script>")  # noqa: S704  # nothing in it is markup

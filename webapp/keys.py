"""Keys in texts: addresses of ours that open somebody's own page. (DESIGN rule 10.)"""

import re
from urllib.parse import unquote

from flask import current_app

from webapp.tokens import TOKEN_CHARACTERS

# A host, a path of ours that ends in a key, and the key. A host is looked for from its beginning
# alone: from each of its letters, a long word would take the square of its length.
_KEY = re.compile(
    r"(?P<host>(?:(?<![\w.-])[\w.-]*(?::\d+)?)?)"
    r"(?P<path>/(?:r|d|calendars|mail/stop|trips/[\w-]+/register/(?:draft|invited))/)"
    r"(?P<token>[\w=-]+)"
)


def found_in(text: str) -> list[str]:
    """The addresses in a text that are somebody's key, as far as they say so: on our own host any
    path of ours that holds one, on another host one as long as ours."""
    ours = str(current_app.config["PUBLIC_URL"]).partition("://")[2].partition("/")[0].lower()
    return [
        match[0]
        for match in _KEY.finditer(unquote(text))
        if match["host"].lower() == ours or len(match["token"]) == TOKEN_CHARACTERS
    ]


def left_out(text: str) -> str:
    """A text, or a page, with every key in an address of ours replaced by three dots: for whoever
    is not the one whose key it is."""
    return _KEY.sub(lambda match: f"{match['host']}{match['path']}…", text)

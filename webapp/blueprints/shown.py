"""What every template may use besides its own context."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, url_for

from webapp.blueprints.letter_names import letter_kind
from webapp.blueprints.letter_reasons import mail_reason
from webapp.blueprints.mail_rooms import rooms


def init_app(app: Flask) -> None:
    """Give the templates their globals, and filters that belong to no other module."""
    app.jinja_env.globals.update(
        static_url=static_url,
        config_public=_public,
        has_endpoint=has_endpoint,
        mail_rooms=rooms,
    )
    app.jinja_env.filters.update(letter_kind=letter_kind, mail_reason=mail_reason)


def static_url(path: str) -> str:
    """The address of a static file, with a mark that changes when the file does."""
    return url_for("static", filename=path, v=_mark(Path(current_app.static_folder or ""), path))


def has_endpoint(endpoint: str) -> bool:
    """Whether the product has a page of this name: a menu may offer what is built in."""
    return endpoint in current_app.view_functions


def _public() -> str:
    return str(current_app.config["PUBLIC_URL"])


@lru_cache(maxsize=512)
def _mark(folder: Path, path: str) -> str:
    return sha256((folder / path).read_bytes()).hexdigest()[:12]

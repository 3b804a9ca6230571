"""What every template may use besides its own context."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, current_app, url_for


def init_app(app: Flask) -> None:
    """Give the templates their globals."""
    app.jinja_env.globals.update(
        static_url=static_url, config_public=_public, has_endpoint=has_endpoint
    )


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

"""The demonstration organizer, whose password stands in a file that only its owner reads."""

import os
import secrets
from pathlib import Path

from flask import current_app

from webapp.demo.files import facts
from webapp.domain import audits, staffs
from webapp.models.staff import Staff

FILE = "demo_organizer_password"


def load_organizer() -> Staff:
    """The demonstration organizer's account, opened unless it is there."""
    said = facts("staff")
    return staffs.by_email(said["email"]) or staffs.create(
        said["email"],
        said["name"],
        _keep_password(),
        audits.SYSTEM,
        runs_everything=True,
        language=said["language"],
    )


def password() -> str | None:
    """The demonstration organizer's password, or None where no file holds it."""
    try:
        return _path().read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def _keep_password() -> str:
    """The kept password, else a new one, kept from now on."""
    kept = password()
    if kept:
        return kept
    made = secrets.token_urlsafe(15)
    descriptor = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(made + "\n")
    return made


def _path() -> Path:
    return Path(current_app.config["DATA_DIR"]) / FILE

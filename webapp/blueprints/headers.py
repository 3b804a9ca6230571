"""Headers of every answer: what a browser may load, keep and tell others."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

# No inline script or style anywhere: what we need is in files of our own.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
WITHOUT_SESSION = ("calendars_public", "health_public")
SECRET_BLUEPRINTS = ("registrations_company", "registrations_delegate")


class QuietSessions(SecureCookieSessionInterface):
    """Cookie sessions, of which calendars and machines hear nothing: extensions look into the
    session after every request, and a look alone would add `Vary: Cookie` (icalendar.md H1)."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.blueprint not in WITHOUT_SESSION:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Set the headers of every answer; a view may have set a stricter one."""
    app.session_interface = QuietSessions()
    https = str(app.config["PUBLIC_URL"]).startswith("https://")

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        # Our own https forms need the referrer against forgery; others never learn an address.
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if is_private(request.blueprint):
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex"
        elif response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "no-cache")
        return response


def is_private(blueprint: str | None) -> bool:
    """Whether answers of this blueprint are for one reader only."""
    name = blueprint or ""
    return name.endswith("_organizer") or name in (*SECRET_BLUEPRINTS, "staff_public")

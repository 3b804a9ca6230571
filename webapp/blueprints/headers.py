"""Headers of every answer: what a browser may load, keep and tell others."""

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

# No inline script or style anywhere: what we need is in files of our own.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
STANDARD: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", PAGE_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Our own https forms need the referrer against forgery; others never learn an address.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
# Calendar files load nothing, tell nobody their address, and may be read by pages of other sites.
FOR_PROGRAMS = (
    ("Content-Security-Policy", "default-src 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
WITHOUT_SESSION = ("calendars_public", "downloads_public", "health_public", "schedules_public")
WITH_OWN_CACHING = "calendars_public"  # programs fetch its secret addresses again and again


class QuietSessions(SecureCookieSessionInterface):
    """Cookie sessions, of which calendars and machines hear nothing: extensions look into the
    session after every request, and a look alone would add `Vary: Cookie` (icalendar.md H1).

    Whoever brings no cookie gets an empty session without a signature being looked for."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if app.secret_key and self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.blueprint not in WITHOUT_SESSION and not is_calendar_address():
            super().save_session(app, session, response)


def standard_of(app: Flask) -> tuple[tuple[str, str], ...]:
    """The headers that every answer of the application has, unless it says otherwise itself."""
    if str(app.config["PUBLIC_URL"]).startswith("https://"):
        return (*STANDARD, ("Strict-Transport-Security", "max-age=31536000"))
    return STANDARD


def init_app(app: Flask) -> None:
    """Set the headers of every answer; a view may have set a stricter one."""
    app.session_interface = QuietSessions()
    standard = standard_of(app)

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        there = {name.lower() for name, _value in headers}
        for name, value in standard:
            if name.lower() not in there:
                headers.add(name, value)
        if is_private():
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex"
        elif response.mimetype == "text/html":
            headers.setdefault("Cache-Control", "no-cache")
        return response


def is_calendar_address() -> bool:
    """Whether programs fetch calendars at such an address, whatever the answer: then there is no
    cookie, nothing depends on the reader, and the address stands in no body (H1, H15, S5)."""
    path = request.path
    return path.startswith("/calendars/") or (path.startswith("/trips/") and path.endswith(".ics"))


def is_private() -> bool:
    """Whether the answer is for one reader only: an organizer's page, or behind a secret link."""
    name = request.blueprint or ""
    if "token" in (request.view_args or {}):
        return name != WITH_OWN_CACHING
    return name.endswith("_organizer") or name == "staff_public"

"""The stable addresses of DESIGN section 3, whole, as letters and calendars print them.

Pages link with `url_for`; this is for what is read outside of a request. A test holds each of
them against the map of routes.
"""

from uuid import UUID

from flask import current_app


def public(path: str) -> str:
    """The whole address of a path that begins with a slash."""
    base: str = current_app.config["PUBLIC_URL"]
    return base + path


def home() -> str:
    """The front page."""
    return public("/")


def trip(slug: str) -> str:
    """The page of a tour."""
    return public(f"/trips/{slug}/")


def agenda(slug: str) -> str:
    """The published agenda of a tour."""
    return public(f"/trips/{slug}/agenda")


def item(slug: str, uid: UUID) -> str:
    """The place of one session on the public agenda."""
    return f"{agenda(slug)}#item-{uid}"


def register(slug: str) -> str:
    """The application form of a tour."""
    return public(f"/trips/{slug}/register")


def draft(slug: str, token: str) -> str:
    """An application form that was begun and saved; the token is its key."""
    return public(f"/trips/{slug}/register/draft/{token}")


def invited(slug: str, token: str) -> str:
    """The application form of a company that was asked to apply; the token is its key."""
    return public(f"/trips/{slug}/register/invited/{token}")


def public_feed(slug: str) -> str:
    """The public calendar of a tour."""
    return public(f"/trips/{slug}/calendar.ics")


def item_file(slug: str, uid: UUID) -> str:
    """One published session as a file."""
    return public(f"/trips/{slug}/items/{uid}.ics")


def company(token: str) -> str:
    """A company's own registration; the token is its key."""
    return public(f"/r/{token}")


def delegate(token: str) -> str:
    """A delegate's own page; the token is its key."""
    return public(f"/d/{token}")


def delegate_invitation(token: str, uid: UUID) -> str:
    """Where a delegate says whether they come to a session; the token is their key."""
    return f"{delegate(token)}/invitations/{uid}"


def delegate_changes(token: str, since: int) -> str:
    """What changed for a delegate since a version; of the empty agenda, their page."""
    return f"{delegate(token)}/changes?since={since}" if since else delegate(token)


def feed(token: str) -> str:
    """A secret calendar; the token is its key."""
    return public(f"/calendars/{token}.ics")


def stop(token: str, topic: str) -> str:
    """Where a reader says that they want no more letters of a topic; the token is their key."""
    return public(f"/mail/stop/{token}?topic={topic}")


def requests(slug: str) -> str:
    """What companies ask to change, for staff."""
    return public(f"/organizer/trips/{slug}/registrations/requests")


def team_agenda(slug: str) -> str:
    """The agenda as staff see it; they sign in."""
    return public(f"/organizer/trips/{slug}/agenda")


def organizer() -> str:
    """Where staff sign in."""
    return public("/organizer/")

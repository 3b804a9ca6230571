"""What a release shows is rendered once, and kept in the memory of the process.

Two things are kept: each session as markup, which every arrangement and filter of the agenda puts
together anew; and whole pages as bytes. The key of each holds all that it depends on, so nothing
kept is ever wrong, only no longer asked for; how many octets are kept has a limit.
"""

from collections.abc import Callable, Hashable, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from flask import Response, current_app, request, session
from markupsafe import Markup

from webapp.blueprints.agendas.filters import FACETS, facets
from webapp.domain.published import Stamp
from webapp.i18n import current_language, wanted_language
from webapp.kept import Kept
from webapp.models.release import ReleaseItem
from webapp.models.trip import Trip

LIMIT = 32 * 1024 * 1024  # octets of each kind in each process: some thirty pages of 600 sessions
# Pages that were asked for by anything else are made anew: there is no end of such addresses.
KEPT_ARGUMENTS = frozenset({*FACETS, "by", "lang", "since"})
LONGEST_ADDRESS = 1000  # characters of path and query

Fragments = dict[UUID, Markup]


class Page(NamedTuple):
    """A page as bytes, with its ETag."""

    body: bytes
    etag: str


PAGES: Kept[Page] = Kept(LIMIT)
FRAGMENTS: Kept[Fragments] = Kept(LIMIT)


def answer(stamp: Stamp, render: Callable[[], str]) -> Response:
    """The page that `render` makes, kept if nothing in it is for one reader alone.

    Readers who were told something once (a flash), and staff, get a page of their own. A reader who
    has the page already gets 304.
    """
    key = _key(stamp)
    page = PAGES.get(key) if key is not None else None
    if page is None:
        body = render().encode()
        page = Page(body, sha256(body).hexdigest()[:32])
        if key is not None:
            PAGES.put(key, page, len(body))
    response = Response(page.body, mimetype="text/html")
    if key is not None:
        response.headers["ETag"] = f'"{page.etag}"'
        if request.if_none_match:
            response.make_conditional(request)
    return response


def fragments(trip: Trip, items: Sequence[ReleaseItem]) -> Fragments:
    """Each of these published items as the markup of the public agenda, by uid.

    `items` are all that everybody may see of the release: what is kept is kept for all of them.
    """
    language = current_language()
    key = (trip.release_id, trip.slug, trip.home_zone, language)
    found = FRAGMENTS.get(key)
    if found is None:
        # The macros alone, without the context of a request: nothing of a reader can get in.
        one = current_app.jinja_env.get_template("macros/timetable.html").module.public_one  # type: ignore[attr-defined]
        found = {
            item.uid: Markup(one(item, trip.slug, trip.home_zone, facets(item), language))  # noqa: S704
            for item in items
        }
        FRAGMENTS.put(key, found, sum(map(len, found.values())))
    return found


def hidden(fragment: Markup) -> Markup:
    """The same session, there for a script to show, but not shown."""
    return Markup(str(fragment).replace("<li ", "<li hidden ", 1))  # noqa: S704


def _key(stamp: Stamp) -> Hashable:
    """All that a page depends on; None for a page that is nobody else's."""
    if "_flashes" in session or "_user_id" in session:
        return None
    if not KEPT_ARGUMENTS.issuperset(request.args) or len(request.full_path) > LONGEST_ADDRESS:
        return None
    theme = request.cookies.get("theme")
    return (
        stamp,
        wanted_language(),
        theme if theme in ("light", "dark") else None,
        request.full_path,
    )

"""The stable addresses: whole, and each one held against the map of routes."""

from uuid import UUID

import pytest
from werkzeug.exceptions import NotFound

from webapp import addresses, tokens

UID = UUID("0b1c2d3e-4f50-4617-8283-94a5b6c7d8e9")
TOKEN = tokens.new_token()
SLUG = "invest-in-provence-2017"

EVERY = {
    "home": (lambda: addresses.home(), "/"),
    "trip": (lambda: addresses.trip(SLUG), f"/trips/{SLUG}/"),
    "agenda": (lambda: addresses.agenda(SLUG), f"/trips/{SLUG}/agenda"),
    "item": (lambda: addresses.item(SLUG, UID), f"/trips/{SLUG}/agenda#item-{UID}"),
    "register": (lambda: addresses.register(SLUG), f"/trips/{SLUG}/register"),
    "draft": (lambda: addresses.draft(SLUG, TOKEN), f"/trips/{SLUG}/register/draft/{TOKEN}"),
    "invited": (
        lambda: addresses.invited(SLUG, TOKEN),
        f"/trips/{SLUG}/register/invited/{TOKEN}",
    ),
    "public_feed": (lambda: addresses.public_feed(SLUG), f"/trips/{SLUG}/calendar.ics"),
    "item_file": (lambda: addresses.item_file(SLUG, UID), f"/trips/{SLUG}/items/{UID}.ics"),
    "company": (lambda: addresses.company(TOKEN), f"/r/{TOKEN}"),
    "delegate": (lambda: addresses.delegate(TOKEN), f"/d/{TOKEN}"),
    "delegate_invitation": (
        lambda: addresses.delegate_invitation(TOKEN, UID),
        f"/d/{TOKEN}/invitations/{UID}",
    ),
    "feed": (lambda: addresses.feed(TOKEN), f"/calendars/{TOKEN}.ics"),
    "delegate_changes": (
        lambda: addresses.delegate_changes(TOKEN, 3),
        f"/d/{TOKEN}/changes?since=3",
    ),
    "stop": (lambda: addresses.stop(TOKEN, "news"), f"/mail/stop/{TOKEN}?topic=news"),
    "requests": (
        lambda: addresses.requests(SLUG),
        f"/organizer/trips/{SLUG}/registrations/requests",
    ),
    "team_agenda": (lambda: addresses.team_agenda(SLUG), f"/organizer/trips/{SLUG}/agenda"),
    "organizer": (lambda: addresses.organizer(), "/organizer/"),
}


@pytest.mark.parametrize("name", EVERY)
def test_an_address_is_whole_and_leads_to_a_page(migrated, name):
    whole, path = EVERY[name]
    with migrated.app_context():
        address = whole()
        public_url = migrated.config["PUBLIC_URL"]

    assert address == public_url + path
    routes = migrated.url_map.bind("127.0.0.1", url_scheme="http")
    endpoint, _arguments = routes.match(path.partition("#")[0].partition("?")[0])
    assert endpoint != "static"


def test_every_address_of_the_module_is_held_against_the_routes():
    public = {
        name
        for name, value in vars(addresses).items()
        if callable(value) and value.__module__ == addresses.__name__
    }

    assert public - {"public"} == set(EVERY)


def test_the_check_against_the_routes_would_see_a_wrong_path(migrated):
    with pytest.raises(NotFound):
        migrated.url_map.bind("127.0.0.1").match("/trips")

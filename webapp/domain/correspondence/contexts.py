"""What a template of a letter reads: the facts, the rows as they are now, and their links.

A link is a key (DESIGN rule 10), so a letter that holds one is written only while the address that
it goes to is that of whom the key belongs to: after a hand-over, a replacement or another mail
address, the row that was put before has no reader any more.
"""

from typing import Any

from webapp import addresses
from webapp.domain import opt_outs, statements
from webapp.domain.correspondence import days, inviting, messages, news
from webapp.domain.correspondence.reading import Live
from webapp.domain.instalments import GRACE
from webapp.mail.letters import LETTERS
from webapp.models.delegate import Delegate
from webapp.models.draft import Draft
from webapp.models.feed import Feed
from webapp.models.mail import Mail
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import Registration, RegistrationState
from webapp.models.trip import Trip

# Every name that a template may read, so that each can say "if there is".
NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "trip", "registration", "delegate", "amendment", "zone", "trip_link", "agenda_link",
        "register_link", "company_link", "delegate_link", "feed_address", "webcal_address",
        "draft_link", "prospect", "prospect_link", "companies", "people", "requests_link",
        "statement", "grace", "has_sessions", "stop_link", "program_days", "visits",
        "session_lines", "count", "changes_text", "changes_page", "notes", "changes_link",
        "place", "place_link", "session", "was", "answer_link", "answers_by_mail",
        "team_link",
        *messages.NAMES,
    )
)  # fmt: skip
TELLS_OF_MONEY = frozenset({"fees_due", "payment_received"})


class Pointless(Exception):
    """The letter has nobody to read it any more; the words are for the operator and staff."""


def of(row: Mail, told: dict[str, Any], live: Live) -> dict[str, Any]:
    """What the template of this letter reads. Raises Pointless."""
    amendment = live.amendments.get(told.get("amendment_id") or 0)
    delegate = live.delegates.get(row.delegate_id or 0)
    registration = live.registrations.get(row.registration_id or 0)
    if registration is None and amendment is not None:
        registration = live.registrations.get(amendment.registration_id)
    found: dict[str, Any] = {
        "told": told,
        "amendment": amendment,
        "registration": registration,
        "delegate": delegate,
    }
    keys: dict[str, Any] = {}
    if row.delegate_id is not None:
        keys = _of_delegate(row, delegate, live) | _days(row, told, live)
        keys |= _news(row, told, delegate, live) | _invitation(row, delegate)
    elif row.registration_id is not None:
        keys = _of_coordinator(row, registration)
    elif row.letter in days.OF_OTHERS:
        keys = _days(row, told, live)
    elif row.letter == "links_sent":
        keys = _links(row, told, live)
    elif row.letter == "draft_saved":
        keys = _of_draft(row, live.drafts.get(told["draft_id"]))
    elif "prospect_id" in told:
        keys = _of_prospect(row, live.prospects.get(told["prospect_id"]))
    keys |= _message(row, told, found, live)
    return NOTHING | _of_trip(live.trips.get(row.trip_id or 0)) | _stop(row) | found | keys


def _message(row: Mail, told: dict[str, Any], found: dict[str, Any], live: Live) -> dict[str, Any]:
    """The organizers' own words, as this reader reads them, and the files that go with them."""
    trip = live.trips.get(row.trip_id or 0)
    who = found["registration"], found["delegate"]
    try:
        return messages.of(row, told, trip, *who, live.messages)
    except messages.NothingToSay as why:
        raise Pointless(str(why)) from why


def _days(row: Mail, told: dict[str, Any], live: Live) -> dict[str, Any]:
    """The sessions of a program, a day sheet, a host or the team."""
    try:
        if row.letter in days.OF_DELEGATES and row.delegate_id is not None:
            return days.of_delegate(row, told, live.delegates[row.delegate_id], live.days)
        if row.letter == days.HOST and row.trip_id is not None:
            return days.of_host(row, told, live.trips[row.trip_id], live.days)
        if row.letter == days.TEAM and row.trip_id is not None:
            trip = live.trips[row.trip_id]
            team_link = addresses.team_agenda(trip.slug)
            return days.of_team(row, told, trip, live.days) | {"team_link": team_link}
    except days.NothingToTell as why:
        raise Pointless(str(why)) from why
    return {}


def _news(row: Mail, told: dict[str, Any], delegate: Delegate | None, live: Live) -> dict[str, Any]:
    """What changed for a delegate, or the session in which there is a place."""
    trip = live.trips.get(row.trip_id or 0)
    if row.letter not in news.LETTERS or delegate is None or trip is None:
        return {}
    try:
        if row.letter == news.BULLETIN:
            wording = live.wordings.get((trip.id, row.letter, row.language))
            return news.of_bulletin(row, told, delegate, trip, live.news, wording)
        return news.of_place(row, told, delegate, trip, live.news)
    except news.NothingToTell as why:
        raise Pointless(str(why)) from why


def _invitation(row: Mail, delegate: Delegate | None) -> dict[str, Any]:
    """A session that somebody is invited to, or not any more."""
    if row.letter not in inviting.LETTERS or delegate is None:
        return {}
    try:
        return inviting.of(row, delegate)
    except inviting.NothingToTell as why:
        raise Pointless(str(why)) from why


def _stop(row: Mail) -> dict[str, Any]:
    """The link by which its reader stops letters of this topic."""
    return {"stop_link": opt_outs.link(row)}


def _of_trip(trip: Trip | None) -> dict[str, Any]:
    if trip is None:
        return {}
    return {
        "trip": trip,
        "zone": trip.says_deadlines_in,
        "trip_link": addresses.trip(trip.slug),
        "agenda_link": addresses.agenda(trip.slug),
        "register_link": addresses.register(trip.slug),
        "requests_link": addresses.requests(trip.slug),
    }


def _of_coordinator(row: Mail, registration: Registration | None) -> dict[str, Any]:
    if registration is None:
        raise Pointless("the registration is gone")
    if row.letter == "offer_ending" and registration.state != RegistrationState.OFFERED:
        raise Pointless("the company has answered the offer")
    if not LETTERS[row.letter].holds_link:
        return {}
    if not _same(row.to_email, registration.coordinator_email):
        raise Pointless("somebody else speaks for the company by now")
    link = {"company_link": addresses.company(registration.token)}
    if row.letter in TELLS_OF_MONEY:
        return {**link, "statement": statements.of(registration), "grace": GRACE.days}
    return link


def _of_delegate(row: Mail, delegate: Delegate | None, live: Live) -> dict[str, Any]:
    if delegate is None or delegate.erased_at is not None:
        raise Pointless("the delegate's data were erased")
    if not LETTERS[row.letter].holds_link:
        return {}
    if delegate.is_gone:
        raise Pointless("the delegate is not part of the company's party any more")
    if not _same(row.to_email, delegate.email):
        raise Pointless("the delegate has another mail address by now")
    return {
        "delegate_link": addresses.delegate(delegate.token),
        **_calendar(live.feeds.get(delegate.id)),
    }


def _calendar(feed: Feed | None) -> dict[str, Any]:
    if feed is None:
        return {}
    address = addresses.feed(feed.token)
    webcal = "webcal" + address.removeprefix("https").removeprefix("http")
    return {"feed_address": address, "webcal_address": webcal}


def _of_draft(row: Mail, draft: Draft | None) -> dict[str, Any]:
    if draft is None or not _same(row.to_email, draft.email):
        raise Pointless("the form was sent, or the draft is gone")
    return {"draft_link": addresses.draft(draft.trip.slug, draft.token)}


def _of_prospect(row: Mail, prospect: Prospect | None) -> dict[str, Any]:
    if prospect is None or not _same(row.to_email, prospect.email):
        raise Pointless("the invitation to apply is gone")
    if prospect.state != ProspectState.ASKED:
        raise Pointless("the company has answered, or the invitation was taken back")
    link = addresses.invited(prospect.trip.slug, prospect.token)
    return {"prospect": prospect, "prospect_link": link}


def _links(row: Mail, told: dict[str, Any], live: Live) -> dict[str, Any]:
    """The links of those whose address this is, whatever ids were told."""
    companies = [
        (found, addresses.company(found.token))
        for key in told["registration_ids"]
        if (found := live.registrations.get(key)) and _same(row.to_email, found.coordinator_email)
    ]
    people = [
        (person, addresses.delegate(person.token))
        for key in told["delegate_ids"]
        if (person := live.delegates.get(key))
        and not person.is_gone
        and person.erased_at is None
        and _same(row.to_email, person.email)
    ]
    if not companies and not people:
        raise Pointless("no link belongs to this address any more")
    return {"companies": companies, "people": people}


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()

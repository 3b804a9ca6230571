"""Every kind of letter: whom it goes to, what it has to be told, whose link it holds.

Each is a folder templates/mail/<letter>/ with subject.txt, body.txt and body.html. Its facts are
what was true when it was put into the outbox and what the rows may not say any more when a worker
writes it; templates read them as `told`. Everything else, every link above all, comes from the
rows as they are then, so facts hold no secret. (webapp/domain/correspondence)

A fact ..._at is an aware instant and ..._on a date. Of those that do not say it by their name:

    state, delegate_state  of the registration and of the delegate when it was put
    asked, places  numbers of delegates: wished for, and offered
    why       "offer" (not taken in time) or "unpaid"
    changes   [{"what": add | invite | edit | replace | withdraw | company | party,
              "who": a name or None, "instead": of "replace": who comes now}]
    kind      of an amendment: add | edit | replace | withdraw | company | answers
    who       the delegate that it is about, by name, or None
    by, to    names: of coordination_handed, who did, or None for no more than a new link; of
              coordination_ended, who has it now; of delegate_replaced, who comes instead
    amount    a decimal number, in `currency` (ISO 4217); negative: given back
    again     whether it brings new addresses in place of those sent before
    stage     "apply" or "travel"
    lacks     [{"label": {"en", "fr"} or text, "who": a name or None, "due_at": an instant or None}]
    registration_ids, delegate_ids  of those whose links it brings; each is looked at again
    number, since  of releases: the one told of, and the one that its reader was told of last
    notes     numbers of releases: whose notes of the organizers are meant for its reader
    mailing_id, reminder_id  whose words a message has
    sample_registration_id, sample_delegate_id  whose data a test of a message shows
    item_uid, item_uids  of sessions
    organizer  the address that invites, and is answered
    said, was  of invitations: the session as this letter has it (calendars.kept), and as the letter
              before it had it, if it moved
    is_off    whether the session takes place for nobody
    person_id  of a host, speaker, guide or interpreter
    staff_id  of a member of the team
    guests    [{"item": its UID, "people": how many come, "companies": names, "more": how many other
              companies}]
"""

from dataclasses import dataclass
from enum import StrEnum

from webapp.models.mail import Topic, Urgency

UNWANTED = "not sent: its reader asked for no more letters of this kind"
OVERTAKEN = "not sent: what it told of changed before it left"


class To(StrEnum):
    """Who reads it: who speaks for a company, one of its people, or somebody at an address."""

    COORDINATOR = "coordinator"
    DELEGATE = "delegate"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of letter. `facts` must be told; `also` may be, else a template reads None.

    `holds_link`: it holds a key, so it is written only while the address it goes to is that of
    the one whose key it is (DESIGN rule 10). A reader may ask for no more letters of its `topic`.
    """

    to: frozenset[To]
    facts: frozenset[str]
    also: frozenset[str] = frozenset()
    holds_link: bool = True
    urgency: Urgency = Urgency.USUAL
    topic: Topic | None = None


# What every letter about a registration or a delegate is told without being asked.
ALWAYS = frozenset({"state", "delegate_state"})


def _kind(
    to: To | frozenset[To],
    facts: str = "",
    also: str = "",
    *,
    link: bool = True,
    urgency: Urgency = Urgency.USUAL,
    topic: Topic | None = None,
) -> Kind:
    readers = frozenset({to}) if isinstance(to, To) else to
    told, may_be_told = frozenset(facts.split()), frozenset(also.split()) | ALWAYS
    return Kind(readers, told, may_be_told, link, urgency, topic)


SOON, MANY = Urgency.SOON, Urgency.MANY

LETTERS: dict[str, Kind] = {
    "registration_received": _kind(To.COORDINATOR, "state", urgency=SOON),
    "registration_decided": _kind(To.COORDINATOR, "state reason"),
    "registration_changed": _kind(To.COORDINATOR, "changes"),
    "place_offered": _kind(To.COORDINATOR, "places ends_at asked"),
    "place_lapsed": _kind(To.COORDINATOR, "why"),
    "place_confirmed": _kind(To.COORDINATOR),
    "fees_due": _kind(To.COORDINATOR),
    "payment_received": _kind(To.COORDINATOR, "amount currency"),
    "amendment_decided": _kind(To.COORDINATOR, "kind accepted reason", "amendment_id who"),
    "coordination_handed": _kind(To.COORDINATOR, "by", urgency=SOON),
    "coordination_ended": _kind(
        frozenset({To.COORDINATOR, To.ADDRESS}), "to", "registration_id", link=False
    ),
    "details_wanted": _kind(frozenset({To.COORDINATOR, To.DELEGATE}), "stage", "lacks due_at"),
    "delegate_welcome": _kind(To.DELEGATE, also="again", urgency=SOON),
    "delegate_invited": _kind(To.DELEGATE, "coordinator", "again", urgency=SOON),
    "delegate_in": _kind(To.DELEGATE),
    "delegate_status": _kind(To.DELEGATE, "state delegate_state", "why"),
    "delegate_replaced": _kind(To.DELEGATE, "by", link=False),
    "delegate_left": _kind(To.DELEGATE, "reason", link=False),
    "amendment_asked": _kind(To.ADDRESS, "kind", "amendment_id registration_id who", link=False),
    "links_sent": _kind(To.ADDRESS, "registration_ids delegate_ids", urgency=SOON),
    "draft_saved": _kind(To.ADDRESS, "draft_id", urgency=SOON),
    "prospect_asked": _kind(To.ADDRESS, "prospect_id"),
    "prospect_reminded": _kind(To.ADDRESS, "prospect_id"),
    "person_erased": _kind(To.ADDRESS, link=False),
    "offer_ending": _kind(To.COORDINATOR, "places ends_at"),
    "session_place": _kind(To.DELEGATE, "item_uid"),
    "session_invited": _kind(To.DELEGATE, "organizer said stamped_at", "was"),
    "session_uninvited": _kind(To.DELEGATE, "organizer said stamped_at is_off", link=False),
    "bulletin": _kind(To.DELEGATE, "number since", "notes", urgency=MANY, topic=Topic.CHANGES),
    "program": _kind(To.DELEGATE, urgency=MANY, topic=Topic.DAYS),
    "day_sheet": _kind(To.DELEGATE, "day_on", urgency=MANY, topic=Topic.DAYS),
    "team_day_sheet": _kind(
        To.ADDRESS, "staff_id day_on item_uids", "guests", link=False, urgency=MANY
    ),
    "host_visit": _kind(To.ADDRESS, "person_id item_uids", "guests", link=False, urgency=MANY),
    # The organizers' own words; of a mailing that readers may refuse, the topic is set when put.
    "message": _kind(
        frozenset({To.COORDINATOR, To.DELEGATE}), also="mailing_id reminder_id", urgency=MANY
    ),
    "message_test": _kind(
        To.ADDRESS,
        also="mailing_id reminder_id sample_registration_id sample_delegate_id",
        link=False,
        urgency=SOON,
    ),
}

"""What the kinds of letters are called on screen, by the names of webapp/mail/letters.py."""

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.models.mail import Mail

LETTER_NAMES: dict[str, Any] = {
    "registration_received": _l("Registration received"),
    "registration_decided": _l("Decision about a registration"),
    "registration_changed": _l("Registration changed"),
    "place_offered": _l("Offer of a place"),
    "place_lapsed": _l("Place lapsed"),
    "place_confirmed": _l("Place confirmed"),
    "fees_due": _l("What is due"),
    "payment_received": _l("Payment received"),
    "amendment_asked": _l("Request for a change"),
    "amendment_decided": _l("Answer to a request"),
    "coordination_handed": _l("Coordinator's link"),
    "coordination_ended": _l("Coordination handed over"),
    "details_wanted": _l("Details wanted"),
    "delegate_welcome": _l("Delegate's page and calendar"),
    "delegate_invited": _l("Delegate asked for their own data"),
    "delegate_in": _l("Place for a delegate"),
    "delegate_status": _l("News for a delegate"),
    "delegate_replaced": _l("Delegate replaced"),
    "delegate_left": _l("Delegate withdrawn"),
    "links_sent": _l("Lost links"),
    "draft_saved": _l("Draft saved"),
    "prospect_asked": _l("Invitation to apply"),
    "prospect_reminded": _l("Reminder of an invitation"),
    "person_erased": _l("Data erased"),
    "offer_ending": _l("Offer ends soon"),
    "session_place": _l("Place in a session"),
    "session_invited": _l("Invitation to a session"),
    "session_uninvited": _l("Invitation to a session taken back"),
    "bulletin": _l("Changes of the agenda"),
    "program": _l("Program"),
    "day_sheet": _l("Day sheet"),
    "team_day_sheet": _l("Day sheet of the team"),
    "host_visit": _l("Visit for a host"),
    "message": _l("Message"),
    "message_test": _l("Test of a message"),
}


def letter_name(mail: Mail) -> Any:
    """What a letter is shown as: its subject, or what its kind is called while it has none."""
    return mail.subject or LETTER_NAMES.get(mail.letter, mail.letter)


def letter_kind(mail: Mail) -> Any:
    """What the kind of a letter is called."""
    return LETTER_NAMES.get(mail.letter, mail.letter)

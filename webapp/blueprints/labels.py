"""What the states and kinds of the product are called on screen."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from webapp.domain import item_words
from webapp.domain.clashes.rules import Level, Rule
from webapp.domain.item_words import ITEM_ROLES, MODES
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.mail import MailState
from webapp.models.organization import OrganizationKind
from webapp.models.pick import PickState
from webapp.models.registration import RegistrationState
from webapp.models.release import Change, ReleaseState
from webapp.models.trip import TripState

ITEM_KINDS: dict[StrEnum, Any] = {
    ItemKind.BRIEFING: _l("Briefing"),
    ItemKind.VISIT: _l("Site visit"),
    ItemKind.MEETINGS: _l("Meetings"),
    ItemKind.PANEL: _l("Panel"),
    ItemKind.FAIR: _l("Trade fair"),
    ItemKind.RECEPTION: _l("Reception"),
    ItemKind.CEREMONY: _l("Ceremony"),
    ItemKind.MEAL: _l("Meal"),
    ItemKind.TRANSFER: _l("Transfer"),
    ItemKind.TRAVEL: _l("Travel"),
    ItemKind.CALL: _l("Call"),
    ItemKind.FREE: _l("Free time"),
}
AUDIENCES: dict[StrEnum, Any] = {
    Audience.EVERYBODY: _l("Everybody"),
    Audience.DELEGATES: _l("Accepted delegates"),
    Audience.COMPANIES: _l("Named companies"),
    Audience.STAFF: _l("Staff only"),
}
ATTENDANCES: dict[StrEnum, Any] = {
    Attendance.MANDATORY: _l("Part of the program"),
    Attendance.OPTIONAL: _l("Optional"),
}
PICK_STATES: dict[StrEnum, Any] = {
    PickState.CHOSEN: _l("Chosen"),
    PickState.WAITING: _l("On the waiting list"),
    PickState.LEFT: _l("Not chosen"),
}
RELEASE_STATES: dict[StrEnum, Any] = {
    ReleaseState.PLANNED: _l("Planned"),
    ReleaseState.PUBLISHED: _l("Published"),
    ReleaseState.DROPPED: _l("Dropped"),
}
ITEM_STATES: dict[StrEnum, Any] = {
    ItemState.CONFIRMED: _l("Confirmed"),
    ItemState.TENTATIVE: _l("To be confirmed"),
    ItemState.CANCELLED: _l("Cancelled"),
}
REGISTRATION_STATES: dict[StrEnum, Any] = {
    RegistrationState.SUBMITTED: _l("Awaiting a decision"),
    RegistrationState.ACCEPTED: _l("Accepted"),
    RegistrationState.WAITLISTED: _l("On the waiting list"),
    RegistrationState.DECLINED: _l("Declined"),
    RegistrationState.CANCELLED: _l("Cancelled"),
}
ORGANIZATION_KINDS: dict[StrEnum, Any] = {
    OrganizationKind.AUTHORITY: _l("Public authority"),
    OrganizationKind.CHAMBER: _l("Chamber of commerce"),
    OrganizationKind.AGENCY: _l("Agency"),
    OrganizationKind.CLUSTER: _l("Cluster"),
    OrganizationKind.COMPANY: _l("Company"),
    OrganizationKind.ACADEMIC: _l("University or research"),
    OrganizationKind.ASSOCIATION: _l("Association"),
    OrganizationKind.CONSULATE: _l("Consulate"),
    OrganizationKind.NGO: _l("Non-governmental organization"),
    OrganizationKind.FAIR: _l("Trade fair"),
}
ORGANIZATION_GROUPS: dict[StrEnum, Any] = {
    OrganizationKind.AUTHORITY: _l("Public authorities"),
    OrganizationKind.CHAMBER: _l("Chambers of commerce"),
    OrganizationKind.AGENCY: _l("Agencies"),
    OrganizationKind.CLUSTER: _l("Clusters"),
    OrganizationKind.COMPANY: _l("Companies"),
    OrganizationKind.ACADEMIC: _l("Universities and research"),
    OrganizationKind.ASSOCIATION: _l("Associations"),
    OrganizationKind.CONSULATE: _l("Consulates"),
    OrganizationKind.NGO: _l("Non-governmental organizations"),
    OrganizationKind.FAIR: _l("Trade fairs"),
}
TRIP_STATES: dict[StrEnum, Any] = {
    TripState.DRAFT: _l("Draft"),
    TripState.ANNOUNCED: _l("Announced"),
    TripState.CANCELLED: _l("Cancelled"),
    TripState.WITHDRAWN: _l("Withdrawn"),
}
CHANGES: dict[StrEnum, Any] = {
    Change.SAME: _l("Unchanged"),
    Change.ADDED: _l("Added"),
    Change.MOVED: _l("Moved"),
    Change.CHANGED: _l("Changed"),
    Change.CANCELLED: _l("Cancelled"),
    Change.RESTORED: _l("Takes place again"),
}
MAIL_STATES: dict[StrEnum, Any] = {
    MailState.WAITING: _l("Waiting"),
    MailState.SENDING: _l("Being sent"),
    MailState.SENT: _l("Sent"),
    MailState.FAILED: _l("Failed"),
}
CLASH_RULES: dict[StrEnum, Any] = {
    Rule.PERSON: _l("Somebody in two sessions at once"),
    Rule.TRAVEL: _l("Not enough time to get there"),
    Rule.ROOM: _l("Two sessions in one room"),
    Rule.VEHICLE: _l("One vehicle in two sessions"),
    Rule.HOST: _l("One host at two venues"),
    Rule.CAPACITY: _l("More people than places"),
    Rule.DATES: _l("Outside of the dates"),
    Rule.ZONE: _l("Another time zone than the place"),
    Rule.WALL_TIME: _l("A time that the clocks do not show"),
    Rule.CLOCK_CHANGE: _l("A clock change during the tour"),
}
CLASH_LEVELS: dict[StrEnum, Any] = {
    Level.BLOCK: _l("Blocks publishing"),
    Level.WARN: _l("Is only told"),
    Level.IGNORE: _l("Is not looked for"),
}
ACTIONS: dict[str, Any] = {
    "register": _l("Registered"),
    "decide": _l("Decided"),
    "cancel": _l("Cancelled"),
    "add": _l("Added"),
    "change": _l("Changed"),
    "delete": _l("Deleted"),
    "restore": _l("Brought back"),
    "hold back": _l("Held back"),
    "let go": _l("No longer held back"),
    "plan": _l("Planned"),
    "drop": _l("Dropped"),
    "take as draft": _l("Taken as the draft"),
    "publish": _l("Published"),
    "follow": _l("Tracks changed"),
    "create": _l("Created"),
    "import": _l("Imported"),
    "rotate": _l("New calendar address"),
    "password": _l("New password"),
    "close": _l("Closed"),
    "grant": _l("Role given"),
    "send again": _l("Sent again"),
    "announce": _l("Announced"),
    "withdraw": _l("Withdrawn"),
    "copy": _l("Copied"),
    "shift": _l("Moved to other dates"),
    "order": _l("Put in another order"),
    "choose": _l("Chosen"),
    "leave": _l("Given back"),
    "promote": _l("Moved up from the waiting list"),
    "end": _l("Choice ended"),
    "override": _l("Let through"),
}
OBJECTS: dict[str, Any] = {
    "registrations": _l("Registration"),
    "agenda_items": _l("Session"),
    "releases": _l("Version"),
    "delegates": _l("Delegate"),
    "staff": _l("Account"),
    "trips": _l("Tour"),
    "feeds": _l("Calendar"),
    "mails": _l("Mail"),
    "stops": _l("Stop"),
    "venues": _l("Venue"),
    "rooms": _l("Room"),
    "tracks": _l("Track"),
    "picks": _l("Choice of a session"),
    "clash_overrides": _l("Clash"),
    "travel_times": _l("Travel time"),
}
_ALL: dict[type, Mapping[StrEnum, Any]] = {
    ItemKind: ITEM_KINDS,
    Audience: AUDIENCES,
    ItemState: ITEM_STATES,
    RegistrationState: REGISTRATION_STATES,
    OrganizationKind: ORGANIZATION_KINDS,
    TripState: TRIP_STATES,
    Change: CHANGES,
    MailState: MAIL_STATES,
    Attendance: ATTENDANCES,
    Mode: MODES,
    ItemRole: ITEM_ROLES,
    PickState: PICK_STATES,
    ReleaseState: RELEASE_STATES,
    Rule: CLASH_RULES,
    Level: CLASH_LEVELS,
}


def init_app(app: Flask) -> None:
    """Let templates say `{{ thing.state | label }}`, also for the words of the audit."""
    app.jinja_env.filters.update(label=label, group_label=group_label)
    app.jinja_env.globals["item_words"] = item_words


def label(value: StrEnum | str) -> Any:
    """What a member of one of our enums, or a word of the audit, is called."""
    if isinstance(value, StrEnum):
        return _ALL[type(value)][value]
    return ACTIONS.get(value) or OBJECTS.get(value) or value


def group_label(kind: OrganizationKind) -> Any:
    """What several organizations of a kind are called."""
    return ORGANIZATION_GROUPS[kind]


def choices(labels: Mapping[StrEnum, Any], *only: StrEnum) -> list[SelectChoice]:
    """The labels, or only some of them, as the choices of a select field."""
    wanted = only or labels
    return [SelectChoice(member.value, str(labels[member])) for member in wanted]

"""What the states and kinds of the product are called on screen."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from webapp.blueprints.letter_names import letter_name
from webapp.domain import item_words
from webapp.domain.clashes.rules import Level, Rule
from webapp.domain.item_words import ATTENDANCES, ITEM_KINDS, ITEM_ROLES, ITEM_STATES, MODES
from webapp.domain.retention import DataKind
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.amendment import AmendmentKind, AmendmentState
from webapp.models.consent import Purpose
from webapp.models.delegate import DelegateState
from webapp.models.fee import FeeBasis, FeeKind
from webapp.models.feed import Client, Scope
from webapp.models.intake import IntakeState
from webapp.models.invitation import Answer, InvitationState
from webapp.models.mail import MailState, Outcome, Topic
from webapp.models.mailing import Anchor, MailingState, ReminderKind
from webapp.models.organization import OrganizationKind
from webapp.models.pick import PickState
from webapp.models.prospect import ProspectState
from webapp.models.question import AnswerKind, Asked, Sensitivity, Stage
from webapp.models.registration import Party, RegistrationState
from webapp.models.release import Change, ReleaseState
from webapp.models.trip import Inviting, Order, Promotion, TripState

AUDIENCES: dict[StrEnum, Any] = {
    Audience.EVERYBODY: _l("Everybody"),
    Audience.DELEGATES: _l("Accepted delegates"),
    Audience.COMPANIES: _l("Named companies"),
    Audience.STAFF: _l("Staff only"),
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
REGISTRATION_STATES: dict[StrEnum, Any] = {
    RegistrationState.SUBMITTED: _l("Awaiting a decision"),
    RegistrationState.ACCEPTED: _l("Accepted"),
    RegistrationState.WAITLISTED: _l("On the waiting list"),
    RegistrationState.OFFERED: _l("Offered a place"),
    RegistrationState.DECLINED: _l("Declined"),
    RegistrationState.CANCELLED: _l("Cancelled"),
    RegistrationState.LAPSED: _l("Lapsed"),
}
DELEGATE_STATES: dict[StrEnum, Any] = {
    DelegateState.COMING: _l("Coming"),
    DelegateState.WAITING: _l("Waiting for a place"),
    DelegateState.WITHDRAWN: _l("No longer coming"),
    DelegateState.REPLACED: _l("Replaced"),
}
PARTIES: dict[StrEnum, Any] = {
    Party.ALL: _l("All of us or nobody"),
    Party.ANY: _l("As many as there are places"),
}
ORDERS: dict[StrEnum, Any] = {
    Order.ARRIVAL: _l("First come, first served"),
    Order.SCORE: _l("By score"),
}
PROMOTIONS: dict[StrEnum, Any] = {
    Promotion.OFFER: _l("The company is offered it and answers by a deadline"),
    Promotion.AT_ONCE: _l("The company has it at once"),
    Promotion.REVIEW: _l("The company holds it while the organizers decide"),
}
STAGES: dict[StrEnum, Any] = {
    Stage.APPLY: _l("With the application"),
    Stage.TRAVEL: _l("Once accepted"),
}
ASKED: dict[StrEnum, Any] = {
    Asked.COMPANY: _l("The company"),
    Asked.DELEGATE: _l("Each delegate"),
}
ANSWER_KINDS: dict[StrEnum, Any] = {
    AnswerKind.TEXT: _l("One line of text"),
    AnswerKind.LONG_TEXT: _l("Several lines of text"),
    AnswerKind.YES_NO: _l("Yes or no"),
    AnswerKind.CHOICE: _l("One of several"),
    AnswerKind.CHOICES: _l("Any of several"),
    AnswerKind.NUMBER: _l("A number"),
    AnswerKind.DATE: _l("A date"),
    AnswerKind.COUNTRY: _l("A country"),
    AnswerKind.DOCUMENT: _l("A document"),
}
SENSITIVITIES: dict[StrEnum, Any] = {
    Sensitivity.PLAIN: _l("Like any other answer"),
    Sensitivity.TRAVEL: _l("Sealed: passport and travel data"),
    Sensitivity.HEALTH: _l("Sealed: diet, health and mobility"),
}
PURPOSES: dict[StrEnum, Any] = {
    Purpose.LIST: _l("List of participants"),
    Purpose.CONTACT: _l("Mail and telephone for the others"),
    Purpose.PHOTO: _l("Photographs and film"),
    Purpose.NEWS: _l("News of later tours"),
}
AMENDMENT_KINDS: dict[StrEnum, Any] = {
    AmendmentKind.ADD: _l("One more delegate"),
    AmendmentKind.EDIT: _l("Other data of a delegate"),
    AmendmentKind.REPLACE: _l("One delegate instead of another"),
    AmendmentKind.WITHDRAW: _l("A delegate does not come"),
    AmendmentKind.COMPANY: _l("Other data of the company"),
    AmendmentKind.ANSWERS: _l("Other answers"),
}
AMENDMENT_STATES: dict[StrEnum, Any] = {
    AmendmentState.OPEN: _l("Awaits an answer"),
    AmendmentState.ACCEPTED: _l("Agreed to"),
    AmendmentState.DECLINED: _l("Not agreed to"),
    AmendmentState.WITHDRAWN: _l("Taken back"),
}
PROSPECT_STATES: dict[StrEnum, Any] = {
    ProspectState.ASKED: _l("Invited"),
    ProspectState.APPLIED: _l("Has applied"),
    ProspectState.REFUSED: _l("Does not want to"),
    ProspectState.WITHDRAWN: _l("Invitation taken back"),
}
FEE_KINDS: dict[StrEnum, Any] = {
    FeeKind.FEE: _l("Fee"),
    FeeKind.DEPOSIT: _l("Deposit, given back afterwards"),
    FeeKind.AID: _l("Aid, taken off the price"),
}
FEE_BASES: dict[StrEnum, Any] = {
    FeeBasis.COMPANY: _l("Once for the company"),
    FeeBasis.DELEGATE: _l("For each delegate"),
}
INTAKE_STATES: dict[StrEnum, Any] = {
    IntakeState.WAITING: _l("Waits its turn"),
    IntakeState.RUNNING: _l("Under way"),
    IntakeState.DONE: _l("Done"),
    IntakeState.FAILED: _l("Failed"),
}
DATA_KINDS: dict[StrEnum, Any] = {
    DataKind.HEALTH: _l("Diet, health and mobility"),
    DataKind.TRAVEL: _l("Passport and travel data"),
    DataKind.PHONES: _l("Telephone numbers"),
    DataKind.DOCUMENTS: _l("Documents sent"),
    DataKind.LETTERS: _l("Text of letters"),
    DataKind.CONTACTS: _l("Names, addresses and answers"),
    DataKind.SCORES: _l("Points and their reasons"),
    DataKind.DRAFTS: _l("Forms begun and not sent"),
    DataKind.IMPORTS: _l("Files that were brought in"),
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
    MailState.HELD: _l("Held"),
    MailState.SENDING: _l("Being sent"),
    MailState.SENT: _l("Sent"),
    MailState.BOUNCED: _l("Came back"),
    MailState.FAILED: _l("Failed"),
    MailState.CANCELLED: _l("Stopped"),
}
MAILING_STATES: dict[StrEnum, Any] = {
    MailingState.DRAFT: _l("Draft"),
    MailingState.SCHEDULED: _l("Scheduled"),
    MailingState.HELD: _l("Goes out soon"),
    MailingState.SENT: _l("Sent"),
}
REMINDER_KINDS: dict[StrEnum, Any] = {
    ReminderKind.DETAILS: _l("What is still missing"),
    ReminderKind.PROGRAM: _l("Program with calendar file"),
    ReminderKind.DAY_SHEET: _l("Day sheet"),
    ReminderKind.HOSTS: _l("Visit for hosts and speakers"),
    ReminderKind.MESSAGE: _l("Your own words"),
}
ANCHORS: dict[StrEnum, Any] = {
    Anchor.START: _l("start of the tour"),
    Anchor.END: _l("end of the tour"),
    Anchor.REGISTRATION_CLOSES: _l("close of registration"),
    Anchor.FREEZE: _l("end of free changes"),
    Anchor.DETAILS_DUE: _l("deadline for travel details"),
    Anchor.EACH_DAY: _l("each day of the tour"),
}
TOPICS: dict[StrEnum, Any] = {
    Topic.CHANGES: _l("Changes of your sessions"),
    Topic.DAYS: _l("Programs and day sheets"),
    Topic.NEWS: _l("News from the organizers"),
}
OUTCOMES: dict[StrEnum, Any] = {
    Outcome.ACCEPTED: _l("The server took it"),
    Outcome.LATER: _l("Put off"),
    Outcome.REFUSED: _l("Refused by the server"),
    Outcome.LOST: _l("Not known"),
    Outcome.DELAYED: _l("Delayed on the way"),
    Outcome.BOUNCED: _l("Came back"),
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
CLIENTS: dict[StrEnum, Any] = {
    Client.GOOGLE: _l("Google Calendar"),
    Client.APPLE: _l("Apple Calendar"),
    Client.OUTLOOK: _l("Outlook"),
    Client.THUNDERBIRD: _l("Thunderbird"),
    Client.NEXTCLOUD: _l("Nextcloud"),
    Client.HOME_ASSISTANT: _l("Home Assistant"),
    Client.ANDROID: _l("an Android app"),
    Client.BROWSER: _l("a web browser"),
    Client.OTHER: _l("another program"),
}
SCOPES: dict[StrEnum, Any] = {
    Scope.TRIP: _l("Public"),
    Scope.TRACK: _l("Track"),
    Scope.COMPANY: _l("Company"),
    Scope.DELEGATE: _l("Delegate"),
    Scope.VENUE: _l("Venue"),
    Scope.HOST: _l("Hosting organization"),
    Scope.STAFF: _l("Team"),
}
INVITINGS: dict[StrEnum, Any] = {
    Inviting.FEED: _l("Calendars only: no invitations"),
    Inviting.CHANGES: _l("Invitations for changes"),
    Inviting.ALL: _l("An invitation for every session"),
}
ANSWERS: dict[StrEnum, Any] = {
    Answer.NONE: _l("No answer"),
    Answer.ACCEPTED: _l("Coming"),
    Answer.DECLINED: _l("Not coming"),
    Answer.TENTATIVE: _l("Maybe"),
}
INVITATION_STATES: dict[StrEnum, Any] = {
    InvitationState.INVITED: _l("Invited"),
    InvitationState.CANCELLED: _l("Taken back"),
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
    "mail invitations": _l("Invitations mailed"),
    "follow": _l("Tracks changed"),
    "create": _l("Created"),
    "import": _l("Imported"),
    "rotate": _l("New calendar address"),
    "open": _l("Calendar opened"),
    "revoke": _l("Calendar stopped"),
    "options": _l("What it holds changed"),
    "mail invitations now": _l("Invitations sent without waiting"),
    "set invitations": _l("Setting of invitations changed"),
    "password": _l("New password"),
    "close": _l("Closed"),
    "grant": _l("Role given"),
    "send again": _l("Sent again"),
    "announce": _l("Announced"),
    "withdraw": _l("Withdrawn"),
    "copy": _l("Copied"),
    "copy wordings": _l("Wordings taken over from another tour"),
    "reset": _l("The product's own again"),
    "shift": _l("Moved to other dates"),
    "order": _l("Put in another order"),
    "choose": _l("Chosen"),
    "leave": _l("Given back"),
    "promote": _l("Moved up from the waiting list"),
    "end": _l("Choice ended"),
    "override": _l("Let through"),
    "ask": _l("Asked for"),
    "take back": _l("Taken back"),
    "act for": _l("Done for the company"),
    "score": _l("Scored"),
    "release": _l("Released"),
    "offer": _l("Offered a place"),
    "accept offer": _l("Offer taken"),
    "lapse": _l("Lapsed"),
    "wait": _l("Waits for a place"),
    "wait again": _l("Asked for a place again"),
    "charge": _l("Charged"),
    "waive": _l("Waived"),
    "void": _l("Voided"),
    "retire": _l("Retired"),
    "confirm": _l("Confirmed"),
    "unconfirm": _l("No longer confirmed"),
    "invite": _l("Invited"),
    "remind": _l("Reminded"),
    "refuse": _l("Refused"),
    "fill in": _l("Own data given"),
    "replace": _l("Replaced"),
    "hand over": _l("Coordination handed over"),
    "new link": _l("New link"),
    "extra places": _l("More places allowed"),
    "look": _l("Looked at"),
    "answer": _l("Answers given"),
    "chase": _l("Asked for what is missing"),
    "merge": _l("Merged"),
    "tell apart": _l("Told apart"),
    "edit": _l("Changed"),
    "erase": _l("Erased"),
    "upload": _l("File added"),
    "turn off": _l("Turned off"),
    "turn on": _l("Turned on"),
    "stop": _l("Stopped"),
    "send": _l("Sent"),
    "tell": _l("Put into the mail for those concerned"),
    "tell now": _l("Sent without waiting"),
    "undo telling": _l("Letters stopped"),
    "bounce": _l("Came back"),
    "clear": _l("Address good again"),
    "purge": _l("Purged"),
    "consent": _l("Consents changed"),
    "retention": _l("Other days of keeping"),
    "ask erasure": _l("Asked to be erased"),
    "export": _l("Taken out as a file"),
    "private data": _l("Access to private data changed"),
}
OBJECTS: dict[str, Any] = {
    "registrations": _l("Registration"),
    "agenda_items": _l("Session"),
    "releases": _l("Version"),
    "delegates": _l("Delegate"),
    "staff": _l("Account"),
    "trips": _l("Tour"),
    "feeds": _l("Calendar"),
    "invitations": _l("Invitation to a session"),
    "mails": _l("Mail"),
    "reminders": _l("Reminder"),
    "bounces": _l("Mail address"),
    "mailings": _l("Message"),
    "mailing_templates": _l("Template of a message"),
    "stops": _l("Stop"),
    "venues": _l("Venue"),
    "rooms": _l("Room"),
    "tracks": _l("Track"),
    "picks": _l("Choice of a session"),
    "clash_overrides": _l("Clash"),
    "travel_times": _l("Travel time"),
    "held_places": _l("Places held"),
    "questions": _l("Question"),
    "answers": _l("Answer"),
    "documents": _l("Document"),
    "consents": _l("Consent"),
    "amendments": _l("Request"),
    "prospects": _l("Invitation to apply"),
    "criteria": _l("Criterion"),
    "scores": _l("Score"),
    "fee_items": _l("Price"),
    "charges": _l("Charge"),
    "payments": _l("Payment"),
    "intakes": _l("Import"),
    "organizations": _l("Organization"),
    "people": _l("Person"),
    "wordings": _l("Wording of a letter"),
}
_ALL: dict[type, Mapping[StrEnum, Any]] = {
    ItemKind: ITEM_KINDS,
    DataKind: DATA_KINDS,
    Audience: AUDIENCES,
    ItemState: ITEM_STATES,
    RegistrationState: REGISTRATION_STATES,
    OrganizationKind: ORGANIZATION_KINDS,
    TripState: TRIP_STATES,
    Change: CHANGES,
    MailState: MAIL_STATES,
    MailingState: MAILING_STATES,
    ReminderKind: REMINDER_KINDS,
    Anchor: ANCHORS,
    Topic: TOPICS,
    Outcome: OUTCOMES,
    Attendance: ATTENDANCES,
    Mode: MODES,
    ItemRole: ITEM_ROLES,
    PickState: PICK_STATES,
    ReleaseState: RELEASE_STATES,
    Rule: CLASH_RULES,
    Level: CLASH_LEVELS,
    DelegateState: DELEGATE_STATES,
    Party: PARTIES,
    Order: ORDERS,
    Promotion: PROMOTIONS,
    Stage: STAGES,
    Asked: ASKED,
    AnswerKind: ANSWER_KINDS,
    Sensitivity: SENSITIVITIES,
    Purpose: PURPOSES,
    AmendmentKind: AMENDMENT_KINDS,
    AmendmentState: AMENDMENT_STATES,
    ProspectState: PROSPECT_STATES,
    FeeKind: FEE_KINDS,
    FeeBasis: FEE_BASES,
    IntakeState: INTAKE_STATES,
    Client: CLIENTS,
    Scope: SCOPES,
    Inviting: INVITINGS,
    Answer: ANSWERS,
    InvitationState: INVITATION_STATES,
}


def init_app(app: Flask) -> None:
    """Let templates say `{{ thing.state | label }}`, also for the words of the audit."""
    app.jinja_env.filters.update(label=label, group_label=group_label, letter_name=letter_name)
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

"""How each calendar program takes a calendar in, and how late it is. (icalendar.md H19, L1 to L4.)

Buttons are links that a program or its web page knows. Those of Google and Microsoft hand the
address to them, which of a secret one is told beside the button (L4).
"""

from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext as _

from webapp import addresses
from webapp.models.feed import Feed
from webapp.models.trip import Trip


@dataclass(frozen=True, slots=True)
class Ways:
    """One calendar: the address to copy (https), and what its buttons lead to."""

    address: str
    title: str  # what a program calls it before it has read it
    is_secret: bool = False

    @property
    def webcal(self) -> str:
        """For Apple, Thunderbird and classic Outlook, which fetch it by https (L1)."""
        return "webcal://" + self.address.partition("://")[2]

    @property
    def google(self) -> str:
        """With https inside, Google takes it for a mail address (L2)."""
        return "https://calendar.google.com/calendar/r?cid=" + quote(self.webcal, safe="")

    @property
    def outlook(self) -> str:
        """Outlook.com, for private accounts."""
        return self._outlook("https://outlook.live.com")

    @property
    def outlook_work(self) -> str:
        """Outlook on the web, for accounts of a company or school."""
        return self._outlook("https://outlook.office.com")

    def _outlook(self, host: str) -> str:
        where, name = quote(self.address, safe=""), quote(self.title, safe="")
        return f"{host}/calendar/0/addfromweb?url={where}&name={name}"


def public_ways(trip: Trip, language: str) -> Ways:
    """The public calendar of a tour in a language, one address each (H13)."""
    query = f"?lang={language}" if language != "en" else ""
    return Ways(addresses.public_feed(trip.slug) + query, trip.title.pick(language))


def secret_ways(feed: Feed) -> Ways:
    """A secret calendar, called as its tour is."""
    title = feed.trip.title.pick(feed.language)
    return Ways(addresses.feed(feed.token), title, is_secret=True)


@dataclass(frozen=True, slots=True)
class Program:
    """One kind of program, in two lines: how it takes an address, and how late it is."""

    key: str
    name: str
    how: str
    late: str
    buttons: tuple[tuple[str, str], ...] = ()  # (where to, words)
    told: str = ""  # who learns a secret address by its button


def programs(ways: Ways | None) -> list[Program]:
    """All of them, in the reader's language; without `ways` there are no buttons."""
    return [*_by_button(ways), *_by_hand()]


def _by_button(ways: Ways | None) -> list[Program]:
    webcal = ((ways.webcal, _("Open in my calendar program")),) if ways else ()
    google = ((ways.google, _("Subscribe with Google")),) if ways else ()
    outlook = ((ways.outlook, _("Outlook.com")), (ways.outlook_work, _("Work or school account")))\
        if ways else ()  # fmt: skip
    secret = ways is not None and ways.is_secret
    return [
        Program(
            "apple",
            _("Apple: iPhone, iPad, Mac"),
            _(
                "Press the button and confirm. How often it looks: on a Mac under Auto-refresh, on "
                "an iPhone under Fetch New Data."
            ),
            _("5 minutes to a week, as you set"),
            webcal,
        ),
        Program(
            "google",
            _("Google Calendar"),
            _(
                "On a computer, for its Android app cannot: press the button, or Other calendars, "
                "From URL. The phone then shows it too. No button makes Google look sooner."
            ),
            _("8 to 24 hours"),
            google,
            _("The button hands your secret address to Google.") if secret else "",
        ),
        Program(
            "outlook",
            _("Outlook on the web, new Outlook"),
            _("Press a button, or: Add calendar, Subscribe from web, paste the address."),
            _("3 hours and more"),
            outlook,
            _("The buttons hand your secret address to Microsoft.") if secret else "",
        ),
        Program(
            "classic",
            _("Classic Outlook for Windows"),
            _(
                "Press the button, or: File, Account Settings, Internet Calendars, New, paste the "
                "address."
            ),
            _("With send and receive, a day at most"),
            webcal,
        ),
        Program(
            "thunderbird",
            _("Thunderbird"),
            _("Press the button, or: New calendar, On the network, paste the address."),
            _("30 minutes"),
            webcal,
        ),
    ]


def _by_hand() -> list[Program]:
    return [
        Program(
            "android",
            _("Android without a computer"),
            _(
                "The app that comes with it takes no address. One that does, such as ICSx5: plus "
                "sign, paste the address."
            ),
            _("As you set in the app"),
        ),
        Program(
            "others",
            _("Nextcloud, Home Assistant, vdirsyncer"),
            _("New subscription (in Home Assistant: Remote calendar), paste the address."),
            _("4 hours, as this calendar asks; a day; whenever you run it"),
        ),
    ]

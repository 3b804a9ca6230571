"""Messages that most tours need, ready to be started from, in both languages.

What only the organizers know stands in [[double brackets]]: it has to be said before one goes out.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.db import Words
from webapp.domain.mailings.drafts import Content
from webapp.domain.mailings.terms import Audience, ToWhom
from webapp.models.delegate import DelegateState
from webapp.models.registration import RegistrationState

_TAKES_PART = frozenset({RegistrationState.ACCEPTED})
_COMES = frozenset({DelegateState.COMING})
DELEGATES = Audience(states=_TAKES_PART, delegate_states=_COMES)
EVERYBODY = Audience(ToWhom.BOTH, states=_TAKES_PART)


@dataclass(frozen=True, slots=True)
class Ready:
    """A message to start from: its key in addresses, its name, what it says."""

    key: str
    name: Any
    content: Content


MESSAGES = (
    Ready(
        "welcome",
        _l("Welcome before departure"),
        Content(
            Words(
                en="Before you leave for {tour}",
                fr="Avant votre départ : {tour}",
            ),
            Words(
                en="""Dear {name},

We look forward to welcoming you to {tour} ({dates}).

Before you leave:
- Look at your own agenda and choose what you would like to attend.
- Add your sessions to your calendar: it follows every change by itself.
- Check that the data we have about you are complete.

All of this is on your own page: {delegate_link}

Safe travels, and see you soon.
The organizers""",
                fr="""Bonjour {name},

Nous nous réjouissons de vous accueillir pour {tour} ({dates}).

Avant de partir :
- Regardez votre programme et choisissez ce à quoi vous souhaitez participer.
- Ajoutez vos séances à votre agenda : il suit chaque changement de lui-même.
- Vérifiez que les informations que nous avons à votre sujet sont complètes.

Tout se trouve sur votre page : {delegate_link}

Bon voyage, et à bientôt.
L'équipe d'organisation""",
            ),
            DELEGATES,
        ),
    ),
    Ready(
        "practical",
        _l("Practical information"),
        Content(
            Words(
                en="Practical information for {tour}",
                fr="Informations pratiques : {tour}",
            ),
            Words(
                en="""Dear {name},

Here is what you need to know for {tour} ({dates}).

Meeting point: [[where and when the group meets]]
On site: [[name and telephone number of who accompanies the group]]
To bring:
- An identity document
- Business cards
- Comfortable shoes for the site visits

Your agenda, with every place and time: {delegate_link}

The organizers""",
                fr="""Bonjour {name},

Voici ce qu'il faut savoir pour {tour} ({dates}).

Point de rendez-vous : [[le lieu et l'heure]]
Sur place : [[nom et téléphone de la personne qui accompagne le groupe]]
À prévoir :
- Une pièce d'identité
- Des cartes de visite
- Des chaussures confortables pour les visites de sites

Votre programme, avec chaque lieu et chaque horaire : {delegate_link}

L'équipe d'organisation""",
            ),
            DELEGATES,
        ),
    ),
    Ready(
        "thanks",
        _l("Thanks after the tour"),
        Content(
            Words(
                en="Thank you for taking part in {tour}",
                fr="Merci d'avoir participé à {tour}",
            ),
            Words(
                en="""Dear {name},

Thank you for taking part in {tour} ({dates}). We hope that the meetings were worth the journey.

Please tell us what we should keep and what we should do better. It takes five minutes:
[[the address of your survey]]

What became of the contacts you made? Tell us: we read every line.

The organizers""",
                fr="""Bonjour {name},

Merci d'avoir participé à {tour} ({dates}). Nous espérons que les rencontres valaient le voyage.

Dites-nous ce qu'il faut garder et ce que nous devons améliorer. Cela prend cinq minutes :
[[l'adresse de votre questionnaire]]

Que sont devenus les contacts que vous avez noués ? Dites-le-nous : nous lisons tout.

L'équipe d'organisation""",
            ),
            EVERYBODY,
        ),
    ),
)


def find(key: str) -> Ready | None:
    """The ready-made message with that key, or None."""
    return next((each for each in MESSAGES if each.key == key), None)

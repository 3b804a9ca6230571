"""Questions that most tours ask, ready to be taken over: what a caterer, a travel desk and the
hosts of secured sites need. (domain.md rule 29: diet and passport only when they are needed.)"""

from dataclasses import dataclass, replace

from webapp.db import Words
from webapp.domain import questions, seats
from webapp.domain.audits import By
from webapp.domain.question_rules import Option, QuestionValues
from webapp.errors import DomainError
from webapp.models.question import AnswerKind, Asked, Question, Sensitivity, Stage
from webapp.models.trip import Trip


class NotReady(DomainError):
    """There is no ready-made question with that key."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One ready-made question. It is asked when `after` (a key) was answered so (`when`)."""

    key: str
    values: QuestionValues
    after: str | None = None
    when: tuple[str, ...] = ()


def offered(trip: Trip) -> list[Ready]:
    """Those that the trip does not ask now."""
    there = {question.key for question in questions.of(trip)}
    return [ready for ready in READY.values() if ready.key not in there]


def add(trip: Trip, key: str, by: By) -> Question:
    """Ask a ready-made question, and the one that it depends on. One that is asked already stays as
    it is, one that was retired is asked again. Raises NotReady, question_rules.TooMany."""
    ready = READY.get(key)
    if ready is None:
        raise NotReady
    trip = seats.hold(trip.id)
    parent = add(trip, ready.after, by) if ready.after else None
    there = next((each for each in questions.every(trip) if each.key == key), None)
    if there is not None:
        questions.bring_back(trip, there, by)
        return there
    values = ready.values
    if parent is not None:
        values = replace(values, depends_on_id=parent.id, depends_values=ready.when)
    return questions.add(trip, values, by, key=key)


def _ask(
    kind: AnswerKind,
    sensitivity: Sensitivity,
    en: str,
    fr: str,
    help_en: str = "",
    help_fr: str = "",
    *options: tuple[str, str, str],
) -> QuestionValues:
    return QuestionValues(
        stage=Stage.TRAVEL,
        asked=Asked.DELEGATE,
        kind=kind,
        label=Words(en=en, fr=fr),
        help=Words(en=help_en, fr=help_fr) if help_en else None,
        options=tuple(Option(Words(en=e, fr=f), value) for value, e, f in options),
        sensitivity=sensitivity,
    )


_HEALTH, _TRAVEL, _PLAIN = Sensitivity.HEALTH, Sensitivity.TRAVEL, Sensitivity.PLAIN
_ALL = (
    Ready(
        "diet",
        _ask(
            AnswerKind.CHOICE,
            _HEALTH,
            "Diet",
            "Régime alimentaire",
            "For the meals of the tour.",
            "Pour les repas de la tournée.",
            ("anything", "I eat anything", "Je mange de tout"),
            ("vegetarian", "Vegetarian", "Végétarien"),
            ("vegan", "Vegan", "Végétalien"),
            ("pescatarian", "Fish, but no meat", "Poisson, mais pas de viande"),
            ("no_pork", "No pork", "Sans porc"),
            ("halal", "Halal", "Halal"),
            ("kosher", "Kosher", "Casher"),
            ("other", "Something else", "Autre"),
        ),
    ),
    Ready(
        "diet_other",
        _ask(AnswerKind.TEXT, _HEALTH, "Which diet?", "Quel régime ?"),
        after="diet",
        when=("other",),
    ),
    Ready(
        "allergies",
        _ask(
            AnswerKind.LONG_TEXT,
            _HEALTH,
            "Allergies and intolerances",
            "Allergies et intolérances",
            "Only what a kitchen has to know.",
            "Seulement ce qu’une cuisine doit savoir.",
        ),
    ),
    Ready(
        "mobility",
        _ask(
            AnswerKind.LONG_TEXT,
            _HEALTH,
            "What do you need to get around?",
            "De quoi avez-vous besoin pour vous déplacer ?",
            "For example: a step-free way, a seat in front, time to rest.",
            "Par exemple : un accès sans marches, une place à l’avant, du temps de repos.",
        ),
    ),
    Ready(
        "passport_name",
        _ask(
            AnswerKind.TEXT,
            _TRAVEL,
            "Name as in the passport",
            "Nom tel qu’il figure sur le passeport",
            "Names on tickets and on the lists of secured sites must be the same.",
            "Le nom des billets et des listes des sites protégés doit être le même.",
        ),
    ),
    Ready(
        "passport_number",
        _ask(AnswerKind.TEXT, _TRAVEL, "Passport number", "Numéro de passeport"),
    ),
    Ready(
        "passport_expiry",
        _ask(AnswerKind.DATE, _TRAVEL, "The passport expires on", "Date d’expiration du passeport"),
    ),
    Ready("birth_date", _ask(AnswerKind.DATE, _TRAVEL, "Date of birth", "Date de naissance")),
    Ready("nationality", _ask(AnswerKind.COUNTRY, _TRAVEL, "Nationality", "Nationalité")),
    Ready(
        "arrival_flight",
        _ask(
            AnswerKind.TEXT,
            _PLAIN,
            "Flight of arrival",
            "Vol d’arrivée",
            "Number, date and time of landing. For example: AF 1234, October 24 at 2:30 PM.",
            "Numéro, date et heure d’atterrissage. Par exemple : AF 1234, le 24 octobre à 14 h 30.",
        ),
    ),
    Ready(
        "departure_flight",
        _ask(
            AnswerKind.TEXT,
            _PLAIN,
            "Flight of departure",
            "Vol de départ",
            "Number, date and time.",
            "Numéro, date et heure.",
        ),
    ),
    Ready(
        "hotel",
        _ask(
            AnswerKind.YES_NO,
            _PLAIN,
            "Shall we book a hotel room for you?",
            "Faut-il vous réserver une chambre d’hôtel ?",
        ),
    ),
    Ready(
        "hotel_wishes",
        _ask(AnswerKind.TEXT, _PLAIN, "Wishes for the room", "Souhaits pour la chambre"),
        after="hotel",
        when=("yes",),
    ),
)
READY = {ready.key: ready for ready in _ALL}

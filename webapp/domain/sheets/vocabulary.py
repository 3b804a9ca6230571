"""The words that stand in the cells of a sheet for the members of our enums, in both languages.

Like the names of columns they are part of the file format (see `fields`). The first two are what
we write in English and in French; all are read, and so is the member's own value.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import TypeVar

from babel import Locale

from webapp.domain.sheets.fields import folded
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode

Member = TypeVar("Member", bound=StrEnum)

SAMPLE = ("Illustrative sample", "Exemple illustratif")

_WORDS: dict[type[StrEnum], dict[StrEnum, tuple[str, ...]]] = {
    ItemKind: {
        ItemKind.BRIEFING: ("Briefing", "Briefing", "réunion d'information"),
        ItemKind.VISIT: ("Site visit", "Visite de site", "visite", "tour"),
        ItemKind.MEETINGS: ("Meetings", "Rendez-vous", "meeting", "b2b", "réunion", "réunions"),
        ItemKind.PANEL: ("Panel", "Table ronde", "conference", "conférence", "talk"),
        ItemKind.FAIR: ("Trade fair", "Salon", "trade show", "expo"),
        ItemKind.RECEPTION: ("Reception", "Réception", "cocktail"),
        ItemKind.CEREMONY: ("Ceremony", "Cérémonie", "signing", "signature"),
        ItemKind.MEAL: ("Meal", "Repas", "lunch", "dinner", "breakfast", "déjeuner", "dîner"),
        ItemKind.TRANSFER: ("Transfer", "Transfert"),
        ItemKind.TRAVEL: ("Travel", "Trajet", "voyage", "travel leg"),
        ItemKind.CALL: ("Call", "Appel"),
        ItemKind.FREE: ("Free time", "Temps libre", "leisure"),
    },
    Audience: {
        Audience.EVERYBODY: ("Everybody", "Tout le monde", "public", "all", "tous"),
        Audience.DELEGATES: ("Accepted delegates", "Délégués acceptés", "délégués"),
        Audience.COMPANIES: (
            "Named companies", "Entreprises désignées", "entreprises", "entreprises nommées",
            "entreprises citées", "entreprises nommément désignées",
        ),
        Audience.STAFF: ("Staff only", "Équipe seulement", "équipe", "internal", "interne"),
    },
    ItemState: {
        ItemState.CONFIRMED: ("Confirmed", "Confirmée", "confirmé", "ok"),
        ItemState.TENTATIVE: ("To be confirmed", "À confirmer", "tbc"),
        ItemState.CANCELLED: ("Cancelled", "Annulée", "annulé", "canceled"),
    },
    Attendance: {
        Attendance.MANDATORY: (
            "Part of the program", "Inclus au programme", "fait partie du programme", "required",
            "obligatoire", "yes", "oui",
        ),
        Attendance.OPTIONAL: ("Optional", "Facultatif", "facultative", "en option", "no", "non"),
    },
    Mode: {
        Mode.FLIGHT: ("Flight", "Vol", "avion", "plane", "air"),
        Mode.TRAIN: ("Train", "Train", "rail", "tgv"),
        Mode.COACH: ("Coach", "Autocar", "bus", "car de tourisme"),
        Mode.CAR: ("Car", "Voiture", "taxi"),
        Mode.BOAT: ("Boat", "Bateau", "ferry"),
        Mode.WALK: ("On foot", "À pied", "foot", "marche"),
    },
    ItemRole: {
        ItemRole.HOST: ("Host", "Hôte", "hôtesse", "accueil"),
        ItemRole.SPEAKER: ("Speaker", "Intervenant", "intervenante", "intervention", "orateur"),
        ItemRole.INTERPRETER: ("Interpreter", "Interprète"),
        ItemRole.GUIDE: ("Guide", "Guide"),
    },
}  # fmt: skip


def word(member: StrEnum, language: str) -> str:
    """What a cell says for the member, in English or French."""
    return _WORDS[type(member)][member][1 if language == "fr" else 0]


def words(kind: type[StrEnum], language: str) -> list[str]:
    """What cells say for all members of an enum, in order."""
    return [word(member, language) for member in _WORDS[kind]]


def read(kind: type[Member], text: str) -> Member | None:
    """The member that a cell means, or None."""
    found = _known(kind).get(folded(text))
    return None if found is None else kind(found)


def sample(language: str) -> str:
    """What the column "Basis" says of an illustrative sample."""
    return SAMPLE[1 if language == "fr" else 0]


def means_sample(text: str) -> bool:
    """Whether a cell of the column "Basis" marks an illustrative sample."""
    return folded(text) in {"illustrative", "sample", *map(folded, SAMPLE)}


def language_code(text: str) -> str | None:
    """The ISO 639-1 code that a cell means: "en", "English" and "anglais" are one; else None."""
    return _languages().get(folded(text))


@cache
def _known(kind: type[StrEnum]) -> Mapping[str, StrEnum]:
    found: dict[str, StrEnum] = {}
    for rank in range(max(map(len, _WORDS[kind].values()))):
        for member, said in _WORDS[kind].items():
            found.setdefault(folded(member.value), member)
            if rank < len(said):
                found.setdefault(folded(said[rank]), member)
    return found


@cache
def _languages() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for language in ("en", "fr"):
        for code, named in Locale(language).languages.items():
            if len(code) == 2:
                found.setdefault(code, code)
                found.setdefault(folded(named), code)
    return found

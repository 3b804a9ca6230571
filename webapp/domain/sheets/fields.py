"""The columns of an agenda as a sheet, and what each is called there.

The names are part of a file format, in English and in French, and so stand here and not among the
translations of the screen: a better word on a page must not make last year's sheets unreadable.
"""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class Field(StrEnum):
    """What a column of a sheet says of an item, in the order in which we write them."""

    KEY = "key"
    UID = "uid"
    KIND = "kind"
    TITLE_EN = "title_en"
    TITLE_FR = "title_fr"
    DESCRIPTION_EN = "description_en"
    DESCRIPTION_FR = "description_fr"
    DATE = "date"
    STARTS = "starts"
    ENDS = "ends"
    END_DATE = "end_date"
    ZONE = "zone"
    END_ZONE = "end_zone"
    STOP = "stop"
    VENUE = "venue"
    ROOM = "room"
    PLACE = "place"
    TO_VENUE = "to_venue"
    TO_PLACE = "to_place"
    TRACK = "track"
    AUDIENCE = "audience"
    COMPANIES = "companies"
    STATE = "state"
    ATTENDANCE = "attendance"
    CAPACITY = "capacity"
    LANGUAGES = "languages"
    MEETING_POINT_EN = "meeting_point_en"
    MEETING_POINT_FR = "meeting_point_fr"
    CALL = "call"
    MODE = "mode"
    SERVICE = "service"
    VEHICLE = "vehicle"
    HOST = "host"
    PEOPLE = "people"
    NOTE = "note"
    BASIS = "basis"
    WHERE = "where"  # read, never written: a venue by its name, else a place in words


# In English, in French, and other headers that mean the same.
_NAMES: dict[Field, tuple[str, ...]] = {
    Field.KEY: ("Key", "Clé", "id", "ref", "reference", "number", "no", "n°", "numéro", "code"),
    Field.UID: ("UID", "UID", "guid", "uuid"),
    Field.KIND: ("Kind", "Type", "category", "catégorie", "session type", "nature"),
    Field.TITLE_EN: (
        "Title (en)", "Titre (en)", "title", "session", "name", "event", "subject", "summary",
        "activity", "english title", "title in english", "titre anglais", "titre en anglais",
    ),
    Field.TITLE_FR: (
        "Title (fr)", "Titre (fr)", "titre", "intitulé", "activité", "objet", "french title",
        "title in french", "titre français", "titre en français",
    ),
    Field.DESCRIPTION_EN: (
        "Description (en)", "Description (en)", "description", "details", "abstract",
        "description in english", "description en anglais",
    ),
    Field.DESCRIPTION_FR: (
        "Description (fr)", "Description (fr)", "détails", "description in french",
        "description en français",
    ),
    Field.DATE: ("Date", "Date", "day", "jour", "start date", "date de début"),
    Field.STARTS: (
        "Starts", "Début", "start", "start time", "begin", "begins", "from", "time", "dtstart",
        "heure", "heure de début", "de", "departure", "départ",
    ),
    Field.ENDS: (
        "Ends", "Fin", "end", "end time", "finish", "until", "to", "dtend", "heure de fin", "à",
        "arrival", "arrivée",
    ),
    Field.END_DATE: ("End date", "Date de fin", "end day", "last day"),
    Field.ZONE: ("Zone", "Fuseau", "time zone", "timezone", "tz", "fuseau horaire", "start zone"),
    Field.END_ZONE: (
        "End zone", "Fuseau de fin", "end time zone", "arrival zone", "fuseau d'arrivée",
    ),
    Field.STOP: ("City", "Ville", "stop", "city/stop", "étape", "ville/étape", "town"),
    Field.VENUE: ("Venue", "Lieu répertorié", "venue name", "site"),
    Field.ROOM: ("Room", "Salle", "hall", "room name"),
    Field.PLACE: ("Place", "Lieu", "place in words", "autre lieu", "lieu libre"),
    Field.TO_VENUE: ("To venue", "Vers le lieu répertorié", "destination venue", "arrival venue"),
    Field.TO_PLACE: ("To place", "Vers", "destination", "to where", "lieu d'arrivée"),
    Field.TRACK: ("Track", "Parcours", "stream", "filière"),
    Field.AUDIENCE: ("Audience", "Public", "who may see it", "visibility", "qui peut la voir"),
    Field.COMPANIES: ("Companies", "Entreprises", "company", "entreprise", "for companies"),
    Field.STATE: ("State", "État", "status", "statut"),
    Field.ATTENDANCE: ("Attendance", "Participation", "présence", "mandatory"),
    Field.CAPACITY: ("Capacity", "Nombre de places", "capacité", "places", "seats", "max"),
    Field.LANGUAGES: ("Languages", "Langues", "language", "langue"),
    Field.MEETING_POINT_EN: (
        "Meeting point (en)", "Point de rendez-vous (en)", "meeting point", "meet at",
    ),
    Field.MEETING_POINT_FR: (
        "Meeting point (fr)", "Point de rendez-vous (fr)", "point de rendez-vous", "rendez-vous",
    ),
    Field.CALL: (
        "Call (minutes before)", "Convocation (minutes avant)", "call", "call time",
        "minutes before", "convocation",
    ),
    Field.MODE: ("Mode", "Moyen de transport", "means", "transport", "mode de transport"),
    Field.SERVICE: (
        "Service", "Service", "flight", "train", "carrier", "flight number", "vol", "numéro de vol",
    ),
    Field.VEHICLE: ("Vehicle", "Véhicule", "bus", "coach", "car", "autocar"),
    Field.HOST: (
        "Host", "Structure d'accueil", "hôte", "host organization", "organisation hôte", "accueil",
    ),
    Field.PEOPLE: (
        "People", "Personnes", "speakers", "speaker", "intervenants", "intervenant", "persons",
    ),
    Field.NOTE: ("Internal note", "Note interne", "note", "notes", "remarks", "remarques"),
    Field.BASIS: ("Basis", "Origine", "sample"),
    Field.WHERE: ("Location", "Localisation", "where", "où", "endroit", "adresse", "address"),
}  # fmt: skip

WRITTEN = tuple(field for field in Field if field != Field.WHERE)


def name(field: Field, language: str) -> str:
    """What the column is called in a file, in English or French."""
    english, french, *_others = _NAMES[field]
    return french if language == "fr" else english


def guess(header: Sequence[str]) -> dict[Field, int]:
    """Which column, counted from 0, says what, by its name in either language.

    A name of ours goes before a name that only means the same, an earlier column before a later.
    """
    found: dict[Field, int] = {}
    for names in (_OURS, _ALIKE):
        for number, text in enumerate(header):
            field = names.get(folded(text))
            if field and field not in found and number not in found.values():
                found[field] = number
    return found


def letter(number: int) -> str:
    """The name a spreadsheet gives to a column: 0 is A, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def folded(text: str) -> str:
    """What two spellings of a name share: no case, accents, or signs other than letters, digits
    and single blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+", " ", plain).strip()


def _index(first: int, last: int | None) -> dict[str, Field]:
    """The field of each folded name, of the names from `first` up to `last` of every field."""
    found: dict[str, Field] = {}
    for field, names in _NAMES.items():
        for text in names[first:last]:
            found.setdefault(folded(text), field)
    return found


_OURS = _index(0, 2)
_ALIKE = _index(2, None)

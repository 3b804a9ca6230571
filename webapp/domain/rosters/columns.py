"""The columns of a sheet of people, and what they are called in English and French.

Like those of an agenda (sheets/fields.py) the names are part of a file format, and so stand here
and not among the translations of the screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from webapp.domain.sheets.fields import folded

QUESTION = "question:"  # before the key of a question, where a column answers it


class Column(StrEnum):
    """What a column says of somebody, or of the company that sends them."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    NAME = "name"  # both names in one cell: read, never written
    EMAIL = "email"
    PHONE = "phone"
    JOB_TITLE = "job_title"
    LANGUAGE = "language"
    COMPANY = "company"
    COUNTRY = "country"
    WEBSITE = "website"
    COORDINATOR_NAME = "coordinator_name"
    COORDINATOR_EMAIL = "coordinator_email"
    COORDINATOR_PHONE = "coordinator_phone"


OF_A_PERSON = (
    Column.GIVEN_NAME,
    Column.FAMILY_NAME,
    Column.EMAIL,
    Column.PHONE,
    Column.JOB_TITLE,
    Column.LANGUAGE,
)
OF_A_COMPANY = (
    Column.COMPANY,
    Column.COUNTRY,
    Column.WEBSITE,
    Column.COORDINATOR_NAME,
    Column.COORDINATOR_EMAIL,
    Column.COORDINATOR_PHONE,
)

# In English, in French, and other headers that mean the same.
_NAMES: dict[Column, tuple[str, ...]] = {
    Column.GIVEN_NAME: (
        "First name", "Prénom", "given name", "forename", "christian name", "first", "firstname",
        "prénoms", "prenom usuel",
    ),
    Column.FAMILY_NAME: (
        "Last name", "Nom", "family name", "surname", "lastname", "last", "nom de famille",
        "nom d'usage", "name",
    ),
    Column.NAME: (
        "Full name", "Nom complet", "first and last name", "name and surname", "nom et prénom",
        "prénom et nom", "nom prénom", "prénom nom", "delegate", "délégué", "participant",
        "participants", "person", "personne",
    ),
    Column.EMAIL: (
        "Email", "Courriel", "e-mail", "mail", "mail address", "email address", "e-mail address",
        "adresse mail", "adresse e-mail", "adresse email", "adresse électronique", "mél",
    ),
    Column.PHONE: (
        "Phone", "Téléphone", "mobile", "mobile phone", "cell", "cell phone", "telephone", "tel",
        "tél", "portable", "téléphone portable", "phone number", "numéro de téléphone", "gsm",
    ),
    Column.JOB_TITLE: (
        "Job title", "Fonction", "title", "position", "role", "job", "function", "poste", "titre",
        "intitulé du poste", "qualité",
    ),
    Column.LANGUAGE: (
        "Language", "Langue", "languages", "langues", "preferred language", "mail language",
        "langue préférée", "langue de correspondance",
    ),
    Column.COMPANY: (
        "Company", "Société", "organization", "organisation", "company name", "entreprise",
        "structure", "raison sociale", "employer", "employeur", "nom de l'entreprise",
        "nom de la société", "organization name", "établissement",
    ),
    Column.COUNTRY: ("Country", "Pays", "company country", "country of the company"),
    Column.WEBSITE: ("Website", "Site web", "site", "web", "url", "site internet", "web site"),
    Column.COORDINATOR_NAME: (
        "Coordinator", "Coordinateur", "coordinatrice", "coordinator name", "contact",
        "contact name", "nom du contact", "nom du coordinateur", "coordination",
    ),
    Column.COORDINATOR_EMAIL: (
        "Coordinator email", "Courriel du coordinateur", "coordinator mail", "coordinator e-mail",
        "contact email", "contact e-mail", "contact mail", "courriel du contact",
        "mail du contact", "email du contact", "e-mail du coordinateur", "email du coordinateur",
    ),
    Column.COORDINATOR_PHONE: (
        "Coordinator phone", "Téléphone du coordinateur", "contact phone",
        "téléphone du contact",
    ),
}  # fmt: skip
# A column "Nom" or "Name" alone holds both names; beside first names it holds the last ones.
_EITHER = frozenset({"nom", "name"})


def name(column: Column, language: str) -> str:
    """What the column is called in a file, in English or French."""
    english, french, *_others = _NAMES[column]
    return french if language == "fr" else english


def question(key: str) -> str:
    """What `guess` calls the column that answers the question with that key."""
    return f"{QUESTION}{key}"


def question_key(place: str) -> str | None:
    """The key of the question that a column answers, or None: it says something else."""
    return place.removeprefix(QUESTION) if place.startswith(QUESTION) else None


def guess(
    header: Sequence[str], questions: Mapping[str, Iterable[str]] | None = None
) -> dict[str, int]:
    """Which column, counted from 0, says what, by its name in either language.

    `questions` are the words that a header may use for each question of the tour, by its key. A
    name of ours goes before a name that only means the same, an earlier column before a later.
    """
    found: dict[str, int] = {}
    asked = _asked(questions or {})
    for names in (_OURS, asked, _ALIKE):
        for number, text in enumerate(header):
            place = names.get(folded(text))
            if place and place not in found and number not in found.values():
                found[place] = number
    family = found.get(Column.FAMILY_NAME)
    alone = not {Column.GIVEN_NAME, Column.NAME} & set(found)
    if family is not None and alone and folded(header[family]) in _EITHER:
        found[Column.NAME] = found.pop(Column.FAMILY_NAME)
    return found


def _asked(questions: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {
        folded(text): question(key)
        for key, names in questions.items()
        for text in (key, *names)
        if folded(text)
    }


def _index(first: int, last: int | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, names in _NAMES.items():
        for text in names[first:last]:
            found.setdefault(folded(text), column)
    return found


_OURS = _index(0, 2)
_ALIKE = _index(2, None)

"""What a sheet says about itself: how each column is filled in, in both languages.

Like the names of the columns this is part of the file (see `fields`).
"""

from webapp.domain.sheets.fields import Field

_GENERAL: dict[str, tuple[str, ...]] = {
    "en": (
        "One row is one session of the draft. Nothing is published by bringing a sheet in.",
        "A new session needs a title, a date, a start and an end. All else may stay empty.",
        "Columns may be left out, or stand in another order. One that is left out changes nothing.",
    ),
    "fr": (
        "Une ligne est une session du brouillon. Importer une feuille ne publie rien.",
        "Une nouvelle session a un titre, une date, un début, une fin. Le reste peut être vide.",
        "Des colonnes peuvent manquer ou changer d’ordre. Une colonne absente ne change rien.",
    ),
}
_BY_FIELD: dict[Field, tuple[str, str]] = {
    Field.KEY: (
        "Your own name for the row, for example V-07. The same key finds the same session again.",
        "Votre propre nom pour la ligne, par exemple V-07. La même clé retrouve la même session.",
    ),
    Field.UID: (
        "Ours. Leave it as it is; leave it empty in new rows.",
        "Notre identifiant. Laissez-le tel quel ; laissez-le vide dans les nouvelles lignes.",
    ),
    Field.DATE: (
        "2027-10-26, 26/10/2027 or 26 October 2027: the local date.",
        "2027-10-26, 26/10/2027 ou 26 octobre 2027 : la date locale.",
    ),
    Field.STARTS: (
        "Local time: 14:30, 14 h 30 or 2:30 PM. In an hour that occurs twice: 02:30+02:00.",
        "Heure locale : 14:30, 14 h 30 ou 2:30 PM. Dans l’heure qui se répète : 02:30+02:00.",
    ),
    Field.ENDS: (
        "Local time, as the clocks show it there.",
        "Heure locale, comme les horloges l’indiquent sur place.",
    ),
    Field.END_DATE: (
        "Empty for the same day.",
        "Vide pour le même jour.",
    ),
    Field.ZONE: (
        "For example Europe/Paris. Empty: that of the venue or the city, else of the tour.",
        "Par exemple Europe/Paris. Vide : celui du lieu ou de la ville, sinon de la tournée.",
    ),
    Field.END_ZONE: (
        "Where a journey arrives in another zone. Empty: that of the start.",
        "Si un trajet arrive dans un autre fuseau. Vide : celui du début.",
    ),
    Field.STOP: ("A stop of the tour.", "Une étape de la tournée."),
    Field.VENUE: (
        "A venue by its name; with a comma and the city where two have one name.",
        "Un lieu répertorié ; avec une virgule et la ville si deux lieux portent le même nom.",
    ),
    Field.PLACE: (
        "Where no venue is listed: a meeting point, a door.",
        "Si le lieu n’est pas répertorié : un point de rendez-vous, une porte.",
    ),
    Field.COMPANIES: (
        "For the audience “Named companies”: names with a semicolon between them.",
        "Pour le public « Entreprises désignées » : des noms séparés par un point-virgule.",
    ),
    Field.LANGUAGES: ("en, fr", "en, fr"),
    Field.CALL: (
        "How many minutes before the start to be at the meeting point.",
        "Combien de minutes avant le début il faut être au point de rendez-vous.",
    ),
    Field.SERVICE: (
        "Carrier and number: AF 69.",
        "Compagnie et numéro : AF 69.",
    ),
    Field.VEHICLE: (
        "Which of the tour’s own: Coach 1.",
        "Lequel, parmi les véhicules de la tournée : Autocar 1.",
    ),
    Field.PEOPLE: (
        "Name (speaker); Name (interpreter). Without a role: a speaker.",
        "Nom (intervenant) ; Nom (interprète). Sans rôle : un intervenant.",
    ),
    Field.NOTE: ("Only staff read this.", "Seule l’équipe le lit."),
    Field.BASIS: (
        "Marks illustrative samples of the demonstration.",
        "Signale les exemples illustratifs de la démonstration.",
    ),
}


def explained(language: str) -> list[tuple[Field | None, str]]:
    """The lines of the sheet that explains the others: about all rows, then by column."""
    code = "fr" if language == "fr" else "en"
    general: list[tuple[Field | None, str]] = [(None, text) for text in _GENERAL[code]]
    place = 1 if code == "fr" else 0
    return general + [(field, texts[place]) for field, texts in _BY_FIELD.items()]

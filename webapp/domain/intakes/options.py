"""What an organizer asks of an import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.models.registration import Party, RegistrationState

# What an imported company may be at once.
STATES = (
    RegistrationState.ACCEPTED,
    RegistrationState.SUBMITTED,
    RegistrationState.WAITLISTED,
)


@dataclass(frozen=True, slots=True)
class Options:
    """Which column is what; what the companies become (one of STATES); whether they and their
    delegates are written to; how a company comes for which there are too few places; the language
    of letters and the country of telephone numbers where a row says none.

    `joins` are the companies of the sheet that an organizer knows to be others: by the mark of a
    group, the id of an organization or the mark of another group.
    """

    places: Mapping[str, int]
    state: RegistrationState = RegistrationState.ACCEPTED
    letters: bool = False
    party: Party = Party.ALL
    language: str = "en"
    country: str | None = None
    joins: Mapping[str, int | str] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return {
            "places": dict(self.places),
            "state": self.state.value,
            "letters": self.letters,
            "party": self.party.value,
            "language": self.language,
            "country": self.country,
            "joins": dict(self.joins),
        }


def of_facts(facts: Mapping[str, Any]) -> Options:
    """What `facts` gave."""
    return Options(
        places=facts["places"],
        state=RegistrationState(facts["state"]),
        letters=facts["letters"],
        party=Party(facts["party"]),
        language=facts["language"],
        country=facts["country"],
        joins=facts["joins"],
    )

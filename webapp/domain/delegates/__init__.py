"""Delegates: who a company sends, one by one; the tracks they follow. (domain.md rule 7.)

`adding` takes one more in, `editing` changes one who stays, `leaving` lets one go or sends a
colleague instead, `finding` is what is asked. What they share: `refusing` says when nothing may be
changed, `telling` keeps what was and tells the coordinator.
"""

from webapp.domain.delegates.adding import add, add_many, invite
from webapp.domain.delegates.editing import edit, fill, follow, new_link
from webapp.domain.delegates.finding import by_token, data_of
from webapp.domain.delegates.leaving import (
    Replacement,
    let_go,
    replace,
    what_does_not_pass_on,
    withdraw,
)
from webapp.domain.delegates.refusing import (
    MOST,
    REFUSALS,
    AlreadyThere,
    HoldsOwnData,
    LastDelegate,
    NotOpen,
)
from webapp.domain.delegates.telling import Change

__all__ = [
    "MOST",
    "REFUSALS",
    "AlreadyThere",
    "Change",
    "HoldsOwnData",
    "LastDelegate",
    "NotOpen",
    "Replacement",
    "add",
    "add_many",
    "by_token",
    "data_of",
    "edit",
    "fill",
    "follow",
    "invite",
    "let_go",
    "new_link",
    "replace",
    "what_does_not_pass_on",
    "withdraw",
]

"""Publishing: a release is the only agenda that feeds, mails and pages know. (DESIGN rule 4.)"""

from webapp.domain.differences import (
    COPIED,
    WHEN,
    WHERE,
    WORDS,
    Difference,
    NoSuchRelease,
    compare,
)
from webapp.domain.releases.comparing import (
    between,
    differences,
    fingerprint,
    public_changes,
)
from webapp.domain.releases.finding import by_id, find, history, planned
from webapp.domain.releases.planning import (
    AlreadyPlanned,
    PlannedInThePast,
    come_out,
    drop,
    due,
    plan,
    tell_problem,
    would_change,
)
from webapp.domain.releases.publishing import (
    HOLD_MINUTES,
    LONGEST_HOLD,
    Blocked,
    NothingToPublish,
    clashes_of,
    held,
    hold_back,
    let_go,
    publish,
)
from webapp.domain.releases.restoring import restore, restoring

__all__ = [
    "COPIED",
    "HOLD_MINUTES",
    "LONGEST_HOLD",
    "WHEN",
    "WHERE",
    "WORDS",
    "AlreadyPlanned",
    "Blocked",
    "Difference",
    "NoSuchRelease",
    "NothingToPublish",
    "PlannedInThePast",
    "between",
    "by_id",
    "clashes_of",
    "come_out",
    "compare",
    "differences",
    "drop",
    "due",
    "find",
    "fingerprint",
    "held",
    "history",
    "hold_back",
    "let_go",
    "plan",
    "planned",
    "public_changes",
    "publish",
    "restore",
    "restoring",
    "tell_problem",
    "would_change",
]

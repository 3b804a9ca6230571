"""Calendar feeds: opening one, what it holds, keeping its bytes right, answering.

`opening` gives addresses, `ending` takes them away, `finding` finds them; `outdating` marks feeds
in the transaction of a change, `preparing` makes their bytes in a worker, `answering` reads them;
`contents` says what each kind holds, `blocks` keeps what they share, `rendering` puts both
together. (DESIGN rules 3 to 5.)
"""

from webapp.domain.feeds.answering import (
    Answer,
    Ended,
    answer,
    by_token,
    is_gone,
    public,
    read_public,
    read_secret,
)
from webapp.domain.feeds.blocks import faults
from webapp.domain.feeds.ending import (
    FeedStopped,
    NoOptions,
    NotSecret,
    close_delegate,
    close_track,
    close_venue,
    end,
    renew_delegate,
    revoke,
    rotate,
    show_options,
    speak,
)
from webapp.domain.feeds.finding import name, of_company, of_delegate, of_delegates, of_trip
from webapp.domain.feeds.opening import (
    open_company,
    open_delegate,
    open_host,
    open_many,
    open_public,
    open_registration,
    open_staff,
    open_track,
    open_venue,
    reopen_company,
    reopen_delegate,
)
from webapp.domain.feeds.outdating import (
    PREPARE,
    outdate,
    outdate_feed,
    outdate_registration,
    outdate_registrations,
    outdate_track,
    outdate_venue,
)
from webapp.domain.feeds.preparing import needs_help, prepare
from webapp.domain.feeds.rendering import (
    delegate_file,
    program_file,
    render,
    render_many,
    session_file,
    sessions_file,
)

__all__ = [
    "PREPARE",
    "Answer",
    "Ended",
    "FeedStopped",
    "NoOptions",
    "NotSecret",
    "answer",
    "by_token",
    "close_delegate",
    "close_track",
    "close_venue",
    "delegate_file",
    "end",
    "faults",
    "is_gone",
    "name",
    "needs_help",
    "of_company",
    "of_delegate",
    "of_delegates",
    "of_trip",
    "open_company",
    "open_delegate",
    "open_host",
    "open_many",
    "open_public",
    "open_registration",
    "open_staff",
    "open_track",
    "open_venue",
    "outdate",
    "outdate_feed",
    "outdate_registration",
    "outdate_registrations",
    "outdate_track",
    "outdate_venue",
    "prepare",
    "program_file",
    "public",
    "read_public",
    "read_secret",
    "render",
    "render_many",
    "renew_delegate",
    "reopen_company",
    "reopen_delegate",
    "revoke",
    "rotate",
    "session_file",
    "sessions_file",
    "show_options",
    "speak",
]

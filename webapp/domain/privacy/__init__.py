"""A human's own data: everything that is held about somebody, as one file; and its erasure.

`subjects` finds what belongs to one human, `holdings` tells it, `files` makes it readable,
`erasing` ends it, `blanking` leaves
rows without a name, `scrubbing` takes a human out of texts that also tell of others.
(domain.md section 14, DESIGN rule 11.)
"""

from webapp.domain.privacy.blanking import (
    Erasure,
    forget_coordinator,
    forget_delegate,
    forget_prospect,
)
from webapp.domain.privacy.erasing import (
    AlreadyErased,
    ReasonMissing,
    StillCoordinates,
    erase,
    erase_address,
)
from webapp.domain.privacy.files import export, filename
from webapp.domain.privacy.requests import ask_erasure, exported, has_asked, looked, open_requests
from webapp.domain.privacy.subjects import Subject, of_address, of_delegate, of_person

__all__ = [
    "AlreadyErased",
    "Erasure",
    "ReasonMissing",
    "StillCoordinates",
    "Subject",
    "ask_erasure",
    "erase",
    "erase_address",
    "export",
    "exported",
    "filename",
    "forget_coordinator",
    "forget_delegate",
    "forget_prospect",
    "has_asked",
    "looked",
    "of_address",
    "of_delegate",
    "of_person",
    "open_requests",
]

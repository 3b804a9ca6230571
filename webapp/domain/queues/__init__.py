"""The waiting list: who is next, why, and who comes up when places are free. (DESIGN rule 6.)

Two kinds of claims stand in one line: a company that waits with its party, and a delegate who
waits for a place while the company is in. Each limit has its own list in that line: a company
waits for a place as a company and for places for its delegates; a delegate for a place of the
company's own limit and for one of the trip. A claim is passed over as long as the list that it
stands in does not move, and keeps its turn.

Where the trip skips parties, places that are too few for a claim go to the next one that they are
enough for; where it does not, they wait for it. Places of a held block are given out within it
whoever waits before.

`claiming` is who waits, in order, `serving` what each gets or waits for, `settling` lets come up
those who can, `looking` is what is asked.
"""

from webapp.domain.queues.claiming import Claim, anybody
from webapp.domain.queues.looking import Turn, before, in_order, keeps_places, line, rank_of
from webapp.domain.queues.serving import WaitsFor
from webapp.domain.queues.settling import settle

__all__ = [
    "Claim",
    "Turn",
    "WaitsFor",
    "anybody",
    "before",
    "in_order",
    "keeps_places",
    "line",
    "rank_of",
    "settle",
]

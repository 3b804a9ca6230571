"""`./escale bench [NAME]`: run one measure, or all."""

import logging
import sys

from bench import (
    agenda,
    board,
    clashes,
    feeds,
    intake,
    listings,
    mail,
    publishing,
    rebuild,
    registration,
    seats,
)

ALL = {
    "agenda": agenda.run,
    "board": board.run,
    "clashes": clashes.run,
    "feeds": feeds.run,
    "intake": intake.run,
    "listings": listings.run,
    "mail": mail.run,
    "publishing": publishing.run,
    "rebuild": rebuild.run,
    "registration": registration.run,
    "seats": seats.run,
}


def main() -> int:
    """Run what was asked for; 2 for a name that is not there."""
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    logging.disable(logging.INFO)  # a line a request would drown the table
    print(f"{'name':44} {'value':>10} {'unit':8} {'limit':>10} {'ratio':>6}")
    for name in names:
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())

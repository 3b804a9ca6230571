"""The agenda of a trip as sheets and calendar files: bringing in and taking out.

tables      what a file says, as header and rows; limits; what can be wrong
reading     from octets to a table: workbooks (XLSX), texts (CSV), events (iCalendar)
fields      the columns and their names; vocabulary: the words in their cells; help
cells       dates, times and numbers as people write them
names       stops, venues, tracks, organizations, people: from name to row and back
rows        one row: plain values; lookups: what it names; times: when it is
planning    the dry run, with every problem of every row
applying    doing what the dry run said
lines       from an item to its cells; writing: XLSX and CSV; calendar: the draft as .ics
uploads     files between the dry run and bringing them in
schedule    the published agenda as other programs read it (frab's JSON and XML)
"""

from webapp.domain.sheets.applying import HasProblems, NotAsSeen, Outcome, apply
from webapp.domain.sheets.planning import plan
from webapp.domain.sheets.reading import guess, read
from webapp.domain.sheets.rows import Options
from webapp.domain.sheets.steps import Deed, Difference, Plan, Step
from webapp.domain.sheets.tables import Fault, FileRefused, Format, Problem, Table, Trouble

__all__ = [
    "Deed",
    "Difference",
    "Fault",
    "FileRefused",
    "Format",
    "HasProblems",
    "NotAsSeen",
    "Options",
    "Outcome",
    "Plan",
    "Problem",
    "Step",
    "Table",
    "Trouble",
    "apply",
    "guess",
    "plan",
    "read",
]

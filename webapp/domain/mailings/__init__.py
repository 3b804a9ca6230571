"""Messages that organizers write themselves, to chosen people of a tour.

Import the part that is needed: `audience` (who), `wording` (the text and its placeholders),
`drafts` (writing one), `files`, `templates`, `checking` (what keeps it from going out), `sending`
(put, held, undone, stopped). The outbox's own package reads `wording`, `markup` and `values`, so
nothing is imported here.
"""

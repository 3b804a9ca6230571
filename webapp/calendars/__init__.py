"""What a calendar reads: published sessions in, iCalendar octets out.

Pure: nothing in here knows a request, a database, a language or the present time. Whoever calls
hands over words already translated and instants already decided.

    line   one content line: what may stand in a text, escaping, folding
    zones  wall time, zone and pass as one Moment; VTIMEZONE, and whether a zone can be named at all
    event  one session, or the bar of a trip, as a VEVENT
    feed   many of them as a calendar, one of them as a file
    invitation  one of them as a message to one guest: invited, or not any more (iTIP)
    reply  what a guest's calendar program answers
    kept   an Entry as plain values to store, and back

"F3", "Z6" and so on are rules of RFC 5545 and its successors, and of the readers people use, as
tests/calendars names them one by one.
"""

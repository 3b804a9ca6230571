"""What the board says: when a time cannot stand, what an edit did, and the words of its script."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webapp import clock, i18n
from webapp.domain import edits
from webapp.domain.item_values import EndsBeforeStart, TimeRefused
from webapp.domain.moves import Times
from webapp.models.agenda import AgendaEdit, AgendaItem


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a move was refused: at which end, in words; the nearest times that exist, and whether
    to ask which pass of a repeated hour is meant."""

    end: str
    text: str
    nearest: tuple[datetime, ...] = ()
    asks: bool = False


def refusal(error: TimeRefused | EndsBeforeStart) -> Refusal:
    """What the domain refused, in words."""
    if isinstance(error, EndsBeforeStart):
        return Refusal("ends", _("The end must come after the start."))
    match error.cause:
        case clock.YearRefused():
            return Refusal(error.end, _("Please check the year."))
        case clock.WallTimeMissing(before=before, after=after):
            text = _(
                "The clocks skip this time. The nearest that exist are %(before)s and %(after)s.",
                before=moment(before),
                after=moment(after),
            )
            return Refusal(error.end, text, (before, after))
        case clock.WallTimeTwice():
            text = _("This time occurs twice, as the clocks go back. Say which one you mean.")
            return Refusal(error.end, text, asks=True)
    return Refusal(error.end, _("We do not know this time zone. Write it like Europe/Paris."))


def moment(local: datetime) -> str:
    """A day and a time, where the zone stands beside it."""
    return f"{i18n.date_short(local)}, {i18n.clock_time(local)}"


def stands(item: AgendaItem) -> str:
    """When an item is, with its zone or zones."""
    starts = i18n.zone_name(item.starts_zone, item.starts_local, item.starts_fold)
    ends = i18n.zone_name(item.ends_zone, item.ends_local, item.ends_fold)
    if starts != ends or item.days_later:
        return _(
            "%(start)s (%(start_zone)s) to %(end)s (%(end_zone)s)",
            start=moment(item.starts_local),
            start_zone=starts,
            end=moment(item.ends_local),
            end_zone=ends,
        )
    return _(
        "%(start)s to %(end)s (%(zone)s)",
        start=moment(item.starts_local),
        end=i18n.clock_time(item.ends_local),
        zone=starts,
    )


def where(item: AgendaItem) -> str:
    """Where an item is and for whom, as far as known."""
    track = i18n.words(item.track_name) if item.track_name else None
    found = dict.fromkeys([item.room_name, item.place_name, item.city, track])
    return ", ".join(name for name in found if name)


def moved(item: AgendaItem) -> str:
    """What a move did."""
    return _("“%(title)s” is now %(when)s.", title=i18n.words(item.title), when=stands(item))


def theirs(item: AgendaItem, who: str) -> str:
    """What somebody else made of an item meanwhile."""
    if place := where(item):
        return _("%(name)s: %(when)s, %(where)s", name=who, when=stands(item), where=place)
    return _("%(name)s: %(when)s", name=who, when=stands(item))


def mine(times: Times) -> str:
    """What a move asked for."""
    if times.ends_local is None:
        return _("You: from %(start)s", start=moment(times.starts_local))
    return _(
        "You: %(start)s to %(end)s",
        start=moment(times.starts_local),
        end=i18n.clock_time(times.ends_local),
    )


def stepped(edit: AgendaEdit, item: AgendaItem | None, *, undone: bool) -> str:
    """What undoing or redoing did."""
    title = i18n.words(edits.title(edit))
    if item is None or item.is_cancelled:
        if undone:
            return _("Undone: “%(title)s” is off the draft.", title=title)
        return _("Done again: “%(title)s” is off the draft.", title=title)
    if undone:
        return _("Undone: “%(title)s” is %(when)s.", title=title, when=stands(item))
    return _("Done again: “%(title)s” is %(when)s.", title=title, when=stands(item))


def changed_since(error: edits.ChangedSince) -> str:
    """Why an edit was left as it is."""
    return _(
        "“%(title)s” was changed since by somebody else, so your edit of it stays as it is. "
        "Press again for the edit before it.",
        title=i18n.words(error.item_title),
    )


def undo_label(edit: AgendaEdit | None) -> str:
    """What the button that undoes says."""
    if edit is None:
        return _("Undo")
    title = i18n.words(edits.title(edit))
    if edit.before is None:
        return _("Undo: adding “%(title)s”", title=title)
    if edit.after is None:
        return _("Undo: deleting “%(title)s”", title=title)
    return _("Undo: changing “%(title)s”", title=title)


def redo_label(edit: AgendaEdit | None) -> str:
    """What the button that does it again says."""
    if edit is None:
        return _("Redo")
    title = i18n.words(edits.title(edit))
    if edit.before is None:
        return _("Redo: adding “%(title)s”", title=title)
    if edit.after is None:
        return _("Redo: deleting “%(title)s”", title=title)
    return _("Redo: changing “%(title)s”", title=title)


def script_words() -> dict[str, str]:
    """The sentences of the board's script; names in braces are filled in there."""
    return {
        "picked": _(
            "Picked up: {title}, {when}. Arrows move it, with Alt they change its length, "
            "Enter drops it, Escape leaves it where it was."
        ),
        "at": _("{when}, {column}"),
        "dropped": _("Dropped: {title}, {when}, {column}. Being saved."),
        "left": _("Left where it was: {title}, {when}."),
        "fixed": _("This session cannot be moved here."),
        "span": _("{start} – {end}"),
        "hours": _("{hours} h {minutes} min"),
        "minutes": _("{minutes} min"),
        "failed": _("It could not be saved. Please try again."),
        "gone": _("This session is gone. Please load the page again."),
        "refused": _("This time cannot stand"),
        "conflict": _("Somebody else changed this session"),
        "keep": _("Leave it as it was"),
        "theirs": _("Keep theirs"),
        "mine": _("Use mine"),
        "moves": _("Move: {title}"),
        "board": _("Timetable"),
    }

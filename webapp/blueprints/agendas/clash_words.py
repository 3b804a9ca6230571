"""Clashes in words: whole sentences, each of which can be translated."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import clock, i18n
from webapp.blueprints.agendas.travel_words import concerned, spoken, travel
from webapp.domain.clashes import Clash, Rule
from webapp.models.agenda import AgendaItem

Titles = Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One clash for a page: the sentence, and the sessions that it is about."""

    sentence: str
    items: Sequence[AgendaItem]


def lines(found: Iterable[Clash], items: Iterable[AgendaItem]) -> dict[str, Line]:
    """Each clash in words, by its key; `items` are those of the draft."""
    named = {item.uid: item for item in items}
    titles = {uid: i18n.words(item.title) for uid, item in named.items()}
    return {
        clash.key: Line(sentence(clash, titles), [named[uid] for uid in clash.uids if uid in named])
        for clash in found
    }


def sentence(clash: Clash, titles: Titles) -> str:
    """What clashes, in the reader's language. `titles` of the sessions by uid; one that is not
    there is "a session"."""
    named = [titles.get(uid) or _("a session") for uid in clash.uids]
    return _SENTENCES[clash.rule](clash.facts, named)


def _person(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    overlap = _(
        "“%(one)s” and “%(other)s” overlap by %(time)s.",
        one=titles[0],
        other=titles[1],
        time=spoken(facts["minutes_overlap"]),
    )
    return f"{overlap} {concerned(facts)}"


def _room(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    return _(
        "“%(one)s” and “%(other)s” overlap by %(time)s in the same room: %(room)s, %(place)s.",
        one=titles[0],
        other=titles[1],
        time=spoken(facts["minutes_overlap"]),
        room=facts["room"],
        place=facts["place"],
    )


def _vehicle(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    return _(
        "“%(one)s” and “%(other)s” overlap by %(time)s and both need %(vehicle)s.",
        one=titles[0],
        other=titles[1],
        time=spoken(facts["minutes_overlap"]),
        vehicle=facts["vehicle"],
    )


def _host(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    return _(
        "“%(one)s” and “%(other)s” overlap by %(time)s, and %(host)s receives at both: "
        "%(place)s and %(to_place)s.",
        one=titles[0],
        other=titles[1],
        time=spoken(facts["minutes_overlap"]),
        host=facts["host"],
        place=facts["place"],
        to_place=facts["to_place"],
    )


def _capacity(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    said = {"title": titles[0], "limit": facts["limit"], "name": facts["name"]}
    if facts["of"] == "item":
        return ngettext(
            "“%(title)s” has places for %(limit)d, and %(num)d delegate is in it.",
            "“%(title)s” has places for %(limit)d, and %(num)d delegates are in it.",
            facts["count"],
            **said,
        )
    if facts["of"] in ("room", "venue"):
        return ngettext(
            "%(name)s holds %(limit)d, and %(num)d person is in “%(title)s”.",
            "%(name)s holds %(limit)d, and %(num)d people are in “%(title)s”.",
            facts["count"],
            **said,
        )
    return ngettext(
        "%(name)s holds %(limit)d, and “%(title)s” offers %(num)d place.",
        "%(name)s holds %(limit)d, and “%(title)s” offers %(num)d places.",
        facts["count"],
        **said,
    )


def _dates(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    if facts["why"] == "long":
        return ngettext(
            "“%(title)s” lasts %(num)d hour. Please check its end.",
            "“%(title)s” lasts %(num)d hours. Please check its end.",
            facts["hours"],
            title=titles[0],
        )
    said = {
        "title": titles[0],
        "day": i18n.date_short(facts["day"]),
        "range": i18n.date_range(facts["first"], facts["last"]),
    }
    if facts["why"] == "trip":
        return _("“%(title)s” is on %(day)s, far from the days of the tour: %(range)s.", **said)
    return _(
        "“%(title)s” is on %(day)s, outside of the days in %(city)s: %(range)s.",
        city=facts["city"],
        **said,
    )


def _zone(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    said = {
        "title": titles[0],
        "zone": facts["zone"],
        "place": facts["place"],
        "there": facts["place_zone"],
        "apart": spoken(abs(facts["minutes"])),
    }
    if facts["end"] == "starts":
        return _(
            "“%(title)s” starts by the clocks of %(zone)s, but those of %(place)s follow "
            "%(there)s: %(apart)s apart.",
            **said,
        )
    return _(
        "“%(title)s” ends by the clocks of %(zone)s, but those of %(place)s follow "
        "%(there)s: %(apart)s apart.",
        **said,
    )


def _wall_time(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    said = {"title": titles[0], "zone": facts["zone"], "time": _moment(facts["local"])}
    if facts["why"] == "missing":
        return _(
            "“%(title)s”: the clocks of %(zone)s skip %(time)s. The nearest that exist are "
            "%(before)s and %(after)s.",
            before=_moment(facts["before"]),
            after=_moment(facts["after"]),
            **said,
        )
    if facts["why"] == "twice":
        return _(
            "“%(title)s”: the clocks of %(zone)s show %(time)s twice. Say which one is meant.",
            **said,
        )
    if facts["why"] == "unknown":
        return _("“%(title)s”: nobody knows the clocks of %(zone)s at %(time)s.", **said)
    return _(
        "“%(title)s”: the rules of %(zone)s have changed since %(time)s was agreed on. Open the "
        "session and save it again.",
        **said,
    )


def _clock_change(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    cities = list(dict.fromkeys(i18n.zone_city(zone) for zone in facts["zones"]))
    zone = facts["zones"][0]
    after = clock.wall(facts["instant"], zone)
    before = after - timedelta(minutes=facts["minutes"])
    said = {
        "cities": i18n.listed(cities),
        "date": i18n.date_short(after),
        "before": i18n.clock_time(before),
        "after": i18n.clock_time(after),
        "zone": i18n.zone_city(zone),
        "time": spoken(abs(facts["minutes"])),
    }
    if facts["minutes"] > 0:
        told = _(
            "In %(cities)s the clocks go forward by %(time)s on %(date)s: %(before)s becomes "
            "%(after)s (%(zone)s time).",
            **said,
        )
    else:
        told = _(
            "In %(cities)s the clocks go back by %(time)s on %(date)s: %(before)s becomes "
            "%(after)s (%(zone)s time).",
            **said,
        )
    if "gap_before" not in facts:
        return told
    gap = _(
        "%(city)s and %(home)s are %(before)s apart before it, and %(after)s after it.",
        city=i18n.zone_city(facts["zone"]),
        home=i18n.zone_city(facts["home_zone"]),
        before=spoken(round(abs(facts["gap_before"]) * 60)),
        after=spoken(round(abs(facts["gap_after"]) * 60)),
    )
    return f"{told} {gap}"


def _moment(local: Any) -> str:
    return _("%(date)s, %(time)s", date=i18n.date_short(local), time=i18n.clock_time(local))


_SENTENCES: Mapping[Rule, Callable[[Mapping[str, Any], Sequence[str]], str]] = {
    Rule.PERSON: _person,
    Rule.TRAVEL: travel,
    Rule.ROOM: _room,
    Rule.VEHICLE: _vehicle,
    Rule.HOST: _host,
    Rule.CAPACITY: _capacity,
    Rule.DATES: _dates,
    Rule.ZONE: _zone,
    Rule.WALL_TIME: _wall_time,
    Rule.CLOCK_CHANGE: _clock_change,
}

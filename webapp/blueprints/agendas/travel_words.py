"""Ways, and whom a clash concerns, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import i18n
from webapp.domain.clashes.plans import Who
from webapp.models.agenda import Mode


def spoken(minutes: int) -> str:
    """A span of time: 20 min, 1 h, 1 h 25 min."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min", minutes=rest)
    if rest:
        return _("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)
    return _("%(hours)d h", hours=hours)


def number(value: float) -> str:
    """A number as the reader writes it, with a decimal only below ten."""
    digits = 0 if value >= 10 else 1
    return format_decimal(round(value, digits), "#,##0.#", locale=i18n.current_language())


def travel(facts: Mapping[str, Any], titles: Sequence[str]) -> str:
    """Not enough time to get there, or a leg that is far too quick."""
    if len(titles) == 1:
        return _leg(facts, titles[0])
    there = _(
        "Between “%(one)s” and “%(other)s” the agenda leaves %(there)s.",
        one=titles[0],
        other=titles[1],
        there=spoken(facts["minutes_there"]),
    )
    told = [there, _way(facts) if facts["minutes_way"] is not None else ""]
    if facts["minutes_arrival"]:
        told.append(
            _(
                "Border and luggage take %(time)s after a flight from abroad.",
                time=spoken(facts["minutes_arrival"]),
            )
        )
    if facts["minutes_call"]:
        told.append(
            _("People are called %(time)s before it starts.", time=spoken(facts["minutes_call"]))
        )
    return " ".join([*filter(None, told), concerned(facts)])


def _way(facts: Mapping[str, Any]) -> str:
    said = {
        "start": facts["place"],
        "end": facts["to_place"],
        "needed": spoken(facts["minutes_way"] + facts["minutes_margin"]),
        "margin": spoken(facts["minutes_margin"]),
    }
    if facts["mode"] is None:
        return _(
            "From %(start)s to %(end)s takes %(needed)s: %(way)s as the organizers know it, "
            "and %(margin)s margin.",
            way=spoken(facts["minutes_way"]),
            **said,
        )
    said |= {
        "km": number(facts["km"]),
        "road": number(facts["km_way"]),
        "speed": number(facts["speed"]),
    }
    if facts["mode"] == Mode.WALK:
        return _(
            "From %(start)s to %(end)s takes %(needed)s: %(km)s km as the crow flies, "
            "%(road)s on foot at %(speed)s km/h, and %(margin)s margin.",
            **said,
        )
    return _(
        "From %(start)s to %(end)s takes %(needed)s: %(km)s km as the crow flies, "
        "%(road)s by coach at %(speed)s km/h, and %(margin)s margin.",
        **said,
    )


def _leg(facts: Mapping[str, Any], title: str) -> str:
    return _(
        "“%(title)s” goes from %(start)s to %(end)s in %(there)s. For %(km)s km, %(needed)s are "
        "usual at %(speed)s km/h: please check its times and zones.",
        title=title,
        start=facts["place"],
        end=facts["to_place"],
        there=spoken(facts["minutes_there"]),
        needed=spoken(facts["minutes_needed"]),
        km=number(facts["km"]),
        speed=number(facts["speed"]),
    )


def concerned(facts: Mapping[str, Any]) -> str:
    """Whom it concerns, as a sentence."""
    names = _names(facts)
    match facts["who"]:
        case Who.EVERYBODY:
            return _("Everybody is expected at both.")
        case Who.SELF:
            return _("You are in both.")
        case Who.TRACK:
            return _("Whoever follows %(tracks)s is expected at both.", tracks=names)
        case Who.COMPANY:
            return _("The delegates of %(companies)s are expected at both.", companies=names)
        case Who.VEHICLE:
            return _("%(vehicle)s is needed for both.", vehicle=names)
    return ngettext(
        "%(names)s is expected at both.",
        "%(names)s are expected at both.",
        len(facts["names"]) + facts["others"],
        names=names,
    )


def _names(facts: Mapping[str, Any]) -> str:
    names = [name if isinstance(name, str) else i18n.words(name) for name in facts["names"]]
    if facts["others"]:
        names.append(ngettext("%(num)d more", "%(num)d more", facts["others"]))
    return i18n.listed(names)

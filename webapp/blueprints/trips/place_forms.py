"""The forms of venues and rooms."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import ValidationError

from webapp.blueprints.fields import (
    NotBlank,
    clean_line,
    countries,
    line,
    paragraph,
    time_zone,
    whole,
)
from webapp.blueprints.trips.setup_forms import texts_of, words
from webapp.domain.places import RoomValues, VenueValues
from webapp.models.place import Room, Venue


class DegreesField(StringField):
    """Decimal degrees, with a point or a comma; None when empty."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = clean_line(valuelist[0]).replace(",", ".") if valuelist else ""
        try:
            self.data = float(text) if text else None
        except ValueError as error:
            raise ValueError(_("Write decimal degrees, like 43.2965.")) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)


class _Within:
    """A coordinate between minus and plus so many degrees."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if field.data is not None and not -self.most <= field.data <= self.most:
            text = _("Please give degrees from -%(most)d to %(most)d.", most=self.most)
            raise ValidationError(text)


class VenueForm(FlaskForm):
    """A venue. `copy_of` is the venue that it was copied from, and `take_over` says that the
    sessions of this tour shall move to the copy."""

    name = line(_l("Name"))
    address = line(_l("Street and number"), optional=True)
    postal_code = line(_l("Postal code"), most=64, optional=True)
    city = line(_l("City"))
    country = SelectField(
        _l("Country"), [NotBlank(_l("Please choose a country."))], choices=countries
    )
    zone = time_zone(_l("Time zone"))
    latitude = DegreesField(_l("Latitude"), [_Within(90)])
    longitude = DegreesField(_l("Longitude"), [_Within(180)])
    capacity = whole(_l("Capacity"), 1, 1_000_000, description=_l("People, all rooms together."))
    contact = line(
        _l("Whom to call there"), optional=True, description=_l("For staff; never published.")
    )
    access_en = paragraph(
        _l("How to get in, in English"),
        most=1000,
        description=_l(
            "Door, badge, identity card, parking of the coach. Published with sessions."
        ),
    )
    access_fr = paragraph(_l("How to get in, in French"), most=1000)
    copy_of = HiddenField()
    take_over = BooleanField(_l("Use it in the sessions of this tour, in place of the other one"))

    @classmethod
    def of(cls, venue: Venue, **more: Any) -> "VenueForm":
        """The form of an existing venue."""
        return cls(obj=venue, **texts_of(venue, "access"), **more)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """The fields, and that there are both coordinates or none."""
        good = bool(super().validate(*args, **kwargs))
        if good and (self.latitude.data is None) != (self.longitude.data is None):
            missing = self.latitude if self.latitude.data is None else self.longitude
            missing.errors = [_("Please give both coordinates, or neither.")]
            return False
        return good

    def values(self) -> VenueValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        plain = ("name", "city", "country", "zone", "latitude", "longitude", "capacity")
        texts: dict[str, Any] = {
            name: self[name].data or None for name in ("address", "postal_code", "contact")
        }
        return VenueValues(
            **{name: self[name].data for name in plain},
            **texts,
            access=words(self, "access"),
        )


class RoomForm(FlaskForm):
    """A room of a venue."""

    name = line(_l("Name"))
    capacity = whole(_l("Capacity"), 1, 1_000_000, description=_l("How many people fit in."))
    access_en = paragraph(_l("How to get there, in English"), most=1000)
    access_fr = paragraph(_l("How to get there, in French"), most=1000)

    @classmethod
    def of(cls, room: Room, **more: Any) -> "RoomForm":
        """The form of an existing room."""
        return cls(obj=room, **texts_of(room, "access"), **more)

    def values(self) -> RoomValues:
        """What was typed, as the domain wants it. Only after `validate`."""
        return RoomValues(self.name.data, self.capacity.data, words(self, "access"))

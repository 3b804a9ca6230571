"""The public face of the demonstration: sources and partnership, as rows."""

from datetime import date
from typing import Any

from sqlalchemy import select

from webapp.db import Words, db
from webapp.demo.files import facts
from webapp.domain.tripfiles.shared import fill_basis, load_organizations, load_sources, words
from webapp.models.basis import Basis
from webapp.models.partnership import (
    Agreement,
    AgreementPerson,
    Article,
    Capacity,
    Partnership,
    Region,
    RegionFact,
)
from webapp.models.person import Person


def load_public_face() -> None:
    """Add the sources and, unless it is there already, the partnership."""
    load_sources(facts("sources"))
    said = facts("partnership")
    there = select(Partnership.id).where(Partnership.slug == said["slug"])
    if db.session.scalar(there) is None:
        db.session.add(_partnership(said))
        db.session.flush()


def _partnership(said: dict[str, Any]) -> Partnership:
    representative = load_organizations([{"key": "representative", **said["representative"]}])
    row = Partnership(
        slug=said["slug"],
        name=Words(said["name"]),
        summary=Words(said["summary"]),
        aim=Words(said["aim"]),
        objectives=said["objectives"],
        sectors=said["sectors"],
        since=Words(said["since"]),
        representative=representative["representative"],
        regions=[_region(*each) for each in enumerate(said["regions"], start=1)],
        agreements=[_agreement(*each) for each in enumerate(said["agreements"], start=1)],
        articles=[_article(*each) for each in enumerate(said["articles"], start=1)],
    )
    fill_basis(row, said)
    return row


def _region(position: int, said: dict[str, Any]) -> Region:
    row = Region(
        position=position,
        name=Words(said["name"]),
        other_names=words(said.get("other_names")),
        about=Words(said["about"]),
        sectors=said["sectors"],
        zone=said["zone"],
        facts=[_fact(*each) for each in enumerate(said["facts"], start=1)],
    )
    fill_basis(row, said)
    return row


def _fact(position: int, said: dict[str, Any]) -> RegionFact:
    row = RegionFact(
        position=position,
        label=Words(said["label"]),
        value=Words(said["value"]),
        year=said.get("year"),
    )
    fill_basis(row, said)
    return row


def _agreement(position: int, said: dict[str, Any]) -> Agreement:
    day = said.get("signed_on")
    row = Agreement(
        position=position,
        title=Words(said["title"]),
        names_in_sources=said["names_in_sources"],
        signed_on=date.fromisoformat(day) if day else None,
        signed_when=words(said.get("signed_when")),
        place=words(said.get("place")),
        parties=words(said.get("parties")),
        note=words(said.get("note")),
        people=[_signer(*each) for each in enumerate(said["people"], start=1)],
    )
    fill_basis(row, said)
    return row


def _signer(position: int, said: dict[str, Any]) -> AgreementPerson:
    person = Person(
        given_name=said["given_name"],
        family_name=said["family_name"],
        basis=Basis.SOURCED,
        sources=[],
    )
    return AgreementPerson(
        position=position,
        capacity=Capacity(said["capacity"]),
        role=Words(said["role"]),
        person=person,
    )


def _article(position: int, said: dict[str, Any]) -> Article:
    row = Article(
        position=position,
        title=Words(said["title"]),
        summary=Words(said["summary"]),
        published=said.get("published"),
        media=said.get("media"),
        trip_slug=said.get("trip_slug"),
    )
    fill_basis(row, said)
    return row

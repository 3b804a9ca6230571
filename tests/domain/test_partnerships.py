"""The public face: a partnership with all that its page shows."""

from webapp.db import Words
from webapp.domain import partnerships
from webapp.models.basis import Source
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


def test_the_partnership_comes_whole_in_its_order(session, statements):
    assert partnerships.first() is None
    partnership = Partnership(
        slug="sf-sd", name=Words(en="Partnership"), summary=Words(en="S"), aim=Words(en="A")
    )
    session.add(partnership)
    session.flush()
    for position in (2, 1):
        region = Region(
            partnership_id=partnership.id, position=position, name=Words(en=f"Region {position}"),
            zone="Europe/Paris",
        )  # fmt: skip
        person = Person(given_name=f"Person {position}", family_name="")
        agreement = Agreement(
            partnership_id=partnership.id, position=position, title=Words(en=f"Text {position}")
        )
        session.add_all([region, person, agreement])
        session.flush()
        session.add_all(
            [
                RegionFact(
                    region_id=region.id, position=1, label=Words(en="Jobs"), value=Words(en="9")
                ),
                AgreementPerson(
                    agreement_id=agreement.id, person_id=person.id, position=1,
                    capacity=Capacity.SIGNATORY, role=Words(en="Mayor"),
                ),
                Article(
                    partnership_id=partnership.id, position=position, title=Words(en="New")
                ),
                Source(key=f"s{position}", title="T", publisher="P"),
            ]
        )  # fmt: skip
    session.flush()
    session.expunge_all()

    with statements() as sent:
        found = partnerships.first()
        seen = [(r.name["en"], r.facts[0].value["en"]) for r in found.regions]
        signed = [(a.title["en"], a.people[0].person.name) for a in found.agreements]

    assert seen == [("Region 1", "9"), ("Region 2", "9")]
    assert signed == [("Text 1", "Person 1"), ("Text 2", "Person 2")]
    assert len(found.articles) == 2
    assert len(sent) == 6
    assert set(partnerships.sources()) == {"s1", "s2"}

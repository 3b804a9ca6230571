"""Whatever happens in whatever order, and however late mails arrive: in the end every guest's
calendar holds what it is to hold, and nobody was uninvited who had not been invited."""

import random
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.domain.test_invitations import BY, NOW, change, coming, later
from tests.factories import make_item, make_trip, publish
from tests.invited import Reader, deliver, reconcile, vevent
from webapp.db import Words, db
from webapp.domain import agendas, delegates, invitations, picks, published, registrations
from webapp.errors import DomainError
from webapp.models.agenda import Attendance
from webapp.models.mail import Mail, MailState
from webapp.models.trip import Inviting

STEPS = 25


class World:
    """A tour of three sessions, one of them to choose, and of people who come and go."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.trip = make_trip()
        for day, values in ((26, {}), (27, {}), (28, {"attendance": Attendance.OPTIONAL})):
            make_item(
                self.trip, place="Quay 4", starts_local=datetime(2027, 10, day, 9),
                ends_local=datetime(2027, 10, day, 10), **values,
            )  # fmt: skip
        publish(self.trip)
        invitations.set_mode(self.trip, Inviting.ALL, BY, hold_minutes=0)
        self.people = [coming(self.trip), coming(self.trip)]
        self.readers: dict[str, Reader] = {}
        self.on_the_way: dict[str, list[Mail]] = defaultdict(list)
        self.invited: set[tuple[str, str]] = set()
        self.addresses = 0

    def step(self) -> None:
        verb = self.chance.choice(
            (self.move, self.move, self.word, self.off_or_on, self.pick, self.leave, self.join,
             self.readdress, self.publish, self.publish, self.work, self.work, self.send,
             self.arrive)
        )  # fmt: skip
        with suppress(DomainError):  # what may not happen now does not
            verb()

    def item(self):
        return self.chance.choice(agendas.draft(self.trip))

    def someone(self):
        return self.chance.choice(self.people)

    def move(self) -> None:
        item = self.item()
        if not item.is_cancelled:
            later(item, self.chance.choice((-1, 1, 2)))

    def word(self) -> None:
        change(self.item(), title=Words(en=f"Another title {self.chance.random()}"))

    def off_or_on(self) -> None:
        item = self.item()
        (agendas.bring_back if item.is_cancelled else agendas.call_off)(item, BY)

    def pick(self) -> None:
        item, who = self.item(), self.someone()
        self.chance.choice((picks.choose, picks.leave))(who, item.uid, BY)

    def leave(self) -> None:
        who = self.someone()
        if self.chance.random() < 0.4 and not who.registration.is_out:
            registrations.cancel(who.registration, "", BY)

    def join(self) -> None:
        if len(self.people) < 4:
            self.people.append(coming(self.trip))

    def readdress(self) -> None:
        who, self.addresses = self.someone(), self.addresses + 1
        if self.chance.random() < 0.4 and not who.registration.is_out:
            data = delegates.data_of(who)
            new = f"new{self.addresses}-{who.id}@example.org"
            delegates.edit(who, type(data)(**{**as_dict(data), "email": new}), BY)

    def publish(self) -> None:
        publish(self.trip)

    def work(self) -> None:
        reconcile(self.trip)

    def send(self) -> None:
        """Some letters fail for good: nobody ever reads those."""
        for mail in deliver():
            if self.chance.random() < 0.1:
                mail.state = MailState.FAILED
                mail.last_error = "550 no such user"
            else:
                self.hand_over(mail)
        db.session.flush()

    def hand_over(self, mail: Mail) -> None:
        """A CANCEL goes to whom a REQUEST went before, and to nobody else (icalendar.md I10)."""
        method, said = vevent(mail)
        invitation = (mail.to_email.lower(), str(said["UID"]))
        assert method == "REQUEST" or invitation in self.invited
        self.invited.add(invitation)
        self.on_the_way[mail.to_email.lower()].append(mail)

    def arrive(self) -> None:
        """Mails overtake each other."""
        for address, mails in self.on_the_way.items():
            reader = self.readers.setdefault(address, Reader(address))
            self.chance.shuffle(mails)
            for mail in mails:
                reader.take(mail)
            mails.clear()

    def wanted(self, who) -> dict[str, tuple[datetime, datetime]]:
        if who.registration.state != "accepted" or who.is_gone:
            return {}
        items = published.for_delegate(who)
        return {str(i.uid): (i.starts_at, i.ends_at) for i in items if not i.is_cancelled}


def as_dict(data) -> dict:
    return {name: getattr(data, name) for name in data.__slots__}


@pytest.mark.parametrize("seed", range(6))
def test_calendars_are_right_in_the_end(session, hold_clock, seed):
    """(icalendar.md I7 to I10, R7)"""
    at = NOW
    hold_clock(at)
    world = World(random.Random(seed))
    for _step in range(STEPS):
        at += timedelta(minutes=1)
        hold_clock(at)
        world.step()
    hold_clock(at + timedelta(minutes=1))
    world.work()
    for mail in deliver():
        world.hand_over(mail)
    world.arrive()

    lost = set(db.session.scalars(db.select(Mail.to_email).where(Mail.state == MailState.FAILED)))
    for who in world.people:
        if who.email in lost:
            continue
        shown = world.readers.get(who.email.lower(), Reader(who.email)).shows
        assert {uid: times[:2] for uid, times in shown.items()} == world.wanted(who)
    invitations.unsettle(world.trip)
    world.work()
    assert deliver() == []

"""Every state machine, pair by pair: what may become what."""

from itertools import product

import pytest

from webapp.models.agenda import AgendaItem, ItemState
from webapp.models.amendment import Amendment, AmendmentState
from webapp.models.delegate import Delegate, DelegateState
from webapp.models.intake import Intake, IntakeState
from webapp.models.invitation import Invitation, InvitationState
from webapp.models.mail import Mail, MailState
from webapp.models.mailing import Mailing, MailingState
from webapp.models.pick import Pick, PickState
from webapp.models.prospect import Prospect, ProspectState
from webapp.models.registration import HOLDS_SEATS, IS_OUT, Registration, RegistrationState
from webapp.models.release import Release, ReleaseState
from webapp.models.states import MoveRefused, Stateful
from webapp.models.trip import Trip, TripState

# What each thing may become, as the product means it; the models hold the same in MOVES.
WAYS = {
    (Trip, TripState): {
        "draft": "announced withdrawn",
        "announced": "cancelled withdrawn",
        "cancelled": "announced withdrawn",
        "withdrawn": "",
    },
    (AgendaItem, ItemState): {
        "confirmed": "tentative cancelled",
        "tentative": "confirmed cancelled",
        "cancelled": "confirmed tentative",
    },
    (Registration, RegistrationState): {
        "submitted": "accepted waitlisted declined cancelled",
        "accepted": "waitlisted declined cancelled lapsed",
        "waitlisted": "submitted offered accepted declined cancelled",
        "offered": "accepted waitlisted declined cancelled lapsed",
        "declined": "accepted waitlisted",
        "lapsed": "accepted waitlisted",
        "cancelled": "",
    },
    (Delegate, DelegateState): {
        "coming": "waiting withdrawn replaced",
        "waiting": "coming withdrawn replaced",
        "withdrawn": "",
        "replaced": "",
    },
    (Amendment, AmendmentState): {
        "open": "accepted declined withdrawn",
        "accepted": "",
        "declined": "",
        "withdrawn": "",
    },
    (Prospect, ProspectState): {
        "asked": "applied refused withdrawn",
        "applied": "",
        "refused": "applied asked",
        "withdrawn": "asked",
    },
    (Intake, IntakeState): {
        "waiting": "running failed",
        "running": "waiting done failed",
        "done": "",
        "failed": "",
    },
    (Release, ReleaseState): {
        "planned": "published dropped",
        "published": "",
        "dropped": "",
    },
    (Pick, PickState): {
        "chosen": "waiting left",
        "waiting": "chosen left",
        "left": "chosen waiting",
    },
    (Mail, MailState): {
        "waiting": "sending failed held cancelled",
        "held": "waiting failed cancelled",
        "sending": "sent waiting failed",
        "sent": "bounced",
        "bounced": "waiting",
        "failed": "waiting",
        "cancelled": "",
    },
    (Invitation, InvitationState): {
        "invited": "cancelled",
        "cancelled": "invited",
    },
    (Mailing, MailingState): {
        "draft": "scheduled held",
        "scheduled": "draft held",
        "held": "draft sent",
        "sent": "",
    },
}
PAIRS = [
    pytest.param(model, old, new, new in ways[old].split(), id=f"{model.__name__}-{old}-{new}")
    for (model, states), ways in WAYS.items()
    for old, new in product(states, states)
]


def test_every_model_with_states_is_looked_at_here():
    assert set(Stateful.__subclasses__()) == {model for model, _states in WAYS}


@pytest.mark.parametrize(("model", "states"), WAYS)
def test_every_state_says_where_it_may_go(model, states):
    assert set(model.MOVES) == set(states)
    assert {goal for goals in model.MOVES.values() for goal in goals} <= set(states)


@pytest.mark.parametrize(("model", "old", "new", "allowed"), PAIRS)
def test_a_thing_moves_along_its_table_only(model, old, new, allowed):
    thing = model(state=old)

    assert thing.may_become(new) is allowed
    if allowed:
        thing.become(new)
        assert thing.state == new
    else:
        with pytest.raises(MoveRefused) as refused:
            thing.become(new)
        assert (refused.value.old, refused.value.new) == (old, new)
        assert thing.state == old


def test_a_registration_holds_seats_or_is_out_or_waits():
    waiting = set(RegistrationState) - HOLDS_SEATS - IS_OUT

    assert not HOLDS_SEATS & IS_OUT
    assert waiting == {RegistrationState.WAITLISTED}
    assert {s for s in RegistrationState if Registration(state=s).is_out} == IS_OUT

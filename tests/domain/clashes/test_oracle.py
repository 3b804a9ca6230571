"""The quick engine against a slow one that looks at every pair of items of every person."""

from dataclasses import replace
from itertools import combinations, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.clashes.building import CAMP, HALL, PORT, person, visit
from webapp.domain.clashes import Rule, find
from webapp.domain.clashes.plans import Party, Place, Plan, Room, Travel, Visit
from webapp.domain.clashes.ways import crosses_border, way
from webapp.models.agenda import Mode

LOOKED_AT = frozenset({Rule.PERSON, Rule.TRAVEL, Rule.ROOM, Rule.VEHICLE, Rule.HOST})
UNKNOWN = Place("farm", "A farm", "Arles", "FR")
ABROAD = Place("rome", "Rome", "Rome", "IT", latitude=41.9, longitude=12.5, number=4)
PLACES = st.sampled_from((PORT, CAMP, HALL, UNKNOWN, ABROAD, None))


@st.composite
def visits(draw: st.DrawFn, number: int) -> Visit:
    start = draw(st.integers(0, 30)) * 10
    here, there = draw(PLACES), draw(PLACES)
    carries = draw(st.booleans())
    return visit(
        number,
        start,
        start + draw(st.integers(1, 12)) * 10,
        here,
        to=there if carries else here,
        carries=carries,
        is_free=draw(st.integers(0, 9)) == 0,
        # A flight without a known way is no haste, and others have no mode.
        mode=Mode.FLIGHT if carries and here and here.latitude is None else None,
        room=draw(st.sampled_from((None, None, Room(1, "Blue"), Room(2, "Red")))),
        vehicle=draw(st.sampled_from((None, None, "Coach 1", "coach 1", "Coach 2"))),
        host=draw(st.sampled_from((None, None, (1, "One"), (2, "Two")))),
        call_minutes=draw(st.sampled_from((None, 15))),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    size = draw(st.integers(0, 12))
    agenda = [draw(visits(number)) for number in range(1, size + 1)]
    some = st.lists(st.sampled_from(agenda), unique_by=id) if agenda else st.just([])
    people = [person(number, *draw(some)) for number in range(draw(st.integers(0, 5)))]
    matrix = draw(
        st.dictionaries(
            st.permutations((1, 2, 3, 4)).map(lambda p: (p[0], p[1])),
            st.integers(0, 60),
            max_size=3,
        )
    )
    return Plan(tuple(agenda), tuple(people), Travel(matrix=matrix), rules=LOOKED_AT)


def overlap(one: Visit, other: Visit) -> bool:
    return one.starts.at < other.ends.at and other.starts.at < one.ends.at


def in_order(one: Visit, other: Visit) -> tuple[int, int]:
    first, last = sorted((one, other), key=lambda v: (v.starts.at, v.uid))
    return first.uid.int, last.uid.int


def is_next(one: Visit, other: Visit, mine: list[Visit]) -> bool:
    """Whether nothing else of this person that has a place lies between the two; after a flight
    from abroad, nothing at all before what has none."""
    placed = [v for v in mine if v.carries or v.starts.place or v.ends.place]
    if one in placed and other not in placed and crosses_border(one):
        placed = mine
    if one not in placed or other not in placed or other.starts.at < one.ends.at:
        return False
    return not any(one.ends.at <= v.starts.at and v.ends.at <= other.starts.at for v in placed)


def is_too_quick(one: Visit, other: Visit, travel: Travel) -> bool:
    """Whether the other starts before somebody of the one can be there."""
    start, end = one.ends.place, other.starts.place
    apart = start and end and start.key != end.key
    found = way(start, end, travel) if apart else None
    arrival = travel.arrival if crosses_border(one) else 0
    if found is None and not arrival:
        return False
    needed = arrival + (found.minutes + travel.margin if found else 0)
    there = (other.starts.at - one.ends.at).total_seconds() / 60 - (other.call_minutes or 0)
    return there < needed


def expected(plan: Plan) -> set[tuple]:
    """Every clash, found by looking at all pairs."""
    found: set[tuple] = set()
    by_number = {v.number: v for v in plan.visits}
    mine = [
        [by_number[each] for each in party.items if not by_number[each].is_free]
        for party in plan.parties
    ]
    for agenda in mine:
        found |= {(Rule.PERSON, *in_order(*p)) for p in combinations(agenda, 2) if overlap(*p)}
    coaches = {(v.vehicle or "").casefold() for v in plan.visits} - {""}
    fleets = [[v for v in plan.visits if (v.vehicle or "").casefold() == c] for c in coaches]
    for agenda in (*mine, *fleets):
        found |= {
            (Rule.TRAVEL, one.uid.int, other.uid.int)
            for one, other in permutations(agenda, 2)
            if is_next(one, other, agenda) and is_too_quick(one, other, plan.travel)
        }
    for one, other in combinations(plan.visits, 2):
        if overlap(one, other):
            found |= {(rule, *in_order(one, other)) for rule in shared(one, other)}
    return found


def shared(one: Visit, other: Visit) -> list[Rule]:
    here, there = one.starts.place, other.starts.place
    rules = []
    if one.room and one.room == other.room:
        rules.append(Rule.ROOM)
    if one.host and one.host == other.host and here and there and here != there:
        rules.append(Rule.HOST)
    if one.vehicle and other.vehicle and one.vehicle.casefold() == other.vehicle.casefold():
        same = [(v.starts.at, v.starts.place, v.ends.at, v.ends.place) for v in (one, other)]
        if same[0] != same[1]:
            rules.append(Rule.VEHICLE)
    return rules


@settings(max_examples=200, deadline=None)
@given(plans())
def test_it_finds_what_looking_at_all_pairs_finds(plan):
    found = [(each.rule, *(uid.int for uid in each.uids)) for each in find(plan)]

    assert len(found) == len({*found})
    assert {*found} == expected(plan)


@settings(max_examples=50, deadline=None)
@given(plans(), st.randoms())
def test_the_order_in_which_rows_come_says_nothing(plan, random):
    agenda, people = list(plan.visits), list(plan.parties)
    random.shuffle(agenda)
    random.shuffle(people)
    shuffled = replace(plan, visits=tuple(agenda), parties=tuple(people))

    assert [(f.key, f.facts) for f in find(shuffled)] == [(f.key, f.facts) for f in find(plan)]


@settings(max_examples=50, deadline=None)
@given(plans())
def test_a_second_person_with_the_same_items_finds_nothing_new(plan):
    twins = tuple(Party(p.who, p.number + 100, "Twin", p.items) for p in plan.parties)
    doubled = replace(plan, parties=(*plan.parties, *twins))

    assert [(f.rule, f.uids) for f in find(doubled)] == [(f.rule, f.uids) for f in find(plan)]

"""A file and its rows say the same, whatever the file."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.domain.tripfiles.example import everything, read
from tests.factories import make_item, make_stop, make_trip
from webapp.domain import agendas, audits, releases, tripfiles
from webapp.domain.form_fields import FIELDS, Rule
from webapp.domain.retention import DataKind
from webapp.domain.tripfiles import FileFaults
from webapp.domain.tripfiles.shape import COLORS
from webapp.models.agenda import Attendance, Audience, ItemKind, ItemRole, ItemState, Mode
from webapp.models.basis import Basis
from webapp.models.organization import OrganizationKind
from webapp.models.person import Person
from webapp.models.question import AnswerKind, Asked, Sensitivity, Stage
from webapp.models.trip import Order, Promotion, TripState

ZONES = st.sampled_from(
    [
        "Europe/Paris",
        "America/Los_Angeles",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ]
)
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=30).filter(str.strip)
NAMES = st.text("abcdéÉ %_'-", min_size=1, max_size=12).filter(str.strip)
WORDS = st.fixed_dictionaries({"en": TEXTS}, optional={"fr": TEXTS})
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
MINUTES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0)
)
KEYS = st.sampled_from(["a", "b", "c"])


def some(**parts):
    """A dictionary in which each part may be missing."""
    return st.fixed_dictionaries({}, optional=parts)


BASED = some(
    basis=st.sampled_from([basis.value for basis in Basis]),
    basis_note=WORDS,
    sources=st.lists(st.sampled_from(["s1", "s2"]), min_size=1, max_size=2, unique=True),
)


def period(draw):
    first = draw(DAYS)
    last = first + timedelta(days=draw(st.integers(0, 9)))
    return {"starts_on": first.isoformat(), "ends_on": last.isoformat()}


def keyed(draw, most=3):
    return [f"k{number}" for number in range(draw(st.integers(0, most)))]


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(list(ItemRole)).map(str)}, optional={"basis": st.just("sourced")}
    ).flatmap(
        lambda part: st.sampled_from(
            [{"given": "Ada", "family": "X"}, {"given": "Bo"}, {"family": "X"}, {"given": "bo"}]
        ).map(lambda name: name | part)
    ),
    min_size=1,
    max_size=3,
)
PLACES = st.integers(1, 100_000)


@st.composite
def legs(draw, venues):
    """Whether and how it takes people elsewhere."""
    leg = draw(
        some(
            mode=st.sampled_from(list(Mode)).map(str),
            service=TEXTS,
            vehicle=TEXTS,
            to=st.just({"place": "Quay"}),
        )
    )
    if venues and draw(st.booleans()):
        leg["to"] = {**leg.get("to", {}), "venue": draw(st.sampled_from(venues))}
    return leg


@st.composite
def items(draw, organizations, stops, venues, tracks):
    item = {
        "kind": draw(st.sampled_from(list(ItemKind))).value,
        "title": draw(WORDS),
        **draw(BASED),
        **draw(
            some(
                audience=st.sampled_from(list(Audience)).map(str),
                state=st.sampled_from(list(ItemState)).map(str),
                description=WORDS,
                place=TEXTS,
                internal_note=TEXTS,
                attendance=st.sampled_from(list(Attendance)).map(str),
                capacity=PLACES,
                languages=st.lists(st.sampled_from(["en", "fr", "oc"]), unique=True),
                meeting_point=WORDS,
                call=st.integers(1, 1440),
                people=PEOPLE,
            )
        ),
        **draw(legs(venues)),
    }
    if organizations:
        known = st.sampled_from(organizations)
        item |= draw(some(host=known, companies=st.lists(known, unique=True)))
    if draw(st.booleans()):
        item["uid"] = str(draw(st.uuids(version=4)))
    starts = draw(MINUTES)
    for name, local in (
        ("starts", starts),
        ("ends", starts + timedelta(hours=draw(st.integers(30, 40)))),
    ):
        item[name] = {
            "local": local.isoformat(timespec="minutes"),
            "zone": draw(ZONES),
            "fold": draw(st.sampled_from([0, 1])),
        }
    for name, known in (("stop", stops), ("venue", venues), ("track", tracks)):
        if known and draw(st.booleans()):
            item[name] = draw(st.sampled_from(known))
    if "venue" in item and draw(st.booleans()):
        item["room"] = draw(st.sampled_from(["hall", "attic"]))
    return item


REGISTRATION = some(
    deadline_zone=ZONES,
    freezes_at=st.just("2027-10-05T18:00:00.5+02:00"),
    details_due_at=st.just("2027-10-06T18:00:00+02:00"),
    accepts_at_once=st.booleans(),
    queue_order=st.sampled_from(list(Order)).map(str),
    promotion=st.sampled_from(list(Promotion)).map(str),
    offer_hours=st.integers(1, 2160),
    skips_parties=st.booleans(),
    currency=st.sampled_from(["EUR", "USD"]),
    form_note=WORDS,
    form_fields=some(**dict.fromkeys(FIELDS, st.sampled_from(list(Rule)).map(str))),
    retention=some(**dict.fromkeys(map(str, DataKind), st.integers(0, 3650))),
)


@st.composite
def questions(draw):
    """Up to three questions in whatever order, of which some depend on an earlier one."""
    found: list[dict] = []
    for key in keyed(draw):
        asked = draw(st.sampled_from(list(Asked)))
        kind = draw(st.sampled_from([AnswerKind.CHOICE, AnswerKind.YES_NO, AnswerKind.TEXT]))
        question = {
            "key": key,
            "stage": draw(st.sampled_from(list(Stage))).value,
            "asked": asked.value,
            "kind": kind.value,
            "label": draw(WORDS),
            **draw(some(help=WORDS, required=st.booleans())),
        }
        if kind == AnswerKind.CHOICE:
            question["options"] = [
                {"value": value, "label": {"en": value.upper()}} for value in ("yes", "some", "no")
            ]
        if asked == Asked.DELEGATE:
            question |= draw(some(sensitivity=st.sampled_from(list(Sensitivity)).map(str)))
        before = [
            each["key"]
            for each in found
            if each["kind"] != "text"
            and each["asked"] in ("company", question["asked"])
            and (each["stage"] == "apply" or question["stage"] == "travel")
        ]
        if before and draw(st.booleans()):
            question |= {"depends_on": draw(st.sampled_from(before)), "depends_values": ["yes"]}
        found.append(question)
    return found


@st.composite
def prices(draw):
    net, first = draw(st.integers(-99_999, 999_999)), draw(st.integers(1, 9_999))
    parts = [first, 10_000 - first]
    due = [{"days": draw(st.integers(0, 730))}, {"due_on": draw(DAYS).isoformat()}]
    return {
        "name": draw(WORDS),
        "kind": "aid" if net < 0 else draw(st.sampled_from(["fee", "deposit"])),
        **draw(some(basis=st.sampled_from(["company", "delegate"]))),
        "net": f"{net / 100:.2f}",
        **draw(some(tax_rate=st.sampled_from(["20", "5.5", "8.25"]))),
        "instalments": [
            {"percent": f"{part / 100:.2f}", **when} for part, when in zip(parts, due, strict=True)
        ],
    }


@st.composite
def files(draw):
    organizations, stops, venues, tracks = (keyed(draw) for _ in range(4))
    carried = (
        st.lists(st.sampled_from(organizations), unique=True) if organizations else st.just([])
    )
    return {
        "escale": 1,
        "trip": {
            "slug": "any",
            "title": draw(WORDS),
            "summary": draw(WORDS),
            "zone": draw(ZONES),
            **period(draw),
            **draw(BASED),
            **draw(
                some(
                    kind=WORDS,
                    state=st.sampled_from(list(TripState)).map(str),
                    home_zone=ZONES,
                    max_delegates=st.integers(1, 100_000),
                    max_per_organization=st.integers(1, 100),
                    registration_closes_at=st.just("2027-10-01T18:00:00.25+02:00"),
                    clashes=some(
                        levels=st.just({"room": "warn"}),
                        speeds=st.just({"walk": 4.5}),
                        margin_minutes=st.integers(0, 240),
                    ),
                    registration=REGISTRATION,
                )
            ),
        },
        "sources": [{"key": key, "title": draw(TEXTS), "publisher": "P"} for key in ("s1", "s2")],
        "organizations": [
            {
                "key": key,
                "name": f"{draw(NAMES)} {key}",
                "kind": draw(st.sampled_from(list(OrganizationKind))).value,
                **draw(some(country=st.just("FR"), city=TEXTS, about=WORDS)),
                **draw(BASED),
            }
            for key in organizations
        ],
        "partners": [{"organization": key, "role": draw(WORDS)} for key in draw(carried)],
        "members": [{"organization": key, **draw(BASED)} for key in draw(carried)],
        "stops": [
            {
                "key": key,
                "city": draw(st.sampled_from(["Nice", "Toulon"])),
                "country": "FR",
                "zone": draw(ZONES),
                **period(draw),
                **draw(some(note=WORDS)),
                **draw(BASED),
            }
            for key in stops
        ],
        "venues": [
            {
                "key": key,
                "name": f"{draw(NAMES)} {key}",
                "city": "Nice",
                "country": "FR",
                "zone": "Europe/Paris",
                **draw(
                    st.sampled_from(
                        [{}, {"latitude": 43.7, "longitude": -0.1}, {"address": "1 quai"}]
                    )
                ),
                "rooms": [
                    {"key": "hall", "name": "Hall", **draw(some(capacity=PLACES, access=WORDS))},
                    {"key": "attic", "name": draw(NAMES) + "."},
                ],
                **draw(some(capacity=PLACES, contact=TEXTS)),
                **draw(BASED),
            }
            for key in venues
        ],
        "travel_times": [
            {"from": start, "to": end, "minutes": draw(st.integers(0, 2880))}
            for start, end in pairwise(venues)
        ],
        "tracks": [{"key": key, "name": draw(WORDS), "color": COLORS[0]} for key in tracks],
        "items": draw(st.lists(items(organizations, stops, venues, tracks), max_size=4)),
        "questions": draw(questions()),
        "criteria": [
            {"name": name, **draw(some(weight=st.integers(1, 100), most=st.integers(1, 100)))}
            for name in draw(st.lists(WORDS, max_size=3))
        ],
        "prices": draw(st.lists(prices(), max_size=2)),
    }


def taken(data):
    """Whether all is well with a drawn file: a wall time may be one that the clocks skip."""
    try:
        read(data)
    except FileFaults as faults:
        if all("skip it" in fault.mend for fault in faults.faults):
            return False
        raise
    return True


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(files())
def test_an_export_brought_in_again_changes_nothing(session, data):
    with session.begin_nested() as savepoint:
        assume(taken(data))
        trip = tripfiles.load(read(data))
        before, dumped = everything(), tripfiles.dump(trip)

        again = tripfiles.load(read(dumped))

        assert again is trip
        assert everything() == before
        assert tripfiles.dump(trip) == dumped
        for name in ("items", "questions", "criteria", "prices"):
            assert len(dumped[name]) == len(data[name])
        savepoint.rollback()
        session.expunge_all()


@settings(max_examples=40, deadline=None)
@given(files(), st.integers(-400, 400))
def test_a_file_moved_there_and_back_is_the_same(data, days):
    assume(taken(data))
    try:
        there = tripfiles.shift(data, days)
    except FileFaults:
        assume(False)

    back = tripfiles.shift(there, -days)

    assert back["items"] == data["items"]
    assert back["stops"] == data["stops"]


def test_a_trip_of_the_database_survives_export_and_import(session):
    """A trip that people made by hand, with what only hands make: ties, an item called off, two
    people of one name in one session and in another."""
    trip = make_trip()
    make_stop(trip, city="Nice")
    make_stop(trip, city="Nice")
    one, other, third = (Person(given_name="Ada", family_name="Exemple") for _ in range(3))
    session.add_all([one, other, third])
    session.flush()
    speak, guide = ItemRole.SPEAKER, ItemRole.GUIDE
    item = make_item(trip, people=((other.id, guide), (one.id, speak), (third.id, speak)))
    make_item(trip, people=((third.id, guide), (other.id, speak)))
    make_item(trip, people=((other.id, guide), (other.id, speak)))
    releases.publish(trip, audits.SYSTEM)
    agendas.call_off(item, audits.SYSTEM)
    before = everything()

    tripfiles.load(read(tripfiles.dump(trip)))

    assert everything() == before

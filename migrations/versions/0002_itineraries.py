"""Itineraries: rooms, legs, people and audiences of items; clashes; planned releases; picks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHECKS = {
    "agenda_items": {
        "capacity_positive": "capacity > 0",
        "call_within_a_day": "call_minutes BETWEEN 1 AND 1440",
        "room_in_venue": "room_id IS NULL OR venue_id IS NOT NULL",
    },
    "releases": {
        "published_is_numbered": (
            "(state = 'published') = (number IS NOT NULL AND published_at IS NOT NULL)"
        ),
        "planned_has_day": "state <> 'planned' OR planned_for IS NOT NULL",
    },
    "trips": {
        "margin_within_hours": "margin_minutes BETWEEN 0 AND 240",
        "arrival_within_hours": "arrival_minutes BETWEEN 0 AND 240",
        "template_is_draft": "NOT is_template OR state = 'draft'",
    },
    "venues": {"capacity_positive": "capacity > 0"},
}
OLD_AUDIENCES = "'everybody', 'delegates', 'staff'"
NEW_AUDIENCES = "'everybody', 'delegates', 'companies', 'staff'"


def upgrade() -> None:
    op.create_table(
        "agenda_edits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("item_uid", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
            name=op.f("fk_agenda_edits_staff_id_staff"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_agenda_edits_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_edits")),
    )
    op.create_index(
        "ix_agenda_edits_trip_id_staff_id",
        "agenda_edits",
        ["trip_id", "staff_id", "id"],
        unique=False,
    )
    op.create_table(
        "clash_overrides",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
            name=op.f("fk_clash_overrides_staff_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_clash_overrides_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clash_overrides")),
        sa.UniqueConstraint("trip_id", "key", name=op.f("uq_clash_overrides_trip_id_key")),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("venue_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("access", postgresql.JSONB(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_rooms_capacity_positive")),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venues.id"], name=op.f("fk_rooms_venue_id_venues"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("venue_id", "name", name=op.f("uq_rooms_venue_id_name")),
    )
    op.create_table(
        "travel_times",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("from_venue_id", sa.BigInteger(), nullable=False),
        sa.Column("to_venue_id", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_venue_id <> to_venue_id", name=op.f("ck_travel_times_two_places")),
        sa.CheckConstraint(
            "minutes BETWEEN 0 AND 2880", name=op.f("ck_travel_times_minutes_within_days")
        ),
        sa.ForeignKeyConstraint(
            ["from_venue_id"],
            ["venues.id"],
            name=op.f("fk_travel_times_from_venue_id_venues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_venue_id"],
            ["venues.id"],
            name=op.f("fk_travel_times_to_venue_id_venues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_travel_times_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_travel_times")),
        sa.UniqueConstraint(
            "trip_id",
            "from_venue_id",
            "to_venue_id",
            name=op.f("uq_travel_times_trip_id_from_venue_id_to_venue_id"),
        ),
    )
    op.create_index(
        op.f("ix_travel_times_from_venue_id"), "travel_times", ["from_venue_id"], unique=False
    )
    op.create_index(
        op.f("ix_travel_times_to_venue_id"), "travel_times", ["to_venue_id"], unique=False
    )
    op.create_table(
        "item_companies",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["agenda_items.id"],
            name=op.f("fk_item_companies_item_id_agenda_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_item_companies_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("item_id", "organization_id", name=op.f("pk_item_companies")),
    )
    op.create_index(
        op.f("ix_item_companies_organization_id"),
        "item_companies",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "item_people",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "host",
                "speaker",
                "interpreter",
                "guide",
                name="itemrole",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["agenda_items.id"],
            name=op.f("fk_item_people_item_id_agenda_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_item_people_person_id_people")
        ),
        sa.PrimaryKeyConstraint("item_id", "person_id", "role", name=op.f("pk_item_people")),
    )
    op.create_index(op.f("ix_item_people_person_id"), "item_people", ["person_id"], unique=False)
    op.create_table(
        "picks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "chosen",
                "waiting",
                "left",
                name="pickstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_picks_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["agenda_items.id"],
            name=op.f("fk_picks_item_id_agenda_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picks")),
        sa.UniqueConstraint("item_id", "delegate_id", name=op.f("uq_picks_item_id_delegate_id")),
    )
    op.create_index(op.f("ix_picks_delegate_id"), "picks", ["delegate_id"], unique=False)
    op.create_index("ix_picks_item_id_state", "picks", ["item_id", "state"], unique=False)
    op.add_column("agenda_items", sa.Column("room_id", sa.BigInteger(), nullable=True))
    op.add_column("agenda_items", sa.Column("host_id", sa.BigInteger(), nullable=True))
    op.add_column("agenda_items", sa.Column("to_venue_id", sa.BigInteger(), nullable=True))
    op.add_column("agenda_items", sa.Column("to_place", sa.String(length=200), nullable=True))
    op.add_column(
        "agenda_items", sa.Column("held_back", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("agenda_items", sa.Column("import_key", sa.String(length=200), nullable=True))
    op.add_column(
        "agenda_items",
        sa.Column(
            "attendance",
            sa.Enum(
                "mandatory",
                "optional",
                name="attendance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="mandatory",
        ),
    )
    op.add_column("agenda_items", sa.Column("capacity", sa.BigInteger(), nullable=True))
    op.add_column(
        "agenda_items",
        sa.Column("languages", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column("agenda_items", sa.Column("meeting_point", postgresql.JSONB(), nullable=True))
    op.add_column("agenda_items", sa.Column("call_minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "agenda_items",
        sa.Column(
            "mode",
            sa.Enum(
                "flight",
                "train",
                "coach",
                "car",
                "boat",
                "walk",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.add_column("agenda_items", sa.Column("service", sa.String(length=200), nullable=True))
    op.add_column("agenda_items", sa.Column("vehicle", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_agenda_items_room_id"), "agenda_items", ["room_id"], unique=False)
    op.create_index(
        op.f("ix_agenda_items_to_venue_id"), "agenda_items", ["to_venue_id"], unique=False
    )
    op.create_index(op.f("ix_agenda_items_venue_id"), "agenda_items", ["venue_id"], unique=False)
    op.create_unique_constraint(
        op.f("uq_agenda_items_trip_id_import_key"), "agenda_items", ["trip_id", "import_key"]
    )
    op.create_foreign_key(
        op.f("fk_agenda_items_host_id_organizations"),
        "agenda_items",
        "organizations",
        ["host_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_agenda_items_to_venue_id_venues"),
        "agenda_items",
        "venues",
        ["to_venue_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_agenda_items_room_id_rooms"), "agenda_items", "rooms", ["room_id"], ["id"]
    )
    op.add_column("release_items", sa.Column("room_name", sa.String(length=200), nullable=True))
    op.add_column("release_items", sa.Column("place_access", postgresql.JSONB(), nullable=True))
    op.add_column("release_items", sa.Column("to_place_name", sa.String(length=200), nullable=True))
    op.add_column("release_items", sa.Column("to_place_address", sa.Text(), nullable=True))
    op.add_column("release_items", sa.Column("to_city", sa.String(length=200), nullable=True))
    op.add_column("release_items", sa.Column("to_latitude", sa.Double(), nullable=True))
    op.add_column("release_items", sa.Column("to_longitude", sa.Double(), nullable=True))
    op.add_column("release_items", sa.Column("host_name", sa.String(length=200), nullable=True))
    op.add_column(
        "release_items",
        sa.Column("people_named", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column(
        "release_items",
        sa.Column("organization_ids", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column("release_items", sa.Column("values", postgresql.JSONB(), nullable=True))
    op.add_column(
        "release_items",
        sa.Column(
            "attendance",
            sa.Enum(
                "mandatory",
                "optional",
                name="attendance",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="mandatory",
        ),
    )
    op.add_column("release_items", sa.Column("capacity", sa.BigInteger(), nullable=True))
    op.add_column(
        "release_items",
        sa.Column("languages", postgresql.JSONB(), nullable=False, server_default="[]"),
    )
    op.add_column("release_items", sa.Column("meeting_point", postgresql.JSONB(), nullable=True))
    op.add_column("release_items", sa.Column("call_minutes", sa.BigInteger(), nullable=True))
    op.add_column(
        "release_items",
        sa.Column(
            "mode",
            sa.Enum(
                "flight",
                "train",
                "coach",
                "car",
                "boat",
                "walk",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.add_column("release_items", sa.Column("service", sa.String(length=200), nullable=True))
    op.add_column("release_items", sa.Column("vehicle", sa.String(length=64), nullable=True))
    op.add_column(
        "releases",
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "published",
                "dropped",
                name="releasestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="published",
        ),
    )
    op.add_column("releases", sa.Column("name", sa.String(length=200), nullable=True))
    op.add_column("releases", sa.Column("planned_for", sa.DateTime(timezone=True), nullable=True))
    op.add_column("releases", sa.Column("problem", sa.Text(), nullable=True))
    op.alter_column("releases", "number", existing_type=sa.BIGINT(), nullable=True)
    op.alter_column(
        "releases", "published_at", existing_type=postgresql.TIMESTAMP(timezone=True), nullable=True
    )
    op.create_index(
        "uq_releases_trip_id_planned",
        "releases",
        ["trip_id"],
        unique=True,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.add_column(
        "trips", sa.Column("is_template", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column(
        "trips", sa.Column("clash_levels", postgresql.JSONB(), nullable=False, server_default="{}")
    )
    op.add_column(
        "trips", sa.Column("travel_speeds", postgresql.JSONB(), nullable=False, server_default="{}")
    )
    op.add_column(
        "trips", sa.Column("margin_minutes", sa.BigInteger(), nullable=False, server_default="10")
    )
    op.add_column(
        "trips", sa.Column("arrival_minutes", sa.BigInteger(), nullable=False, server_default="45")
    )
    op.add_column("venues", sa.Column("capacity", sa.BigInteger(), nullable=True))
    op.add_column("venues", sa.Column("contact", sa.String(length=200), nullable=True))
    _audiences(NEW_AUDIENCES)
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def downgrade() -> None:
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    # What the old product cannot say is for staff alone, until somebody decides otherwise.
    for table in ("agenda_items", "release_items"):
        op.execute(f"UPDATE {table} SET audience = 'staff' WHERE audience = 'companies'")  # noqa: S608
    _audiences(OLD_AUDIENCES)
    op.execute("DELETE FROM releases WHERE number IS NULL")
    op.drop_column("venues", "contact")
    op.drop_column("venues", "capacity")
    op.drop_column("trips", "arrival_minutes")
    op.drop_column("trips", "margin_minutes")
    op.drop_column("trips", "travel_speeds")
    op.drop_column("trips", "clash_levels")
    op.drop_column("trips", "is_template")
    op.drop_index(
        "uq_releases_trip_id_planned",
        table_name="releases",
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.alter_column(
        "releases",
        "published_at",
        existing_type=postgresql.TIMESTAMP(timezone=True),
        nullable=False,
    )
    op.alter_column("releases", "number", existing_type=sa.BIGINT(), nullable=False)
    op.drop_column("releases", "problem")
    op.drop_column("releases", "planned_for")
    op.drop_column("releases", "name")
    op.drop_column("releases", "state")
    op.drop_column("release_items", "vehicle")
    op.drop_column("release_items", "service")
    op.drop_column("release_items", "mode")
    op.drop_column("release_items", "call_minutes")
    op.drop_column("release_items", "meeting_point")
    op.drop_column("release_items", "languages")
    op.drop_column("release_items", "capacity")
    op.drop_column("release_items", "attendance")
    op.drop_column("release_items", "values")
    op.drop_column("release_items", "organization_ids")
    op.drop_column("release_items", "people_named")
    op.drop_column("release_items", "host_name")
    op.drop_column("release_items", "to_longitude")
    op.drop_column("release_items", "to_latitude")
    op.drop_column("release_items", "to_city")
    op.drop_column("release_items", "to_place_address")
    op.drop_column("release_items", "to_place_name")
    op.drop_column("release_items", "place_access")
    op.drop_column("release_items", "room_name")
    op.drop_constraint(op.f("fk_agenda_items_room_id_rooms"), "agenda_items", type_="foreignkey")
    op.drop_constraint(
        op.f("fk_agenda_items_to_venue_id_venues"), "agenda_items", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_agenda_items_host_id_organizations"), "agenda_items", type_="foreignkey"
    )
    op.drop_constraint(op.f("uq_agenda_items_trip_id_import_key"), "agenda_items", type_="unique")
    op.drop_index(op.f("ix_agenda_items_venue_id"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_to_venue_id"), table_name="agenda_items")
    op.drop_index(op.f("ix_agenda_items_room_id"), table_name="agenda_items")
    op.drop_column("agenda_items", "vehicle")
    op.drop_column("agenda_items", "service")
    op.drop_column("agenda_items", "mode")
    op.drop_column("agenda_items", "call_minutes")
    op.drop_column("agenda_items", "meeting_point")
    op.drop_column("agenda_items", "languages")
    op.drop_column("agenda_items", "capacity")
    op.drop_column("agenda_items", "attendance")
    op.drop_column("agenda_items", "import_key")
    op.drop_column("agenda_items", "held_back")
    op.drop_column("agenda_items", "to_place")
    op.drop_column("agenda_items", "to_venue_id")
    op.drop_column("agenda_items", "host_id")
    op.drop_column("agenda_items", "room_id")
    op.drop_index("ix_picks_item_id_state", table_name="picks")
    op.drop_index(op.f("ix_picks_delegate_id"), table_name="picks")
    op.drop_table("picks")
    op.drop_index(op.f("ix_item_people_person_id"), table_name="item_people")
    op.drop_table("item_people")
    op.drop_index(op.f("ix_item_companies_organization_id"), table_name="item_companies")
    op.drop_table("item_companies")
    op.drop_index(op.f("ix_travel_times_to_venue_id"), table_name="travel_times")
    op.drop_index(op.f("ix_travel_times_from_venue_id"), table_name="travel_times")
    op.drop_table("travel_times")
    op.drop_table("rooms")
    op.drop_table("clash_overrides")
    op.drop_index("ix_agenda_edits_trip_id_staff_id", table_name="agenda_edits")
    op.drop_table("agenda_edits")


def _audiences(allowed: str) -> None:
    for table in ("agenda_items", "release_items"):
        name = op.f(f"ck_{table}_audience")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"audience IN ({allowed})")

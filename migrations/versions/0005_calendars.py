"""Calendars that stay right: more feeds, who fetched them, and invitations by mail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD_SCOPES = "'trip', 'company', 'delegate'"
NEW_SCOPES = "'trip', 'track', 'company', 'delegate', 'venue', 'host', 'staff'"
WHOSE = ("track", "venue", "host", "staff")
DELETED = ("track", "venue")  # there may be feeds of them whose address has ended
NUMBERS = ("venue_id", "to_venue_id", "host_id")


def upgrade() -> None:
    op.create_table(
        "feed_fetches",
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "client",
            sa.Enum(
                "google",
                "apple",
                "outlook",
                "thunderbird",
                "nextcloud",
                "home_assistant",
                "android",
                "browser",
                "other",
                name="client",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"],
            ["feeds.id"],
            name=op.f("fk_feed_fetches_feed_id_feeds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feed_id", "client", name=op.f("pk_feed_fetches")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "cancelled",
                name="invitationstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("stamped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", postgresql.JSONB(), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "none",
                "accepted",
                "declined",
                "tentative",
                name="answer",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answered_by",
            sa.Enum(
                "calendar",
                "page",
                name="answeredby",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_invitations_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["mails.id"],
            name=op.f("fk_invitations_mail_id_mails"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_invitations_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("delegate_id", "uid", name=op.f("uq_invitations_delegate_id_uid")),
    )
    op.create_index(op.f("ix_invitations_mail_id"), "invitations", ["mail_id"], unique=False)
    op.create_index(
        "ix_invitations_trip_id_email",
        "invitations",
        ["trip_id", sa.text("lower(email)")],
        unique=False,
    )
    op.add_column(
        "agenda_items",
        sa.Column("invites", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("feeds", sa.Column("track_id", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("venue_id", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("host_id", sa.BigInteger(), nullable=True))
    op.add_column("feeds", sa.Column("staff_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "feeds",
        sa.Column("with_options", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "feeds",
        sa.Column("is_settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(op.f("ix_feeds_host_id"), "feeds", ["host_id"], unique=False)
    op.create_index(op.f("ix_feeds_staff_id"), "feeds", ["staff_id"], unique=False)
    op.create_index(op.f("ix_feeds_track_id"), "feeds", ["track_id"], unique=False)
    op.create_index(
        "ix_feeds_unsettled",
        "feeds",
        ["trip_id", "id"],
        unique=False,
        postgresql_where=sa.text("scope = 'delegate' AND NOT is_settled"),
    )
    op.create_index(op.f("ix_feeds_venue_id"), "feeds", ["venue_id"], unique=False)
    op.create_index(
        "uq_feeds_host_id_in_force",
        "feeds",
        ["trip_id", "host_id", "language"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND host_id IS NOT NULL"),
    )
    op.create_index(
        "uq_feeds_staff_id_in_force",
        "feeds",
        ["trip_id", "staff_id", "language"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND staff_id IS NOT NULL"),
    )
    op.create_index(
        "uq_feeds_track_id_in_force",
        "feeds",
        ["trip_id", "track_id", "language"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND track_id IS NOT NULL"),
    )
    op.create_index(
        "uq_feeds_venue_id_in_force",
        "feeds",
        ["trip_id", "venue_id", "language"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND venue_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_feeds_staff_id_staff"), "feeds", "staff", ["staff_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key(
        op.f("fk_feeds_venue_id_venues"),
        "feeds",
        "venues",
        ["venue_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_feeds_host_id_organizations"),
        "feeds",
        "organizations",
        ["host_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_foreign_key(
        op.f("fk_feeds_track_id_tracks"),
        "feeds",
        "tracks",
        ["track_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("release_items", sa.Column("venue_id", sa.BigInteger(), nullable=True))
    op.add_column("release_items", sa.Column("to_venue_id", sa.BigInteger(), nullable=True))
    op.add_column("release_items", sa.Column("host_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "release_items",
        sa.Column("invites", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column(
        "trips",
        sa.Column(
            "inviting",
            sa.Enum(
                "feed",
                "changes",
                "all",
                name="inviting",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            server_default="feed",
            nullable=False,
        ),
    )
    op.add_column("trips", sa.Column("inviting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "trips", sa.Column("calendar_number", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "stops",
        sa.Column("uid", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint(op.f("uq_stops_uid"), "stops", ["uid"])
    _scopes(NEW_SCOPES)
    for whose in WHOSE:
        has = f"{whose}_id IS NOT NULL"
        if whose in DELETED:
            condition = (
                f"CASE WHEN scope = '{whose}' THEN {has} OR revoked_at IS NOT NULL"
                f" ELSE {whose}_id IS NULL END"
            )
        else:
            condition = f"(scope = '{whose}') = ({has})"
        op.create_check_constraint(op.f(f"ck_feeds_{whose}_has_{whose}"), "feeds", condition)
    _whose_items()


def downgrade() -> None:
    op.execute(f"DELETE FROM feeds WHERE scope NOT IN ({OLD_SCOPES})")  # noqa: S608
    for whose in WHOSE:
        op.drop_constraint(op.f(f"ck_feeds_{whose}_has_{whose}"), "feeds", type_="check")
    _scopes(OLD_SCOPES)
    op.drop_constraint(op.f("uq_stops_uid"), "stops", type_="unique")
    op.drop_column("stops", "uid")
    op.drop_column("trips", "calendar_number")
    op.drop_column("trips", "inviting_since")
    op.drop_column("trips", "inviting")
    op.drop_column("release_items", "invites")
    op.drop_column("release_items", "host_id")
    op.drop_column("release_items", "to_venue_id")
    op.drop_column("release_items", "venue_id")
    op.drop_constraint(op.f("fk_feeds_track_id_tracks"), "feeds", type_="foreignkey")
    op.drop_constraint(op.f("fk_feeds_host_id_organizations"), "feeds", type_="foreignkey")
    op.drop_constraint(op.f("fk_feeds_venue_id_venues"), "feeds", type_="foreignkey")
    op.drop_constraint(op.f("fk_feeds_staff_id_staff"), "feeds", type_="foreignkey")
    op.drop_index(
        "uq_feeds_venue_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL AND venue_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_feeds_track_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL AND track_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_feeds_staff_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL AND staff_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_feeds_host_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL AND host_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_feeds_venue_id"), table_name="feeds")
    op.drop_index(
        "ix_feeds_unsettled",
        table_name="feeds",
        postgresql_where=sa.text("scope = 'delegate' AND NOT is_settled"),
    )
    op.drop_index(op.f("ix_feeds_track_id"), table_name="feeds")
    op.drop_index(op.f("ix_feeds_staff_id"), table_name="feeds")
    op.drop_index(op.f("ix_feeds_host_id"), table_name="feeds")
    op.drop_column("feeds", "is_settled")
    op.drop_column("feeds", "with_options")
    op.drop_column("feeds", "staff_id")
    op.drop_column("feeds", "host_id")
    op.drop_column("feeds", "venue_id")
    op.drop_column("feeds", "track_id")
    op.drop_column("agenda_items", "invites")
    op.drop_index("ix_invitations_trip_id_email", table_name="invitations")
    op.drop_index(op.f("ix_invitations_mail_id"), table_name="invitations")
    op.drop_table("invitations")
    op.drop_table("feed_fetches")


def _scopes(scopes: str) -> None:
    op.drop_constraint(op.f("ck_feeds_scope"), "feeds", type_="check")
    op.create_check_constraint(op.f("ck_feeds_scope"), "feeds", f"scope IN ({scopes})")


def _whose_items() -> None:
    """Fill in whose published items are, from what the draft said when they were published; of
    those that were published before that was kept, from what it says now."""
    for name in NUMBERS:
        op.execute(
            f"UPDATE release_items SET {name} = (values ->> '{name}')::bigint"  # noqa: S608
            " WHERE values IS NOT NULL"
        )
        op.execute(
            f"UPDATE release_items SET {name} = agenda_items.{name}"  # noqa: S608
            " FROM agenda_items"
            " WHERE agenda_items.uid = release_items.uid AND release_items.values IS NULL"
        )

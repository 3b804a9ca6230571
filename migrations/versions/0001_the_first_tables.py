"""The first tables: trips, agendas, releases, registrations, feeds, mails, audit, partnership."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("worker", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "authority",
                "chamber",
                "agency",
                "cluster",
                "company",
                "academic",
                "association",
                "consulate",
                "ngo",
                "fair",
                name="organizationkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=64), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("website", sa.String(length=200), nullable=True),
        sa.Column("about", postgresql.JSONB(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
    )
    op.create_index(op.f("ix_organizations_name_key"), "organizations", ["name_key"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(
        "uq_people_email",
        "people",
        [sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("email IS NOT NULL"),
    )
    op.create_table(
        "sources",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("publisher", sa.String(length=200), nullable=False),
        sa.Column("published", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sources")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("runs_everything", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
    )
    op.create_index("uq_staff_email", "staff", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "trips",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("kind", postgresql.JSONB(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "announced",
                "cancelled",
                "withdrawn",
                name="tripstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("home_zone", sa.String(length=64), nullable=True),
        sa.Column("max_delegates", sa.BigInteger(), nullable=True),
        sa.Column("max_organizations", sa.BigInteger(), nullable=True),
        sa.Column("max_per_organization", sa.BigInteger(), nullable=False),
        sa.Column("registration_opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registration_closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_email", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("max_delegates > 0", name=op.f("ck_trips_max_delegates_positive")),
        sa.CheckConstraint(
            "max_organizations > 0", name=op.f("ck_trips_max_organizations_positive")
        ),
        sa.CheckConstraint(
            "max_per_organization > 0", name=op.f("ck_trips_max_per_organization_positive")
        ),
        sa.CheckConstraint(
            "registration_opens_at < registration_closes_at", name=op.f("ck_trips_window_in_order")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_trips_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_trips_release_id_releases"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trips")),
        sa.UniqueConstraint("slug", name=op.f("uq_trips_slug")),
        sa.UniqueConstraint("uid", name=op.f("uq_trips_uid")),
    )
    op.create_table(
        "venues",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("postal_code", sa.String(length=64), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("access", postgresql.JSONB(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_venues_both_coordinates")
        ),
        sa.CheckConstraint(
            "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
            name=op.f("ck_venues_on_earth"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venues")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor",
            sa.Enum(
                "staff",
                "company",
                "delegate",
                "system",
                name="actor",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=True),
        sa.Column("object_kind", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
            name=op.f("fk_audit_entries_staff_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_audit_entries_trip_id_trips"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        "ix_audit_entries_object_kind_object_id",
        "audit_entries",
        ["object_kind", "object_id"],
        unique=False,
    )
    op.create_index(op.f("ix_audit_entries_trip_id"), "audit_entries", ["trip_id"], unique=False)
    op.create_table(
        "organization_aliases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("note", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_organization_aliases_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_aliases")),
    )
    op.create_index(
        op.f("ix_organization_aliases_name_key"), "organization_aliases", ["name_key"], unique=False
    )
    op.create_index(
        op.f("ix_organization_aliases_organization_id"),
        "organization_aliases",
        ["organization_id"],
        unique=False,
    )
    op.create_table(
        "partnerships",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("aim", postgresql.JSONB(), nullable=False),
        sa.Column("objectives", postgresql.JSONB(), nullable=False),
        sa.Column("sectors", postgresql.JSONB(), nullable=False),
        sa.Column("since", postgresql.JSONB(), nullable=True),
        sa.Column("representative_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["representative_id"],
            ["organizations.id"],
            name=op.f("fk_partnerships_representative_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnerships")),
        sa.UniqueConstraint("slug", name=op.f("uq_partnerships_slug")),
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "accepted",
                "waitlisted",
                "declined",
                "cancelled",
                name="registrationstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("coordinator_name", sa.String(length=200), nullable=False),
        sa.Column("coordinator_email", sa.String(length=254), nullable=False),
        sa.Column("coordinator_phone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("objectives", sa.Text(), nullable=True),
        sa.Column("authority_declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("form_key", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["staff.id"],
            name=op.f("fk_registrations_decided_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_registrations_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_registrations_trip_id_trips")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("reference", name=op.f("uq_registrations_reference")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_registrations_token_digest")),
        sa.UniqueConstraint("trip_id", "form_key", name=op.f("uq_registrations_trip_id_form_key")),
    )
    op.create_index(
        op.f("ix_registrations_organization_id"), "registrations", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_registrations_trip_id_state", "registrations", ["trip_id", "state"], unique=False
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["staff.id"],
            name=op.f("fk_releases_published_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_releases_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("trip_id", "number", name=op.f("uq_releases_trip_id_number")),
    )
    op.create_table(
        "stops",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", postgresql.JSONB(), nullable=True),
        sa.Column("local_host_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_stops_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["local_host_id"],
            ["organizations.id"],
            name=op.f("fk_stops_local_host_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_stops_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
        sa.UniqueConstraint(
            "trip_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_stops_trip_id_position"),
        ),
    )
    op.create_table(
        "tracks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("color", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_tracks_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracks")),
        sa.UniqueConstraint("trip_id", "key", name=op.f("uq_tracks_trip_id_key")),
    )
    op.create_table(
        "trip_members",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("note", postgresql.JSONB(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_trip_members_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_trip_members_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_members")),
    )
    op.create_index(op.f("ix_trip_members_trip_id"), "trip_members", ["trip_id"], unique=False)
    op.create_table(
        "trip_partners",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("role", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_trip_partners_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_trip_partners_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_partners")),
    )
    op.create_index(op.f("ix_trip_partners_trip_id"), "trip_partners", ["trip_id"], unique=False)
    op.create_table(
        "trip_roles",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "organizer",
                "reader",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
            name=op.f("fk_trip_roles_staff_id_staff"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_trip_roles_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "trip_id", name=op.f("pk_trip_roles")),
    )
    op.create_table(
        "agenda_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("stop_id", sa.BigInteger(), nullable=True),
        sa.Column("venue_id", sa.BigInteger(), nullable=True),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "briefing",
                "visit",
                "meetings",
                "panel",
                "fair",
                "reception",
                "ceremony",
                "meal",
                "transfer",
                "travel",
                "call",
                "free",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "everybody",
                "delegates",
                "staff",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "tentative",
                "cancelled",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("description", postgresql.JSONB(), nullable=True),
        sa.Column("starts_local", sa.DateTime(), nullable=False),
        sa.Column("starts_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_fold", sa.BigInteger(), nullable=False),
        sa.Column("ends_local", sa.DateTime(), nullable=False),
        sa.Column("ends_zone", sa.String(length=64), nullable=False),
        sa.Column("ends_fold", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_agenda_items_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["stop_id"],
            ["stops.id"],
            name=op.f("fk_agenda_items_stop_id_stops"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"],
            ["tracks.id"],
            name=op.f("fk_agenda_items_track_id_tracks"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_agenda_items_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venues.id"], name=op.f("fk_agenda_items_venue_id_venues")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_items")),
        sa.UniqueConstraint("uid", name=op.f("uq_agenda_items_uid")),
    )
    op.create_index(
        "ix_agenda_items_trip_id_starts_at", "agenda_items", ["trip_id", "starts_at"], unique=False
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("names_in_sources", postgresql.JSONB(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_when", postgresql.JSONB(), nullable=True),
        sa.Column("place", postgresql.JSONB(), nullable=True),
        sa.Column("parties", postgresql.JSONB(), nullable=True),
        sa.Column("note", postgresql.JSONB(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
            name=op.f("fk_agreements_partnership_id_partnerships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index(
        op.f("ix_agreements_partnership_id"), "agreements", ["partnership_id"], unique=False
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=True),
        sa.Column("published", sa.String(length=200), nullable=True),
        sa.Column("media", sa.String(length=64), nullable=True),
        sa.Column("trip_slug", sa.String(length=64), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
            name=op.f("fk_articles_partnership_id_partnerships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index(
        op.f("ix_articles_partnership_id"), "articles", ["partnership_id"], unique=False
    )
    op.create_table(
        "delegates",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=64), nullable=True),
        sa.Column("job_title", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_delegates_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_delegates_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegates")),
        sa.UniqueConstraint(
            "registration_id", "position", name=op.f("uq_delegates_registration_id_position")
        ),
        sa.UniqueConstraint("token_digest", name=op.f("uq_delegates_token_digest")),
    )
    op.create_index(op.f("ix_delegates_person_id"), "delegates", ["person_id"], unique=False)
    op.create_index(
        "uq_delegates_registration_id_email",
        "delegates",
        ["registration_id", sa.literal_column("lower(email)")],
        unique=True,
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=True),
        sa.Column("registration_id", sa.BigInteger(), nullable=True),
        sa.Column("to_email", sa.String(length=254), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "sent",
                "failed",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=200), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_mails_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_mails_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mails_message_id")),
    )
    op.create_index(
        "ix_mails_claimed",
        "mails",
        ["claimed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_mails_registration_id"), "mails", ["registration_id"], unique=False)
    op.create_index(op.f("ix_mails_trip_id"), "mails", ["trip_id"], unique=False)
    op.create_table(
        "regions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("other_names", postgresql.JSONB(), nullable=True),
        sa.Column("about", postgresql.JSONB(), nullable=True),
        sa.Column("sectors", postgresql.JSONB(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
            name=op.f("fk_regions_partnership_id_partnerships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
    )
    op.create_index(op.f("ix_regions_partnership_id"), "regions", ["partnership_id"], unique=False)
    op.create_table(
        "release_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                "same",
                "added",
                "moved",
                "changed",
                "cancelled",
                "restored",
                name="change",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place_name", sa.String(length=200), nullable=True),
        sa.Column("place_address", sa.Text(), nullable=True),
        sa.Column("city", sa.String(length=200), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("track_id", sa.BigInteger(), nullable=True),
        sa.Column("track_name", postgresql.JSONB(), nullable=True),
        sa.Column("track_color", sa.String(length=64), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "briefing",
                "visit",
                "meetings",
                "panel",
                "fair",
                "reception",
                "ceremony",
                "meal",
                "transfer",
                "travel",
                "call",
                "free",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "everybody",
                "delegates",
                "staff",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "tentative",
                "cancelled",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", postgresql.JSONB(), nullable=False),
        sa.Column("description", postgresql.JSONB(), nullable=True),
        sa.Column("starts_local", sa.DateTime(), nullable=False),
        sa.Column("starts_zone", sa.String(length=64), nullable=False),
        sa.Column("starts_fold", sa.BigInteger(), nullable=False),
        sa.Column("ends_local", sa.DateTime(), nullable=False),
        sa.Column("ends_zone", sa.String(length=64), nullable=False),
        sa.Column("ends_fold", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_release_items_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["releases.id"],
            name=op.f("fk_release_items_release_id_releases"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"],
            ["tracks.id"],
            name=op.f("fk_release_items_track_id_tracks"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_items")),
        sa.UniqueConstraint("release_id", "uid", name=op.f("uq_release_items_release_id_uid")),
    )
    op.create_index(
        "ix_release_items_release_id_starts_at",
        "release_items",
        ["release_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "agreement_people",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "capacity",
            sa.Enum(
                "signatory",
                "witness",
                name="capacity",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("role", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_agreement_people_agreement_id_agreements"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_agreement_people_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_people")),
    )
    op.create_index(
        op.f("ix_agreement_people_agreement_id"), "agreement_people", ["agreement_id"], unique=False
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "trip",
                "company",
                "delegate",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=True),
        sa.Column("delegate_id", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(scope = 'company') = (registration_id IS NOT NULL)",
            name=op.f("ck_feeds_company_has_registration"),
        ),
        sa.CheckConstraint(
            "(scope = 'delegate') = (delegate_id IS NOT NULL)",
            name=op.f("ck_feeds_delegate_has_delegate"),
        ),
        sa.CheckConstraint(
            "(scope = 'trip') = (token_digest IS NULL)", name=op.f("ck_feeds_secret_unless_trip")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_feeds_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_feeds_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_feeds_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_feeds_token_digest")),
    )
    op.create_index(op.f("ix_feeds_delegate_id"), "feeds", ["delegate_id"], unique=False)
    op.create_index(op.f("ix_feeds_registration_id"), "feeds", ["registration_id"], unique=False)
    op.create_index(
        "ix_feeds_out_of_date",
        "feeds",
        ["id"],
        postgresql_where=sa.text("body IS NULL AND revoked_at IS NULL"),
    )
    op.create_index(op.f("ix_feeds_trip_id"), "feeds", ["trip_id"], unique=False)
    op.create_index(
        "uq_feeds_delegate_id_in_force",
        "feeds",
        ["delegate_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "uq_feeds_registration_id_in_force",
        "feeds",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        "uq_feeds_trip_id_language",
        "feeds",
        ["trip_id", "language"],
        unique=True,
        postgresql_where=sa.text("scope = 'trip'"),
    )
    op.create_table(
        "region_facts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("region_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("year", sa.String(length=64), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "real",
                "sourced",
                "derived",
                "illustrative",
                name="basis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("basis_note", postgresql.JSONB(), nullable=True),
        sa.Column("sources", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"],
            ["regions.id"],
            name=op.f("fk_region_facts_region_id_regions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region_facts")),
    )
    op.create_index(op.f("ix_region_facts_region_id"), "region_facts", ["region_id"], unique=False)
    op.create_table(
        "track_members",
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_track_members_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["track_id"],
            ["tracks.id"],
            name=op.f("fk_track_members_track_id_tracks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("track_id", "delegate_id", name=op.f("pk_track_members")),
    )
    op.create_index(
        op.f("ix_track_members_delegate_id"), "track_members", ["delegate_id"], unique=False
    )
    # trips and releases refer to each other, so this one comes last.
    op.create_foreign_key(
        op.f("fk_trips_release_id_releases"),
        "trips",
        "releases",
        ["release_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_trips_release_id_releases"), "trips", type_="foreignkey")
    op.drop_index(op.f("ix_track_members_delegate_id"), table_name="track_members")
    op.drop_table("track_members")
    op.drop_index(op.f("ix_region_facts_region_id"), table_name="region_facts")
    op.drop_table("region_facts")
    op.drop_index(
        "uq_feeds_registration_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(
        "uq_feeds_delegate_id_in_force",
        table_name="feeds",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index(
        "uq_feeds_trip_id_language", table_name="feeds", postgresql_where=sa.text("scope = 'trip'")
    )
    op.drop_index(op.f("ix_feeds_trip_id"), table_name="feeds")
    op.drop_index(op.f("ix_feeds_registration_id"), table_name="feeds")
    op.drop_index(op.f("ix_feeds_delegate_id"), table_name="feeds")
    op.drop_table("feeds")
    op.drop_index(op.f("ix_agreement_people_agreement_id"), table_name="agreement_people")
    op.drop_table("agreement_people")
    op.drop_index("ix_release_items_release_id_starts_at", table_name="release_items")
    op.drop_table("release_items")
    op.drop_index(op.f("ix_regions_partnership_id"), table_name="regions")
    op.drop_table("regions")
    op.drop_index(op.f("ix_mails_trip_id"), table_name="mails")
    op.drop_index(op.f("ix_mails_registration_id"), table_name="mails")
    op.drop_index("ix_mails_due", table_name="mails", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(
        "ix_mails_claimed", table_name="mails", postgresql_where=sa.text("state = 'sending'")
    )
    op.drop_table("mails")
    op.drop_index("uq_delegates_registration_id_email", table_name="delegates")
    op.drop_index(op.f("ix_delegates_person_id"), table_name="delegates")
    op.drop_table("delegates")
    op.drop_index(op.f("ix_articles_partnership_id"), table_name="articles")
    op.drop_table("articles")
    op.drop_index(op.f("ix_agreements_partnership_id"), table_name="agreements")
    op.drop_table("agreements")
    op.drop_index("ix_agenda_items_trip_id_starts_at", table_name="agenda_items")
    op.drop_table("agenda_items")
    op.drop_table("trip_roles")
    op.drop_index(op.f("ix_trip_partners_trip_id"), table_name="trip_partners")
    op.drop_table("trip_partners")
    op.drop_index(op.f("ix_trip_members_trip_id"), table_name="trip_members")
    op.drop_table("trip_members")
    op.drop_table("tracks")
    op.drop_table("stops")
    op.drop_table("releases")
    op.drop_index("ix_registrations_trip_id_state", table_name="registrations")
    op.drop_index(op.f("ix_registrations_organization_id"), table_name="registrations")
    op.drop_table("registrations")
    op.drop_table("partnerships")
    op.drop_index(
        op.f("ix_organization_aliases_organization_id"), table_name="organization_aliases"
    )
    op.drop_index(op.f("ix_organization_aliases_name_key"), table_name="organization_aliases")
    op.drop_table("organization_aliases")
    op.drop_index(op.f("ix_audit_entries_trip_id"), table_name="audit_entries")
    op.drop_index("ix_audit_entries_object_kind_object_id", table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("venues")
    op.drop_table("trips")
    op.drop_index("uq_staff_email", table_name="staff")
    op.drop_table("staff")
    op.drop_table("sources")
    op.drop_index(
        "uq_people_email", table_name="people", postgresql_where=sa.text("email IS NOT NULL")
    )
    op.drop_table("people")
    op.drop_index(op.f("ix_organizations_name_key"), table_name="organizations")
    op.drop_table("organizations")
    op.drop_table("heartbeats")

"""Mail nobody has to worry about: states, attempts, bounces, mailings, reminders, wordings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


OLD_STATES = "'waiting', 'sending', 'sent', 'failed'"
NEW_STATES = "'waiting', 'held', 'sending', 'sent', 'bounced', 'failed', 'cancelled'"
HELD = "ck_mails_held_says_why"


def upgrade() -> None:
    op.create_table(
        "mail_lanes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_lanes")),
    )
    op.create_table(
        "mailing_templates",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("subject", postgresql.JSONB(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("audience", postgresql.JSONB(), nullable=False),
        sa.Column("is_news", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"],
            ["trips.id"],
            name=op.f("fk_mailing_templates_trip_id_trips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_templates")),
    )
    op.create_index(
        op.f("ix_mailing_templates_trip_id"), "mailing_templates", ["trip_id"], unique=False
    )
    op.create_table(
        "mailings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "held",
                "sent",
                name="mailingstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject", postgresql.JSONB(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("audience", postgresql.JSONB(), nullable=False),
        sa.Column("is_news", sa.Boolean(), nullable=False),
        sa.Column("hold_minutes", sa.BigInteger(), nullable=False),
        sa.Column("planned_for", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("goes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'scheduled') = (planned_for IS NOT NULL)",
            name=op.f("ck_mailings_scheduled_has_instant"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('held', 'sent') OR goes_at IS NOT NULL",
            name=op.f("ck_mailings_put_has_instant"),
        ),
        sa.CheckConstraint(
            "hold_minutes BETWEEN 0 AND 1440", name=op.f("ck_mailings_hold_within_a_day")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["staff.id"],
            name=op.f("fk_mailings_created_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_mailings_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailings")),
    )
    op.create_index(op.f("ix_mailings_trip_id"), "mailings", ["trip_id"], unique=False)
    op.create_table(
        "opt_outs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "topic",
            sa.Enum(
                "changes",
                "days",
                "news",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_opt_outs_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_outs")),
        sa.UniqueConstraint(
            "trip_id", "email", "topic", name=op.f("uq_opt_outs_trip_id_email_topic")
        ),
    )
    op.create_index(op.f("ix_opt_outs_email"), "opt_outs", ["email"], unique=False)
    op.create_table(
        "reminders",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "details",
                "program",
                "day_sheet",
                "hosts",
                "message",
                name="reminderkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "anchor",
            sa.Enum(
                "start",
                "end",
                "registration_closes",
                "freeze",
                "details_due",
                "each_day",
                name="anchor",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("subject", postgresql.JSONB(), nullable=True),
        sa.Column("body", postgresql.JSONB(), nullable=True),
        sa.Column("audience", postgresql.JSONB(), nullable=False),
        sa.Column("is_news", sa.Boolean(), nullable=False),
        sa.Column("on_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'message') = (subject IS NOT NULL AND body IS NOT NULL)",
            name=op.f("ck_reminders_message_has_words"),
        ),
        sa.CheckConstraint(
            "days BETWEEN -365 AND 730", name=op.f("ck_reminders_days_within_years")
        ),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_reminders_minute_of_a_day")),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_reminders_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_trip_id"), "reminders", ["trip_id"], unique=False)
    op.create_table(
        "wordings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("forms", postgresql.JSONB(), nullable=False),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edited_by_id"],
            ["staff.id"],
            name=op.f("fk_wordings_edited_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_wordings_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
        sa.UniqueConstraint(
            "trip_id",
            "letter",
            "language",
            "text_id",
            name=op.f("uq_wordings_trip_id_letter_language_text_id"),
        ),
    )
    op.create_table(
        "mailing_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("mime_type", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_as", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailings.id"],
            name=op.f("fk_mailing_files_mailing_id_mailings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_files")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_mailing_files_stored_as")),
    )
    op.create_index(
        op.f("ix_mailing_files_mailing_id"), "mailing_files", ["mailing_id"], unique=False
    )
    op.create_table(
        "reminder_runs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reminder_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["reminders.id"],
            name=op.f("fk_reminder_runs_reminder_id_reminders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_runs")),
        sa.UniqueConstraint(
            "reminder_id", "due_at", name=op.f("uq_reminder_runs_reminder_id_due_at")
        ),
    )
    op.create_table(
        "bounces",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cleared_by_id"],
            ["staff.id"],
            name=op.f("fk_bounces_cleared_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], name=op.f("fk_bounces_mail_id_mails"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
    )
    op.create_index(op.f("ix_bounces_mail_id"), "bounces", ["mail_id"], unique=False)
    op.create_index(
        "uq_bounces_email",
        "bounces",
        ["email"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "mail_attempts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("mail_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker", sa.String(length=200), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "later",
                "refused",
                "lost",
                "delayed",
                "bounced",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_id"],
            ["mails.id"],
            name=op.f("fk_mail_attempts_mail_id_mails"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attempts")),
    )
    op.create_index(op.f("ix_mail_attempts_mail_id"), "mail_attempts", ["mail_id"], unique=False)
    op.add_column("audit_entries", sa.Column("change_number", sa.BigInteger(), nullable=True))
    # Apart: the rows that are there were not written by this transaction.
    op.alter_column(
        "audit_entries",
        "change_number",
        server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
    )
    op.create_index(
        "ix_audit_entries_change_number", "audit_entries", ["change_number"], unique=False
    )
    op.add_column("heartbeats", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "mails", sa.Column("urgency", sa.BigInteger(), nullable=False, server_default="1")
    )
    op.add_column(
        "mails",
        sa.Column(
            "topic",
            sa.Enum(
                "changes",
                "days",
                "news",
                name="topic",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.add_column("mails", sa.Column("release_id", sa.BigInteger(), nullable=True))
    op.add_column("mails", sa.Column("mailing_id", sa.BigInteger(), nullable=True))
    op.add_column("mails", sa.Column("reminder_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "mails",
        sa.Column(
            "hold",
            sa.Enum(
                "window",
                "address",
                name="hold",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
    )
    op.add_column("mails", sa.Column("change_number", sa.BigInteger(), nullable=True))
    op.alter_column(
        "mails", "change_number", server_default=sa.text("(pg_current_xact_id()::text)::bigint")
    )
    op.drop_index(
        op.f("ix_mails_due"),
        table_name="mails",
        postgresql_where="((state)::text = 'waiting'::text)",
    )
    op.create_index(
        "ix_mails_due",
        "mails",
        ["urgency", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(op.f("ix_mails_trip_id"), table_name="mails")
    op.create_index("ix_mails_trip_id", "mails", ["trip_id", "id"], unique=False)
    op.drop_index(
        op.f("ix_mails_unwritten"),
        table_name="mails",
        postgresql_where="((message IS NULL) AND ((state)::text = 'waiting'::text))",
    )
    op.create_index(
        "ix_mails_unwritten",
        "mails",
        ["urgency", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("message IS NULL AND state IN ('waiting', 'held')"),
    )
    op.create_index(
        "ix_mails_address", "mails", [sa.literal_column("lower(to_email)")], unique=False
    )
    op.create_index("ix_mails_letter", "mails", ["letter", "created_at"], unique=False)
    op.create_index(
        "ix_mails_held",
        "mails",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_mails_failed",
        "mails",
        ["trip_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(op.f("ix_mails_mailing_id"), "mails", ["mailing_id"], unique=False)
    op.create_index(op.f("ix_mails_release_id"), "mails", ["release_id"], unique=False)
    op.create_index(op.f("ix_mails_reminder_id"), "mails", ["reminder_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_mails_reminder_id_reminders"),
        "mails",
        "reminders",
        ["reminder_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_mails_release_id_releases"),
        "mails",
        "releases",
        ["release_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_mails_mailing_id_mailings"),
        "mails",
        "mailings",
        ["mailing_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "releases", sa.Column("tells", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column(
        "releases", sa.Column("hold_minutes", sa.BigInteger(), nullable=False, server_default="10")
    )
    op.add_column("releases", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("registrations", "delegates"):
        op.add_column(table, sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    _states(NEW_STATES)
    op.create_check_constraint(op.f(HELD), "mails", "(state = 'held') = (hold IS NOT NULL)")


def downgrade() -> None:
    op.drop_constraint(op.f(HELD), "mails", type_="check")
    # What the older code has no word for becomes what comes nearest: nothing is sent by it that
    # somebody stopped, or whose moment had not come.
    op.execute("UPDATE mails SET state = 'failed' WHERE state IN ('held', 'bounced', 'cancelled')")
    # It cannot unpack what was written: it would send the packed bytes. It writes them anew.
    op.execute(
        "UPDATE mails SET message = NULL, subject = '' "
        "WHERE state <> 'sent' AND message IS NOT NULL AND facts IS NOT NULL"
    )
    _states(OLD_STATES)
    for table in ("registrations", "delegates"):
        op.drop_column(table, "opened_at")
    op.drop_column("releases", "told_at")
    op.drop_column("releases", "hold_minutes")
    op.drop_column("releases", "tells")
    op.drop_constraint(op.f("fk_mails_mailing_id_mailings"), "mails", type_="foreignkey")
    op.drop_constraint(op.f("fk_mails_release_id_releases"), "mails", type_="foreignkey")
    op.drop_constraint(op.f("fk_mails_reminder_id_reminders"), "mails", type_="foreignkey")
    op.drop_index(op.f("ix_mails_reminder_id"), table_name="mails")
    op.drop_index(op.f("ix_mails_release_id"), table_name="mails")
    op.drop_index(op.f("ix_mails_mailing_id"), table_name="mails")
    op.drop_index(
        "ix_mails_failed", table_name="mails", postgresql_where=sa.text("state = 'failed'")
    )
    op.drop_index("ix_mails_held", table_name="mails", postgresql_where=sa.text("state = 'held'"))
    op.drop_index("ix_mails_letter", table_name="mails")
    op.drop_index("ix_mails_address", table_name="mails")
    op.drop_index(
        "ix_mails_unwritten",
        table_name="mails",
        postgresql_where=sa.text("message IS NULL AND state IN ('waiting', 'held')"),
    )
    op.create_index(
        op.f("ix_mails_unwritten"),
        "mails",
        ["id"],
        unique=False,
        postgresql_where="((message IS NULL) AND ((state)::text = 'waiting'::text))",
    )
    op.drop_index("ix_mails_trip_id", table_name="mails")
    op.create_index(op.f("ix_mails_trip_id"), "mails", ["trip_id"], unique=False)
    op.drop_index("ix_mails_due", table_name="mails", postgresql_where=sa.text("state = 'waiting'"))
    op.create_index(
        op.f("ix_mails_due"),
        "mails",
        ["due_at"],
        unique=False,
        postgresql_where="((state)::text = 'waiting'::text)",
    )
    op.drop_column("mails", "change_number")
    op.drop_column("mails", "hold")
    op.drop_column("mails", "reminder_id")
    op.drop_column("mails", "mailing_id")
    op.drop_column("mails", "release_id")
    op.drop_column("mails", "topic")
    op.drop_column("mails", "urgency")
    op.drop_column("heartbeats", "started_at")
    op.drop_index("ix_audit_entries_change_number", table_name="audit_entries")
    op.drop_column("audit_entries", "change_number")
    op.drop_index(op.f("ix_mail_attempts_mail_id"), table_name="mail_attempts")
    op.drop_table("mail_attempts")
    op.drop_index(
        "uq_bounces_email", table_name="bounces", postgresql_where=sa.text("cleared_at IS NULL")
    )
    op.drop_index(op.f("ix_bounces_mail_id"), table_name="bounces")
    op.drop_table("bounces")
    op.drop_table("reminder_runs")
    op.drop_index(op.f("ix_mailing_files_mailing_id"), table_name="mailing_files")
    op.drop_table("mailing_files")
    op.drop_table("wordings")
    op.drop_index(op.f("ix_reminders_trip_id"), table_name="reminders")
    op.drop_table("reminders")
    op.drop_index(op.f("ix_opt_outs_email"), table_name="opt_outs")
    op.drop_table("opt_outs")
    op.drop_index(op.f("ix_mailings_trip_id"), table_name="mailings")
    op.drop_table("mailings")
    op.drop_index(op.f("ix_mailing_templates_trip_id"), table_name="mailing_templates")
    op.drop_table("mailing_templates")
    op.drop_table("mail_lanes")


def _states(states: str) -> None:
    op.drop_constraint(op.f("ck_mails_mailstate"), "mails", type_="check")
    op.create_check_constraint(op.f("ck_mails_mailstate"), "mails", f"state IN ({states})")

"""Companies first: places and queues, questions, consents, documents, fees, imports, merges."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_STATES = "'submitted', 'accepted', 'waitlisted', 'declined', 'cancelled'"
NEW_STATES = "'submitted', 'accepted', 'waitlisted', 'offered', 'declined', 'cancelled', 'lapsed'"
CHECKS = {
    "delegates": {"waiting_has_turn": "state <> 'waiting' OR queued_at IS NOT NULL"},
    "registrations": {
        "extra_places_not_negative": "extra_places >= 0",
        "offer_has_deadline": "state <> 'offered' OR offer_ends_at IS NOT NULL",
    },
    "trips": {"offer_within_90_days": "offer_hours BETWEEN 1 AND 2160"},
}


def upgrade() -> None:
    op.create_table(
        "criteria",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("most BETWEEN 1 AND 100", name=op.f("ck_criteria_most_within")),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name=op.f("ck_criteria_weight_within")),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_criteria_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criteria")),
    )
    op.create_index(op.f("ix_criteria_trip_id"), "criteria", ["trip_id"], unique=False)
    op.create_table(
        "fee_items",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fee",
                "deposit",
                "aid",
                name="feekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "company",
                "delegate",
                name="feebasis",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("instalments", postgresql.JSONB(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'aid') = (net < 0)", name=op.f("ck_fee_items_only_aid_is_negative")
        ),
        sa.CheckConstraint("tax_rate BETWEEN 0 AND 100", name=op.f("ck_fee_items_tax_rate_within")),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_fee_items_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_items")),
    )
    op.create_index(op.f("ix_fee_items_trip_id"), "fee_items", ["trip_id"], unique=False)
    op.create_table(
        "held_places",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=True),
        sa.Column("mail_domain", sa.String(length=200), nullable=True),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(organization_id IS NULL) <> (mail_domain IS NULL)",
            name=op.f("ck_held_places_for_one_of_both"),
        ),
        sa.CheckConstraint("places > 0", name=op.f("ck_held_places_places_positive")),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_held_places_organization_id_organizations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_held_places_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_places")),
    )
    op.create_index(
        op.f("ix_held_places_organization_id"), "held_places", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_held_places_trip_id"), "held_places", ["trip_id"], unique=False)
    op.create_table(
        "intakes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="intakestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_intakes_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_intakes_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakes")),
    )
    op.create_index(op.f("ix_intakes_trip_id"), "intakes", ["trip_id"], unique=False)
    op.create_table(
        "person_aliases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("given_name", sa.String(length=200), nullable=False),
        sa.Column("family_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_person_aliases_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_aliases")),
    )
    op.create_index(
        "ix_person_aliases_email",
        "person_aliases",
        [sa.literal_column("lower(email)")],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_aliases_person_id"), "person_aliases", ["person_id"], unique=False
    )
    op.create_table(
        "prospects",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_name", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "applied",
                "refused",
                "withdrawn",
                name="prospectstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_prospects_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prospects")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_prospects_token_digest")),
    )
    op.create_index(
        "uq_prospects_trip_id_email",
        "prospects",
        ["trip_id", sa.literal_column("lower(email)")],
        unique=True,
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "apply",
                "travel",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "asked",
            sa.Enum(
                "company",
                "delegate",
                name="asked",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "long_text",
                "yes_no",
                "choice",
                "choices",
                "number",
                "date",
                "country",
                "document",
                name="answerkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("label", postgresql.JSONB(), nullable=False),
        sa.Column("help", postgresql.JSONB(), nullable=True),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column(
            "sensitivity",
            sa.Enum(
                "plain",
                "travel",
                "health",
                name="sensitivity",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("depends_on_id", sa.BigInteger(), nullable=True),
        sa.Column("depends_values", postgresql.JSONB(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sensitivity = 'plain' OR asked = 'delegate'",
            name=op.f("ck_questions_sensitive_is_of_delegate"),
        ),
        sa.ForeignKeyConstraint(
            ["depends_on_id"],
            ["questions.id"],
            name=op.f("fk_questions_depends_on_id_questions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_questions_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("trip_id", "key", name=op.f("uq_questions_trip_id_key")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("prospect_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.Column("saves", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prospect_id"],
            ["prospects.id"],
            name=op.f("fk_drafts_prospect_id_prospects"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_drafts_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_drafts_token_digest")),
    )
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"], unique=False)
    op.create_index(op.f("ix_drafts_trip_id"), "drafts", ["trip_id"], unique=False)
    op.create_table(
        "charges",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("fee_item_id", sa.BigInteger(), nullable=True),
        sa.Column("instalment", sa.BigInteger(), nullable=False),
        sa.Column("name", postgresql.JSONB(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fee",
                "deposit",
                "aid",
                name="feekind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("tax", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("lapses", sa.Boolean(), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_reason", sa.Text(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_key", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fee_item_id"],
            ["fee_items.id"],
            name=op.f("fk_charges_fee_item_id_fee_items"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_charges_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
        sa.UniqueConstraint(
            "registration_id", "form_key", name=op.f("uq_charges_registration_id_form_key")
        ),
    )
    op.create_index(
        op.f("ix_charges_registration_id"), "charges", ["registration_id"], unique=False
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("purchase_order", sa.String(length=64), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_reason", sa.Text(), nullable=True),
        sa.Column("form_key", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_payments_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_payments_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "registration_id", "form_key", name=op.f("uq_payments_registration_id_form_key")
        ),
    )
    op.create_index(
        op.f("ix_payments_registration_id"), "payments", ["registration_id"], unique=False
    )
    op.create_table(
        "scores",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_scores_points_not_negative")),
        sa.ForeignKeyConstraint(
            ["criterion_id"],
            ["criteria.id"],
            name=op.f("fk_scores_criterion_id_criteria"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_scores_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_scores_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sa.UniqueConstraint(
            "registration_id", "criterion_id", name=op.f("uq_scores_registration_id_criterion_id")
        ),
    )
    op.create_index(op.f("ix_scores_criterion_id"), "scores", ["criterion_id"], unique=False)
    op.create_table(
        "amendments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("trip_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "add",
                "edit",
                "replace",
                "withdraw",
                "company",
                "answers",
                name="amendmentkind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "withdrawn",
                name="amendmentstate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("wanted", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["staff.id"],
            name=op.f("fk_amendments_decided_by_id_staff"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_amendments_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_amendments_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["trip_id"], ["trips.id"], name=op.f("fk_amendments_trip_id_trips"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index(
        "ix_amendments_registration_id_state",
        "amendments",
        ["registration_id", "state"],
        unique=False,
    )
    op.create_index(op.f("ix_amendments_trip_id"), "amendments", ["trip_id"], unique=False)
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=True),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_answers_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_answers_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_answers_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint(
            "question_id", "delegate_id", name=op.f("uq_answers_question_id_delegate_id")
        ),
    )
    op.create_index(op.f("ix_answers_delegate_id"), "answers", ["delegate_id"], unique=False)
    op.create_index(
        op.f("ix_answers_registration_id"), "answers", ["registration_id"], unique=False
    )
    op.create_index(
        "uq_answers_question_id_registration_id",
        "answers",
        ["question_id", "registration_id"],
        unique=True,
        postgresql_where=sa.text("delegate_id IS NULL"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "list",
                "contact",
                "photo",
                "news",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_consents_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_delegate_id"), "consents", ["delegate_id"], unique=False)
    op.create_index(
        "uq_consents_delegate_id_purpose_in_force",
        "consents",
        ["delegate_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=True),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_documents_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_documents_question_id_questions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_documents_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_documents_storage_key")),
    )
    op.create_index(op.f("ix_documents_delegate_id"), "documents", ["delegate_id"], unique=False)
    op.create_index(
        op.f("ix_documents_registration_id"), "documents", ["registration_id"], unique=False
    )
    op.create_table(
        "private_answers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delegate_id"],
            ["delegates.id"],
            name=op.f("fk_private_answers_delegate_id_delegates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["questions.id"],
            name=op.f("fk_private_answers_question_id_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_answers")),
        sa.UniqueConstraint(
            "question_id", "delegate_id", name=op.f("uq_private_answers_question_id_delegate_id")
        ),
    )
    op.create_index(
        op.f("ix_private_answers_delegate_id"), "private_answers", ["delegate_id"], unique=False
    )
    op.add_column(
        "delegates",
        sa.Column(
            "state",
            sa.Enum(
                "coming",
                "waiting",
                "withdrawn",
                "replaced",
                name="delegatestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="coming",
        ),
    )
    op.add_column("delegates", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delegates", sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delegates", sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delegates", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delegates", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("delegates", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_delegates_replaces_id_delegates"),
        "delegates",
        "delegates",
        ["replaces_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("mails", sa.Column("delegate_id", sa.BigInteger(), nullable=True))
    op.add_column("mails", sa.Column("facts", postgresql.JSONB(), nullable=True))
    op.alter_column("mails", "message", existing_type=postgresql.BYTEA(), nullable=True)
    op.create_index(op.f("ix_mails_delegate_id"), "mails", ["delegate_id"], unique=False)
    op.create_index(
        "ix_mails_unwritten",
        "mails",
        ["id"],
        unique=False,
        postgresql_where=sa.text("message IS NULL AND state = 'waiting'"),
    )
    op.create_foreign_key(
        op.f("fk_mails_delegate_id_delegates"),
        "mails",
        "delegates",
        ["delegate_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column("organizations", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_organizations_merged_into_id"), "organizations", ["merged_into_id"], unique=False
    )
    op.create_foreign_key(
        op.f("fk_organizations_merged_into_id_organizations"),
        "organizations",
        "organizations",
        ["merged_into_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("people", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_people_merged_into_id"), "people", ["merged_into_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_people_merged_into_id_people"),
        "people",
        "people",
        ["merged_into_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "registrations",
        sa.Column(
            "party",
            sa.Enum(
                "all", "any", name="party", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
            server_default="all",
        ),
    )
    op.add_column(
        "registrations",
        sa.Column("in_reserve", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.add_column("registrations", sa.Column("score", sa.BigInteger(), nullable=True))
    op.add_column(
        "registrations", sa.Column("offer_ends_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "registrations", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "registrations",
        sa.Column("extra_places", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.add_column("registrations", sa.Column("held_id", sa.BigInteger(), nullable=True))
    op.add_column("registrations", sa.Column("prospect_id", sa.BigInteger(), nullable=True))
    op.add_column("registrations", sa.Column("says_to_be_id", sa.BigInteger(), nullable=True))
    op.drop_index(op.f("ix_registrations_trip_id_state"), table_name="registrations")
    op.create_index(
        "ix_registrations_trip_id_state",
        "registrations",
        ["trip_id", "state", "queued_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_registrations_held_id"), "registrations", ["held_id"], unique=False)
    op.create_index(
        "ix_registrations_offers",
        "registrations",
        ["offer_ends_at"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_foreign_key(
        op.f("fk_registrations_held_id_held_places"),
        "registrations",
        "held_places",
        ["held_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_registrations_says_to_be_id_organizations"),
        "registrations",
        "organizations",
        ["says_to_be_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_registrations_prospect_id_prospects"),
        "registrations",
        "prospects",
        ["prospect_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "trip_roles",
        sa.Column("sees_private", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.add_column("trips", sa.Column("deadline_zone", sa.String(length=64), nullable=True))
    op.add_column("trips", sa.Column("freezes_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("trips", sa.Column("details_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "trips", sa.Column("accepts_at_once", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column(
        "trips",
        sa.Column(
            "queue_order",
            sa.Enum(
                "arrival",
                "score",
                name="order",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="arrival",
        ),
    )
    op.add_column(
        "trips",
        sa.Column(
            "promotion",
            sa.Enum(
                "offer",
                "at_once",
                "review",
                name="promotion",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
            server_default="offer",
        ),
    )
    op.add_column(
        "trips", sa.Column("offer_hours", sa.BigInteger(), nullable=False, server_default="72")
    )
    op.add_column(
        "trips", sa.Column("skips_parties", sa.Boolean(), nullable=False, server_default="true")
    )
    op.add_column("trips", sa.Column("form_note", postgresql.JSONB(), nullable=True))
    op.add_column(
        "trips", sa.Column("form_fields", postgresql.JSONB(), nullable=False, server_default="{}")
    )
    op.add_column(
        "trips", sa.Column("currency", sa.String(length=64), nullable=False, server_default="EUR")
    )
    op.add_column(
        "trips", sa.Column("retention", postgresql.JSONB(), nullable=False, server_default="{}")
    )

    _one_address_each("state IN ('coming', 'waiting')")
    _states(NEW_STATES)
    # Accepted so far meant that nothing was owed.
    op.execute(
        "UPDATE registrations SET confirmed_at = COALESCE(decided_at, submitted_at)"
        " WHERE state = 'accepted'"
    )
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def downgrade() -> None:
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    # What the older code has no word for becomes what comes nearest.
    op.execute("UPDATE registrations SET state = 'waitlisted' WHERE state = 'offered'")
    op.execute("UPDATE registrations SET state = 'declined' WHERE state = 'lapsed'")
    op.execute("DELETE FROM delegates WHERE state IN ('withdrawn', 'replaced')")
    op.execute("DELETE FROM mails WHERE message IS NULL")
    _states(OLD_STATES)
    _one_address_each(None)
    op.drop_column("trips", "retention")
    op.drop_column("trips", "currency")
    op.drop_column("trips", "form_fields")
    op.drop_column("trips", "form_note")
    op.drop_column("trips", "skips_parties")
    op.drop_column("trips", "offer_hours")
    op.drop_column("trips", "promotion")
    op.drop_column("trips", "queue_order")
    op.drop_column("trips", "accepts_at_once")
    op.drop_column("trips", "details_due_at")
    op.drop_column("trips", "freezes_at")
    op.drop_column("trips", "deadline_zone")
    op.drop_column("trip_roles", "sees_private")
    op.drop_constraint(
        op.f("fk_registrations_prospect_id_prospects"), "registrations", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_registrations_says_to_be_id_organizations"), "registrations", type_="foreignkey"
    )
    op.drop_constraint(
        op.f("fk_registrations_held_id_held_places"), "registrations", type_="foreignkey"
    )
    op.drop_index(
        "ix_registrations_offers",
        table_name="registrations",
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.drop_index(op.f("ix_registrations_held_id"), table_name="registrations")
    op.drop_index("ix_registrations_trip_id_state", table_name="registrations")
    op.create_index(
        op.f("ix_registrations_trip_id_state"), "registrations", ["trip_id", "state"], unique=False
    )
    op.drop_column("registrations", "says_to_be_id")
    op.drop_column("registrations", "prospect_id")
    op.drop_column("registrations", "held_id")
    op.drop_column("registrations", "extra_places")
    op.drop_column("registrations", "confirmed_at")
    op.drop_column("registrations", "offer_ends_at")
    op.drop_column("registrations", "score")
    op.drop_column("registrations", "in_reserve")
    op.drop_column("registrations", "party")
    op.drop_constraint(op.f("fk_people_merged_into_id_people"), "people", type_="foreignkey")
    op.drop_index(op.f("ix_people_merged_into_id"), table_name="people")
    op.drop_column("people", "merged_into_id")
    op.drop_constraint(
        op.f("fk_organizations_merged_into_id_organizations"), "organizations", type_="foreignkey"
    )
    op.drop_index(op.f("ix_organizations_merged_into_id"), table_name="organizations")
    op.drop_column("organizations", "merged_into_id")
    op.drop_constraint(op.f("fk_mails_delegate_id_delegates"), "mails", type_="foreignkey")
    op.drop_index(
        "ix_mails_unwritten",
        table_name="mails",
        postgresql_where=sa.text("message IS NULL AND state = 'waiting'"),
    )
    op.drop_index(op.f("ix_mails_delegate_id"), table_name="mails")
    op.alter_column("mails", "message", existing_type=postgresql.BYTEA(), nullable=False)
    op.drop_column("mails", "facts")
    op.drop_column("mails", "delegate_id")
    op.drop_constraint(op.f("fk_delegates_replaces_id_delegates"), "delegates", type_="foreignkey")
    op.drop_column("delegates", "replaces_id")
    op.drop_column("delegates", "erased_at")
    op.drop_column("delegates", "left_at")
    op.drop_column("delegates", "filled_at")
    op.drop_column("delegates", "invited_at")
    op.drop_column("delegates", "queued_at")
    op.drop_column("delegates", "state")
    op.drop_index(op.f("ix_private_answers_delegate_id"), table_name="private_answers")
    op.drop_table("private_answers")
    op.drop_index(op.f("ix_documents_registration_id"), table_name="documents")
    op.drop_index(op.f("ix_documents_delegate_id"), table_name="documents")
    op.drop_table("documents")
    op.drop_index(
        "uq_consents_delegate_id_purpose_in_force",
        table_name="consents",
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_consents_delegate_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(
        "uq_answers_question_id_registration_id",
        table_name="answers",
        postgresql_where=sa.text("delegate_id IS NULL"),
    )
    op.drop_index(op.f("ix_answers_registration_id"), table_name="answers")
    op.drop_index(op.f("ix_answers_delegate_id"), table_name="answers")
    op.drop_table("answers")
    op.drop_index(op.f("ix_amendments_trip_id"), table_name="amendments")
    op.drop_index("ix_amendments_registration_id_state", table_name="amendments")
    op.drop_table("amendments")
    op.drop_index(op.f("ix_scores_criterion_id"), table_name="scores")
    op.drop_table("scores")
    op.drop_index(op.f("ix_payments_registration_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_charges_registration_id"), table_name="charges")
    op.drop_table("charges")
    op.drop_index(op.f("ix_drafts_trip_id"), table_name="drafts")
    op.drop_index(op.f("ix_drafts_saved_at"), table_name="drafts")
    op.drop_table("drafts")
    op.drop_table("questions")
    op.drop_index("uq_prospects_trip_id_email", table_name="prospects")
    op.drop_table("prospects")
    op.drop_index(op.f("ix_person_aliases_person_id"), table_name="person_aliases")
    op.drop_index("ix_person_aliases_email", table_name="person_aliases")
    op.drop_table("person_aliases")
    op.drop_index(op.f("ix_intakes_trip_id"), table_name="intakes")
    op.drop_table("intakes")
    op.drop_index(op.f("ix_held_places_trip_id"), table_name="held_places")
    op.drop_index(op.f("ix_held_places_organization_id"), table_name="held_places")
    op.drop_table("held_places")
    op.drop_index(op.f("ix_fee_items_trip_id"), table_name="fee_items")
    op.drop_table("fee_items")
    op.drop_index(op.f("ix_criteria_trip_id"), table_name="criteria")
    op.drop_table("criteria")


def _states(allowed: str) -> None:
    name = op.f("ck_registrations_registrationstate")
    op.drop_constraint(name, "registrations", type_="check")
    op.create_check_constraint(name, "registrations", f"state IN ({allowed})")


def _one_address_each(among: str | None) -> None:
    """One mail address once in a registration: among those in these states, or among all."""
    name = "uq_delegates_registration_id_email"
    op.drop_index(name, table_name="delegates")
    op.create_index(
        name,
        "delegates",
        ["registration_id", sa.text("lower(email)")],
        unique=True,
        postgresql_where=sa.text(among) if among else None,
    )

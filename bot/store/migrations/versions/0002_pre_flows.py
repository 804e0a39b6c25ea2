"""What flows can do now: answers and wishes are kept, a waitlist, tasks for roles, editions that are followed up."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    op.add_column("patients", sa.Column("preferences", sa.LargeBinary(), nullable=True))
    op.add_column("outbox", sa.Column("wait_nudges", postgresql.ARRAY(sa.Integer()), nullable=True))
    op.add_column("tasks", sa.Column("role", sa.Text(), server_default="front_desk", nullable=False))
    op.add_column("tasks", sa.Column("detail", sa.LargeBinary(), nullable=True))
    _conversations()
    _answers()
    _waitlist()
    _publications()


def _conversations() -> None:
    """How many talks are open was not kept before: one, to be on the safe side, until its next happening."""
    op.add_column(
        "conversations", sa.Column("open_talks", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.execute("UPDATE conversations SET open_talks = 1 WHERE state IS NOT NULL AND edition IS NOT NULL")
    op.create_index(
        "ix_conversations_pinned",
        "conversations",
        ["id", "edition"],
        unique=False,
        postgresql_where=sa.text("open_talks > 0"),
    )


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("in_words", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_answers_clinic_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_answers_conversation_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_answers_patient_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["appointments.id"], name=op.f("fk_answers_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_answers_effect_key")),
    )
    op.create_index("ix_answers_patient", "answers", ["patient_id", "at"], unique=False)
    op.create_index(
        "ix_answers_in_words",
        "answers",
        ["conversation_id", "at"],
        unique=False,
        postgresql_where=sa.text("in_words"),
    )


def _waitlist() -> None:
    op.create_table(
        "waitlist",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("service_index", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_waitlist_clinic_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["appointments.id"], name=op.f("fk_waitlist_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_waitlist")),
    )
    op.create_index(
        "ix_waitlist_service", "waitlist", ["clinic_id", "service_index", "since"], unique=False
    )
    op.add_column("slots", sa.Column("offer_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("slots", sa.Column("offered_to", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_slots_offer", "slots", ["offer_at"], unique=False, postgresql_where=sa.text("offer_at IS NOT NULL")
    )
    op.create_index(
        "ix_slots_offered",
        "slots",
        ["offered_to"],
        unique=False,
        postgresql_where=sa.text("offered_to IS NOT NULL"),
    )
    op.create_table(
        "offers",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name=op.f("fk_offers_slot_id")),
        sa.PrimaryKeyConstraint("slot_id", "visit_id", name=op.f("pk_offers")),
    )


def _publications() -> None:
    op.create_table(
        "publications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("move", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    op.create_index(
        "ix_publications_open",
        "publications",
        ["id"],
        unique=False,
        postgresql_where=sa.text("phase IS NOT NULL"),
    )
    op.execute(
        """INSERT INTO publications (edition, at, by, move)
           SELECT id, published_at, 'operator', false FROM editions ORDER BY published_at"""
    )

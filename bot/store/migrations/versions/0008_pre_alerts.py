"""Escalations that are taken, resolved and opened again; their alerts; tasks that fall due."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    _escalations()
    _acts()
    _alerts()
    _tasks()


def _escalations() -> None:
    op.add_column("escalations", sa.Column("reason", sa.Text(), server_default="words", nullable=False))
    op.add_column("escalations", sa.Column("drill", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("escalations", sa.Column("taken_by", sa.Text(), nullable=True))
    op.add_column("escalations", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("outcome", sa.Text(), nullable=True))
    # Before this, who acknowledged an escalation had closed it.
    op.execute("UPDATE escalations SET resolved_at = acknowledged_at WHERE acknowledged_at IS NOT NULL")
    op.create_index("ix_escalations_code", "escalations", ["clinic_id", "code", "opened_at"], unique=False)
    op.create_index(
        "ix_escalations_resolved",
        "escalations",
        ["clinic_id", "resolved_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NOT NULL"),
    )
    op.create_index(
        "ix_escalations_unresolved",
        "escalations",
        ["clinic_id", "opened_at"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        "ix_escalations_waiting",
        "escalations",
        ["opened_at"],
        unique=False,
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.create_index(
        "uq_escalations_unresolved",
        "escalations",
        ["conversation_id", "code"],
        unique=True,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def _acts() -> None:
    op.create_table(
        "escalation_acts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalation_acts_escalation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_acts")),
    )
    op.create_index("ix_escalation_acts_escalation", "escalation_acts", ["escalation_id", "id"], unique=False)


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("outbox_id", sa.Uuid(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_alerts_clinic_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_alerts_conversation_id")
        ),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"], name=op.f("fk_alerts_escalation_id")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_alerts_outbox_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alerts_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_alerts_effect_key")),
        sa.UniqueConstraint("handle", name=op.f("uq_alerts_handle")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_alerts_outbox_id")),
        sa.UniqueConstraint("sid", name=op.f("uq_alerts_sid")),
    )
    op.create_index("ix_alerts_escalation", "alerts", ["escalation_id", "rung"], unique=False)
    op.create_index(
        "ix_alerts_ready",
        "alerts",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("status = 'ready'"),
    )
    op.create_index(
        "ix_alerts_sending",
        "alerts",
        ["claimed_at"],
        unique=False,
        postgresql_where=sa.text("status = 'sending'"),
    )


def _tasks() -> None:
    op.add_column("outbox", sa.Column("alert_handle", sa.LargeBinary(), nullable=True))
    op.add_column("tasks", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tasks_due",
        "tasks",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL AND overdue_at IS NULL"),
    )

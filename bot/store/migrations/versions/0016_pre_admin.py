"""The console: administration. Who broke the glass; what the audit trail and the message budget are looked up by."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    _glass()
    _trail()
    _budget()


def _glass() -> None:
    op.create_table(
        "glass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_glass_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_glass_staff_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_glass_patient_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["staff.id"], name=op.f("fk_glass_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass")),
    )
    op.create_index("ix_glass_open", "glass", ["staff_id", "until"])
    op.create_index("ix_glass_clinic", "glass", ["clinic_id", "since"])
    op.create_index(
        "ix_glass_waits", "glass", ["clinic_id", "since"], postgresql_where=sa.text("reviewed_at IS NULL")
    )


def _trail() -> None:
    """A big trail takes longer than the usual 5 s; what is written meanwhile waits, as for any index in a release."""
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_index("ix_audit_actor", "audit", ["clinic_id", "actor", "at", "lane", "seq"])
    noun = sa.text("split_part(action, '.', 1)")
    op.create_index("ix_audit_noun", "audit", ["clinic_id", noun, "at", "lane", "seq"])
    op.create_index(
        "ix_audit_patients",
        "audit",
        [sa.text("string_to_array(patients, ',')")],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text("patients <> ''"),
    )
    op.execute("SET LOCAL statement_timeout = '5s'")


def _budget() -> None:
    op.add_column("outbox", sa.Column("segments", sa.SmallInteger(), nullable=True))
    op.create_index(
        "ix_outbox_sent", "outbox", ["clinic_id", "sent_at"], postgresql_where=sa.text("sent_at IS NOT NULL")
    )

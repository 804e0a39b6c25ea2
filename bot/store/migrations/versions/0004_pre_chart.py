"""What pages show: results, summaries of visits and medicines, sealed, in one table."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "chart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_index", sa.LargeBinary(), nullable=False),
        sa.Column("group_index", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_chart_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_chart_patient_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["appointments.id"], name=op.f("fk_chart_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chart")),
        sa.UniqueConstraint("clinic_id", "external_index", name=op.f("uq_chart_clinic_id_external_index")),
    )
    op.create_index("ix_chart_patient", "chart", ["patient_id", "kind", "at"], unique=False)
    op.create_index(
        "ix_chart_visit",
        "chart",
        ["visit_id"],
        unique=False,
        postgresql_where=sa.text("visit_id IS NOT NULL"),
    )

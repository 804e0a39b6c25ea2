"""The console: sessions and what the console finds patients by."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_sessions_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("secret_digest", name=op.f("uq_sessions_secret_digest")),
    )
    op.create_index("ix_sessions_staff", "sessions", ["staff_id"])
    op.create_index("ix_sessions_seen", "sessions", ["seen_at"])
    op.create_table(
        "patient_names",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_patient_names_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_patient_names_patient_id")),
        sa.PrimaryKeyConstraint("clinic_id", "name_index", "patient_id", name=op.f("pk_patient_names")),
    )
    op.create_index("ix_patient_names_patient", "patient_names", ["patient_id"])
    op.add_column("patients", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_patients_unnamed", "patients", ["id"], postgresql_where=sa.text("NOT named"))

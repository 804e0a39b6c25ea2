"""The console: guardians, and what a patient's timeline is found by."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "guardians",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("relation", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_guardians_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_guardians_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardians")),
    )
    op.create_index("ix_guardians_patient", "guardians", ["patient_id", "created_at"])
    op.create_index("ix_links_history", "links", ["patient_id", "created_at"])
    op.create_index("ix_tasks_history", "tasks", ["conversation_id", "opened_at"])
    op.create_index("ix_escalations_history", "escalations", ["conversation_id", "opened_at"])

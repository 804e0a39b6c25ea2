"""The console: the day. Visits of a day, what staff did with them, texts about them, open times."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("appointments", sa.Column("booked_at", MOMENT))
    op.create_index("ix_appointments_day", "appointments", ["clinic_id", "start_at"])
    op.create_index("ix_outbox_visit", "outbox", ["visit_id"], postgresql_where=sa.text("purpose = 3"))
    op.create_index(
        "ix_slots_free",
        "slots",
        ["clinic_id", "start_at"],
        postgresql_where=sa.text("appointment_id IS NULL"),
    )
    op.create_index("ix_waitlist_since", "waitlist", ["clinic_id", "since"])
    op.create_table(
        "visit_acts",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("clinic_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("staff_id", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_visit_acts"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name="fk_visit_acts_clinic_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["appointments.id"], name="fk_visit_acts_visit_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_visit_acts_staff_id"),
    )
    op.create_index("ix_visit_acts_visit", "visit_acts", ["visit_id", "at"])

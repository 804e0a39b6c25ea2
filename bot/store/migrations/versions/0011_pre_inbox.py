"""The console: the inbox. Who has a task, until when it sleeps, its place in the list, notes and whom they mention.

The two columns that the list is ordered by are worked out by the database, for code of before this as well; adding them
writes the table anew, which takes a second for some 500,000 tasks.
"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op

OPEN = sa.text("closed_at IS NULL")
RANK = "CASE urgency WHEN 'emergency'::text THEN 0 WHEN 'urgent'::text THEN 1 ELSE 2 END"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("claimed_by", sa.Uuid()))
        tasks.add_column(sa.Column("claimed_at", moment))
        tasks.add_column(sa.Column("snoozed_until", moment))
        tasks.add_column(sa.Column("closed_by", sa.Uuid()))
        tasks.add_column(sa.Column("merged_into", sa.Uuid()))
        tasks.add_column(sa.Column("urgency_rank", sa.SmallInteger(), sa.Computed(RANK, persisted=True)))
        tasks.add_column(
            sa.Column("wanted_at", moment, sa.Computed("COALESCE(due_at, opened_at)", persisted=True))
        )
        for column, table in (("claimed_by", "staff"), ("closed_by", "staff"), ("merged_into", "tasks")):
            tasks.create_foreign_key(op.f(f"fk_tasks_{column}"), table, [column], ["id"])
    place = ["urgency_rank", "wanted_at", "id"]
    op.create_index("ix_tasks_place", "tasks", ["clinic_id", *place], postgresql_where=OPEN)
    op.create_index("ix_tasks_role", "tasks", ["clinic_id", "role", *place], postgresql_where=OPEN)
    op.create_index("ix_tasks_claimed", "tasks", ["claimed_by"], postgresql_where=OPEN)
    op.create_index(
        "ix_tasks_snoozed",
        "tasks",
        ["clinic_id", "snoozed_until"],
        postgresql_where=sa.text("closed_at IS NULL AND snoozed_until IS NOT NULL"),
    )
    op.create_table(
        "task_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_task_notes_clinic_id")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_notes_task_id")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_task_notes_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_notes")),
    )
    op.create_index("ix_task_notes_task", "task_notes", ["task_id", "at"])
    op.create_table(
        "mentions",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("answered_at", moment),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_mentions_task_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_mentions_staff_id")),
        sa.PrimaryKeyConstraint("task_id", "staff_id", name=op.f("pk_mentions")),
    )
    op.create_index(
        "ix_mentions_waiting", "mentions", ["staff_id"], postgresql_where=sa.text("answered_at IS NULL")
    )

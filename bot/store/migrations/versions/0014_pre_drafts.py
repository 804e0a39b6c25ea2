"""The console: drafts of flows."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["begun_by"], ["staff.id"], name=op.f("fk_drafts_begun_by")),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], name=op.f("fk_drafts_changed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )

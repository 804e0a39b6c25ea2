"""Secure pages: links, their openings, how many wrong answers came; a PIN; when a patient likes to be texted."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("patients", sa.Column("pin", sa.LargeBinary(), nullable=True))
    _links()
    op.add_column("outbox", sa.Column("link_id", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("hours", sa.Text(), nullable=True))
    op.create_foreign_key(op.f("fk_outbox_link_id"), "outbox", "links", ["link_id"], ["id"])
    _openings()
    op.create_table(
        "guards",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_guards")),
    )
    op.create_index("ix_guards_since", "guards", ["since"], unique=False)


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("effect_key", sa.Text(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("form", sa.LargeBinary(), nullable=True),
        sa.Column("form_index", sa.LargeBinary(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        sa.Column("views_left", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_links_clinic_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_links_conversation_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_links_patient_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["appointments.id"], name=op.f("fk_links_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_links_effect_key")),
        sa.UniqueConstraint("handle", name=op.f("uq_links_handle")),
    )
    live = sa.text("revoked_at IS NULL")
    for column in ("conversation_id", "patient_id"):
        name = f"ix_links_{column.removesuffix('_id')}"
        op.create_index(name, "links", [column], unique=False, postgresql_where=live)


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("browser", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unlocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_openings_clinic_id")),
        sa.ForeignKeyConstraint(["link_id"], ["links.id"], name=op.f("fk_openings_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
    )
    op.create_index(
        "ix_openings_browser",
        "openings",
        ["browser"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_openings_last", "openings", ["last_at"], unique=False)

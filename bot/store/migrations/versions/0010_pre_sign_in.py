"""The console: signing in."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.create_table(
        "logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("password", sa.LargeBinary(), nullable=False),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("last_timecode", sa.BigInteger(), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("totp_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_logins_clinic_id")),
        sa.ForeignKeyConstraint(["id"], ["staff.id"], name=op.f("fk_logins_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logins")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_recovery_codes_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("uq_recovery_codes_place", "recovery_codes", ["staff_id", "place"], unique=True)
    op.create_table(
        "staff_passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("credential_index", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_staff_passkeys_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_passkeys_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkeys")),
        sa.UniqueConstraint("credential_index", name=op.f("uq_staff_passkeys_credential_index")),
    )
    op.create_index("ix_staff_passkeys_staff", "staff_passkeys", ["staff_id"])
    op.create_table(
        "staff_challenges",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_staff_challenges")),
    )
    op.create_index("ix_staff_challenges_created", "staff_challenges", ["created_at"])
    op.create_table(
        "doorsteps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid()),
        sa.Column("staff_id", sa.Uuid()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("handle", sa.LargeBinary()),
        sa.Column("password", sa.LargeBinary()),
        sa.Column("totp", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_doorsteps_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_doorsteps_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doorsteps")),
        sa.UniqueConstraint("digest", name=op.f("uq_doorsteps_digest")),
    )
    op.create_index("ix_doorsteps_created", "doorsteps", ["created_at"])
    op.create_index("ix_doorsteps_staff", "doorsteps", ["staff_id"])
    op.create_table(
        "staff_links",
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_staff_links_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_links_staff_id")),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_staff_links")),
        sa.UniqueConstraint("staff_id", "kind", name=op.f("uq_staff_links_staff_id_kind")),
    )
    op.create_index("ix_staff_links_expires", "staff_links", ["expires_at"])
    op.create_index(
        "ix_staff_links_to_mail", "staff_links", ["created_at"], postgresql_where=sa.text("to_mail IS true")
    )

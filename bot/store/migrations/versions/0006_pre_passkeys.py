"""Passkeys of patients, and the challenges that they answer."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    _passkeys()
    _challenges()


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("credential_index", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_passkeys_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_passkeys_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint(
            "clinic_id", "credential_index", name=op.f("uq_passkeys_clinic_id_credential_index")
        ),
    )
    op.create_index("ix_passkeys_patient", "passkeys", ["patient_id"], unique=False)


def _challenges() -> None:
    op.create_table(
        "passkey_challenges",
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["opening_id"],
            ["openings.id"],
            name=op.f("fk_passkey_challenges_opening_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("opening_id", "purpose", name=op.f("pk_passkey_challenges")),
    )
    op.create_index("ix_passkey_challenges_created", "passkey_challenges", ["created_at"], unique=False)

"""The console: patients and guardians."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

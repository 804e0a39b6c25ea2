"""The console: the inbox."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

"""The console: signing in."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

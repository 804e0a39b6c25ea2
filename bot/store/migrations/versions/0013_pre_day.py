"""The console: the day."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

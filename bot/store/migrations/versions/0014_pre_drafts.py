"""The console: drafts of flows."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

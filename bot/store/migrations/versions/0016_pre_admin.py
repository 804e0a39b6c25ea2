"""The console: administration."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    pass

"""Who may own a thing: the staff who can sign in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.models import Staff


def active(session: Session) -> list[tuple[int, str]]:
    """Id and name, by name."""
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.active).order_by(Staff.name))
    return [(id_, name) for id_, name in rows]

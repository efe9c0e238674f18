"""Staff of the browser tests: one a role, all with the same password."""

from datetime import datetime

from sqlalchemy.orm import Session

from jarvis_admin.services import staff


def add_people(session: Session, password: str, now: datetime) -> None:
    for role in ("admin", "support", "finance"):
        staff.add(session, f"{role}@jarvis.example", role.title(), password, [role], now)

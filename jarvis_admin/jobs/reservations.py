"""The loop that books reservations."""

from jarvis_admin.jobs.context import Context
from jarvis_admin.services import reservation_days


def book(context: Context) -> int:
    """Closed days that are not booked, or were reopened since; safe to repeat at any time."""
    with context.sessions.begin() as session:
        return reservation_days.book_closed_days(session, context.clock())

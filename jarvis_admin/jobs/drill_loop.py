"""The schedule of restore drills, and the broom behind them."""

import structlog
from sqlalchemy import select

from jarvis_admin.domain.guest import Mark
from jarvis_admin.errors import JarvisError
from jarvis_admin.jobs import removal
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Archive, Drill
from jarvis_admin.services import drills

log = structlog.get_logger(__name__)

ASKED_BY = "schedule"


def ask_due(context: Context) -> int:
    """Ask for drills that the policies want, as many as may run beside those under way.

    It may run twice: a user whose drill is under way is not asked for again. A fleet that cannot
    keep up drills the never proven first, then those proven longest ago.
    """
    if context.store is None:
        return 0
    now = context.clock()
    with context.sessions() as session:
        # A look over the whole fleet takes a second at 100,000 users: no writer waits for it.
        session.connection(execution_options={"read_only": True})
        room = context.settings.drills_at_once - drills.under_way(session)
        waiting = [row.id for row in drills.due(session, room, now)] if room > 0 else []
    return sum(_ask(context, archive_id) for archive_id in waiting)


def _ask(context: Context, archive_id: str) -> bool:
    try:
        with context.sessions.begin() as session:
            archive = session.get_one(Archive, archive_id)
            drills.ask(
                session,
                archive,
                asked_by=ASKED_BY,
                now=context.clock(),
                enqueue=context.enqueue,
                reason="the backup policy wants a proof",
            )
    except JarvisError as refusal:
        log.warning("drill not asked for", archive=archive_id, why=str(refusal))
        return False
    return True


def sweep(context: Context) -> int:
    """Delete the apps of drills that are over; how many. At least once.

    Only what a drill's row names: a user may be called drill, and their app begins alike.
    """
    with context.sessions.begin() as session:
        drills.end_orphaned(session, context.clock())
    mark = Mark(context.settings.fleet, context.settings.environment)
    begins = mark.app_name("drill", "")
    found = [app.name for app in context.fly.apps.list() if app.name.startswith(begins)]
    with context.sessions() as session:
        over = select(Drill.app_name).where(Drill.app_name.in_(found), Drill.state != "running")
        left = session.scalars(over).all()
    for name in left:
        log.warning("an app that a drill left is removed", app=name)
        removal.delete_app(context, name)
    return len(left)

"""The steps that restore and reset share: the new volume, the new machine, the change-over.

Nothing of the present workspace is changed before the new one answers, but for a fresh machine,
which needs the files at rest. At least once per step; each looks for its own effect first.
"""

from dataclasses import dataclass

from jarvis_admin.domain import guest, restores
from jarvis_admin.domain.pricing import Size
from jarvis_admin.domain.restores import Kind
from jarvis_admin.jobs import archive_snapshot, guests, unpacking
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.steps import StepFailed
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.models import Archive, Restore, Snapshot, Volume
from jarvis_admin.services import restore_switch
from jarvis_admin.services import restores as rows
from jarvis_admin.services.restores import Wanted


@dataclass(frozen=True)
class Task:
    """A restore as its row and its workspace's row tell it now."""

    id: str
    kind: Kind
    me: Subject
    wanted: Wanted
    archive_id: str | None
    snapshot_id: str | None
    volume_id: str
    machine_id: str


def task(context: Context, restore_id: str) -> Task:
    with context.sessions() as session:
        row = session.get_one(Restore, restore_id)
        wanted = rows.wanted(session, row, context.settings)
    return Task(
        id=row.id,
        kind=Kind(row.kind),
        me=subject(context, row.workspace_id),
        wanted=wanted,
        archive_id=row.archive_id,
        snapshot_id=row.snapshot_id,
        volume_id=row.volume_id or "",
        machine_id=row.machine_id or "",
    )


def clear_up(context: Context, restore_id: str) -> int:
    """Volumes and machines of earlier tries that ended without a word; how many."""
    me = task(context, restore_id).me
    with context.sessions() as session:
        held = rows.held_volumes(session, me.workspace_id)
        stale = [one.id for one in rows.of_workspace(session, me.workspace_id, 100)]
    names = {restores.volume_name(one) for one in stale if one != restore_id}
    left = [
        volume
        for volume in context.fly.volumes.list(me.app)
        if volume.name in names and not volume.gone and volume.id not in {*held, me.volume_id}
    ]
    for volume in left:
        if volume.attached_machine_id and volume.attached_machine_id != me.machine_id:
            guests.remove(context, me.app, volume.attached_machine_id)
        guests.remove_volume(context, me.app, volume.id)
    return len(left)


def note_snapshots(context: Context, restore_id: str) -> list[str] | None:
    """None when the present volume cannot be read: its host is down, or it is gone."""
    me = task(context, restore_id).me
    if not me.volume_id or not guests.is_reachable(context, me.app, me.volume_id):
        return None
    return archive_snapshot.note_known(context, me.workspace_id)


def copy_present(context: Context, restore_id: str, known: list[str]) -> str:
    """A snapshot of the present files: what is parked lies on one disk, on one host."""
    me = task(context, restore_id).me
    archive_snapshot.ask(context, me.workspace_id, known)
    snapshot_id = archive_snapshot.await_written(context, me.workspace_id, known)
    with context.sessions.begin() as session:
        row = session.get_one(Restore, restore_id)
        row.safety_snapshot_id = snapshot_id
        if Kind(row.kind) is Kind.FRESH_MACHINE:
            row.snapshot_id = snapshot_id
    return snapshot_id


def choose_newest(context: Context, restore_id: str) -> str:
    """The files cannot be read where they are: the newest backup stands for them."""
    with context.sessions.begin() as session:
        row = session.get_one(Restore, restore_id)
        point = rows.newest_point(session, row.workspace_id)
        if point is None:
            raise StepFailed(
                "The volume's host does not answer and there is no backup: nothing can be kept. "
                "Wait for the host, or choose fresh files."
            )
        if isinstance(point, Archive):
            row.archive_id, row.snapshot_id = point.id, None
        else:
            row.snapshot_id, row.archive_id = point.id, None
        return point.id


def make_volume(context: Context, restore_id: str) -> str:
    now = task(context, restore_id)
    size_gb = max(now.wanted.volume_gb, source_gb(context, now))
    volume_id = unpacking.make_volume(
        context,
        now.me.app,
        name=restores.volume_name(now.id),
        region=now.wanted.region,
        size_gb=size_gb,
        size=now.wanted.size,
        snapshot_id=now.snapshot_id,
        retention_days=now.me.snapshot_retention_days,
    )
    region = context.fly.volumes.get(now.me.app, volume_id).region
    with context.sessions.begin() as session:
        row = session.get_one(Restore, restore_id)
        row.volume_id, row.region = volume_id, region
        restore_switch.keep_volume_row(
            session, row.workspace_id, volume_id, region, size_gb, context.clock()
        )
    return volume_id


def source_gb(context: Context, now: Task) -> int:
    """A snapshot needs as much room as its volume had, an archive what its files take."""
    with context.sessions() as session:
        if now.snapshot_id is not None:
            source = session.get_one(Snapshot, now.snapshot_id).volume_id
            volume = session.get(Volume, source)
            return volume.size_gb if volume is not None else 0
        if now.archive_id is not None:
            held = session.get_one(Archive, now.archive_id).bytes
            return -(-held * 11 // (10 * 1024**3))
    return 0


def fill(context: Context, restore_id: str) -> int:
    """How many files were compared with the archive's manifest; 0 for a snapshot."""
    now = task(context, restore_id)
    unpacking.await_filled(context, now.me.app, now.volume_id)
    if now.archive_id is None:
        return 0
    unpacking.unpack(
        context,
        now.me.app,
        workspace_id=now.me.workspace_id,
        volume_id=now.volume_id,
        archive_id=now.archive_id,
        key=now.id,
        image=now.me.image,
        gigabytes=now.wanted.volume_gb,
    )
    with context.sessions.begin() as session:
        files = session.get_one(Archive, now.archive_id).files
        session.get_one(Restore, restore_id).compared_files = files
    return files


def make_machine(context: Context, restore_id: str) -> str:
    """Out of routing until the change-over: two machines of one app would share its visitors."""
    now = task(context, restore_id)
    settings = context.settings
    config = guest.machine_config(
        image=now.wanted.image,
        size=Size.parse(now.wanted.size),
        volume_id=now.volume_id,
        idle_policy=now.me.idle_policy,
        handle=now.me.handle,
        mark=guest.Mark(settings.fleet, settings.environment),
    )
    region = context.fly.volumes.get(now.me.app, now.volume_id).region
    name = restores.machine_name(now.id)
    machine_id = guests.make(
        context, now.me.app, name=name, region=region, config=config, cordoned=True
    )
    with context.sessions.begin() as session:
        session.get_one(Restore, restore_id).machine_id = machine_id
    return machine_id


def await_answer(context: Context, restore_id: str) -> None:
    now = task(context, restore_id)
    guests.await_started(context, now.me.app, now.machine_id)
    guests.await_healthy(context, now.me.app, now.machine_id)

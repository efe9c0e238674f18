"""Archive a workspace off Fly: snapshot, volume from it, archiver machine, check, clean up.

The user's machine is neither woken nor slowed: the archiver works on a volume of its own. At
least once per step; each looks for its own effect first. Whatever ends it early, volume, machine
and objects of the attempt are removed, and the row says why. What even that leaves behind is
removed when the next archive begins.
"""

from jarvis_admin.domain import archiver, guest
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.regions import fallbacks
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly.errors import Conflict, NoCapacity
from jarvis_admin.fly.types import Guest
from jarvis_admin.jobs import archive_end, archive_snapshot
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.models import Archive, Snapshot, Workspace
from jarvis_admin.services import archive_checks, archive_tickets, archives
from jarvis_admin.services.archive_checks import EarlierUnsound
from jarvis_admin.storage import ObjectStore


@operation(OperationKind.ARCHIVE)
def archive(step: Step, workspace_id: int) -> None:
    archive_id = step("Open the user's key", begin, workspace_id)
    try:
        step("Clear what an earlier archive left", clear_up, workspace_id)
        known = step("Note the snapshots there are", archive_snapshot.note_known, workspace_id)
        step("Ask Fly for a snapshot", archive_snapshot.ask, workspace_id, known)
        snapshot_id = step(
            "Wait until it is written", archive_snapshot.await_written, workspace_id, known
        )
        volume_id = step("Make a volume from it", make_volume, archive_id, snapshot_id)
        machine_id = step("Start the archiver", start_archiver, archive_id, volume_id)
        step.commit()
        step("Wait for the archiver", archive_end.await_archiver, archive_id, machine_id)
        step("Remove its machine and volume", archive_end.remove, archive_id)
        step("Check what has arrived", check, archive_id)
    except (StepFailed, Cancelled) as ended:
        step.commit()
        step("Remove what was made", archive_end.give_up, archive_id, str(ended))
        raise


def begin(context: Context, workspace_id: int) -> str:
    """Also finds out that the store or a key is lost, before anything is made."""
    if context.store is None:
        raise StepFailed("The object store cannot be opened; `doctor` says why.")
    try:
        context.store.probe()
        with context.sessions.begin() as session:
            workspace = session.get_one(Workspace, workspace_id)
            row = archives.begin(session, workspace, context.settings, context.clock())
            archive_id = row.id
    except JarvisError as refusal:
        raise StepFailed(str(refusal)) from refusal
    return archive_id


def clear_up(context: Context, workspace_id: int) -> None:
    """Nothing of this archive can be there yet: it is made by later steps alone."""
    archive_end.remove_all(context, subject(context, workspace_id).app)


def make_volume(context: Context, archive_id: str, snapshot_id: str) -> str:
    """Where the user's is, or in the nearest region with room: snapshots lie with no host."""
    me = _note_snapshot(context, archive_id, snapshot_id)
    name = archiver.volume_name(archive_id)
    for volume in context.fly.volumes.list(me.app):
        if volume.name == name and not volume.gone:
            return volume.id
    *nearer, last = fallbacks(me.region)
    for region in nearer:
        try:
            return _make_volume_in(context, me, region, name, snapshot_id)
        except NoCapacity:
            continue
    return _make_volume_in(context, me, last, name, snapshot_id)


def _make_volume_in(context: Context, me: Subject, region: str, name: str, snapshot_id: str) -> str:
    made = context.fly.volumes.create(
        me.app,
        name=name,
        region=region,
        size_gb=me.volume_gb,
        snapshot_id=snapshot_id,
        compute=Guest(cpu_kind="shared", cpus=archiver.CPUS, memory_mb=archiver.MEMORY_MB),
        snapshot_retention=1,
        auto_backup_enabled=False,
        require_unique_zone=False,
    )
    return made.id


def _note_snapshot(context: Context, archive_id: str, snapshot_id: str) -> Subject:
    with context.sessions.begin() as session:
        row = session.get_one(Archive, archive_id)
        row.snapshot_id = snapshot_id
        row.snapshot_at = session.get_one(Snapshot, snapshot_id).created_at
        workspace_id = row.workspace_id
    return subject(context, workspace_id)


def start_archiver(context: Context, archive_id: str, volume_id: str) -> str:
    """The ticket is made anew with each try, and stored nowhere but in the machine's config."""
    me = archive_end.subject_of(context, archive_id)
    known = context.fly.machines.list(me.app, metadata={archiver.ARCHIVE_MARK: archive_id})
    if known:
        return known[0].id
    config = archiver.machine_config(
        image=me.image,
        volume_id=volume_id,
        archive_id=archive_id,
        ticket=_ticket(context, archive_id, me.volume_gb),
        mark=guest.Mark(context.settings.fleet, context.settings.environment),
    )
    region = context.fly.volumes.get(me.app, volume_id).region
    name = archiver.machine_name(archive_id)
    try:
        made = context.fly.machines.create(me.app, name=name, region=region, config=config)
    except Conflict as conflict:
        if not conflict.duplicate_name:
            raise
        made = next(m for m in context.fly.machines.list(me.app) if m.name == name)
    return made.id


def _ticket(context: Context, archive_id: str, gigabytes: int) -> str:
    store = store_of(context)
    with context.sessions() as session:
        row = session.get_one(Archive, archive_id)
        ring = archives.keys(session, row, context.settings)
    try:
        before = None
        if row.base_id is not None:
            folder = archive_checks.sibling(row.folder, row.base_id)
            before = archive_tickets.base(store, row.base_id, folder, ring.of(row.base_id))
        keys = ring.of(archive_id)
        ticket = archive_tickets.issue(store, archive_id, row.folder, keys, gigabytes, before)
    except JarvisError as refusal:
        raise StepFailed(str(refusal)) from refusal
    return ticket.to_json()


def check(context: Context, archive_id: str) -> int:
    """Bytes that were added to the store. A manifest that is not there means: it never ended."""
    store = store_of(context)
    with context.sessions() as session:
        row = session.get_one(Archive, archive_id)
        ring = archives.keys(session, row, context.settings)
    try:
        arrived = archive_checks.check_arrival(store, archive_id, row.folder, ring.of)
    except EarlierUnsound as unsound:
        with context.sessions.begin() as session:
            archives.doubt_base(session, archive_id, str(unsound))
        raise StepFailed(str(unsound)) from unsound
    except JarvisError as unsound:
        raise StepFailed(str(unsound)) from unsound
    with context.sessions.begin() as session:
        archives.stored(session, archive_id, arrived, context.clock())
    return arrived.stored_bytes


def store_of(context: Context) -> ObjectStore:
    assert context.store is not None, "begin refuses without one"
    return context.store

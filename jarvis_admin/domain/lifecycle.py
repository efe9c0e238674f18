"""Machine states, which operations each allows, and where those lead."""

from datetime import timedelta
from enum import StrEnum


class MachineState(StrEnum):
    """Fly's machine states (platform reference, section e) and two of ours before a machine is.

    A state that Fly invents later is kept as text and treated as transitional.
    """

    PROVISIONING = "provisioning"  # ours: the row exists, Fly has no machine yet
    CREATING = "creating"
    CREATED = "created"
    STARTING = "starting"
    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SUSPENDING = "suspending"
    SUSPENDED = "suspended"
    RESTARTING = "restarting"
    UPDATING = "updating"
    REPLACING = "replacing"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    FAILED = "failed"


class OperationKind(StrEnum):
    PROVISION = "provision"
    START = "start"
    STOP = "stop"
    SUSPEND = "suspend"
    RESTART = "restart"
    BACKUP = "backup"
    ARCHIVE = "archive"
    RESTORE = "restore"
    RESET = "reset"
    UNDO = "undo"  # of a restore or a reset
    END_PARKING = "end_parking"
    DRILL = "drill"
    SCRATCH = "scratch"  # a backup in a machine of its own, to look at
    END_SCRATCH = "end_scratch"
    DESTROY = "destroy"


class OperationState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


S, K = MachineState, OperationKind

ACTIVE_OPERATION = (OperationState.QUEUED, OperationState.RUNNING)
LASTING = frozenset({S.CREATED, S.STARTED, S.STOPPED, S.SUSPENDED, S.FAILED, S.DESTROYED})
ASLEEP = frozenset({S.SUSPENDED, S.STOPPED, S.CREATED})

# These work on copies: they keep nobody from the workspace, and nothing keeps them from theirs.
BESIDE = frozenset({K.DRILL, K.SCRATCH, K.END_SCRATCH})

# A host may be lost, a machine stuck or gone: what brings a workspace back asks for no state.
_EVER_PROVISIONED = frozenset(S) - {S.PROVISIONING}

_ALLOWED_FROM: dict[OperationKind, frozenset[str]] = {
    K.PROVISION: frozenset({S.PROVISIONING}),
    K.START: ASLEEP,
    K.STOP: frozenset({S.STARTED, S.SUSPENDED}),
    K.SUSPEND: frozenset({S.STARTED}),
    K.RESTART: frozenset({S.STARTED}),
    K.BACKUP: frozenset({S.STARTED, S.STOPPED, S.SUSPENDED, S.CREATED, S.FAILED}),
    K.ARCHIVE: frozenset({S.STARTED, S.STOPPED, S.SUSPENDED, S.CREATED, S.FAILED}),
    K.RESTORE: _EVER_PROVISIONED,
    K.RESET: _EVER_PROVISIONED,
    K.UNDO: _EVER_PROVISIONED,
    K.END_PARKING: frozenset(S),
    K.DRILL: frozenset(S),
    K.SCRATCH: frozenset(S),
    K.END_SCRATCH: frozenset(S),
    K.DESTROY: frozenset(S),  # what is lost at Fly still has a volume, or a row, to end
}

_STATE_AFTER = {
    K.PROVISION: S.STARTED,
    K.START: S.STARTED,
    K.STOP: S.STOPPED,
    K.SUSPEND: S.SUSPENDED,
    K.RESTART: S.STARTED,
    K.RESTORE: S.STARTED,
    K.RESET: S.STARTED,
    K.UNDO: S.STARTED,
    K.DESTROY: S.DESTROYED,
}

# Alarm thresholds from Fly's own documentation (platform reference, section e).
_PATIENCE: dict[str, timedelta] = {
    S.UPDATING: timedelta(minutes=10),
    S.REPLACING: timedelta(minutes=10),
}
_USUAL_PATIENCE = timedelta(minutes=5)

_VERB = {K.START: "wake", K.BACKUP: "back up", K.UNDO: "take back the last restore of"}

SUSPEND_LIMIT_MB = 2048  # documented ceiling for suspend; above it Fly stops instead


def allowed(kind: OperationKind, state: str) -> bool:
    return state in _ALLOWED_FROM[kind]


def refusal(kind: OperationKind, state: str, memory_mb: int) -> str | None:
    """Why this operation may not start now, in the words of a button's title; None: it may."""
    if not allowed(kind, state):
        return f"is {state}: cannot {_VERB.get(kind, kind)} it"
    if kind is K.SUSPEND and memory_mb > SUSPEND_LIMIT_MB:
        return f"has {memory_mb} MB of memory: above {SUSPEND_LIMIT_MB} MB Fly can only stop"
    return None


def desired_after(kind: OperationKind) -> MachineState | None:
    """What we want the machine to be once the operation is done; None: as it is."""
    return _STATE_AFTER.get(kind)


def is_moving(state: str) -> bool:
    return state not in LASTING


def patience(state: str) -> timedelta:
    return _PATIENCE.get(state, _USUAL_PATIENCE)


def main_action(state: str, memory_mb: int) -> OperationKind | None:
    """The one button a row offers: sleep if awake, wake if asleep, none while it moves."""
    if state == S.STARTED:
        return K.SUSPEND if memory_mb <= SUSPEND_LIMIT_MB else K.STOP
    return K.START if state in ASLEEP else None

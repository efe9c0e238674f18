"""What can be asked of a machine: the verbs in addresses, the words on buttons, what is at stake.

At stake decides how it is asked: nothing → a click; a user is interrupted → a dialog that names
them; data is lost → a page that wants the handle typed.
"""

from dataclasses import dataclass
from functools import lru_cache

from jarvis_admin.domain import lifecycle
from jarvis_admin.domain.lifecycle import MachineState, OperationKind
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid

K = OperationKind


@dataclass(frozen=True)
class Verb:
    kind: OperationKind
    word: str  # on its button
    doing: str  # "Wake of alice is queued"
    icon: str
    interrupts: bool = False
    costs: str = ""  # what the user loses, for the dialog


VERBS = {
    "wake": Verb(K.START, "Wake", "Waking", icon="player-play"),
    "backup": Verb(K.BACKUP, "Back up", "Backing up", icon="archive"),
    "archive": Verb(K.ARCHIVE, "Archive", "Archiving", icon="cloud-upload"),
    "suspend": Verb(
        K.SUSPEND,
        "Suspend",
        "Suspending",
        icon="player-pause",
        interrupts=True,
        costs="Open connections close. Memory is kept: a wake goes on where it was.",
    ),
    "stop": Verb(
        K.STOP,
        "Stop",
        "Stopping",
        icon="player-stop",
        interrupts=True,
        costs="Open connections close and everything in memory is lost. The volume stays.",
    ),
    "restart": Verb(
        K.RESTART,
        "Restart",
        "Restarting",
        icon="refresh",
        interrupts=True,
        costs="Open connections close and everything in memory is lost. The volume stays.",
    ),
}
DESTROY = Verb(K.DESTROY, "Destroy", "Destroying", icon="trash", interrupts=True)
NAMES = {verb.kind: name for name, verb in VERBS.items()}


@dataclass(frozen=True)
class Button:
    """One action on one machine, as a button shows it; `refusal` is why it is dashed."""

    name: str
    word: str
    asks: bool
    refusal: str
    icon: str


@dataclass(frozen=True)
class Buttons:
    main: Button
    backup: Button
    menu: tuple[Button, ...]  # what else there is, the backup first


# States, sizes and kinds are few: a list of fifty rows computes each combination once.
@lru_cache(maxsize=1024)
def buttons(state: str, size: str, under_way: str, braked: str = "") -> Buttons:
    """`under_way` is the kind of the operation the machine is busy with, or empty; `braked` is
    why its quota refuses a wake, or empty."""
    memory_mb = _memory_mb(size)
    kind = lifecycle.main_action(state, memory_mb) or _resting(memory_mb)
    main = NAMES[kind]
    rest = [name for name in VERBS if name != main and name not in ("wake", "suspend")]
    menu = tuple(_button(name, state, memory_mb, under_way, braked) for name in rest)
    return Buttons(_button(main, state, memory_mb, under_way, braked), menu[0], menu)


def asks(verb: Verb, state: str) -> bool:
    """Somebody is interrupted in a machine that runs; a suspended one still has its memory."""
    return verb.interrupts and state in (MachineState.STARTED, MachineState.SUSPENDED)


def _button(name: str, state: str, memory_mb: int, under_way: str, braked: str) -> Button:
    verb = VERBS[name]
    refusal = f"{under_way} under way" if under_way else ""
    refusal = refusal or (lifecycle.refusal(verb.kind, state, memory_mb) or "")
    if verb.kind in (K.START, K.RESTART):
        refusal = refusal or braked
    return Button(name, verb.word, asks(verb, state), refusal, verb.icon)


def _resting(memory_mb: int) -> OperationKind:
    """What the main button will be once the machine stops moving; dashed until then."""
    return K.SUSPEND if memory_mb <= lifecycle.SUSPEND_LIMIT_MB else K.STOP


@lru_cache(maxsize=256)
def _memory_mb(size: str) -> int:
    try:
        return Size.parse(size).memory_mb
    except Invalid:
        return 0  # Fly may invent sizes; its machines are still listed

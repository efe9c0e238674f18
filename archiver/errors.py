"""What ends an archiver early: a sentence for its log and a code for whoever waits for it."""

from enum import IntEnum


class Code(IntEnum):
    """Exit codes; the machine's log is not ours to read, its exit code is."""

    DONE = 0
    BAD_TICKET = 64
    DAMAGED = 65
    UNREADABLE = 66
    DIFFERS = 67
    NOT_EMPTY = 68
    NO_STORE = 69
    BUG = 70
    NO_ROOM = 73
    REFUSED = 77


class Trouble(Exception):
    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Damaged(Trouble):
    """What was read back is not what was written, or was written with another key."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Code.DAMAGED, sentence)


class Differs(Trouble):
    """What stands on the volume is not what the archive holds."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Code.DIFFERS, sentence)

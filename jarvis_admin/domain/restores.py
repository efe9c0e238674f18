"""Restores and resets: what each makes anew, what it loses, and the names of what it makes."""

from dataclasses import dataclass
from enum import StrEnum

from jarvis_admin.domain.lifecycle import OperationKind

# Volume names have 30 characters at Fly, and no metadata: the name is how one is found again.
_VOLUME_PREFIX = "rs_"
SCRATCH = "scratch"  # part of the name of an app of its own


class Kind(StrEnum):
    RESTORE = "restore"
    FRESH_MACHINE = "fresh_machine"
    FRESH_FILES = "fresh_files"
    FACTORY = "factory"
    UNDO = "undo"


class Target(StrEnum):
    HERE = "here"
    BESIDE = "beside"
    SCRATCH = "scratch"


@dataclass(frozen=True)
class Words:
    """For the form and the confirmations."""

    title: str
    makes: str
    loses: str  # at the right of a choice
    button: str


WORDS = {
    Kind.RESTORE: Words(
        "Restore files to an earlier point",
        "Files as they were; image, size and settings stay",
        "what came after the point",
        "Restore and park the old",
    ),
    Kind.FRESH_MACHINE: Words(
        "Fresh machine",
        "New machine from the present image, on a copy of the files",
        "nothing but what runs",
        "Make a fresh machine and park the old",
    ),
    Kind.FRESH_FILES: Words(
        "Fresh files",
        "New, empty volume that the image fills with its template; image, size and region stay",
        "all files",
        "Make fresh files and park the old",
    ),
    Kind.FACTORY: Words(
        "Factory new",
        "As on the first day: the plan’s size and volume, the present image, the home region",
        "all files and settings",
        "Make factory new and park the old",
    ),
    Kind.UNDO: Words(
        "Way back",
        "The parked machine and files take over again",
        "nothing: the present ones are parked in turn",
        "Go back to the old files",
    ),
}


def operation_of(kind: Kind, target: Target = Target.HERE) -> OperationKind:
    if target is not Target.HERE:
        return OperationKind.SCRATCH
    if kind is Kind.RESTORE:
        return OperationKind.RESTORE
    return OperationKind.UNDO if kind is Kind.UNDO else OperationKind.RESET


def volume_name(restore_id: str) -> str:
    return f"{_VOLUME_PREFIX}{restore_id}"


def machine_name(restore_id: str) -> str:
    return f"workspace-{restore_id}"

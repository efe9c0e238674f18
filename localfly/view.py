"""Start a command that dies with its parent and sees folders and files at paths of its own.

A stand-alone script without imports from the package: it runs as `python -I -S`
before every machine, so each import is time that the machine takes to start.
On Linux it makes a private user and mount namespace; nothing on the host moves.
"""

import ctypes
import os
import signal
import sys

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> None:
    """Arguments: parent pid, scratch directory, number of pairs, (source, target)…, command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a handler could lose one just before the exec
    parent, scratch, count, *rest = arguments
    shown, command = rest[: 2 * int(count)], rest[2 * int(count) :]
    if shown:
        _enter_namespace()
    for source, target in zip(shown[::2], shown[1::2], strict=True):
        _show(source, target, scratch)
    _die_with(int(parent))
    try:
        os.execvp(command[0], command)  # noqa: S606 - the very purpose, and without a shell
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(137)


def _enter_namespace() -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS)
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {uid} 1"),
        ("gid_map", f"0 {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib costs 5 ms
            file.write(line)
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def _show(source: str, target: str, scratch: str) -> None:
    """Make `source` appear at `target`, building the missing directories in memory."""
    if os.path.isfile(source) and os.path.exists(target):  # noqa: PTH110, PTH113
        _bind(source, target)
        return
    parent = target
    while not os.path.isdir(parent):  # noqa: PTH112
        parent = os.path.dirname(parent)  # noqa: PTH120
    if parent == target:
        _bind(source, target)
        return
    # The deepest directory that exists is replaced, for us alone, by one in memory
    # that holds the same entries and has room for the missing ones.
    _mount("tmpfs", scratch, "tmpfs", 0)
    _mirror(parent, scratch)
    inner = scratch + target.removeprefix(parent.rstrip("/"))
    _make_like(source, inner)
    _bind(source, inner)
    if parent != "/":
        _bind(scratch, parent)
        return
    here = os.getcwd()  # noqa: PTH109
    os.chroot(scratch)
    os.chdir(here)


def _mirror(directory: str, into: str) -> None:
    for entry in os.scandir(directory):
        twin = f"{into}/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), twin)  # noqa: PTH115, PTH211
            continue
        if entry.is_dir():
            os.mkdir(twin)  # noqa: PTH102
        else:
            os.close(os.open(twin, os.O_CREAT | os.O_WRONLY))
        try:
            _bind(entry.path, twin)
        except FileNotFoundError:
            continue  # gone since the listing, as happens in /tmp


def _make_like(source: str, target: str) -> None:
    """An empty directory or an empty file, for the source to be bound over."""
    if os.path.isdir(source):  # noqa: PTH112
        os.makedirs(target)  # noqa: PTH103
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY))


def _bind(source: str, target: str) -> None:
    _mount(source, target, None, _MS_BIND | _MS_REC)


def _mount(source: str, target: str, kind: str | None, flags: int) -> None:
    _call("mount", source.encode(), target.encode(), kind and kind.encode(), flags, None)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The stands that run on this machine: noted at their start, found and ended by ``egov down``.

A note says no more than in which folder a stand was started. Whether it still runs, and as which process, is told by
the lock on that folder, which ends with the process: so nothing is ever sent to a process that has only got the number
of one that is gone.
"""

import contextlib
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.hosting.ending import ENDS_WITHIN_S
from shared.kit.alone import holder
from shared.kit.durable import replace_file
from shared.kit.ids import sha256_hex

LOCK = "stand"
"""Name of the lock that a whole stand has on its folder."""


@dataclass(frozen=True)
class RunningStand:
    """A stand of this user that runs now."""

    pid: int
    folder: Path
    any_ports: bool

    def __str__(self) -> str:
        return f"the stand of process {self.pid} in {self.folder}"


@contextmanager
def noted(folder: Path, *, any_ports: bool) -> Iterator[None]:
    """Let the stand in ``folder``, which this process holds, be found while the block lasts."""
    notes = _notes()
    note = None if notes is None else notes / sha256_hex(os.fsencode(folder.resolve()))
    if note is not None:
        with contextlib.suppress(OSError):  # it then ends by Ctrl-C only
            replace_file(note, os.fsencode(f"{'any' if any_ports else 'fixed'}\n{folder.resolve()}"))
    try:
        yield
    finally:
        if note is not None:
            with contextlib.suppress(OSError):
                note.unlink()


def running() -> list[RunningStand]:
    """The stands of this user that run; notes of others are cleared away."""
    found = []
    notes = _notes()
    for note in sorted(notes.iterdir()) if notes is not None else ():
        with contextlib.suppress(OSError, UnicodeDecodeError):
            kind, _, folder = os.fsdecode(note.read_bytes()).partition("\n")
            held = in_folder(Path(folder), any_ports=kind == "any")
            if held is None:
                note.unlink()
            else:
                found.append(held)
    return found


def in_folder(folder: Path, *, any_ports: bool = True) -> RunningStand | None:
    """The stand that has ``folder``, if one has."""
    held = holder(folder, LOCK)
    return None if held is None else RunningStand(held.pid, folder.resolve(), any_ports)


def end(stand: RunningStand) -> bool:
    """Tell ``stand`` to end and wait until its process is gone; whether that came to pass. Raises ``OSError``."""
    deadline = time.monotonic() + ENDS_WITHIN_S + 5
    with _process(stand.pid) as process:
        if in_folder(stand.folder) is None:
            return True
        if process is None:
            os.kill(stand.pid, signal.SIGTERM)
            while in_folder(stand.folder) is not None and time.monotonic() < deadline:
                time.sleep(0.05)
            return in_folder(stand.folder) is None
        signal.pidfd_send_signal(process, signal.SIGTERM)
        return bool(select.select([process], [], [], deadline - time.monotonic())[0])


@contextmanager
def _process(pid: int) -> Iterator[int | None]:
    """A handle of the process that has this number now, and keeps meaning it (Linux); ``None`` elsewhere."""
    if sys.platform != "linux":
        yield None
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _notes() -> Path | None:
    """The folder of the notes, nobody else's; ``None`` if there is none to be had."""
    folder = Path(tempfile.gettempdir()) / f"egov-stands-{os.getuid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        # Whoever else could write here could have us end their choice of our processes.
        if folder.stat().st_uid == os.getuid() and not folder.is_symlink():
            return folder
    return None

"""Alone among all processes that share a folder: what only one of several replicas may do, once, at the first start;
and what is one process's for as long as it runs.

The lock is the operating system's (``flock``): it ends with its process, however that ends. Where a folder is shared
over a network, its file system has to pass locks on, as NFS does from version 4.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO, Literal

from shared.kit.durable import make_folder

_LOOK_AGAIN_S = 0.05


@asynccontextmanager
async def alone(folder: Path, name: str) -> AsyncIterator[None]:
    """Within the block nobody else is in one of this ``name`` and ``folder``, which is made if it is missing."""
    with _opened(folder, name) as file:
        while not _locked(file, fcntl.LOCK_EX):  # noqa: ASYNC110 - another process lets go of it
            await asyncio.sleep(_LOOK_AGAIN_S)
        yield


def _opened(folder: Path, name: str, mode: Literal["wb", "ab"] = "wb") -> BinaryIO:
    make_folder(folder)
    return open(_place(folder, name), mode, opener=_for_its_owner)


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _place(folder: Path, name: str) -> Path:
    return folder / f".{name}.lock"


class Taken(Exception):
    """Another process has the folder; the text names it."""


@contextmanager
def holding(folder: Path, name: str, what: str, *, shared: bool = False, patience_s: float = 2.0) -> Iterator[None]:
    """Within the block this process has the ``name`` of ``folder`` to itself, or with others that want it ``shared``.

    ``what`` is told to whoever comes second. Raises ``Taken`` if another still has it after ``patience_s``, in which
    one that ends lets go of it; ``OSError`` if the folder is not ours to write in.
    """
    with _opened(folder, name, "ab") as file:
        deadline = monotonic() + patience_s
        while not _locked(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if monotonic() > deadline:
                who = holder(folder, name)
                raise Taken(f"{who.what if who else 'another process'} has {folder}")
            sleep(_LOOK_AGAIN_S)
        if not shared:
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), "what": what}).encode())
            file.flush()
        yield


@dataclass(frozen=True)
class Holder:
    """The process that has something to itself, and what it said of itself."""

    pid: int
    what: str


def holder(folder: Path, name: str) -> Holder | None:
    """Who has the ``name`` of ``folder`` to itself just now, ``None`` if nobody has."""
    try:
        with _place(folder, name).open("rb") as file:
            # What a process that is gone has written counts for nothing: the lock went with it.
            if _locked(file, fcntl.LOCK_SH):
                return None
            said = json.loads(file.read())
            return Holder(int(said["pid"]), str(said["what"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _locked(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

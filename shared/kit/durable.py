"""Files that a crash or a full disk leaves whole: replaced in one step, or appended to with the torn end cut off.

What is written here is on the disk before it counts, so whatever is found half written never counted.
"""

import errno
import json
import logging
import os
import secrets
import shutil
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

from shared.kit.errors import Unavailable
from shared.kit.text import Text

log = logging.getLogger(__name__)

ROOM_NEEDED = 1 << 20
"""Bytes. With less a database can soon not commit any more."""

_STORAGE = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EACCES, errno.EPERM, errno.ENFILE,
    errno.EMFILE,
})  # fmt: skip


class StorageFails(Unavailable):
    """The disk does not take what is to be kept: it is full, read-only or broken. Nothing was changed."""

    code = "storage-fails"
    title = Text(kk="Диск жазбаны қабылдамайды", ru="Диск не принимает запись", en="The disk does not take it")


class BrokenFile(Exception):
    """A file of ours that cannot be read and cannot be healed; the text names it, the place and the fault."""


def storage_fault(error: OSError) -> str | None:
    """What is wrong with the disk, if that is what ``error`` says; ``None`` for every other kind."""
    return (error.strerror or type(error).__name__) if error.errno in _STORAGE else None


def lack_of_room(folder: Path) -> str | None:
    """Why the file system of ``folder`` takes nothing more, ``None`` if it does."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return error.strerror or type(error).__name__
    return None if free >= ROOM_NEEDED else f"the disk is full: {free >> 10} kB left in {folder}"


def make_folder(folder: Path) -> None:
    """Make ``folder``, and what is missing above it, for its owner alone; what is there stays as it is. ``OSError``."""
    missing = [folder, *takewhile(lambda parent: not parent.exists(), folder.parents)]
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` in one step by ``content``; by default only its owner may read it.

    A crash leaves the old file or the new one. Raises ``OSError``; the old file is then as it was, and nothing else is
    left behind.
    """
    # Replicas may write the same file at the same moment, and in containers they all have the same process id.
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in ``folder`` on the disk."""
    # The new name of a file is on the disk when its folder is; not every file system lets itself be told so.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class JSONLines:
    """A file of JSON objects, one a line, that is only ever appended to, by one process.

    ``read`` comes first. What a crash tore is cut off by it; what a full disk tore is cut off at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end = 0
        self.fault: str | None = None
        """Why the last append failed, ``None`` if it did not."""

    def read(self) -> list[dict[str, Any]]:
        """All objects, oldest first. Raises ``BrokenFile`` for a line in the middle that is none, ``OSError``."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        found: list[dict[str, Any]] = []
        lines = content.split(b"\n")
        torn = lines.pop()  # what follows the last line break: nothing, or a line without its end
        for number, line in enumerate(lines, start=1):
            entry = _entry(line)
            if entry is None:
                if number < len(lines):
                    raise BrokenFile(f"{self.path}, line {number}: no JSON object")
                torn = line + b"\n" + torn
            else:
                found.append(entry)
        self._end = len(content) - len(torn)
        if torn:
            log.warning("%s: its torn end of %d bytes is cut off", self.path, len(torn))
            os.truncate(self.path, self._end)
        return found

    def append(self, entry: bytes) -> None:
        """Write ``entry`` (an object as JSON) as the next line, and flush it to the disk.

        Raises ``StorageFails`` if the disk does not take it; then the file ends where it ended before.
        """
        line = entry + b"\n"
        try:
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
                # Where the last attempt could not even be cut off, this one does it.
                file.truncate(self._end)
                file.seek(self._end)
                try:
                    _write_whole(file.fileno(), line)
                    os.fsync(file.fileno())
                except OSError:
                    with suppress(OSError):
                        file.truncate(self._end)
                    raise
        except OSError as error:
            self.fault = f"{self.path.name} cannot be written: {error.strerror}"
            raise StorageFails(self.fault) from error
        self._end += len(line)
        self.fault = None


def _write_whole(descriptor: int, content: bytes) -> None:
    # A disk that gets full takes a part and says so; only the next write says why.
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _entry(line: bytes) -> dict[str, Any] | None:
    """The object of a line; of one that begins with what an earlier, torn write left, the object after it."""
    start = 0 if line.startswith(b"{") else line.find(b"{")
    while start >= 0:
        with suppress(ValueError, RecursionError):
            found = json.loads(line[start:])
            if isinstance(found, dict):
                return found
        start = line.find(b'{"', start + 1)
    return None

"""Files named by the SHA-256 of their content. Equal content is kept once; a file is complete or not there."""

import hashlib
import os
import re
import secrets
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from shared.kit.durable import make_folder, sync_folder

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ContentStore:
    """A folder of such files. Nothing is created before the first write; no name but a digest ever becomes a path."""

    def __init__(self, directory: Path, suffix: str = "") -> None:
        self._directory = directory
        self._suffix = suffix

    def path(self, sha256: str) -> Path | None:
        """Where the content with this digest is; ``None`` if it is not kept or ``sha256`` is no digest."""
        if not _DIGEST.fullmatch(sha256):
            return None
        path = self._place(sha256)
        return path if path.is_file() else None

    def begin(self) -> "Upload":
        """Start to write content whose digest is not known yet."""
        incoming = self._directory / "incoming"
        make_folder(incoming)
        return Upload(self, incoming / secrets.token_hex(16))

    def put(self, content: bytes, sha256: str) -> None:
        """Keep ``content`` under a digest that is not its own (a rendering of what it names). Blocks; use a thread."""
        upload = self.begin()
        try:
            upload.write(content)
            upload.keep(under=sha256)
        finally:
            upload.discard()

    def save(self, content: bytes) -> str:
        """Keep ``content`` and return its digest. Blocks; use a thread."""
        sha256 = hashlib.sha256(content).hexdigest()
        kept = self.path(sha256)
        # One of another length is a torn one of a disk that lost what it had.
        if kept is None or kept.stat().st_size != len(content):
            self.put(content, sha256)
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """The content with this digest, or ``None`` if it is not kept. Raises ``ValueError`` for what is no digest.
        Blocks; use a thread."""
        _require_digest(sha256)
        kept = self.path(sha256)
        return None if kept is None else kept.read_bytes()

    def forget_unfinished(self, before: datetime) -> None:
        """Delete what somebody began to write before that moment of the machine's time and never finished: whoever did
        was killed. Blocks; use a thread."""
        for path in (self._directory / "incoming").glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def clear(self) -> None:
        """Keep nothing any more; for a reset of the stand. Blocks; use a thread."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _place(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / (sha256 + self._suffix)

    def take(self, incoming: Path, sha256: str) -> None:
        """Move a finished file to its place in one step."""
        _require_digest(sha256)
        place = self._place(sha256)
        make_folder(place.parent)
        incoming.replace(place)
        sync_folder(place.parent)


def _require_digest(sha256: str) -> None:
    if not _DIGEST.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hexadecimal")


class Upload:
    """Content on its way into the store."""

    def __init__(self, store: ContentStore, path: Path) -> None:
        self._store = store
        self._path = path
        # Only its owner may read it.
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._hash = hashlib.sha256()
        self.size = 0
        self.head = b""
        """The first bytes, enough to tell the kind of file."""

    def write(self, chunk: bytes) -> None:
        """Append ``chunk``; goes to the page cache, so it is fit for an event loop."""
        if len(self.head) < 64:
            self.head += chunk[: 64 - len(self.head)]
        self._hash.update(chunk)
        self.size += len(chunk)
        self._file.write(chunk)

    @property
    def sha256(self) -> str:
        """The digest of what was written so far."""
        return self._hash.hexdigest()

    def keep(self, *, under: str | None = None) -> str:
        """Make it durable and return its digest. Waits for the disk; use a thread."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sha256 = under or self._hash.hexdigest()
        self._store.take(self._path, sha256)
        return sha256

    def discard(self) -> None:
        """Leave nothing behind; harmless after ``keep``."""
        with suppress(OSError):  # a full disk does not take what is still to be flushed
            self._file.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

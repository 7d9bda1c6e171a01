"""Uploaded files: size, type and content are checked while they come in; what is kept is named by its digest."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.responses import FileResponse

from shared.db.content import ContentStore, Upload
from shared.kit.errors import NotFound, TooLarge, UnsupportedMedia
from shared.web.file_names import disposition, fit_name, name_in

SIGNATURES: dict[str, bytes] = {
    "application/pdf": b"%PDF-",  # ISO 32000-2 §7.5.2
    "image/png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",  # PNG, third edition, §5.2 and §11.2.1
    "image/jpeg": b"\xff\xd8\xff",  # ISO/IEC 10918-1 annex B: start of image, then a marker
}
"""The media types that are taken, and how such a file begins."""
FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
FILES: dict[str, Any] = dict.fromkeys((*SIGNATURES, "application/octet-stream"), FILE)
"""What a download may be, for OpenAPI."""
UPLOAD = {"requestBody": {"required": True, "content": dict.fromkeys(SIGNATURES, FILE)}}
"""What an upload may be, for OpenAPI."""
_SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}


@dataclass(frozen=True)
class Incoming:
    """A file on its way in: what the sender says of it, and its bytes."""

    name: str
    media_type: str
    declared_size: int | None
    chunks: AsyncIterator[bytes]


async def _incoming(
    request: Request,
    name: Annotated[str | None, Query(description="File name; or Content-Disposition")] = None,
    content_disposition: Annotated[str | None, Header()] = None,
) -> Incoming:
    # A name has no length here but what a target and header fields have: what is too long is shortened, not refused.
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 20 else None
    return Incoming(name or name_in(content_disposition), media_type, size, request.stream())


IncomingFile = Annotated[Incoming, Depends(_incoming)]
"""The body of the call as a file, named by ``?name=`` or by ``Content-Disposition`` (RFC 6266). Give it to an upload as
a parameter."""


@dataclass(frozen=True)
class Kept:
    """A file that was kept under its digest. ``name`` is fit to be shown and signed, and may be empty."""

    name: str
    media_type: str
    size: int
    sha256: str


async def keep_upload(
    store: ContentStore, incoming: Incoming, limit: int, note_use: Callable[[str], Awaitable[None]]
) -> Kept:
    """Check and keep a file of at most ``limit`` bytes. ``note_use`` is told the digest before the file is in its place
    (``shared/db/kept_files.py``).

    Raises ``UnsupportedMedia``, and ``TooLarge`` as soon as the limit is passed; nothing is left behind then.
    """
    if incoming.media_type not in SIGNATURES:
        raise UnsupportedMedia("only PDF, PNG and JPEG files are taken", accepted=sorted(SIGNATURES))
    _check_size(incoming.declared_size or 0, limit)
    upload = store.begin()
    try:
        async for chunk in incoming.chunks:
            _check_size(upload.size + len(chunk), limit)
            upload.write(chunk)
        _check_content(upload, incoming.media_type)
        await note_use(upload.sha256)
        sha256 = await asyncio.to_thread(upload.keep)
    finally:
        upload.discard()
    return Kept(fit_name(incoming.name), incoming.media_type, upload.size, sha256)


def kept_file(store: ContentStore, sha256: str) -> tuple[str, Path]:
    """Media type and place of a kept file. Raises ``NotFound``."""
    path = store.path(sha256)
    if path is None:
        raise NotFound("no such attachment")
    with path.open("rb") as file:
        head = file.read(64)
    media_type = next((kind for kind, start in SIGNATURES.items() if head.startswith(start)), None)
    return media_type or "application/octet-stream", path


def file_answer(place: Path, media_type: str, sha256: str, name: str | None, caching: str) -> FileResponse:
    """A download that no browser runs; ``caching`` is its ``Cache-Control``."""
    named = {"Content-Disposition": disposition("attachment", name or "")}
    headers = {**_SAFE, "ETag": f'"{sha256}"', "Cache-Control": caching, **named}
    return FileResponse(place, media_type=media_type, headers=headers)


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"an attachment has at most {limit} bytes", limit=limit)


def _check_content(upload: Upload, media_type: str) -> None:
    if not upload.head.startswith(SIGNATURES[media_type]):
        raise UnsupportedMedia(f"the content is not {media_type}", declared=media_type)

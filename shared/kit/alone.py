"""Alone among all processes that share a folder: what only one of several replicas may do, once, at the first start."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

_LOOK_AGAIN_S = 0.05


@asynccontextmanager
async def alone(folder: Path, name: str) -> AsyncIterator[None]:
    """Within the block nobody else is in one of this ``name`` and ``folder``, which is made if it is missing.

    The lock is the operating system's (``flock``): it ends with its process, however that ends. Where a folder is
    shared over a network, its file system has to pass locks on, as NFS does from version 4.
    """
    with _opened(folder, name) as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_LOOK_AGAIN_S)
        yield


def _opened(folder: Path, name: str) -> BinaryIO:
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f".{name}.lock").open("wb")

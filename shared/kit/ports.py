"""Loopback ports for servers that are started beside others."""

import atexit
import contextlib
import functools
import itertools
import random
import socket
from collections.abc import Iterator

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below what systems give to outgoing connections (from 32768 on): such a port might be taken by one of them between
the look and the start of the server."""

_BLOCK = 240
"""Ports that a process has to itself: enough for a dozen stands before one is given again."""


def free_ports(count: int) -> list[int]:
    """So many different ports of 127.0.0.1 on which nobody listens just now. Raises ``OSError`` if there are none.

    Two processes never get the same port, and one process not soon again: between the look and the start of the server
    it is nobody else's.
    """
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        for port in itertools.islice(_block().ports, _BLOCK - 1):
            if len(found) == count:
                break
            if probe := _bound(port):
                stack.enter_context(probe)
                found.append(port)
    if len(found) < count:
        raise OSError(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")
    return found


class _Block:
    """A run of ports that is this process's own as long as it holds the first one."""

    def __init__(self, held: socket.socket, first: int) -> None:
        atexit.register(held.close)
        self.ports: Iterator[int] = itertools.cycle(range(first + 1, first + _BLOCK))


@functools.cache
def _block() -> _Block:
    firsts = list(range(_LOWEST, _HIGHEST - _BLOCK + 1, _BLOCK))
    random.shuffle(firsts)
    for first in firsts:
        if held := _bound(first):
            return _Block(held, first)
    raise OSError(f"every block of ports between {_LOWEST} and {_HIGHEST} is taken")


def _bound(port: int) -> socket.socket | None:
    """A socket at this port, or nothing if there is one already."""
    bound = socket.socket()
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        return None
    return bound

"""Loopback ports for servers that are started beside others."""

import contextlib
import secrets
import socket

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below what systems give to outgoing connections (from 32768 on): such a port might be taken by one of them between
the look and the start of the server."""


def free_ports(count: int) -> list[int]:
    """So many different ports of 127.0.0.1 on which nobody listens just now. Raises ``OSError`` if there are none."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        for _ in range(_HIGHEST - _LOWEST):
            if len(found) == count:
                return found
            port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
            probe = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    raise OSError(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")

"""Who publishes wakes who reads, where both are on one machine.

The embedded broker holds an empty fetch for the whole time it may, whatever arrives meanwhile, so its readers would
have to ask hundreds of times a second. With a doorbell a reader without work asks a few times a second, for what
strangers have published, and at once when a system of the stand has.

A bell is a datagram socket in Linux's abstract namespace, named by cluster and topic: nothing is left on disk. A ring
says up to which offset a partition can be read, so a reader knows when it has everything and may wait again. It is no
more than a hint: where rings get lost, and elsewhere than on Linux, readers ask as often as they would without. Who
rings as another user is not heard.
"""

import asyncio
import contextlib
import os
import socket
import struct
import sys
from collections.abc import Collection, Iterable, Mapping

Place = tuple[str, int]
"""Topic and partition."""


_CREDENTIALS = struct.Struct("=iII")
"""Process, user and group of who wrote to a socket (unix(7), ``struct ucred``)."""

_AT_ONCE = 1000
"""Rings heard before something else gets its turn."""

LEISURE_S = 0.1
"""How long what comes in a topic that is read at leisure waits for something else that wakes its reader."""


class Rung:
    """What a reader was told is there to be read. For what comes in the topics ``at_leisure`` it is waked only if
    nothing else has waked it within ``LEISURE_S``."""

    def __init__(self, at_leisure: Collection[str] = ()) -> None:
        self.event = asyncio.Event()
        """Set when it is worth looking."""
        self.at_leisure = frozenset(at_leisure)
        self.awaited: dict[Place, int] = {}
        """The last offset that a ring has named, by place; to be taken out once it was read."""
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, topic: str, said: bytes) -> None:
        """A ring at the bell of ``topic``."""
        with contextlib.suppress(ValueError):  # whoever rings without a word is answered too
            partition, offset = map(int, said.split())
            self.awaited[topic, partition] = max(offset, self.awaited.get((topic, partition), -1))
        if topic not in self.at_leisure:
            self.event.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LEISURE_S, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if any(topic in self.at_leisure for topic, _ in self.awaited):
            self.event.set()


class Doorbell:
    """The bells at one cluster: the reader's own, and everybody's buttons."""

    def __init__(self, cluster: str) -> None:
        self._cluster = cluster
        self._button: socket.socket | None = None
        self._bells: list[socket.socket] = []

    def listen(self, topics: Iterable[str], rung: Rung) -> bool:
        """Let ``rung`` hear whenever something was published to one of ``topics``; whether that can be done. Call it
        on the event loop; undone by ``close``."""
        if sys.platform != "linux":
            return False
        loop = asyncio.get_running_loop()
        for topic in topics:
            bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self._bells.append(bell)
            # The kernel says with every ring whose process it came from.
            bell.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            try:
                bell.bind(self._name(topic))
            except OSError:  # another reader of this topic has it
                self.close()
                return False
            loop.add_reader(bell, _hear, bell, topic, rung)
        return True

    def ring(self, published: Mapping[Place, int]) -> None:
        """These places can be read up to these offsets."""
        if sys.platform != "linux":
            return
        if self._button is None:
            self._button = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        for (topic, partition), offset in published.items():
            # Nobody listens, or so many rings are unheard that this one will be found when those are answered.
            with contextlib.suppress(OSError):
                self._button.sendto(b"%d %d" % (partition, offset), self._name(topic))

    def close(self) -> None:
        """Take down the reader's bells."""
        bells, self._bells = self._bells, []
        for bell in bells:
            asyncio.get_running_loop().remove_reader(bell)
            bell.close()
        if self._button is not None:
            self._button.close()
            self._button = None

    def _name(self, topic: str) -> str:
        return f"\0egov/{self._cluster}/{topic}"


def _hear(bell: socket.socket, topic: str, rung: Rung) -> None:
    with contextlib.suppress(OSError):
        for _ in range(_AT_ONCE):
            said, told, *_ = bell.recvmsg(64, socket.CMSG_SPACE(_CREDENTIALS.size))
            if _is_ours(told):
                rung.hear(topic, said)


def _is_ours(told: Collection[tuple[int, int, bytes]]) -> bool:
    """Whether who rang is the same user, or the system's. Anybody else on this machine can reach a bell too."""
    for level, kind, value in told:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and len(value) == _CREDENTIALS.size:
            return _CREDENTIALS.unpack(value)[1] in {os.getuid(), 0}
    return False

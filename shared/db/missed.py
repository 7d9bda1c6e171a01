"""States that turn out to be needed only while a unit of work runs.

A command reads in one transaction what it will work on, and works in another: in between somebody else may have moved
the thing on, so that it now needs a state which was not loaded. Nothing has happened then. The command is run again
from its beginning, and what was missed is loaded as well.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from shared.db.states import StateKey

Answer = TypeVar("Answer")

MOST = 20
"""So often one command, or one handler, is run again; more is a defect of it."""
_MISSED: ContextVar[frozenset["StateKey"]] = ContextVar("missed states", default=frozenset())


class NotLoaded(Exception):
    """A unit of work asks for a state that was not loaded for it: ``key``."""

    def __init__(self, key: "StateKey") -> None:
        kind, name = key
        super().__init__(f"{kind.record.__name__} {name!r} was not loaded for this unit of work")
        self.key = key


def missed() -> frozenset["StateKey"]:
    """What earlier runs of the command missed: to be loaded besides what it asks for."""
    return _MISSED.get()


def exhausted(found: NotLoaded) -> bool:
    """Whether running the command once more cannot help: a defect."""
    known = _MISSED.get()
    return found.key in known or len(known) >= MOST


@contextmanager
def loading(found: NotLoaded) -> Iterator[None]:
    """Inside, every unit of work loads what was missed too. Raises ``found`` if it is ``exhausted``."""
    if exhausted(found):
        raise found
    token = _MISSED.set(_MISSED.get() | {found.key})
    try:
        yield
    finally:
        _MISSED.reset(token)


async def until_loaded(command: Callable[[], Awaitable[Answer]]) -> Answer:
    """Run ``command``, again from its beginning if a unit of work of it misses a state; its answer.

    Raises ``NotLoaded`` after ``MOST`` states.
    """
    try:
        return await command()
    except NotLoaded as found:
        with loading(found):
            return await until_loaded(command)

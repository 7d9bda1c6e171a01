"""Looks by the stand's controls: they stand in the access log too, under a name that no system, operator or ground
has."""

from collections.abc import Sequence
from typing import Any

from services.registries.common.domain import AccessEntry, Outcome, Role
from shared.messaging.work import Work

TOOLS = "stand-tools"


def tool_look(work: Work, mode: str, searched: dict[str, Any], iins: Sequence[str]) -> list[AccessEntry]:
    """The entries for one look by hand at the data of ``iins``."""
    look = work.new_id()
    return [
        AccessEntry(
            key=f"{look}:{number:03d}",
            message_id=look,
            looked_at=work.now,
            system=TOOLS,
            asked_by=TOOLS,
            regulation="",
            clause="",
            application="",
            consent=None,
            mode=mode,
            searched=searched,
            included=[],
            outcome=Outcome.FOUND.value,
            iin=iin,
            role=Role.SOUGHT.value,
        )
        for number, iin in enumerate(dict.fromkeys(iins))
    ]

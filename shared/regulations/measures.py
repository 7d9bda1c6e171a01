"""What the quality of a service is held to, where the text says so."""

from typing import Literal

from shared.regulations.parts import Clause, LawText, Part


class QualityMeasures(Part):
    """Norms and targets of the indicators are approved every year by ``order`` of who is ``approved_by``, a kind of
    organisation; ``clause`` says so, ``annex`` has the table."""

    approved_by: Literal["ministry"]
    order: LawText
    clause: Clause
    annex: Clause

"""What can go wrong in both registries beyond the common errors."""

from shared.kit.errors import Conflict
from shared.kit.text import Text


class AlreadyRecorded(Conflict):
    """The register has this number; a record is changed, not added a second time."""

    code = "already-recorded"
    title = Text(kk="Тізілімде бар", ru="Уже есть в реестре", en="The register has it already")

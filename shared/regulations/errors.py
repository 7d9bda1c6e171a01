"""A regulation file that does not hold together is a reason not to start."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from shared.kit.errors import Conflict, Forbidden, StandError
from shared.kit.text import Text


class RegulationFault(NamedTuple):
    """One thing that is wrong: the file (relative to the data directory), the path inside it, what it is."""

    file: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.message}" if self.path else f"{self.file}: {self.message}"


class RegulationError(StandError):
    """The regulation files cannot be used. ``faults`` names every fault of every file, not only the first."""

    code = "regulation-invalid"
    status_code = 500
    title = Text(
        kk="Регламент деректері жарамсыз", ru="Данные регламента непригодны", en="The regulation data cannot be used"
    )

    def __init__(self, faults: Iterable[RegulationFault]) -> None:
        self.faults = tuple(sorted(set(faults), key=_reading_order))
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in the regulation data\n{lines}")


class ChannelNotOffered(Conflict):
    """The regulation does not give the service through that channel. ``members``: ``channels``, those there are with
    the clause that names each; ``clause``, where they stand together, or where the text itself excludes the channel,
    with its words in ``excluded`` (else ``None``)."""

    code = "channel-not-offered"
    title = Text(
        kk="Қызмет бұл арна арқылы көрсетілмейді",
        ru="Услуга через этот канал не оказывается",
        en="The service is not rendered through this channel",
    )


class OutsideHours(Conflict):
    """The text lets nothing be given then. ``members``: ``clause``, where it states the hours; ``opens_at``, the next
    moment at which it may be done."""

    code = "outside-hours"
    title = Text(
        kk="Қазір құжаттарды қабылдау және нәтижесін беру уақыты емес",
        ru="Сейчас не время приёма документов и выдачи результата",
        en="It is outside the hours in which documents are taken and results given",
    )


class ChannelRestricted(Conflict):
    """The channel is not for this recipient or this case. ``members["restrictions"]``: the words of each restriction
    that is not met, its clause, and what was found."""

    code = "channel-restricted"
    title = Text(
        kk="Бұл арна осы жағдайда қолжетімді емес",
        ru="Этот канал в данном случае недоступен",
        en="The channel is not open in this case",
    )


class ComplaintNotProvided(Conflict):
    """The text says nothing of complaints, or has no such level, addressee or way. ``members``: those there are."""

    code = "complaint-not-provided"
    title = Text(
        kk="Мәтінде мұндай шағым көзделмеген",
        ru="Такая жалоба текстом не предусмотрена",
        en="The text provides for no such complaint",
    )


class ComplainedOf(Forbidden):
    """Nobody has to do with a complaint against themselves, under whatever login."""

    code = "complained-of"
    title = Text(
        kk="Өзіне қатысты шағымды ешкім қарамайды",
        ru="Никто не рассматривает жалобу на самого себя",
        en="Nobody answers a complaint against themselves",
    )


class ComplaintClosed(Conflict):
    """The complaint is not where this could be done; ``state`` says where it is."""

    code = "complaint-closed"
    title = Text(
        kk="Шағымның күйі бұған жол бермейді",
        ru="Состояние жалобы этого не позволяет",
        en="The state of the complaint does not allow this",
    )


class WrongRole(Forbidden):
    """Somebody in another role does this. ``role`` and ``clause`` say who, and where it stands."""

    code = "wrong-role"
    title = Text(
        kk="Бұл әрекетті басқа лауазымды адам орындайды",
        ru="Это действие выполняет другое должностное лицо",
        en="Another role does this",
    )


def _reading_order(fault: RegulationFault) -> tuple[str, list[tuple[str, int]], str]:
    """By file, then by path with ``steps[9]`` before ``steps[10]``."""
    numbered = [(word, int(number or 0)) for word, number in re.findall(r"([^0-9]+)([0-9]*)", fault.path)]
    return fault.file, numbered, fault.message


class WrongState(Conflict):
    """The matter, or the visit, stands elsewhere; ``state`` says where."""

    code = "wrong-state"
    title = Text(
        kk="Өтініштің күйі бұған жол бермейді",
        ru="Состояние дела этого не позволяет",
        en="The state of the matter does not allow this",
    )

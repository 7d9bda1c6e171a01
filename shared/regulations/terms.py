"""Time in a regulation: durations, terms, office hours, and the provider's procedure with its roles.

Units are the law's own and are never converted: working days stay working days.
"""

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.kit.text import Language
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Part, quoted

Unit = Literal["minutes", "hours", "working_hours", "working_days", "calendar_days", "days_unspecified", "months"]
Bound = Literal["stated", "max", "min", "range", "schedule"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[time, BeforeValidator(quoted)]


class Role(StrEnum):
    """Who acts inside the provider, as far as the texts name anyone."""

    RECIPIENT = "recipient"
    OFFICE_WORKER = "office_worker"
    RESPONSIBLE_PERSON = "responsible_person"
    HEAD = "head"
    HEAD_OF_PROVIDER = "head_of_provider"
    HEAD_OR_AKIM = "head_or_akim"
    HEAD_OF_CENTRE_OR_AKIM = "head_of_centre_or_akim"
    AKIM = "akim"
    RESPONSIBLE_EXECUTOR = "responsible_executor"
    EMPLOYEE = "employee"
    SPECIALIST = "specialist"
    SPECIALISTS = "specialists"
    SPECIALISTS_AND_HEAD = "specialists_and_head"
    EDUCATION_DEPARTMENT_SPECIALIST = "education_department_specialist"
    PMPC_SPECIALISTS = "pmpc_specialists"
    PMP_COMMISSION = "pmp_commission"
    CENTRE_WORKER = "centre_worker"


class Duration(Part):
    """How long something takes in one variant of the service.

    ``value`` is ``None`` for a range (``minimum`` to ``maximum``) and where the text refers to a schedule of its own.
    ``stage`` numbers the parts of a variant that runs in stages; ``within`` is a wait inside it.
    """

    variant: Code = "default"
    value: int | None = Field(default=None, ge=0)
    unit: Unit | None = None
    bound: Bound = "stated"
    minimum: int | None = None
    maximum: int | None = None
    stage: int | None = None
    what: LawText | None = None
    starts: LawText | None = None
    within: "Duration | None" = None


class Term(Part):
    """A term of the service as a whole; ``channels`` empty: every channel."""

    kind: Literal["overall", "waiting", "service", "extension", "other"]
    duration: Duration
    clause: Clause
    channels: tuple[ChannelName, ...] = ()
    text: LawText | None = None


class Interval(Part):
    """A part of a day."""

    opens: TimeOfDay
    closes: TimeOfDay


class Hours(Part):
    """Working hours. ``acceptance``: the narrower window in which documents are taken and results given out."""

    days: tuple[Weekday, ...] = ()
    opens: TimeOfDay | None = None
    closes: TimeOfDay | None = None
    lunch: Interval | None = None
    acceptance: Interval | None = None
    round_the_clock: bool = False
    except_holidays: bool = True


class Schedule(Part):
    """Hours of one or more channels: ``hours`` are applied, ``stated`` is what each language version says."""

    channels: tuple[ChannelName, ...] = Field(min_length=1)
    clause: Clause
    hours: Hours
    stated: dict[Language, Hours] = {}
    pre_booking: bool | None = None
    accelerated: bool | None = None
    note: str | None = None


class ProcedureStep(Part):
    """One step of the provider's internal procedure.

    ``role`` is ``None`` where the text names nobody, and where the languages name different people (``stated``).
    """

    n: int = Field(ge=1)
    role: Role | None
    stated: dict[Language, Role] = {}
    action: LawText
    durations: tuple[Duration, ...] = ()
    clause: Clause
    only_in: tuple[Language, ...] = ()
    note: str | None = None

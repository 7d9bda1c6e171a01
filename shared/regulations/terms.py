"""Time in a regulation: durations, terms, office hours, and the provider's procedure with its roles.

Units are the law's own and are never converted: working days stay working days.
"""

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from shared.kit.text import Language
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Part, Pointer, quoted

Unit = Literal["minutes", "hours", "working_hours", "working_days", "calendar_days", "days_unspecified", "months"]
Bound = Literal["stated", "max", "min", "range", "schedule"]
CountedFrom = Literal["previous_step", "registration", "submission", "field"]
DEFAULT = "default"
"""The variant of a duration or an application that no case is set apart for."""
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
    ``stage`` numbers the parts of a variant that runs in stages; ``within`` is a wait inside it. ``counted_from``: what
    starts it, by default the end of the step before (in a procedure) or the registration (of a term as a whole);
    ``field`` is then the date in the form. ``leaves_out``: days that are not counted. ``days_of_month``: of a schedule
    that is not among the texts, the stand's own: the days on which it is done, the next working day if it is a day off.
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
    counted_from: CountedFrom | None = None
    field: Pointer | None = None
    leaves_out: tuple[Literal["acceptance_day", "issue_day"], ...] = ()
    days_of_month: tuple[Annotated[int, Field(ge=1, le=28)], ...] = ()


class Act(StrEnum):
    """What is done in a step of a provider's procedure. Each word is implemented once, for every regulation."""

    SUBMIT = "submit"
    """The recipient hands the application and documents in; data are compared with originals, which are given back."""
    REGISTER = "register"
    """Entered in the register of public services and put under control of the term."""
    GIVE_RECEIPT = "give_receipt"
    """The receipt for the documents is given."""
    RESOLVE = "resolve"
    """The head determines by resolution who executes."""
    EXAMINE = "examine"
    """The documents are checked and it is found out whether the service is rendered or refused."""
    CONCLUDE_CONTRACT = "conclude_contract"
    """A contract with the recipient is concluded and handed over."""
    ASSESS = "assess"
    """A group or commission assesses the needs of the recipient."""
    RENDER = "render"
    """The service itself is rendered over time, such as a course of correction."""
    PLACE_ON_QUEUE = "place_on_queue"
    """The child is put on the queue."""
    RECORD = "record"
    """An entry in a book of its own, such as the book of duplicates."""
    FORMALISE = "formalise"
    """The document of the result is prepared."""
    PASS_ON = "pass_on"  # noqa: S105 - a word of the texts, not a password
    """The prepared result is passed on for signature."""
    SIGN = "sign"
    """The authorised person signs the act."""
    SEAL = "seal"
    """The seal is put."""
    ISSUE = "issue"
    """The result is given or sent to the recipient."""


class Term(Part):
    """A term of the service as a whole; ``channels`` empty: every channel. ``notice``: of telling the recipient in
    writing that the work was extended. ``course``: of what the service lets begin when its result is given."""

    kind: Literal["overall", "waiting", "service", "extension", "notice", "course", "other"]
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
    """Hours of one or more channels: ``hours`` are applied, ``stated`` is what each language version says.
    ``after_hours``: what comes outside the provider's hours is taken, and its result given, on the next working day."""

    channels: tuple[ChannelName, ...] = Field(min_length=1)
    clause: Clause
    hours: Hours
    stated: dict[Language, Hours] = {}
    pre_booking: bool | None = None
    accelerated: bool | None = None
    after_hours: Literal["next_working_day"] | None = None
    note: str | None = None


class ProcedureStep(Part):
    """One step of the provider's internal procedure.

    ``role`` is ``None`` where the text names nobody, and where the languages name different people (``stated``);
    ``acts_as`` is then who does it here. ``channels``: where it is taken, empty for every channel. ``actor``: ``csc``
    for a step that people of the centre take, which the channel's own flow has. ``of_the_stand``: the text describes no
    steps, and somebody has to do the work; the summary leaves such a step out.
    """

    n: int = Field(ge=1)
    role: Role | None
    stated: dict[Language, Role] = {}
    acts_as: Role | None = None
    acts: tuple[Act, ...] = ()
    actor: Literal["provider", "csc"] = "provider"
    channels: tuple[ChannelName, ...] = ()
    action: LawText
    durations: tuple[Duration, ...] = ()
    clause: Clause
    only_in: tuple[Language, ...] = ()
    of_the_stand: bool = False
    note: str | None = None

    def durations_of(self, variant: str) -> tuple[Duration, ...]:
        """How long it takes in ``variant``: its own durations, in the order of their stages, else the default ones."""
        own = [duration for duration in self.durations if duration.variant == variant]
        found = own or [duration for duration in self.durations if duration.variant == DEFAULT]
        return tuple(sorted(found, key=lambda duration: duration.stage or 0))

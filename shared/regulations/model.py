"""A regulation of a public service as data: what the law says, in the shape the services use.

One file of ``data/`` is one ``Regulation``. Everything is frozen; a mapping keeps the order of its file.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.kit.text import Language
from shared.messages.registry import Part as RecordPart
from shared.messages.systems import System
from shared.regulations.actions import Action
from shared.regulations.checks import Check
from shared.regulations.fields import Form
from shared.regulations.intake import Consent, ElectronicQueue, Originals, ReceiptForm, Representation, Storage
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Outcome, Part
from shared.regulations.registries import Finding, RegistryQuery
from shared.regulations.terms import Duration, ProcedureStep, Schedule, Term

RegulationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", max_length=120)]


class Source(Part):
    """The act: where the regulation stands and on which standard it rests."""

    act: Literal["regulation", "standard", "requirements"]
    issuer: LawText
    approved_by: LawText | None = None
    number: str | None = None
    adopted_on: date | None = None
    annex: str | None = None
    registration_number: str | None = None
    registered_on: date | None = None
    repealed_by: str | None = None
    repealed_on: date | None = None
    standard: LawText | None = None
    standard_number: str | None = None
    standard_adopted_on: date | None = None


class Provider(Part):
    """Who renders the service."""

    name: LawText
    clause: Clause | None = None


class Recipients(Part):
    """Who may receive the service and what it costs."""

    persons: tuple[Literal["natural", "legal"], ...] = ()
    fee: Literal["free", "paid_or_free"] | None = None
    clause: Clause | None = None


class Restriction(Part):
    """Who or what a channel is limited to."""

    text: LawText
    clause: Clause


class Document(Part):
    """A document the standard asks for.

    ``required``: ``always`` from the recipient; ``if_claimed`` when the field ``claimed_by`` is filled, or has the
    value ``claimed_value``; ``from_registry``: its data are taken from a state information system and nothing is asked
    for, unless the registry has none and ``otherwise`` says in which form it is then handed in.
    ``registry`` is the part of the person's record that stands for it, ``registry_after`` the day after which it has to
    be issued for that.
    """

    code: Code
    name: LawText
    required: Literal["always", "if_claimed", "from_registry"]
    kind: Literal["signed_request", "scan", "paper", "data"]
    source: str = Field(min_length=1)
    clause: Clause
    claimed_by: str | None = None
    claimed_value: str | None = None
    registry: RecordPart | None = None
    registry_after: date | None = None
    otherwise: Literal["paper"] | None = None
    note: str | None = None


class Step(Part):
    """One node of a channel's flow.

    ``actor`` is the system that does it and journals it, ``person`` the one who does it there, if the text names one.
    Without ``next`` the following step in the list comes next; ``terminal`` says how the run ends.
    ``inside``: the text has this step in the list item of another one, so the law's own list does not count it.
    ``instead_of``: an end that the text states outside its list; it may be taken when one of these steps is due.
    ``gives``: the result kind of this end, if it is not the one the channel's outcomes name.
    ``procedure``: the steps of the provider's procedure a ``run_procedure`` step covers, empty for all.
    """

    id: Code
    action: Action
    actor: System
    person: Literal["recipient", "operator", "officer"] | None = None
    clause: Clause
    text: LawText
    on_fail: Code | None = None
    next: Code | None = None
    terminal: Outcome | None = None
    optional: bool = False
    inside: Code | None = None
    instead_of: tuple[Code, ...] = ()
    gives: Code | None = None
    durations: tuple[Duration, ...] = ()
    procedure: tuple[int, ...] = ()
    note: str | None = None


class Channel(Part):
    """One way to the service. ``outcomes`` names the result kind of each way a run of it can end."""

    title: LawText
    clause: Clause
    urls: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    documents: tuple[Document, ...] = ()
    form: Form | None = None
    steps: tuple[Step, ...] = ()
    outcomes: dict[Outcome, Code] = {}
    registry_queries: tuple[RegistryQuery, ...] = ()
    representation: Representation | None = None
    receipts: tuple[ReceiptForm, ...] = ()
    consent: Consent | None = None
    originals: Originals | None = None
    electronic_queue: ElectronicQueue | None = None
    storage: Storage | None = None
    note: str | None = None

    def step(self, step_id: str) -> Step | None:
        """The step of that id, or ``None``."""
        return next((step for step in self.steps if step.id == step_id), None)

    def receipt(self, kind: Literal["acceptance", "refusal"]) -> ReceiptForm | None:
        """The receipt of that kind, or ``None``."""
        return next((receipt for receipt in self.receipts if receipt.kind == kind), None)

    def result_of(self, step_id: str) -> str | None:
        """The result kind the recipient gets when a run ends with that step; ``None`` if it does not end a run."""
        step = self.step(step_id)
        if step is None or step.terminal is None:
            return None
        return step.gives or self.outcomes[step.terminal]


class ResultKind(Part):
    """What comes out of the service: the result, or the message that refuses it."""

    kind: Code
    name: LawText
    forms: tuple[Literal["electronic", "paper"], ...] = Field(min_length=1)
    is_refusal: bool = False
    delivery: dict[ChannelName, LawText] = {}
    clause: Clause


class Ground(Part):
    """A ground for refusal, found at a condition of the named channels or at an end outside the list.

    ``category`` is the law's own ground; the code says which fact it is. Without ``check`` the ground is established by
    the step itself or by an officer. ``findings``: what registries may answer that falls under it.
    """

    code: Code
    category: Literal["recipient_data", "signature", "documents", "basis", "package"]
    text: LawText
    clause: Clause
    channels: tuple[ChannelName, ...] = Field(min_length=1)
    step: Code
    check: Check | None = None
    findings: tuple[Finding, ...] = ()


class Queue(Part):
    """The numbered queue the service places people on."""

    code: Code
    name: LawText
    gapless: bool


class Note(Part):
    """Where the texts differ or are silent: what each says (in English) and what this project does."""

    code: Code
    kind: Literal["kk_vs_ru", "internal", "slip", "silent"]
    topic: str = Field(min_length=1)
    clause: Clause
    says: dict[Language, str] = {}
    choice: str = Field(min_length=1)


class Regulation(Part):
    """One regulation: everything the services need to render one public service."""

    id: RegulationId
    title: LawText
    service: LawText
    source: Source
    provider: Provider
    recipients: Recipients
    modes: tuple[Literal["electronic", "paper", "proactive"], ...] = ()
    channels: dict[ChannelName, Channel] = Field(min_length=1)
    results: tuple[ResultKind, ...] = ()
    grounds: tuple[Ground, ...] = ()
    terms: tuple[Term, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    procedure: tuple[ProcedureStep, ...] = ()
    queue: Queue | None = None
    notes: tuple[Note, ...] = ()

    def channel(self, name: str) -> Channel:
        """The channel of that name; raises ``KeyError`` if the regulation has none."""
        for known, channel in self.channels.items():
            if known == name:
                return channel
        raise KeyError(f"{self.id} has no channel {name!r}")

    def result(self, kind: str) -> ResultKind | None:
        """The result of that kind, or ``None``."""
        return next((result for result in self.results if result.kind == kind), None)

    def ground(self, code: str, channel: str | None = None) -> Ground | None:
        """The ground of that code, in ``channel`` if one is named, or ``None``."""
        found = (ground for ground in self.grounds if ground.code == code)
        return next((ground for ground in found if channel is None or channel in ground.channels), None)

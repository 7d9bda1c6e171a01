"""A regulation of a public service as data: what the law says, in the shape the services use.

One file of ``data/`` is one ``Regulation``. Everything is frozen; a mapping keeps the order of its file.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from shared.kit.text import Language
from shared.messages.registry import Part as RecordPart
from shared.messages.systems import System
from shared.regulations.actions import Action
from shared.regulations.annexes import Annex
from shared.regulations.checks import Check, FormCheck
from shared.regulations.complaints import Complaints
from shared.regulations.fields import Form
from shared.regulations.information import Information
from shared.regulations.intake import Consent, ElectronicQueue, Originals, ReceiptForm, Representation, Storage
from shared.regulations.measures import QualityMeasures
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Outcome, Part, Pointer
from shared.regulations.places import Place, Places
from shared.regulations.registries import Condition, Finding, RegistryQuery
from shared.regulations.results import ResultForm
from shared.regulations.source import LegalBasis, Mode, Source
from shared.regulations.terms import DEFAULT, Duration, ProcedureStep, Schedule, Term

RegulationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", max_length=120)]


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
    """Who or what a channel is limited to.

    ``check`` is met by whoever may use the channel; a form that does not meet it is not taken there. Without one the
    restriction is kept by the channel itself (a signature, a registered device), as ``kept_by`` says.
    """

    text: LawText
    clause: Clause
    check: FormCheck | None = None
    kept_by: str | None = None


class Exclusion(Part):
    """Ways to the service that the text says it is not rendered through, in its own words."""

    channels: tuple[ChannelName, ...] = Field(min_length=1)
    text: LawText
    clause: Clause


class Variant(Part):
    """A case that the text sets apart, chosen by the facts of the application.

    It fits in its ``channels`` (empty: in every one) when all of ``when`` are met. ``gives`` names the result kinds
    that are not those of the channel. The first variant of the file that fits is taken.
    """

    code: Code
    name: LawText
    clause: Clause
    channels: tuple[ChannelName, ...] = ()
    when: tuple[Condition, ...] = ()
    gives: dict[Outcome, Code] = {}
    note: str | None = None

    def fits(self, channel: str, facts: Mapping[str, Any]) -> bool:
        """Whether an application of ``channel`` with these facts is this case."""
        return (not self.channels or channel in self.channels) and all(known.met(facts) for known in self.when)


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
    ``procedure``: the steps of the provider's procedure a ``run_procedure`` step covers, empty for all that the channel
    has.
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
    """One way to the service.

    ``outcomes`` names the result kind of each way a run of it can end, ``alternatives`` others that the provider may
    give instead, by what it finds out while it works and no form can tell.
    """

    title: LawText
    clause: Clause
    urls: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    documents: tuple[Document, ...] = ()
    form: Form | None = None
    steps: tuple[Step, ...] = ()
    outcomes: dict[Outcome, Code] = {}
    alternatives: dict[Outcome, tuple[Code, ...]] = {}
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
    form: ResultForm | None = None
    clause: Clause


class Ground(Part):
    """A ground for refusal, found at a condition of the named channels or at an end outside the list.

    ``category`` is the law's own ground; the code says which fact it is. Without ``check`` the ground is established by
    the step itself or by an officer. ``findings``: what registries may answer that falls under it. ``unstated``: the
    text lets the authority refuse, but gives no ground; the officer writes the reasons. ``variants``: the cases it is
    stated for, empty for every one. ``remedy``: what the text says the recipient may do about it.
    """

    code: Code
    category: Literal["recipient_data", "signature", "documents", "basis", "package", "consent", "unstated"]
    text: LawText
    clause: Clause
    channels: tuple[ChannelName, ...] = Field(min_length=1)
    step: Code
    variants: tuple[Code, ...] = ()
    check: Check | None = None
    findings: tuple[Finding, ...] = ()
    remedy: LawText | None = None


class AgeLimit(Part):
    """Until which birthday the queue is for a child; ``field`` of the form has the date of birth."""

    years: int = Field(ge=1, le=100)
    field: Pointer
    clause: Clause


class Queue(Part):
    """The numbered queue the service places people on. ``under``: whoever reaches that age leaves it."""

    code: Code
    name: LawText
    gapless: bool
    under: AgeLimit | None = None


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
    legal_basis: LegalBasis | None = None
    modes: tuple[Mode, ...] = ()
    channels: dict[ChannelName, Channel] = Field(min_length=1)
    exclusions: tuple[Exclusion, ...] = ()
    results: tuple[ResultKind, ...] = ()
    grounds: tuple[Ground, ...] = ()
    terms: tuple[Term, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    procedure: tuple[ProcedureStep, ...] = ()
    variants: tuple[Variant, ...] = ()
    queue: Queue | None = None
    places: Places | None = None
    information: tuple[Information, ...] = ()
    annexes: tuple[Annex, ...] = ()
    complaints: Complaints | None = None
    quality: QualityMeasures | None = None
    notes: tuple[Note, ...] = ()

    def channel(self, name: str) -> Channel:
        """The channel of that name; raises ``KeyError`` if the regulation has none."""
        for known, channel in self.channels.items():
            if known == name:
                return channel
        raise KeyError(f"{self.id} has no channel {name!r}")

    def exclusion(self, name: str) -> Exclusion | None:
        """Where the text itself says that the service is not rendered through that channel, or ``None``."""
        return next((excluded for excluded in self.exclusions if name in excluded.channels), None)

    def result(self, kind: str) -> ResultKind | None:
        """The result of that kind, or ``None``."""
        return next((result for result in self.results if result.kind == kind), None)

    def ground(self, code: str, channel: str | None = None) -> Ground | None:
        """The ground of that code, in ``channel`` if one is named, or ``None``."""
        found = (ground for ground in self.grounds if ground.code == code)
        return next((ground for ground in found if channel is None or channel in ground.channels), None)

    def place_of(self, form: Mapping[str, Any]) -> Place | None:
        """The place of the text's list that the form names, or ``None``."""
        return self.places.of(form) if self.places else None

    def variant_of(self, channel: str, facts: Mapping[str, Any]) -> str:
        """The code of the case an application is, ``default`` if the text sets none apart that fits.

        ``facts`` is the form; what the intake knows beside it stands under a key of its own (``centre``).
        """
        return next((known.code for known in self.variants if known.fits(channel, facts)), DEFAULT)

    def variant(self, code: str) -> Variant | None:
        """The variant of that code, or ``None`` (also for ``default``)."""
        return next((known for known in self.variants if known.code == code), None)

    def procedure_of(self, channel: str, numbers: tuple[int, ...] = ()) -> tuple[ProcedureStep, ...]:
        """The steps of the procedure that the provider's people take for an application of ``channel``, in order.

        ``numbers``: only these (``Step.procedure``), empty for all.
        """
        return tuple(
            step
            for step in self.procedure
            if step.actor == "provider"
            and (not step.channels or channel in step.channels)
            and (not numbers or step.n in numbers)
        )

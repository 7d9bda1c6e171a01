"""What is done in a task: each act of ``shared.regulations.terms.Act`` once, for every regulation.

An act that was done is not done again, so a task that had to wait in the middle is simply taken up again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.provider.domain.matter import MatterState, Ruling
from services.provider.service import results
from services.provider.service.context import REGISTER, Case
from services.provider.service.requests import queued_person
from shared.kit.clock import rfc3339
from shared.kit.errors import Transient, Unavailable
from shared.messages import application as payloads
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.regulations.terms import Act


@dataclass(frozen=True)
class Doing:
    """How a task is done: by whom (a login, or ``autopilot``), with what was decided or written in it."""

    by: str
    ruling: Ruling | None = None
    executor: str | None = None
    note: str | None = None


def register(case: Case, _doing: Doing) -> bool:
    """Enter the application in the register of public services, with the next number."""
    if case.matter.register_number is None:
        number, key = case.next_number(REGISTER)
        case.change(register_number=number, register_key=key)
    return True


def resolve(case: Case, doing: Doing) -> bool:
    """Assign it to the executor the head names, if any: else whoever has the role may do it."""
    if doing.executor is not None:
        case.change(executor=doing.executor)
    return True


def conclude_contract(case: Case, _doing: Doing) -> bool:
    """Conclude the contract with the recipient; its text is printed when asked for."""
    matter = case.matter
    if matter.contract is None and matter.decision != "refused":
        number, _ = case.next_number("contract")
        case.change(contract={"number": number, "concluded_at": rfc3339(case.work.now)})
    return True


def record(case: Case, _doing: Doing) -> bool:
    """Enter the result in the book of its own, such as the book of duplicates."""
    if case.matter.book_entry is None and case.matter.decision != "refused":
        number, _ = case.next_number("book")
        case.change(book_entry=number)
    return True


def place_on_queue(case: Case, _doing: Doing) -> bool:
    """Find a place for the child; if there is none, ask the regional gateway, which keeps the queue, for a number, and
    it is not done before that is there."""
    matter, queue = case.matter, case.regulation.queue
    if queue is None or matter.decision != "granted" or matter.placing is not None or matter.queue_number is not None:
        return True
    if matter.state == MatterState.IN_REVIEW and case.context.take_place(case):
        return True
    if case.matter.state == MatterState.IN_REVIEW:
        case.work.send(
            MessageType.QUEUE_PLACEMENT_REQUESTED,
            System.REGIONAL_GATEWAY,
            matter.application,
            payloads.QueuePlacementRequested(queue=queue.code, person_iin=queued_person(case.form)),
            regulation=matter.regulation,
        )
        case.matter = case.matter.await_placement(case.work.effects.sendings[-1].digest)
    return False


def formalise(case: Case, doing: Doing) -> bool:
    """Prepare the result. What the form has signed by whoever prepares it is signed with that; the rest by the
    authorised person, in a step of its own."""
    return results.signing_role(case.matter, case.regulation) is None or sign(case, doing)


def sign(case: Case, _doing: Doing) -> bool:
    """Form the act and sign it with the key of who signs it in the organisation whose act it is, mostly its authorised
    person."""
    if case.matter.act is not None:
        return True
    organisations = case.context.organisations
    organisation = organisations.signing_for(case.organisation, case.regulation.id)
    try:
        signatory = organisations.signatory(organisation, results.signing_role(case.matter, case.regulation))
    except Unavailable as missing:
        # A message is tried again until the key is there; who asks over HTTP is told so.
        if case.work.cause is not None:
            raise Transient(missing.detail) from missing
        raise
    url = case.context.verification_url
    fields = results.act_fields(
        case.matter, case.regulation, organisation, case.form, case.calendar, url, case.work.now
    )
    case.matter = case.matter.signed(results.sign_act(fields, signatory, case.work.now))
    return True


def seal(case: Case, _doing: Doing) -> bool:
    """Put the seal on what the authorised person has signed."""
    case.change(sealed=results.signing_role(case.matter, case.regulation) is None)
    return True


def nothing_more(_case: Case, _doing: Doing) -> bool:
    """The act leaves no trace but the task's own: what was handed in, examined, assessed, rendered, passed on."""
    return True


ACTS: Mapping[Act, Callable[[Case, Doing], bool]] = {
    Act.SUBMIT: nothing_more,
    Act.REGISTER: register,
    Act.GIVE_RECEIPT: nothing_more,
    Act.RESOLVE: resolve,
    Act.EXAMINE: nothing_more,
    Act.CONCLUDE_CONTRACT: conclude_contract,
    Act.ASSESS: nothing_more,
    Act.RENDER: nothing_more,
    Act.PLACE_ON_QUEUE: place_on_queue,
    Act.RECORD: record,
    Act.FORMALISE: formalise,
    Act.PASS_ON: nothing_more,
    Act.SIGN: sign,
    Act.SEAL: seal,
    Act.ISSUE: nothing_more,
}
"""What each act does. True: it is done; false: something has to come first. The decision falls at the beginning of its
task, and what is issued leaves with the last task, so both have nothing of their own here."""

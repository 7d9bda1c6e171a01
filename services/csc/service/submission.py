"""Processes 5 and 6: the operator certifies the request with their own certificate, and it leaves for the regional
gateway."""

import base64
import binascii
from dataclasses import dataclass

from services.csc.domain.documents import SignedRequest
from services.csc.domain.enquiry import Enquiry
from services.csc.domain.hours import ready_by
from services.csc.domain.matter import Matter, State
from services.csc.domain.papers import Signer, missing, registry_documents, request_document, scans, unfinished
from services.csc.domain.people import Operator
from services.csc.domain.visits import Counter
from services.csc.errors import OperatorCertificateRefused, PackageIncomplete, SignatureMismatch, WrongState
from services.csc.repository import COUNTERS, MATTERS, SIGNED_REQUESTS, queries
from services.csc.service.context import CHANNEL, Context, checked_id, log_look
from services.csc.service.operators import Operators
from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.certificates import Certificate
from shared.crypto.cms import read_signature
from shared.crypto.policy import SignedByBIN
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import check_document_signature, verify_person_certificate
from shared.kit.errors import Conflict, InvalidInput, Unavailable
from shared.messages.application import ApplicationSubmitted
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.steps import take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action


@dataclass(frozen=True)
class Certified:
    """A request with the operator's signature: bytes, detached CMS, certificate, and the report on the certificate."""

    content: bytes
    der: bytes
    certificate: Certificate
    report: ValidationReport


@dataclass(frozen=True)
class _Draft:
    matter: Matter
    enquiries: list[Enquiry]
    content: bytes


class Submission:
    """Use cases of certifying and sending."""

    def __init__(self, context: Context, operators: Operators) -> None:
        self._context = context
        self._operators = operators

    async def document(self, operator: Operator, matter_id: str) -> bytes:
        """The bytes to sign: canonical JSON (RFC 8785). Raises ``NotFound``, ``WrongState``, ``PackageIncomplete``
        naming all that is missing."""
        draft = await self._draft(operator, matter_id)
        async with self._context.platform.runtime.work([]) as work:
            log_look(work, operator, draft.matter, "document_read")
        return draft.content

    async def sign(self, operator: Operator, matter_id: str) -> Certified:
        """Sign at the workplace with the operator's own key; nothing is sent.

        Raises as ``document``; ``OperatorCertificateRefused`` if the certificate does not pass now, ``Unavailable`` if
        that could not be found out.
        """
        draft = await self._draft(operator, matter_id)
        signatory = self._operators.signatory(operator)
        identity = signatory.identity
        report = await self._check_certificate(operator, identity.certificate)
        at = self._context.clock.now()
        der = sign_document(draft.content, identity.key, identity.certificate, signatory.chain, at)
        async with self._context.platform.runtime.work([]) as work:
            log_look(work, operator, draft.matter, "signed")
        return Certified(draft.content, der, identity.certificate, report)

    async def submit(self, operator: Operator, matter_id: str, signature: str | None) -> Matter:
        """Process 6: the certified request leaves through the gateway; sent already, the answer is the same. Without
        ``signature`` (DER in base64) it is made at the workplace.

        Raises as ``sign``; ``SignatureMismatch`` if the signature is not the operator's over exactly these bytes.
        """
        matter = await self._context.own(operator, matter_id)
        if matter.message_id is not None:
            return matter
        draft = await self._draft(operator, matter_id)
        if signature is None:
            certified = await self.sign(operator, matter_id)
        else:
            certified = await self._certified(operator, draft, signature)
        if certified.content != draft.content:
            raise Conflict("the matter was changed while it was being submitted")
        return await self._send(operator, draft, certified)

    async def _draft(self, operator: Operator, matter_id: str) -> _Draft:
        matter = await self._context.own(operator, matter_id)
        if matter.state is not State.COMPLETING:
            raise WrongState(f"the matter is {matter.state.value}", state=matter.state.value)
        async with self._context.platform.database.session() as session:
            enquiries = await queries.enquiries_of(session, matter)
        return _Draft(matter, enquiries, self._content(operator, matter, enquiries))

    def _content(self, operator: Operator, matter: Matter, enquiries: list[Enquiry]) -> bytes:
        _, channel = self._context.law_of(matter)
        lacking, left = missing(matter, channel, enquiries), unfinished(matter)
        if lacking or left:
            detail = "documents are missing" if lacking else "documents are not compared, scanned and given back yet"
            raise PackageIncomplete(detail, missing=lacking, unfinished=left)
        centre = self._context.centres[operator.centre]
        signer = Signer(operator.login, operator.name, centre.code, centre.bin, centre.name.model_dump())
        return canonical_json(request_document(matter, channel, enquiries, signer))

    async def _certified(self, operator: Operator, draft: _Draft, signature: str) -> Certified:
        try:
            der = base64.b64decode("".join(signature.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            message = "the signature is DER in base64"
            raise InvalidInput(message, faults=[{"in": "body", "path": "/signature", "message": message}]) from error
        read = read_signature(der)
        report = await self._check_certificate(operator, read.certificate)
        made = ValidationReport.of((check_document_signature(draft.content, read),))
        if not made.passed:
            raise SignatureMismatch("the signature is not one over the bytes of the document", report=made.as_dict())
        return Certified(draft.content, der, read.certificate, report)

    async def _check_certificate(self, operator: Operator, certificate: Certificate) -> ValidationReport:
        """Term, revocation by OCSP at this moment, and that it is this operator's of this centre."""
        platform = self._context.platform
        if platform.directory.anchors is None:
            await platform.directory.ensure(())
        anchors = platform.directory.anchors
        if anchors is None:
            raise Unavailable("the certificate authority does not answer; the certificate could not be checked")
        revocation = await platform.authority.revocation(certificate)
        at = self._context.clock.now()
        report = verify_person_certificate(certificate, anchors=anchors, revocation=revocation, at=at, iin=operator.iin)
        if report.passed:
            of_centre = SignedByBIN(self._context.centres[operator.centre].bin)
            report = ValidationReport.of((*report.checks, of_centre(certificate)))
        if report.indication is Indication.INDETERMINATE:
            raise Unavailable("the certificate could not be checked now; try again", report=report.as_dict())
        if not report.passed:
            raise OperatorCertificateRefused(
                "the operator's certificate does not pass; nothing was sent", report=report.as_dict()
            )
        return report

    async def _send(self, operator: Operator, draft: _Draft, certified: Certified) -> Matter:
        matter_id, now = checked_id(draft.matter.id), self._context.clock.now()
        counter = number_counter(operator.centre, now.astimezone(self._context.zone).year)
        async with self._context.platform.runtime.work([(MATTERS, matter_id), (COUNTERS, counter)]) as work:
            matter = self._context.owned(work.get(MATTERS, matter_id), operator)
            if matter.message_id is not None:
                return matter
            if self._content(operator, matter, draft.enquiries) != certified.content:
                raise Conflict("the matter was changed while it was being submitted")
            return self._put_submission(work, operator, matter, draft.enquiries, certified)

    def _put_submission(
        self, work: Work, operator: Operator, matter: Matter, enquiries: list[Enquiry], certified: Certified
    ) -> Matter:
        regulation, channel = self._context.law_of(matter)
        content, signature = certified.content.decode(), base64.b64encode(certified.der).decode()
        extracts = registry_documents(channel, enquiries, matter.form or {})
        named = [*scans(matter), *(item.as_attachment() for item in extracts)]
        take_step(work, regulation, CHANNEL, Action.COMPLETE_REQUEST, matter.id)
        message = work.send(
            MessageType.APPLICATION_SUBMITTED,
            System.REGIONAL_GATEWAY,
            matter.id,
            ApplicationSubmitted(
                channel=CHANNEL,
                document=SignedDocument(content=content, signature=signature),
                attachments=tuple(
                    AttachmentReference(
                        **item, href=f"{self._context.settings.public_url}/attachments/{item['sha256']}"
                    )
                    for item in named
                ),
            ),
            regulation=regulation.id,
        )
        digest = work.effects.sendings[-1].digest
        take_step(work, regulation, CHANNEL, Action.SEND_REQUEST, matter.id, message_id=message.id)
        sent = matter.submitted(
            next_number(work, operator.centre, self._context),
            operator.login,
            ready_by(regulation, CHANNEL, work.now, self._context.opening),
            (message.id, digest),
            work.now,
        )
        work.put(MATTERS, sent)
        work.put(
            SIGNED_REQUESTS,
            SignedRequest(
                matter.id,
                content,
                signature,
                certified.certificate.der,
                certified.report.as_dict(),
                operator.login,
                work.now,
            ),
        )
        work.touch(matter.id)
        return sent


def number_counter(centre: str, year: int) -> str:
    """Name of the counter of a centre's receipt numbers in a calendar year."""
    return f"receipts:{centre}:{year}"


def next_number(work: Work, centre: str, context: Context) -> str:
    """The next number of a receipt, e.g. ``ALMALY-2026-000001``. Its counter has to be loaded."""
    year = work.now.astimezone(context.zone).year
    name = number_counter(centre, year)
    counter = (work.get(COUNTERS, name) or Counter(name)).next()
    work.put(COUNTERS, counter)
    return f"{centre.upper()}-{year}-{counter.last:06d}"

"""Process 5: the request as an electronic document, certified by the operator with their own certificate."""

from dataclasses import dataclass

from services.csc.domain.course import course_of
from services.csc.domain.matter import Matter
from services.csc.domain.papers import Signer, missing, request_document, unfinished
from services.csc.domain.people import Operator
from services.csc.errors import ConsentMissing, OperatorCertificateRefused, PackageIncomplete, SignatureMismatch
from services.csc.repository import queries
from services.csc.service.context import Context, log_look
from services.csc.service.operators import Operators
from shared.crypto.cades import sign_document
from shared.crypto.canonical import canonical_json
from shared.crypto.certificates import Certificate
from shared.crypto.cms import decode_signature, read_signature
from shared.crypto.constraints import handing_over_fault
from shared.crypto.policy import SignedByBIN
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import check_document_signature, check_signing_time, verify_person_certificate
from shared.kit.errors import Conflict, Unavailable
from shared.regulations.actions import Action
from shared.regulations.enquiry import Enquiry
from shared.regulations.registries import due


@dataclass(frozen=True)
class Certified:
    """A request with the operator's signature: bytes, detached CMS, certificate, and the report on the certificate."""

    content: bytes
    der: bytes
    certificate: Certificate
    report: ValidationReport


@dataclass(frozen=True)
class Draft:
    """A matter whose package is complete, with the bytes that are to be signed."""

    matter: Matter
    enquiries: list[Enquiry]
    content: bytes


class Certification:
    """Use cases of certifying; nothing is sent here."""

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
        certified = await self.at_the_workplace(operator, draft.content)
        async with self._context.platform.runtime.work([]) as work:
            log_look(work, operator, draft.matter, "signed")
        return certified

    async def at_the_workplace(self, operator: Operator, content: bytes) -> Certified:
        """``content`` signed with the operator's own key. Raises ``OperatorCertificateRefused``, ``Unavailable``."""
        signatory = self._operators.signatory(operator)
        identity = signatory.identity
        report = await self._check_certificate(operator, identity.certificate)
        at = self._context.clock.now()
        der = sign_document(content, identity.key, identity.certificate, signatory.chain, at)
        return Certified(content, der, identity.certificate, report)

    async def certify(self, operator: Operator, matter_id: str, signature: str | None) -> tuple[Draft, Certified]:
        """The complete package with the operator's signature: the one given, else one made at the workplace. Raises as
        ``sign``, ``SignatureMismatch``, ``Conflict`` if the matter was changed meanwhile."""
        draft = await self._draft(operator, matter_id)
        if signature is None:
            certified = await self.sign(operator, matter_id)
        else:
            certified = await self._certified(operator, draft, signature)
        if certified.content != draft.content:
            raise Conflict("the matter was changed while it was being submitted")
        return draft, certified

    async def _draft(self, operator: Operator, matter_id: str) -> Draft:
        matter = await self._context.own(operator, matter_id)
        self._must_be_acceptable(matter)
        async with self._context.platform.database.session() as session:
            enquiries = await queries.enquiries_of(session, matter)
        return Draft(matter, enquiries, self.content(operator, matter, enquiries))

    def asks(self, matter: Matter) -> bool:
        """Whether registries are asked before the acceptance."""
        _, channel = self._context.law_of(matter)
        in_its_flow = Action.QUERY_REGISTRIES in course_of(channel).actions
        return in_its_flow or (matter.form is not None and bool(due(channel.registry_queries, matter.form)))

    def _must_be_acceptable(self, matter: Matter) -> None:
        """Everything that comes before the acceptance is done. Raises ``WrongState``, ``ConsentMissing``."""
        _, channel = self._context.law_of(matter)
        matter.must_be_acceptable(asks=self.asks(matter))
        if channel.consent is not None and matter.consent is None:
            raise ConsentMissing("record the written consent first")

    def content(self, operator: Operator, matter: Matter, enquiries: list[Enquiry]) -> bytes:
        """The bytes to sign. Raises ``PackageIncomplete``."""
        _, channel = self._context.law_of(matter)
        lacking, left = missing(matter, channel, enquiries), unfinished(matter)
        if lacking or left:
            detail = "documents are missing" if lacking else "documents are not compared, scanned and given back yet"
            raise PackageIncomplete(detail, missing=lacking, unfinished=left)
        centre = self._context.centres[operator.centre]
        signer = Signer(operator.login, operator.name, centre)
        return canonical_json(request_document(matter, channel, enquiries, signer))

    async def _certified(self, operator: Operator, draft: Draft, signature: str) -> Certified:
        der = decode_signature(signature)
        read = read_signature(der)
        report = await self._check_certificate(operator, read.certificate)
        lately = handing_over_fault(read.signing_time, read.certificate, self._context.clock)
        made = ValidationReport.of(
            (check_document_signature(draft.content, read), *check_signing_time(lately)),
        )
        if not made.passed:
            reason = made.failure.detail if made.failure else ""
            raise SignatureMismatch(f"the signature is not taken: {reason}", report=made.as_dict())
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

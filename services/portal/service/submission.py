"""Condition 2, process 4 and process 5: is the certificate in order? If so, the signed request leaves."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from services.portal.domain.application import Application, State
from services.portal.domain.documents import SignedRequest
from services.portal.domain.notices import Notice
from services.portal.errors import NotADraft, SignatureMismatch, SignatureNotConfirmed
from services.portal.repository import APPLICATIONS, NOTICES, SIGNED_REQUESTS
from services.portal.service.applications import Applications, request_bytes
from services.portal.service.context import CHANNEL, Context, checked_id, owned
from shared.crypto.certificates import Certificate
from shared.crypto.cms import DocumentSignature, read_signature
from shared.crypto.policy import SignedByCertificate
from shared.crypto.report import Indication, ValidationReport
from shared.crypto.verify import check_document_signature, verify_person_certificate
from shared.kit.errors import Conflict, InvalidInput, Unavailable
from shared.messages.application import ApplicationSubmitted
from shared.messages.payload import AttachmentReference, SignedDocument
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.steps import step_of, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.grounds import grounds_at
from shared.regulations.model import Regulation


@dataclass(frozen=True)
class _Signed:
    """A draft with the signature somebody put under it."""

    content: bytes
    der: bytes
    signature: DocumentSignature
    certificate: Certificate
    """The chosen registration certificate."""


class Submission:
    """Use cases of signing and sending."""

    def __init__(self, context: Context, applications: Applications) -> None:
        self._context = context
        self._applications = applications

    async def submit_application(
        self, iin: str, application_id: str, *, signature: str, certificate: str | None
    ) -> Application:
        """The recipient certifies the request and it is sent; asked again, the answer is the same.

        Raises ``NotFound``; ``ApplicationIncomplete``; ``InvalidInput`` for what is no signature or certificate;
        ``Unavailable`` if the certificate could not be checked and ``SignatureMismatch`` if the signature is not over
        these bytes, both leaving the draft as it was; ``SignatureNotConfirmed`` when condition 2 failed: the service is
        refused for good.
        """
        application = await self._context.own(iin, checked_id(application_id))
        if application.state is not State.DRAFT:
            return _already(application)
        self._applications.check_complete(application)
        signed = _read(request_bytes(application), signature, certificate)
        report = await self._check_certificate(signed.certificate, iin)
        if report.indication is Indication.FAILED:
            return await self._refuse(application, report)
        _check_signature(signed)
        return await self._send(application, signed, report)

    async def _check_certificate(self, certificate: Certificate, iin: str) -> ValidationReport:
        """Condition 2: term, revocation, and that the IIN of the request is the IIN of the certificate."""
        platform = self._context.platform
        if platform.directory.anchors is None:
            await platform.directory.ensure(())
        anchors = platform.directory.anchors
        if anchors is None:
            raise Unavailable("the certificate authority does not answer; the certificate could not be checked")
        revocation = await platform.authority.revocation(certificate)
        at = self._context.clock.now()
        report = verify_person_certificate(certificate, anchors=anchors, revocation=revocation, at=at, iin=iin)
        if report.indication is Indication.INDETERMINATE:
            raise Unavailable("the certificate could not be checked now; try again", report=report.as_dict())
        return report

    async def _refuse(self, seen: Application, report: ValidationReport) -> Application:
        """Process 4: the message that the service is refused, because the signature is not confirmed as genuine."""
        async with self._context.platform.runtime.work([(APPLICATIONS, seen.id)]) as work:
            application = _unchanged(work, seen)
            if application.state is State.DRAFT:
                application = self._put_refusal(work, application, report)
        return _already(application)

    def _put_refusal(self, work: Work, application: Application, report: ValidationReport) -> Application:
        regulation, _ = self._context.law_of(application)
        reason = report.failure
        detail = f"{reason.name}: {reason.sub_indication}" if reason else None
        take_step(work, regulation, CHANNEL, Action.FILL_REQUEST, application.id)
        take_step(work, regulation, CHANNEL, Action.CHECK_CERTIFICATE, application.id, passed=False, detail=detail)
        take_step(work, regulation, CHANNEL, Action.REFUSE_CERTIFICATE, application.id)
        step = step_of(regulation, CHANNEL, Action.REFUSE_CERTIFICATE)
        refusal = {"step": step.id, "clause": step.clause, "report": report.as_dict()}
        refused = application.signature_refused(refusal, work.now)
        work.put(APPLICATIONS, refused)
        notice = Notice(
            id=work.new_id(),
            iin=application.iin,
            application=application.id,
            kind="service-refused",
            text=step.text.model_dump(),
            created_at=work.now,
            clause=step.clause,
            grounds=_grounds(regulation, report),
        )
        work.put(NOTICES, notice)
        work.touch(application.id)
        return refused

    async def _send(self, seen: Application, signed: _Signed, report: ValidationReport) -> Application:
        """Process 5: the electronic document leaves through the gateway for the workplace of the regional gateway."""
        async with self._context.platform.runtime.work([(APPLICATIONS, seen.id)]) as work:
            application = _unchanged(work, seen)
            if application.state is State.DRAFT:
                application = self._put_submission(work, application, signed, report)
        return _already(application)

    def _put_submission(
        self, work: Work, application: Application, signed: _Signed, report: ValidationReport
    ) -> Application:
        regulation, _ = self._context.law_of(application)
        take_step(work, regulation, CHANNEL, Action.FILL_REQUEST, application.id)
        take_step(work, regulation, CHANNEL, Action.CHECK_CERTIFICATE, application.id, passed=True)
        content, signature = signed.content.decode(), base64.b64encode(signed.der).decode()
        payload = ApplicationSubmitted(
            channel=CHANNEL,
            document=SignedDocument(content=content, signature=signature),
            attachments=tuple(
                AttachmentReference(**item, href=f"{self._context.settings.public_url}/attachments/{item['sha256']}")
                for item in application.attachments
            ),
        )
        message = work.send(
            MessageType.APPLICATION_SUBMITTED,
            System.REGIONAL_GATEWAY,
            application.id,
            payload,
            regulation=regulation.id,
        )
        digest = work.effects.sendings[-1].digest
        take_step(work, regulation, CHANNEL, Action.SIGN_AND_SEND, application.id, message_id=message.id)
        sent = application.submitted(message.id, digest, work.now)
        work.put(APPLICATIONS, sent)
        work.put(
            SIGNED_REQUESTS,
            SignedRequest(application.id, content, signature, signed.certificate.der, report.as_dict(), work.now),
        )
        work.touch(application.id)
        return sent


def _unchanged(work: Work, seen: Application) -> Application:
    """The application under the lock. Meanwhile a twin of this call may have sent it, or another changed the draft."""
    application = owned(work.get(APPLICATIONS, seen.id), seen.iin)
    if application.state is State.DRAFT and (application.form, application.attachments) != (
        seen.form,
        seen.attachments,
    ):
        raise Conflict("the draft was changed while it was being submitted")
    return application


def _already(application: Application) -> Application:
    """The answer to a submission that was made: the application, or the refusal of process 4."""
    if application.message_id is not None:
        return application
    if application.closing is None:
        raise NotADraft(f"the application is {application.state.value}")
    raise SignatureNotConfirmed(
        "the service is refused: the certificate did not pass condition 2",
        application=application.id,
        **application.closing,
    )


def _read(content: bytes, signature: str, certificate: str | None) -> _Signed:
    try:
        der = base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        message = "the signature is DER in base64"
        raise InvalidInput(message, faults=[{"in": "body", "path": "/signature", "message": message}]) from error
    read = read_signature(der)
    chosen = Certificate.parse(certificate) if certificate is not None else read.certificate
    return _Signed(content, der, read, chosen)


def _check_signature(signed: _Signed) -> None:
    checks = (
        check_document_signature(signed.content, signed.signature),
        SignedByCertificate(signed.certificate)(signed.signature.certificate),
    )
    report = ValidationReport.of(checks)
    if not report.passed:
        raise SignatureMismatch("the signature is not one over the bytes of the document", report=report.as_dict())


def _grounds(regulation: Regulation, report: ValidationReport) -> list[dict[str, Any]]:
    """The law's grounds for process 4, each with what was found this time."""
    failure = report.failure
    return [
        {
            "code": ground.code,
            "text": ground.text.model_dump(),
            "clause": ground.clause,
            "detail": failure.as_dict() if failure else None,
        }
        for ground in grounds_at(regulation, CHANNEL, Action.CHECK_CERTIFICATE)
    ]

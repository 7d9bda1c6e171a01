"""Condition 2, process 4 and process 5: is the certificate in order? If so, the signed request leaves."""

from typing import Any

from services.portal.domain.application import Application, State
from services.portal.domain.notices import Notice
from services.portal.errors import NotADraft, SignatureNotConfirmed, WrongWay
from services.portal.repository import APPLICATIONS, NOTICES
from services.portal.service.applications import Applications, request_bytes
from services.portal.service.context import CHANNEL, Context, checked_id, owned
from services.portal.service.planning import case_of
from services.portal.service.sending import put_submission
from services.portal.service.signatures import Certified, Signatures, check_signature, read_signed
from shared.crypto.report import Indication, ValidationReport
from shared.kit.errors import Conflict
from shared.messaging.steps import find_step, step_of, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.grounds import grounds_at
from shared.regulations.model import Regulation


class Submission:
    """Use cases of signing and sending."""

    def __init__(self, context: Context, applications: Applications) -> None:
        self._context = context
        self._applications = applications
        self._signatures = Signatures(context)

    async def submit_application(
        self, iin: str, application_id: str, *, signature: str, certificate: str | None
    ) -> Application:
        """The recipient certifies the request and it is sent; asked again, the answer is the same.

        Raises ``NotFound``; ``ApplicationIncomplete``; ``InvalidInput`` for what is no signature or certificate;
        ``Unavailable`` if the certificate could not be checked and ``SignatureMismatch`` if the signature is not over
        these bytes, both leaving the draft as it was; ``SignatureNotConfirmed`` when condition 2 failed: the service is
        refused for good where the text has a step for it, else the draft stays; ``WrongWay`` for another channel's.
        """
        application = await self._context.own(iin, checked_id(application_id))
        if application.channel != CHANNEL:
            raise WrongWay("this request is confirmed from a registered device", channel=application.channel)
        if application.state is not State.DRAFT:
            return already_sent(application)
        self._applications.check_complete(application)
        signed = read_signed(request_bytes(application), signature, certificate)
        regulation, _ = self._context.law_of(application)
        if find_step(regulation, CHANNEL, Action.REFUSE_CERTIFICATE) is None:
            certified = await self._signatures.certified(signed, iin)
        else:
            report = await self._signatures.check_certificate(signed.certificate, iin)
            if report.indication is Indication.FAILED:
                return await self._refuse(application, report)
            check_signature(signed, self._context.clock)
            certified = Certified(signed.content, signed.der, signed.certificate, report.as_dict())
        return await self._send(application, certified)

    async def _refuse(self, seen: Application, report: ValidationReport) -> Application:
        """Process 4: the message that the service is refused, because the signature is not confirmed as genuine."""
        async with self._context.platform.runtime.work([(APPLICATIONS, seen.id)]) as work:
            application = unchanged(work, seen)
            if application.state is State.DRAFT:
                application = self._put_refusal(work, application, report)
        return already_sent(application)

    def _put_refusal(self, work: Work, application: Application, report: ValidationReport) -> Application:
        regulation, _ = self._context.law_of(application)
        reason = report.failure
        detail = f"{reason.name}: {reason.sub_indication}" if reason else None
        case = case_of(regulation, CHANNEL, application.form)
        check = Action.CHECK_CERTIFICATE
        take_step(work, regulation, CHANNEL, Action.FILL_REQUEST, application.id, variant=case)
        take_step(work, regulation, CHANNEL, check, application.id, passed=False, detail=detail, variant=case)
        take_step(work, regulation, CHANNEL, Action.REFUSE_CERTIFICATE, application.id, variant=case)
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

    async def _send(self, seen: Application, certified: Certified) -> Application:
        """Process 5: the electronic document leaves through the gateway for the workplace of the regional gateway."""
        async with self._context.platform.runtime.work([(APPLICATIONS, seen.id)]) as work:
            application = unchanged(work, seen)
            if application.state is State.DRAFT:
                application = put_submission(self._context, work, application, certified)
        return already_sent(application)


def unchanged(work: Work, seen: Application) -> Application:
    """The application under the lock. Meanwhile a twin of this call may have sent it, or another changed the draft."""
    application = owned(work.get(APPLICATIONS, seen.id), seen.iin)
    if application.state is State.DRAFT and (application.form, application.attachments) != (
        seen.form,
        seen.attachments,
    ):
        raise Conflict("the draft was changed while it was being submitted")
    return application


def already_sent(application: Application) -> Application:
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

"""The signed request leaves for the regional gateway, in whichever way the channel's text describes it.

The diagram of the portal has the recipient fill, the certificate checked and the request sent as steps of their own;
the short form has one step for all of it, and one for what the cabinet then shows.
"""

from datetime import datetime

from services.portal.domain.application import Application, Attachment
from services.portal.domain.documents import SignedRequest, SignedSupplement
from services.portal.domain.notices import Notice, status_text
from services.portal.repository import APPLICATIONS, NOTICES, SIGNED_REQUESTS, SIGNED_SUPPLEMENTS
from services.portal.service.context import Context
from services.portal.service.planning import case_of, planned
from services.portal.service.signatures import Certified
from shared.messages.application import ApplicationSubmitted, ApplicationSupplemented
from shared.messages.envelope import Message
from shared.messages.payload import AttachmentReference
from shared.messages.systems import System
from shared.messages.types import MessageType
from shared.messaging.steps import find_step, take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action
from shared.regulations.model import Regulation


def references(attachments: list[Attachment]) -> tuple[AttachmentReference, ...]:
    """The attachments, which other systems fetch here."""
    return tuple(AttachmentReference.kept_by(System.PORTAL, **item) for item in attachments)


def put_submission(context: Context, work: Work, application: Application, certified: Certified) -> Application:
    """Send the request, take the steps of its channel, and keep what was signed; the application as it is then."""
    regulation, _ = context.law_of(application)
    channel, case = application.channel, case_of(regulation, application.channel, application.form)
    diagram = find_step(regulation, channel, Action.SIGN_AND_SEND) is not None
    if diagram:
        take_step(work, regulation, channel, Action.FILL_REQUEST, application.id, variant=case)
        take_step(work, regulation, channel, Action.CHECK_CERTIFICATE, application.id, passed=True, variant=case)
    document = certified.document
    message = work.send(
        MessageType.APPLICATION_SUBMITTED,
        System.REGIONAL_GATEWAY,
        application.id,
        ApplicationSubmitted(channel=channel, document=document, attachments=references(application.attachments)),
        regulation=regulation.id,
    )
    digest = work.effects.sendings[-1].digest
    action = Action.SIGN_AND_SEND if diagram else _sending_action(channel)
    take_step(work, regulation, channel, action, application.id, message_id=message.id, variant=case)
    plan = planned(context, regulation, channel, application.form, work.now)
    sent = application.submitted(
        (message.id, digest), work.now, variant=case, counts_from=plan.counts_from, due_at=plan.due_at
    )
    work.put(APPLICATIONS, sent)
    work.put(
        SIGNED_REQUESTS,
        SignedRequest(
            application.id,
            document.content,
            document.signature,
            certified.certificate.der,
            certified.report,
            work.now,
        ),
    )
    if not diagram:
        show_acceptance(context, work, regulation, sent)
    work.touch(application.id)
    return sent


def _sending_action(channel: str) -> Action:
    return Action.SUBMIT_FROM_DEVICE if channel == "mobile" else Action.SUBMIT_REQUEST


def show_acceptance(context: Context, work: Work, regulation: Regulation, application: Application) -> None:
    """The cabinet shows that the request is accepted, and when its result is due, if the text has a step for it."""
    step = find_step(regulation, application.channel, Action.SHOW_ACCEPTANCE)
    if step is None:
        return
    take_step(
        work, regulation, application.channel, Action.SHOW_ACCEPTANCE, application.id, variant=application.variant
    )
    ready: datetime | None = application.due_at
    local = ready.astimezone(context.calendars.zone) if ready else None
    notice = Notice(
        id=work.new_id(),
        iin=application.iin,
        application=application.id,
        kind="request-accepted",
        text=status_text(step.text, local).model_dump(),
        created_at=work.now,
        clause=step.clause,
    )
    work.put(NOTICES, notice)


def put_supplement(
    work: Work,
    application: Application,
    notice_id: str,
    certified: Certified,
    attachments: tuple[AttachmentReference, ...] = (),
) -> Message:
    """Send what answers the notice, bound to the request, and keep what was signed; the message."""
    document = certified.document
    message = work.send(
        MessageType.APPLICATION_SUPPLEMENTED,
        System.REGIONAL_GATEWAY,
        application.id,
        ApplicationSupplemented(channel=application.channel, document=document, attachments=attachments),
        regulation=application.service,
        request_digest=application.message_digest,
    )
    work.put(
        SIGNED_SUPPLEMENTS,
        SignedSupplement(
            notice=notice_id,
            application=application.id,
            content=document.content,
            signature=document.signature,
            certificate=certified.certificate.der,
            report=certified.report,
            submitted_at=work.now,
        ),
    )
    return message

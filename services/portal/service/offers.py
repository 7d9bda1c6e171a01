"""A service that the state offers of itself: the offer reaches the cabinet, the recipient answers, or lets it be.

The consent is given with a one-time password sent to a registered telephone; to decline takes none, and silence is no
consent (the standard of home schooling, rows 3 and 7: «көрсетілетін қызметті алушының … келісімі болмауы»).
"""

from datetime import datetime
from typing import Literal

from services.portal.domain.application import Application, State
from services.portal.domain.devices import OneTimePassword
from services.portal.domain.documents import Confirmation, consent_document
from services.portal.errors import OfferClosed
from services.portal.repository import APPLICATIONS, queries
from services.portal.service.context import Context, owned
from services.portal.service.devices import confirmed_device
from services.portal.service.passwords import OneTimePasswords
from services.portal.service.planning import case_of, planned
from services.portal.service.sending import put_supplement
from services.portal.service.signatures import sign_as_portal
from shared.crypto.canonical import canonical_json
from shared.messaging.steps import take_step
from shared.messaging.work import Work
from shared.regulations.actions import Action

_AT_ONCE = 50
"""Lapsed offers answered in one go."""
Reason = Literal["declined", "lapsed"]


class Offers:
    """Use cases of the channel ``proactive``."""

    def __init__(self, context: Context, passwords: OneTimePasswords) -> None:
        self._context = context
        self._passwords = passwords

    async def send_password(self, iin: str, application_id: str, device_id: str) -> OneTimePassword:
        """A one-time password with which the recipient can consent. Raises ``NotFound``, ``OfferClosed``,
        ``DeviceUnknown``, ``TooManyAttempts``."""
        application = self._open(await self._context.own(iin, application_id))
        device = await confirmed_device(self._context, iin, device_id)
        regulation, _ = self._context.law_of(application)
        return await self._passwords.send(device, _purpose(application), regulation.service)

    async def consent(self, iin: str, application_id: str, password: str) -> Application:
        """The recipient consents. Raises ``NotFound``, ``OfferClosed``, ``WrongPassword``, ``TooManyAttempts``,
        ``Unavailable``."""
        application = self._open(await self._context.own(iin, application_id))
        await self._context.ready_to_sign()
        loads = [(APPLICATIONS, application.id)]
        async with self._passwords.redeem(_purpose(application), password, loads) as (work, confirmation):
            current = self._open(owned(work.get(APPLICATIONS, application.id), iin))
            return self._answer(work, current, confirmation)

    async def decline(self, iin: str, application_id: str) -> Application:
        """The recipient does not want the service. Raises ``NotFound``, ``OfferClosed``, ``Unavailable``."""
        self._open(await self._context.own(iin, application_id))
        await self._context.ready_to_sign()
        async with self._context.platform.runtime.work([(APPLICATIONS, application_id)]) as work:
            current = self._open(owned(work.get(APPLICATIONS, application_id), iin))
            return self._answer(work, current, "declined")

    async def lapse_due(self) -> int:
        """Offers nobody answered in time are answered with no consent; how many those were. Raises ``Unavailable``."""
        now = self._context.clock.now()
        async with self._context.platform.database.session() as session:
            due = await queries.lapsed_offers(session, now, _AT_ONCE)
        if not due:
            return 0
        await self._context.ready_to_sign()
        done = 0
        async with self._context.platform.runtime.work([(APPLICATIONS, offer.id) for offer in due]) as work:
            for offer in due:
                current = work.get(APPLICATIONS, offer.id)
                if current is not None and _lapsed(current, work.now):
                    self._answer(work, current, "lapsed")
                    done += 1
        return done

    def _open(self, application: Application) -> Application:
        if application.state is not State.OFFERED:
            raise OfferClosed("there is no offer to answer", state=application.state.value)
        if _lapsed(application, self._context.clock.now()):
            raise OfferClosed("the time to answer is over", state=application.state.value)
        return application

    def _answer(self, work: Work, application: Application, how: Confirmation | Reason) -> Application:
        """The signed answer leaves through the gateway, bound to the offer."""
        regulation, _ = self._context.law_of(application)
        confirmation = how if isinstance(how, Confirmation) else None
        given, channel = confirmation is not None, application.channel
        reason = how if isinstance(how, str) else None
        fields = consent_document(application, given=given, reason=reason, confirmation=confirmation, at=work.now)
        certified = sign_as_portal(self._context.platform, canonical_json(fields))
        offer = application.offer or {}
        message = put_supplement(work, application, offer["notice"], certified)
        case = case_of(regulation, channel, application.form)
        take_step(
            work,
            regulation,
            channel,
            Action.GIVE_CONSENT,
            application.id,
            passed=given,
            detail=reason,
            message_id=message.id,
            variant=case,
        )
        plan = planned(self._context, regulation, channel, application.form, work.now) if given else None
        answered = application.offer_answered(
            work.now,
            message=(message.id, work.effects.sendings[-1].digest),
            variant=case,
            counts_from=plan.counts_from if plan else None,
            due_at=plan.due_at if plan else None,
        )
        work.put(APPLICATIONS, answered)
        work.touch(application.id)
        return answered


def _lapsed(application: Application, at: datetime) -> bool:
    return application.until is not None and at >= application.until


def _purpose(application: Application) -> str:
    return f"offer:{application.id}"

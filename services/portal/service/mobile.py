"""A request from a registered device, confirmed with a one-time password instead of a signature of the recipient.

The portal signs it in the recipient's stead and says in the document from which device and when it was confirmed.
"""

from services.portal.domain.application import Application, State
from services.portal.domain.devices import OneTimePassword
from services.portal.domain.documents import request_document
from services.portal.errors import NotADraft, WrongWay
from services.portal.repository import APPLICATIONS
from services.portal.service.applications import Applications, request_bytes
from services.portal.service.context import MOBILE, Context
from services.portal.service.devices import confirmed_device
from services.portal.service.passwords import OneTimePasswords
from services.portal.service.sending import put_submission
from services.portal.service.signatures import sign_as_portal
from services.portal.service.submission import already_sent, unchanged
from shared.crypto.canonical import canonical_json
from shared.kit.ids import sha256_hex


class Mobile:
    """Use cases of the channel ``mobile``."""

    def __init__(self, context: Context, applications: Applications, passwords: OneTimePasswords) -> None:
        self._context = context
        self._applications = applications
        self._passwords = passwords

    async def send_password(self, iin: str, application_id: str, device_id: str) -> OneTimePassword:
        """A one-time password for exactly this draft goes to the device.

        Raises ``NotFound``, ``WrongWay``, ``NotADraft``, ``ApplicationIncomplete``, ``DeviceUnknown``,
        ``TooManyAttempts``.
        """
        application = await self._draft(iin, application_id)
        if application.state is not State.DRAFT:
            raise NotADraft(f"the application is {application.state.value}")
        self._applications.check_complete(application)
        device = await confirmed_device(self._context, iin, device_id)
        regulation, _ = self._context.law_of(application)
        return await self._passwords.send(device, _purpose(application), regulation.service)

    async def submit_from_device(self, iin: str, application_id: str, password: str) -> Application:
        """The recipient gives the password and the request is sent; asked again, the answer is the same.

        A draft that was changed after the password was sent is another request: ``WrongPassword``. Raises beside that
        ``NotFound``, ``WrongWay``, ``ApplicationIncomplete``, ``TooManyAttempts``, ``Unavailable``.
        """
        application = await self._draft(iin, application_id)
        if application.state is not State.DRAFT:
            return already_sent(application)
        self._applications.check_complete(application)
        await self._context.ready_to_sign()
        loads = [(APPLICATIONS, application.id)]
        async with self._passwords.redeem(_purpose(application), password, loads) as (work, confirmation):
            current = unchanged(work, application)
            if current.state is State.DRAFT:
                content = canonical_json({**request_document(current), **confirmation.fields()})
                certified = sign_as_portal(self._context.platform, content)
                current = put_submission(self._context, work, current, certified)
        return already_sent(current)

    async def _draft(self, iin: str, application_id: str) -> Application:
        application = await self._context.own(iin, application_id)
        if application.channel != MOBILE:
            raise WrongWay("this request is not sent from a device", channel=application.channel)
        return application


def _purpose(application: Application) -> str:
    """A password serves for what it was asked for: this application with this content."""
    return f"application:{application.id}:{sha256_hex(request_bytes(application))}"

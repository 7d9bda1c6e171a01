"""Proofs that an IIN is the caller's: a challenge signed with their certificate, or a one-time password sent to the
telephone that the state's base of mobile citizens has for the IIN."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.portal.domain.challenges import Challenge, Challenges, Purpose, document
from services.portal.domain.devices import TextMessage, taken_back_text
from services.portal.errors import NotProven
from services.portal.repository import queries
from services.portal.service.context import Context
from services.portal.service.passwords import OneTimePasswords
from services.portal.service.signatures import Certified, Signatures, read_signed
from shared.db.session import DatabaseSession
from shared.db.states import StateKey
from shared.kit import iin as iins
from shared.kit.checked_files import read_model, refuse, twice
from shared.kit.errors import InvalidInput, TooManyAttempts
from shared.kit.ids import uuid7
from shared.kit.iin import CheckedIin
from shared.kit.text import Text
from shared.messaging.work import Work

_KEY = b"portal: challenges"
_REGISTRATION = Text(kk="порталға тіркелу", ru="регистрация на портале", en="registration on the portal")


class _Citizen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    iin: CheckedIin
    phone: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{9,14}$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    citizens: tuple[_Citizen, ...]


def load_mobile_citizens(path: Path) -> dict[str, str]:
    """The state's base of mobile citizens: telephones by IIN. Raises ``FileFaults`` with every fault."""
    citizens = read_model(path, _File).citizens
    refuse(path, twice("citizens", "iin", (citizen.iin for citizen in citizens)))
    return {citizen.iin: citizen.phone for citizen in citizens}


class Proofs:
    """Challenges and one-time passwords of those who are not signed in."""

    def __init__(self, context: Context, one_time: OneTimePasswords, phones: Mapping[str, str]) -> None:
        """``phones``: those of the state's base, by IIN."""
        self._context = context
        self._one_time = one_time
        self._phones = phones
        self._signatures = Signatures(context)

    def challenge(self, purpose: Purpose, iin: str) -> Challenge:
        """What ``iin`` signs within the time of a one-time password. Raises ``InvalidInput``."""
        require_iin(iin)
        clock, lifetime = self._context.clock, self._context.settings.password_lifetime
        token = self._challenges().token(purpose, iin, clock.elapsed_s + lifetime.total_seconds())
        return Challenge(token, document(purpose, iin, token), clock.now() + lifetime)

    async def signed(self, purpose: Purpose, iin: str, token: str, signature: str) -> tuple[Certified, str]:
        """The proof, checked as condition 2 checks a request, and what is to be noted as used with what it is for.

        Raises ``NotProven``, ``SignatureNotConfirmed``, ``SignatureMismatch``, ``InvalidInput``, ``Unavailable``.
        """
        nonce = self._challenges().nonce(token, purpose, iin, self._context.clock.elapsed_s)
        if nonce is None:
            raise NotProven("the challenge is not for this, not for this IIN, or its time is over")
        signed = read_signed(document(purpose, iin, token).encode(), signature, None)
        return await self._signatures.certified(signed, iin), f"challenge:{nonce}"

    async def send_password(self, iin: str, address: str) -> None:
        """Send a one-time password to the telephone that the state's base has for ``iin``. It serves from the same
        ``address``: whoever asks elsewhere has another one sent, and ends none of somebody else's.

        Whether it has one, and whether so many were sent that this one was not, nobody is told. Raises
        ``InvalidInput``, and ``TooManyAttempts`` if from this address too many were asked for.
        """
        require_iin(iin)
        await self._one_time.count_caller(address)
        try:
            await self._one_time.send_to(self._phones.get(iin), _purpose(iin, address), iin, address, _REGISTRATION)
        except TooManyAttempts:
            return

    async def tell_owner(self, session: DatabaseSession, iin: str, now: datetime) -> None:
        """Tell the telephone that the state's base has for ``iin`` that the account was taken back: whoever has it and
        did not do that has lost their key to somebody."""
        if (phone := self._phones.get(iin)) is not None:
            message = TextMessage(uuid7(self._context.clock), phone, taken_back_text().model_dump(), now)
            await queries.add_text_message(session, message)

    @asynccontextmanager
    async def given(self, iin: str, password: str, address: str, loads: Iterable[StateKey]) -> AsyncIterator[Work]:
        """A unit of work in which the one-time password of ``iin`` that was asked for from ``address`` is used up.
        Raises ``WrongPassword``, ``TooManyAttempts``."""
        purpose = _purpose(iin, address)
        async with self._one_time.given(purpose, password, loads, counted=purpose, address=address) as (work, _):
            yield work

    def _challenges(self) -> Challenges:
        return Challenges(self._context.platform.identity.derived_key(_KEY))


def _purpose(iin: str, address: str) -> str:
    return f"registration:{iin}:at:{address}"


def require_iin(iin: str) -> None:
    """Raises ``InvalidInput`` unless ``iin`` is well-formed."""
    if found := iins.fault(iin):
        fault = {"in": "body", "path": "/iin", "message": found}
        raise InvalidInput("the IIN is malformed", faults=[fault])

"""Operators of the centres: sign-in (process 1), sessions, and the key each signs with at the workplace."""

import asyncio
import logging
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.csc.domain.people import Centre, Operator, OperatorSession
from services.csc.errors import SignInRefused
from services.csc.repository import ATTEMPTS, SESSIONS, queries
from services.csc.settings import Settings
from shared.crypto.authority import load_or_create_identity
from shared.crypto.certificates import Certificate
from shared.crypto.first_passwords import FirstPasswords
from shared.crypto.identity import Identity, PrivateKey
from shared.db.ended import forget_ended, keep_newest
from shared.kit.checked_files import FileFault, read_model, refuse, twice
from shared.kit.errors import Unauthorised, Unavailable
from shared.kit.ids import sha256_hex
from shared.messaging.platform import Platform
from shared.messaging.sign_in import Origin, SignIns

log = logging.getLogger(__name__)


class _CentresFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    centres: Annotated[tuple[Centre, ...], Field(min_length=1)]


class _OperatorsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    operators: Annotated[tuple[Operator, ...], Field(min_length=1)]


def load_centres(path: Path) -> dict[str, Centre]:
    """Read the centres file. Raises ``FileFaults`` with every fault, also a code or BIN that stands twice."""
    centres = read_model(path, _CentresFile).centres
    codes = twice("centres", "code", (centre.code for centre in centres))
    refuse(path, [*codes, *twice("centres", "bin", (centre.bin for centre in centres))])
    return {centre.code: centre for centre in centres}


def load_operators(path: Path, centres: Mapping[str, Centre]) -> tuple[Operator, ...]:
    """Read the operators file. Raises ``FileFaults`` with every login that stands twice or unknown centre."""
    operators = read_model(path, _OperatorsFile).operators
    strangers = (
        FileFault(("operators", row, "centre"), f"{found.login} works at {found.centre}, which is no centre")
        for row, found in enumerate(operators)
        if found.centre not in centres
    )
    refuse(path, [*twice("operators", "login", (operator.login for operator in operators)), *strangers])
    return operators


@dataclass(frozen=True)
class SignedIn:
    """Who calls: the operator and the session."""

    operator: Operator
    session: OperatorSession


@dataclass(frozen=True)
class GrantedSession:
    """A new session with its token, and the token by which the device is known from now on; both are shown once."""

    token: str
    session: OperatorSession
    device_token: str


@dataclass(frozen=True)
class Signatory:
    """An operator's key with its certificate, and the authorities above it."""

    identity: Identity
    chain: tuple[Certificate, ...]


class Operators:
    """Who may work at a centre, and signs with what."""

    def __init__(self, operators: tuple[Operator, ...], centres: Mapping[str, Centre], settings: Settings) -> None:
        self._operators = {operator.login: operator for operator in operators}
        self._centres = centres
        self._lifetime = settings.session_lifetime
        self._sessions = settings.sessions_of_one
        self._sign_ins = SignIns(ATTEMPTS, settings, "too many failed sign-ins with this login")
        self._passwords = FirstPasswords()
        self._signatories: dict[str, Signatory] = {}
        self._platform: Platform | None = None

    async def open(self, platform: Platform) -> None:
        """Make passwords for those who have none, and enrol every operator's key. Waits while the authority is
        silent."""
        self._platform = platform
        people = {login: {"centre": item.centre, "role": item.role} for login, item in self._operators.items()}
        await self._passwords.prepare(platform.stand.data_dir / "csc" / "operators.json", people)
        for operator in self._operators.values():
            while operator.login not in self._signatories:
                try:
                    self._signatories[operator.login] = await self._enrolled(platform, operator)
                except Unavailable as silent:
                    log.warning("%s waits for the authority: %s", operator.login, silent.detail)
                    await asyncio.sleep(0.2)

    def __iter__(self) -> Iterator[Operator]:
        return iter(self._operators.values())

    def __getitem__(self, login: str) -> Operator:
        return self._operators[login]

    def names_of(self, login: str | None) -> str:
        """The names of an operator; the login of one who is no longer there."""
        found = self._operators.get(login or "")
        return found.name if found else login or ""

    def signatory(self, operator: Operator) -> Signatory:
        """The operator's key. Raises ``Unavailable`` before it is enrolled."""
        found = self._signatories.get(operator.login)
        if found is None:
            raise Unavailable("the operator has no certificate yet")
        return found

    def told(self) -> list[dict[str, Any]]:
        """The passwords made at the first start, with the operator's centre, role and certificate."""
        return [
            {
                **entry,
                "kind": self._centres[self._operators[entry["login"]].centre].kind.value,
                "certificate": self._signatories[entry["login"]].identity.certificate.thumbprint,
            }
            for entry in self._passwords.told()
            if entry["login"] in self._signatories
        ]

    async def sign_in(self, login: str, password: str, origin: Origin) -> GrantedSession:
        """Process 1: a new session.

        Raises ``SignInRefused`` for a wrong login or password, ``TooManyAttempts`` while the login is locked for
        ``origin``. Which of the two is wrong shows neither in the answer nor in its time.
        """
        platform, credential = self._opened(), self._passwords.kept(login)
        tally = self._sign_ins.tally(platform, origin, login, credential)
        await tally.check_now()
        right = self._passwords.fits(login, password) and login in self._operators
        token = secrets.token_urlsafe(32)
        async with platform.runtime.work(tally.loads) as work:
            tally.check(work)
            ends_s = platform.clock.elapsed_s + self._lifetime.total_seconds()
            opened = OperatorSession(_token_hash(token), login, work.now, work.now + self._lifetime, ends_s)
            if right:
                work.put(SESSIONS, opened)
                tally.passed(work)
            else:
                tally.failed(work)
        if not right or credential is None:
            raise SignInRefused
        async with platform.database.transaction() as session:
            await keep_newest(session, SESSIONS, "login", login, self._sessions)
        return GrantedSession(token, opened, self._sign_ins.device_token(platform, origin, login, credential))

    async def signed_in(self, token: str | None) -> SignedIn:
        """Who holds this token. Raises ``Unauthorised`` for none, an unknown or an expired one."""
        platform = self._opened()
        if token:
            async with platform.database.session() as session:
                found = await queries.find_session(session, _token_hash(token))
            if found is not None and platform.clock.elapsed_s < found.ends_s and found.login in self._operators:
                return SignedIn(self._operators[found.login], found)
        raise Unauthorised("no session, or it has expired: sign in")

    async def sign_out(self, current: SignedIn) -> None:
        """End the session."""
        platform = self._opened()
        async with platform.database.transaction() as session:
            await queries.close_sessions(session, current.session.token_hash, platform.clock.elapsed_s)

    async def _enrolled(self, platform: Platform, operator: Operator) -> Signatory:
        centre, authority = self._centres[operator.centre], platform.authority
        token = platform.stand.enrolment_token.get_secret_value()

        async def ask(key: PrivateKey) -> Certificate:
            return await authority.enrol_officer(
                key,
                token,
                iin=operator.iin,
                surname=operator.surname,
                given_name=operator.given_name,
                bin=centre.bin,
                organisation=centre.name_in_certificate,
            )

        folder, name = platform.stand.data_dir / "identities", f"csc-{operator.login}"
        identity = await load_or_create_identity(folder, name, authority=authority, token=token, enrol=ask)
        return Signatory(identity, (await authority.anchors()).chain)

    async def forget_ended(self) -> None:
        """Sessions that have ended, and failures that no longer count, go."""
        platform = self._opened()
        async with platform.database.transaction() as session:
            await forget_ended(session, platform.clock.elapsed_s, SESSIONS, ATTEMPTS)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the operators are opened with the platform"
        return self._platform


def _token_hash(token: str) -> str:
    return sha256_hex(token.encode("utf-8", "replace"))

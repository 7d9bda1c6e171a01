"""Officers: who may work with an organisation's matters, their passwords and sessions."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.provider import repository
from services.provider.domain.people import OfficerSession
from services.provider.errors import SignInRefused
from services.provider.repository import ATTEMPTS, SESSIONS
from services.provider.service.organisations import Organisation, Organisations
from services.provider.settings import Settings
from shared.crypto.first_passwords import FirstPasswords
from shared.db.ended import forget_ended, keep_newest
from shared.kit.checked_files import FileFault, read_model, refuse, twice
from shared.kit.errors import Unauthorised
from shared.kit.ids import sha256_hex
from shared.kit.iin import CheckedIin
from shared.kit.text import Text
from shared.messaging.platform import Platform
from shared.messaging.sign_in import Origin, SignIns
from shared.regulations.terms import Role


class Officer(BaseModel):
    """One officer of one organisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]{1,60}$")]
    name: str
    organisation: str
    role: Text
    roles: tuple[Role, ...] = ()
    """What they may do, in the words of the regulations."""
    iin: CheckedIin | None = None
    """Of who signs what is taken over the counter."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    officers: tuple[Officer, ...] = Field(min_length=1)


def load_officers(path: Path, organisations: Organisations) -> tuple[Officer, ...]:
    """Read the officers file. Raises ``FileFaults`` with every login that stands twice or unknown organisation."""
    officers = read_model(path, _File).officers
    known = {organisation.code for organisation in organisations}
    strangers = (
        FileFault(
            ("officers", row, "organisation"), f"{found.login} works for {found.organisation}, which is not served"
        )
        for row, found in enumerate(officers)
        if found.organisation not in known
    )
    refuse(path, [*twice("officers", "login", (officer.login for officer in officers)), *strangers])
    return officers


@dataclass(frozen=True)
class GrantedSession:
    """A new session with its token, and the token by which the device is known from now on; both are shown once."""

    token: str
    session: OfficerSession
    device_token: str


class Officers:
    """Sign-in of officers."""

    def __init__(self, officers: Sequence[Officer], organisations: Organisations, settings: Settings) -> None:
        self._officers = {officer.login: officer for officer in officers}
        self._organisations = organisations
        self._session = settings.session_lifetime
        self._sessions = settings.sessions_of_one
        self._sign_ins = SignIns(ATTEMPTS, settings, "too many failed sign-ins with this login")
        self._passwords = FirstPasswords()
        self._platform: Platform | None = None

    async def open(self, platform: Platform) -> None:
        """Read the hashes of ``platform``'s data directory, and make passwords for officers who have none."""
        self._platform = platform
        people = {login: {"organisation": officer.organisation} for login, officer in self._officers.items()}
        await self._passwords.prepare(platform.stand.data_dir / "provider" / "officers.json", people)

    def passwords(self) -> list[dict[str, Any]]:
        """What was written at the first start, with what each does; empty if the file was taken away."""
        return [self._described(entry) for entry in self._passwords.told() if entry["login"] in self._officers]

    def _described(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        officer = self._officers[entry["login"]]
        organisation = self._organisations.of_code(officer.organisation)
        return {
            "login": officer.login,
            "password": entry["password"],
            "name": officer.name,
            "organisation": organisation.code,
            "organisation_name": organisation.name.en,
            "roles": [role.value for role in officer.roles],
            "regulations": self._organisations.work_of(organisation),
        }

    async def sign_in(self, login: str, password: str, origin: Origin) -> GrantedSession:
        """A new session.

        Raises ``SignInRefused`` for a wrong login or password, ``TooManyAttempts`` while the login is locked for
        ``origin``.
        """
        platform, credential = self._opened(), self._passwords.kept(login)
        tally = self._sign_ins.tally(platform, origin, login, credential)
        await tally.check_now()
        right = self._passwords.fits(login, password) and login in self._officers
        token = secrets.token_urlsafe(32)
        async with platform.runtime.work(tally.loads) as work:
            tally.check(work)
            key, ends_s = sha256_hex(token.encode()), platform.clock.elapsed_s + self._session.total_seconds()
            opened = OfficerSession(key, login, work.now + self._session, ends_s)
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

    async def officer(self, token: str | None) -> Officer:
        """Who holds this session token. Raises ``Unauthorised`` for none, an unknown or an expired one."""
        platform = self._opened()
        if token:
            async with platform.database.session() as session:
                found = await repository.find_session(session, sha256_hex(token.encode()))
            if found is not None and platform.clock.elapsed_s < found.ends_s and found.login in self._officers:
                return self._officers[found.login]
        raise Unauthorised

    async def sign_out(self, token: str) -> None:
        """End a session."""
        platform, key = self._opened(), sha256_hex(token.encode())
        async with platform.runtime.work([(SESSIONS, key)]) as work:
            found = work.get(SESSIONS, key)
            if found is not None:
                work.put(SESSIONS, replace(found, expires_at=work.now, ends_s=platform.clock.elapsed_s))

    def __iter__(self) -> Iterator[Officer]:
        return iter(self._officers.values())

    def known(self, login: str) -> Officer | None:
        """The officer with this login, or ``None``."""
        return self._officers.get(login)

    def organisation_of(self, officer: Officer) -> Organisation:
        """Whose matters the officer sees."""
        return self._organisations.of_code(officer.organisation)

    async def forget_ended(self) -> None:
        """Sessions that have ended, and failures that no longer count, go."""
        platform = self._opened()
        async with platform.database.transaction() as session:
            await forget_ended(session, platform.clock.elapsed_s, SESSIONS, ATTEMPTS)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the officers are opened with the platform"
        return self._platform

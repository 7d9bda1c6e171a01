"""Officers: who may work with an organisation's matters, their passwords and sessions."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.provider import repository
from services.provider.domain.people import Lockout, OfficerSession
from services.provider.errors import SignInRefused
from services.provider.repository import LOCKOUTS, SESSIONS
from services.provider.service.organisations import Organisation, Organisations
from services.provider.settings import Settings
from shared.crypto.first_passwords import FirstPasswords
from shared.kit.checked_files import FileFault, read_model, refuse, twice
from shared.kit.errors import TooManyAttempts, Unauthorised
from shared.kit.ids import sha256_hex
from shared.kit.iin import CheckedIin
from shared.kit.text import Text
from shared.messaging.platform import Platform
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


class Officers:
    """Sign-in of officers."""

    def __init__(self, officers: Sequence[Officer], organisations: Organisations, settings: Settings) -> None:
        self._officers = {officer.login: officer for officer in officers}
        self._organisations = organisations
        self._session = timedelta(hours=settings.session_hours)
        self._window = timedelta(minutes=settings.lockout_minutes)
        self._allowed = settings.failures_allowed
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

    async def sign_in(self, login: str, password: str) -> tuple[str, OfficerSession]:
        """A new session: its token and what is kept of it.

        Raises ``SignInRefused`` for a wrong login or password, ``TooManyAttempts`` while the login is locked.
        """
        platform = self._opened()
        async with platform.database.session() as session:
            lockout = await repository.find_lockout(session, login)
        self._refuse_locked(lockout)
        known = self._officers.get(login)
        right = self._passwords.fits(login, password)
        token = secrets.token_urlsafe(32)
        async with platform.runtime.work([(LOCKOUTS, login)]) as work:
            lockout = work.get(LOCKOUTS, login)
            locked = self._seconds_locked(lockout)
            if not locked and (known is None or not right):
                fresh = lockout or Lockout(login, 0, work.now)
                work.put(LOCKOUTS, fresh.failed(work.now, self._window))
            if not locked and known is not None and right:
                key, ends_s = sha256_hex(token.encode()), platform.clock.elapsed_s + self._session.total_seconds()
                opened = OfficerSession(key, login, work.now + self._session, ends_s)
                work.put(SESSIONS, opened)
                work.put(LOCKOUTS, Lockout(login, 0, work.now))
                return token, opened
        self._refuse_locked(lockout)
        raise SignInRefused

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

    def known(self, login: str) -> Officer | None:
        """The officer with this login, or ``None``."""
        return self._officers.get(login)

    def organisation_of(self, officer: Officer) -> Organisation:
        """Whose matters the officer sees."""
        return self._organisations.of_code(officer.organisation)

    def _opened(self) -> Platform:
        assert self._platform is not None, "the officers are opened with the platform"
        return self._platform

    def _seconds_locked(self, lockout: Lockout | None) -> int:
        return 0 if lockout is None else lockout.seconds_left(self._opened().clock.now(), self._window, self._allowed)

    def _refuse_locked(self, lockout: Lockout | None) -> None:
        seconds = self._seconds_locked(lockout)
        if seconds:
            raise TooManyAttempts(f"locked after {self._allowed} failed sign-ins", retry_after=seconds)

"""The organisations this system serves, and the keys their authorised persons sign with."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from shared.crypto.authority import AuthorityClient, load_or_create_identity
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, PrivateKey
from shared.kit.background import Background
from shared.kit.checked_files import FileFault, Where, read_model, refuse, twice
from shared.kit.errors import Unavailable
from shared.kit.files import read_yaml
from shared.kit.iin import CheckedBin, CheckedIin
from shared.kit.text import Text
from shared.regulations.loader import Regulations
from shared.regulations.parts import ChannelName
from shared.regulations.registries import Condition
from shared.regulations.terms import Role

log = logging.getLogger(__name__)

_AT_ONCE = 4
_START_WAITS_S = 0.25
"""How long the start of the service waits for keys; what is not there by then is made in the background."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AuthorisedPerson(_Entry):
    """Who signs the acts of an organisation (уәкілетті тұлға / уполномоченное лицо)."""

    iin: CheckedIin
    surname: str
    given_name: str
    role: Text


class Served(_Entry):
    """One regulation an organisation renders: in ``channels`` (empty: in every one), ``when`` the form says so.

    ``<issuer>/*``: every regulation of that issuer, as far as nobody is named for it in the same case; with
    ``channels`` it comes before one without.
    """

    regulation: str
    channels: tuple[ChannelName, ...] = ()
    when: Condition | None = None
    signed_by: str | None = None
    """The organisation whose head signs what this one prepares: an akim's office prepares it for the provider."""


class Organisation(_Entry):
    """One service provider and the regulations it renders."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")] = "department"
    bin: CheckedBin
    name: Text
    name_in_certificate: Annotated[str, StringConstraints(max_length=64)]
    serves: tuple[Served, ...] = ()
    authorised_person: AuthorisedPerson
    also_sign: Mapping[Role, AuthorisedPerson] = {}
    """Who signs what the form of a result has signed by somebody else than the authorised person."""

    def signer(self, role: Role | None = None) -> AuthorisedPerson:
        """Who signs as ``role``; ``None``: the authorised person. Raises ``KeyError`` for a role nobody signs in."""
        return self.authorised_person if role is None else self.also_sign[role]

    @field_validator("serves", mode="before")
    @classmethod
    def _named_only(cls, value: object) -> object:
        """A regulation may be named without more: then it is served in every channel."""
        if not isinstance(value, list | tuple):
            return value
        return [{"regulation": item} if isinstance(item, str) else item for item in value]


class _File(_Entry):
    organisations: tuple[Organisation, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Signatory:
    """The authorised person's key with its certificate, and the authorities above it."""

    identity: Identity
    chain: tuple[Certificate, ...]

    def sign_pdf(self, pdf: bytes, at: datetime, reason: str) -> bytes:
        """``pdf`` signed by this person, dated ``at`` (stand time). Takes 20 ms: call it in a thread."""
        from shared.crypto.pades import sign_pdf  # noqa: PLC0415 — what it brings takes a third of a second to import

        return sign_pdf(pdf, self.identity.key, self.identity.certificate, self.chain, at, reason)


class Organisations:
    """Who serves which regulation in which channel and case, and signs with what.

    ``faults``: a code or BIN that stands twice, a regulation, channel or signing organisation that is not known, two
    organisations that serve the same case.
    """

    def __init__(self, organisations: Sequence[Organisation], regulations: Regulations) -> None:
        self._by_code = {organisation.code: organisation for organisation in organisations}
        self._by_bin = {organisation.bin: organisation for organisation in organisations}
        self.faults = [
            *twice("organisations", "code", (organisation.code for organisation in organisations)),
            *twice("organisations", "bin", (organisation.bin for organisation in organisations)),
        ]
        self._serving: dict[tuple[str, str], list[tuple[Condition | None, Organisation]]] = {}
        named = [(owner, served) for owner in organisations for served in owner.serves]
        places: dict[int, Where] = {
            id(served): ("organisations", row, "serves", column)
            for row, owner in enumerate(organisations)
            for column, served in enumerate(owner.serves)
        }
        for organisation, served in named:
            if not served.regulation.endswith("/*"):
                self._enter(organisation, served, regulations, places[id(served)])
        # Who is named for a channel comes before who takes whatever there is.
        for organisation, served in sorted(named, key=lambda entry: not entry[1].channels):
            if served.regulation.endswith("/*"):
                self._enter_issuer(organisation, served, regulations, places[id(served)])
        self._signing: dict[tuple[str, str], str] = {}
        for organisation, served in named:
            if served.signed_by is not None:
                self._enter_signing(organisation, served, regulations, places[id(served)])
        self.faults += self._nobody_signs(regulations)
        self._signatories: dict[tuple[str, Role | None], Signatory] = {}
        self._enrolling: Background | None = None

    def _enter(self, organisation: Organisation, served: Served, regulations: Regulations, where: Where) -> None:
        if served.regulation not in regulations:
            self.faults.append(FileFault(where, f"no such regulation: {served.regulation}"))
            return
        known = regulations[served.regulation].channels
        unknown = set(served.channels) - set(known)
        if unknown:
            self.faults.append(FileFault(where, f"{served.regulation} has no channel {', '.join(sorted(unknown))}"))
        for channel in served.channels or known:
            entries = self._serving.setdefault((served.regulation, channel), [])
            if any(when == served.when for when, _ in entries):
                said = f"{served.regulation} ({channel}) is served by two organisations in the same case"
                self.faults.append(FileFault(where, said))
            entries.append((served.when, organisation))

    def _enter_issuer(self, organisation: Organisation, served: Served, regulations: Regulations, where: Where) -> None:
        """As the fallback of every regulation of an issuer."""
        issuer = served.regulation.removesuffix("*")
        found = [regulation for name, regulation in regulations.items() if name.startswith(issuer)]
        if not found:
            self.faults.append(FileFault(where, f"no regulation of the issuer {issuer}"))
        for regulation in found:
            for channel in served.channels or regulation.channels:
                entries = self._serving.setdefault((regulation.id, channel), [])
                if channel in regulation.channels and all(when != served.when for when, _ in entries):
                    entries.append((served.when, organisation))

    def _enter_signing(
        self, organisation: Organisation, served: Served, regulations: Regulations, where: Where
    ) -> None:
        if served.signed_by not in self._by_code:
            said = f"{organisation.code} has its acts signed by {served.signed_by}, which is not served"
            self.faults.append(FileFault(where, said))
            return
        whole, issuer = served.regulation, served.regulation.removesuffix("*")
        for name in regulations:
            if name == whole or (issuer != whole and name.startswith(issuer)):
                self._signing[organisation.bin, name] = served.signed_by

    def _nobody_signs(self, regulations: Regulations) -> Iterator[FileFault]:
        rows = list(self._by_code)
        for name in sorted({name for name, _ in self._serving}):
            roles = {kind.form.signed_by for kind in regulations[name].results if kind.form and kind.form.signed_by}
            signing = {self.signing_for(self._by_bin[number], name).code for number in self.rendering(name)}
            for code in sorted(signing & set(rows)):
                for role in sorted(roles - set(self._by_code[code].also_sign)):
                    said = f"{name} has results signed by a person of {code} as {role}; name one under also_sign"
                    yield FileFault(("organisations", rows.index(code)), said)

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._by_code.values())

    def serving(self, regulation: str, channel: str, facts: Mapping[str, Any]) -> Organisation | None:
        """The organisation that renders ``regulation`` in ``channel`` for this form: the one whose condition is met,
        else the one without a condition; ``None`` if there is neither."""
        entries = self._serving.get((regulation, channel), [])
        fitting = (organisation for when, organisation in entries if when is not None and when.met(facts))
        return next(fitting, next((organisation for when, organisation in entries if when is None), None))

    def cases(self, regulation: str, channel: str) -> list[Condition | None]:
        """The conditions under which somebody serves it; ``None`` for "otherwise"."""
        return [when for when, _ in self._serving.get((regulation, channel), [])]

    def served(self) -> list[tuple[str, str]]:
        """Every regulation and channel somebody here renders."""
        return [key for key, entries in self._serving.items() if entries]

    def rendering(self, regulation: str) -> list[str]:
        """The BINs of everybody who renders it, in any channel and case."""
        entries = (found for (name, _), found in self._serving.items() if name == regulation)
        return sorted({organisation.bin for found in entries for _, organisation in found})

    def work_of(self, organisation: Organisation) -> list[str]:
        """The regulations that it renders, or whose acts its head signs for others."""
        rendered = {name for (name, _), found in self._serving.items() for _, who in found if who is organisation}
        return sorted(rendered | {name for _, name in self.prepared_for(organisation)})

    def takes(self, organisation: Organisation, regulation: str, channel: str) -> bool:
        """Whether it renders the regulation in the channel, in whatever case."""
        return any(found.code == organisation.code for _, found in self._serving.get((regulation, channel), ()))

    def of_code(self, code: str) -> Organisation:
        """Raises ``KeyError`` if there is none."""
        return self._by_code[code]

    def of_bin(self, number: str) -> Organisation | None:
        """The organisation with this BIN, or ``None``."""
        return self._by_bin.get(number)

    def signing_for(self, organisation: Organisation, regulation: str) -> Organisation:
        """Whose head signs what ``organisation`` prepares under that regulation: mostly its own."""
        code = self._signing.get((organisation.bin, regulation))
        return self._by_code[code] if code else organisation

    def prepared_for(self, organisation: Organisation) -> list[tuple[str, str]]:
        """BIN and regulation of what others prepare for its head to sign."""
        return [prepared for prepared, code in self._signing.items() if code == organisation.code]

    def signatory(self, organisation: Organisation, role: Role | None = None) -> Signatory:
        """The key of who signs for it as ``role``, by default of its authorised person. Raises ``Unavailable`` before
        it is enrolled."""
        found = self._signatories.get((organisation.code, role))
        if found is None:
            raise Unavailable(f"the {role or 'authorised person'} of {organisation.code} has no certificate yet")
        return found

    def sign_with(self, organisation: Organisation, signatory: Signatory, role: Role | None = None) -> None:
        """Let the acts of ``organisation`` that ``role`` signs be signed with this key from now on."""
        self._signatories[organisation.code, role] = signatory

    async def enrol(self, folder: Path, authority: AuthorityClient, token: str) -> Background:
        """Load or enrol every authorised person's key in ``folder``.

        Comes back as soon as all are there, and after a moment in any case; the rest follow in the background, which
        ``stop`` ends. Waits as long as it takes while the authority is silent. Raises whatever fails at once.
        """
        enrol = partial(self._enrol, folder, authority, token)
        self._enrolling = Background("provider: keys of authorised persons", enrol)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_WAITS_S):
                await enrol()
        self._enrolling.start()
        return self._enrolling

    async def stop(self) -> None:
        """Give up what is not enrolled yet."""
        if self._enrolling is not None:
            await self._enrolling.stop(cancel=True)
            self._enrolling = None

    async def _enrol(self, folder: Path, authority: AuthorityClient, token: str) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(organisation: Organisation, role: Role | None) -> None:
            async with slots:
                while (organisation.code, role) not in self._signatories:
                    try:
                        signatory = await _enrolled(organisation, role, folder, authority, token)
                        self.sign_with(organisation, signatory, role)
                    except Unavailable as silent:
                        self._wait_for(silent)
                        await asyncio.sleep(0.2)

        # One that cannot be enrolled keeps no other from it.
        ended = await asyncio.gather(*(one(*key) for key in self._signing_keys()), return_exceptions=True)
        self._wait_for(None)
        for failure in filter(None, ended):
            raise failure

    def _signing_keys(self) -> list[tuple[Organisation, Role | None]]:
        return [(organisation, role) for organisation in self for role in (None, *organisation.also_sign)]

    def _wait_for(self, silent: Unavailable | None) -> None:
        """How many have no key is told at ``/readyz``, and once in the log for as long as the authority is silent."""
        assert self._enrolling is not None
        before = self._enrolling.trouble
        lacking = sum((found.code, role) not in self._signatories for found, role in self._signing_keys())
        self._enrolling.trouble = f"{lacking} without a certificate: {silent.detail}" if silent else None
        if before is None and silent is not None:
            log.warning("authorised persons wait for the authority: %s", silent.detail)


async def _enrolled(
    organisation: Organisation, role: Role | None, folder: Path, authority: AuthorityClient, token: str
) -> Signatory:
    person = organisation.signer(role)

    async def ask(key: PrivateKey) -> Certificate:
        return await authority.enrol_officer(
            key,
            token,
            iin=person.iin,
            surname=person.surname,
            given_name=person.given_name,
            bin=organisation.bin,
            organisation=organisation.name_in_certificate,
        )

    name = f"provider-{organisation.code}" + (f"-{role.replace('_', '-')}" if role else "")
    identity = await load_or_create_identity(folder, name, authority=authority, token=token, enrol=ask)
    return Signatory(identity, (await authority.anchors()).chain)


def load_organisations(path: Path, regulations: Regulations) -> Organisations:
    """Read the organisations file. Raises ``FileFaults`` for one that does not hold together, with every fault."""
    organisations = Organisations(read_model(path, _File).organisations, regulations)
    refuse(path, organisations.faults)
    return organisations


def require_all_served(path: Path, regulations: Regulations) -> None:
    """Raise ``FileFaults`` naming every regulation and channel that no organisation of the file renders: applications
    for it would be accepted and then find nobody."""
    served = set(load_organisations(path, regulations).served())
    faults = []
    for regulation in regulations.values():
        without = [
            name for name, part in regulation.channels.items() if part.steps and (regulation.id, name) not in served
        ]
        if without:
            said = f"no organisation serves {regulation.id} (channels: {', '.join(without)}); name it under serves"
            faults.append(FileFault(("organisations",), said))
    refuse(path, faults)


def load_centre_bins(path: Path) -> frozenset[str]:
    """The BINs in the file of the centres. Raises ``ValueError`` for a file without any."""
    bins = frozenset(str(centre["bin"]) for centre in read_yaml(path)["centres"])
    if not bins:
        raise ValueError("there is no centre")
    return bins

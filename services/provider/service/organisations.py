"""The organisations this system serves, and the keys their authorised persons sign with."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.crypto.authority import AuthorityClient, load_or_create_identity
from shared.crypto.certificates import Certificate
from shared.crypto.identity import Identity, PrivateKey
from shared.kit.clock import Clock
from shared.kit.errors import Unavailable
from shared.kit.text import Text
from shared.regulations.loader import Regulations

log = logging.getLogger(__name__)

_TwelveDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AuthorisedPerson(_Entry):
    """Who signs the acts of an organisation (уәкілетті тұлға / уполномоченное лицо)."""

    iin: _TwelveDigits
    surname: str
    given_name: str
    role: Text


class Organisation(_Entry):
    """One service provider and the regulations it renders."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    bin: _TwelveDigits
    name: Text
    name_in_certificate: Annotated[str, StringConstraints(max_length=64)]
    serves: tuple[str, ...] = ()
    authorised_person: AuthorisedPerson


class _File(_Entry):
    organisations: tuple[Organisation, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Signatory:
    """The authorised person's key with its certificate, and the authorities above it."""

    identity: Identity
    chain: tuple[Certificate, ...]


class Organisations:
    """Who serves which regulation, and signs with what.

    Raises ``ValueError`` if a code, BIN or regulation stands twice or a regulation is not known.
    """

    def __init__(self, organisations: Sequence[Organisation], regulations: Regulations) -> None:
        self._by_code = {organisation.code: organisation for organisation in organisations}
        self._by_bin = {organisation.bin: organisation for organisation in organisations}
        served = [regulation for organisation in organisations for regulation in organisation.serves]
        if len(self._by_code) != len(organisations) or len(self._by_bin) != len(organisations):
            raise ValueError("a code or BIN of an organisation stands twice")
        if len(set(served)) != len(served):
            raise ValueError("a regulation is served by two organisations")
        unknown = set(served) - set(regulations)
        if unknown:
            raise ValueError(f"no such regulation: {', '.join(sorted(unknown))}")
        self._serving = {name: organisation for organisation in organisations for name in organisation.serves}
        self._signatories: dict[str, Signatory] = {}

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._by_code.values())

    def serving(self, regulation: str) -> Organisation | None:
        """The organisation that renders ``regulation``, or ``None``."""
        return self._serving.get(regulation)

    def of_code(self, code: str) -> Organisation:
        """Raises ``KeyError`` if there is none."""
        return self._by_code[code]

    def of_bin(self, number: str) -> Organisation | None:
        """The organisation with this BIN, or ``None``."""
        return self._by_bin.get(number)

    def signatory(self, organisation: Organisation) -> Signatory:
        """The key of its authorised person. Raises ``Unavailable`` before it is enrolled."""
        found = self._signatories.get(organisation.code)
        if found is None:
            raise Unavailable(f"the authorised person of {organisation.code} has no certificate yet")
        return found

    def sign_with(self, organisation: Organisation, signatory: Signatory) -> None:
        """Let the acts of ``organisation`` be signed with this key from now on."""
        self._signatories[organisation.code] = signatory

    async def enrol(self, folder: Path, authority: AuthorityClient, token: str, clock: Clock) -> None:
        """Load or enrol every authorised person's key in ``folder``. Waits while the authority is silent."""
        for organisation in self:
            while organisation.code not in self._signatories:
                try:
                    self.sign_with(organisation, await _enrolled(organisation, folder, authority, token, clock))
                except Unavailable as silent:
                    log.warning("%s waits for the authority: %s", organisation.code, silent.detail)
                    await asyncio.sleep(0.2)


async def _enrolled(
    organisation: Organisation, folder: Path, authority: AuthorityClient, token: str, clock: Clock
) -> Signatory:
    person = organisation.authorised_person

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

    name = f"provider-{organisation.code}"
    identity = await load_or_create_identity(folder, name, authority=authority, clock=clock, enrol=ask)
    return Signatory(identity, (await authority.anchors()).chain)


def load_organisations(path: Path, regulations: Regulations) -> Organisations:
    """Read the organisations file. Raises ``ValueError`` (pydantic's included) for one that does not hold together."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Organisations(_File.model_validate(content).organisations, regulations)


def load_centre_bins(path: Path) -> frozenset[str]:
    """The BINs in the file of the centres. Raises ``ValueError`` for a file without any."""
    bins = frozenset(str(centre["bin"]) for centre in yaml.safe_load(path.read_text(encoding="utf-8"))["centres"])
    if not bins:
        raise ValueError("there is no centre")
    return bins

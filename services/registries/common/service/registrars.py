"""Who signs for a registry: the organisation that keeps it, and its authorised person (уәкілетті тұлға /
уполномоченное лицо)."""

import asyncio
import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from shared.crypto.authority import load_or_create_identity
from shared.crypto.canonical import canonical_json
from shared.crypto.certificates import Certificate
from shared.crypto.cms import sign_document
from shared.crypto.identity import Identity, PrivateKey
from shared.kit.errors import Unavailable
from shared.kit.files import read_yaml
from shared.messages.extracts import Named, Signatory
from shared.messages.payload import SignedDocument
from shared.messages.registry import REGISTRY_BINS, TwelveDigits
from shared.messages.systems import System
from shared.messaging.platform import Platform

log = logging.getLogger(__name__)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AuthorisedPerson(_Entry):
    """Who signs the extracts."""

    iin: TwelveDigits
    surname: str
    given_name: str
    role: Named


class Keeper(_Entry):
    """The organisation that keeps a registry."""

    system: System
    name: Named
    name_in_certificate: Annotated[str, StringConstraints(max_length=64)]
    authorised_person: AuthorisedPerson


class _File(_Entry):
    registries: tuple[Keeper, ...]


def load_keepers(path: Path) -> dict[System, Keeper]:
    """Read the file of registries. Raises ``ValueError`` unless every registry stands in it, and once."""
    entries = _File.model_validate(read_yaml(path)).registries
    keepers = {entry.system: entry for entry in entries}
    if len(keepers) != len(entries) or set(keepers) != set(REGISTRY_BINS):
        raise ValueError("each registry has one keeper")
    return keepers


@dataclass(frozen=True)
class Registrar:
    """The authorised person of a registry with their key."""

    keeper: Keeper
    identity: Identity
    chain: tuple[Certificate, ...]

    @property
    def signatory(self) -> dict[str, Any]:
        """How the extract names who signed it."""
        person = self.keeper.authorised_person
        signatory = Signatory(
            name=f"{person.surname} {person.given_name}",
            role=person.role,
            organisation=self.keeper.name,
            bin=REGISTRY_BINS[self.keeper.system],
        )
        return signatory.model_dump()

    def sign(self, content: Mapping[str, Any], at: datetime) -> SignedDocument:
        """``content`` as canonical JSON (RFC 8785) with the detached CMS signature of the authorised person."""
        raw = canonical_json(content)
        der = sign_document(raw, self.identity.key, self.identity.certificate, self.chain, at)
        return SignedDocument(content=raw.decode(), signature=base64.b64encode(der).decode())


async def enrol_registrar(keeper: Keeper, platform: Platform, name: str) -> Registrar:
    """Load or enrol the authorised person's key, kept under ``name``. Waits while the authority is silent."""
    folder, token = platform.stand.data_dir / "identities", platform.stand.enrolment_token.get_secret_value()
    person, authority = keeper.authorised_person, platform.authority

    async def ask(key: PrivateKey) -> Certificate:
        return await authority.enrol_officer(
            key,
            token,
            iin=person.iin,
            surname=person.surname,
            given_name=person.given_name,
            bin=REGISTRY_BINS[keeper.system],
            organisation=keeper.name_in_certificate,
        )

    while True:
        try:
            identity = await load_or_create_identity(folder, name, authority=authority, token=token, enrol=ask)
            return Registrar(keeper, identity, (await authority.anchors()).chain)
        except Unavailable as silent:
            log.warning("%s waits for the authority: %s", name, silent.detail)
            await asyncio.sleep(0.2)

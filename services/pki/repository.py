"""The authority's memory: keys as PEM files, and a register of certificates that is only ever appended to.

``register.jsonl`` holds one JSON object a line, each written and flushed to the disk before it counts. A line torn by a
crash or a full disk never counted; it is cut off.
"""

import asyncio
import json
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from services.pki.domain import DemoPeople, IssuedCertificate, RevocationReason
from services.pki.errors import BrokenStore
from shared.crypto.identity import Identity
from shared.crypto.issuance import Addresses, CertificateAuthority
from shared.kit.durable import BrokenFile, JSONLines, lack_of_room, make_folder, replace_file

_NAMES = ("root", "issuing", "responder")
_ENTRY = TypeAdapter(IssuedCertificate)


def open_authority(directory: Path, public_url: str) -> CertificateAuthority:
    """The authority whose keys are in ``directory``; a new one, saved there, at the first start.

    Where its certificates are those of an earlier version or name other addresses, the same keys get new ones; what
    they issued stays good.

    Raises ``BrokenStore`` if only a part of the keys is there: another authority would make every certificate
    worthless.
    """
    identities = [Identity.load(directory, name) for name in _NAMES]
    root, issuing, responder = identities
    if root is not None and issuing is not None and responder is not None:
        known = CertificateAuthority(root, issuing, responder, Addresses(public_url))
        if not known.current():
            known = CertificateAuthority.of_keys((root.key, issuing.key, responder.key), public_url)
            _save(known, directory)
        return known
    # ``complete`` is written last: keys without it are those of a first start that did not come to its end.
    if (directory / "complete").exists():
        raise BrokenStore(f"the keys of the authority in {directory} are incomplete")
    authority = CertificateAuthority.create(public_url)
    _save(authority, directory)
    replace_file(directory / "complete", b"")
    return authority


def _save(authority: CertificateAuthority, directory: Path) -> None:
    for name, identity in zip(_NAMES, (authority.root, authority.issuing, authority.responder), strict=True):
        identity.save(directory, name)


def load_people(path: Path) -> DemoPeople:
    """The people of the stand. Raises ``BrokenStore`` naming the file and every fault in it."""
    try:
        return DemoPeople.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BrokenStore(f"{path}: {error}") from error


class CertificateRegister:
    """Every certificate issued, by thumbprint and by serial number."""

    def __init__(self, directory: Path) -> None:
        """Open the register in ``directory`` and read it. Raises ``BrokenStore`` for an entry that cannot be read."""
        make_folder(directory)
        self._directory = directory
        self._file = JSONLines(directory / "register.jsonl")
        self._lock = asyncio.Lock()
        self._by_thumbprint: dict[str, IssuedCertificate] = {}
        self._thumbprints: dict[int, str] = {}
        try:
            changes = self._file.read()
        except BrokenFile as error:
            raise BrokenStore(str(error)) from error
        for number, change in enumerate(changes, start=1):
            try:
                self._apply(change)
            except (KeyError, TypeError, ValueError) as error:
                raise BrokenStore(f"{self._file.path}, entry {number}: {error}") from error

    def fault(self) -> str | None:
        """Why the register takes nothing, ``None`` if it does."""
        return lack_of_room(self._directory) or self._file.fault

    def all(self) -> list[IssuedCertificate]:
        """Every entry, oldest first."""
        return list(self._by_thumbprint.values())

    def by_thumbprint(self, thumbprint: str) -> IssuedCertificate | None:
        """The entry of the certificate with this thumbprint."""
        return self._by_thumbprint.get(thumbprint)

    def by_serial(self, serial_number: int) -> IssuedCertificate | None:
        """The entry of the certificate with this serial number."""
        thumbprint = self._thumbprints.get(serial_number)
        return None if thumbprint is None else self._by_thumbprint[thumbprint]

    async def add(self, entry: IssuedCertificate) -> None:
        """Enter a new certificate."""
        given = {name: value for name, value in asdict(entry).items() if value is not None}
        await self._write({"issued": given})

    async def set_revocation(
        self, thumbprint: str, revoked_at: datetime | None, reason: RevocationReason | None
    ) -> IssuedCertificate:
        """Note that a known certificate is revoked, or no longer (``None``), and return the new entry."""
        await self._write({"revocation": {"thumbprint": thumbprint, "revoked_at": revoked_at, "reason": reason}})
        return self._by_thumbprint[thumbprint]

    def container(self, iin: str) -> bytes | None:
        """The key container made for a person of the stand, if it was made."""
        try:
            content = self._container_path(iin).read_bytes()
        except FileNotFoundError:
            return None
        return content if _is_whole(content) else None

    def save_container(self, iin: str, content: bytes) -> None:
        """Keep a person's key container."""
        replace_file(self._container_path(iin), content)

    def _container_path(self, iin: str) -> Path:
        folder = self._directory / "people"
        make_folder(folder)
        return folder / f"{iin}.p12"

    async def _write(self, change: dict[str, Any]) -> None:
        entry = json.dumps(change, default=_plain, ensure_ascii=False).encode()
        async with self._lock:
            await asyncio.to_thread(self._file.append, entry)
            self._apply(json.loads(entry))

    def _apply(self, change: dict[str, Any]) -> None:
        if "issued" in change:
            entry = _ENTRY.validate_python(change["issued"])
            self._by_thumbprint[entry.thumbprint] = entry
            self._thumbprints[int(entry.serial, 16)] = entry.thumbprint
            return
        revocation = change["revocation"]
        moment, reason = revocation["revoked_at"], revocation["reason"]
        thumbprint = revocation["thumbprint"]
        self._by_thumbprint[thumbprint] = replace(
            self._by_thumbprint[thumbprint],
            revoked_at=None if moment is None else datetime.fromisoformat(moment),
            reason=None if reason is None else RevocationReason(reason),
        )


def _is_whole(der: bytes) -> bool:
    """Whether there is as much of it as its outer length says (X.690 §8.1.3)."""
    if len(der) < 2 or der[1] < 0x80:
        return False  # no key container is as short as the short form
    count = der[1] & 0x7F
    return len(der) == 2 + count + int.from_bytes(der[2 : 2 + count])


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")

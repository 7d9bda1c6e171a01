"""Passwords of the stand's own staff: made at the first start, told once, kept as hashes.

Hashes and clear text lie in two files only their owner may read; so a reset of the stand, which empties the database,
locks nobody out. The passwords are 128 random bits, which nobody can guess: a fast hash keeps them as well as the slow
one that passwords of people need, and does not cost the start seconds for a staff of fifty.
"""

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from shared.kit.alone import alone
from shared.kit.durable import replace_file
from shared.kit.ids import sha256_hex

log = logging.getLogger(__name__)

Kept = TypeVar("Kept", dict[str, str], list[dict[str, Any]])

_RANDOM_BYTES = 16


class FirstPasswords:
    """Passwords by login. ``prepare`` comes before anything else."""

    def __init__(self) -> None:
        self._hashes: dict[str, str] = {}
        """``salt:SHA-256`` by login, in hexadecimal."""
        self._clear_text: Path | None = None

    async def prepare(self, clear_text: Path, people: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the hashes beside ``clear_text``, and make passwords for those of ``people`` (by login) who have none.

        What is said of a person besides their login is told along with the password. Of several replicas that start at
        the same moment one makes the passwords, and the others read them.
        """
        async with alone(clear_text.parent, clear_text.stem):
            await self._prepare(clear_text, people)

    async def _prepare(self, clear_text: Path, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._clear_text = clear_text
        kept = clear_text.with_suffix(".hashes.json")
        told = self.told()
        # What is lost of one file is made anew from the other; what is in neither gets a new password.
        self._hashes = _read(kept, dict) or {
            entry["login"]: _hashed(secrets.token_hex(_RANDOM_BYTES), entry["password"]) for entry in told
        }
        missing = [login for login in people if login not in self._hashes]
        if not missing:
            return
        told = [entry for entry in told if entry["login"] not in missing]
        for login in missing:
            password = secrets.token_urlsafe(_RANDOM_BYTES)
            self._hashes[login] = _hashed(secrets.token_hex(_RANDOM_BYTES), password)
            told.append({"login": login, "password": password, **people[login]})
        await asyncio.to_thread(self._write, clear_text, kept, told)

    def told(self) -> list[dict[str, Any]]:
        """What was written at the first start; empty if the file was taken away."""
        return [] if self._clear_text is None else _read(self._clear_text, list)

    def kept(self, login: str) -> str | None:
        """What is kept of the password of ``login``: another one after it was made anew; ``None`` for an unknown
        login."""
        return self._hashes.get(login)

    def fits(self, login: str, password: str) -> bool:
        """Whether it is the password of ``login``; an unknown login takes as long as a known one."""
        known = self._hashes.get(login, ":")
        return hmac.compare_digest(_hashed(known.partition(":")[0], password), known)

    def _write(self, clear_text: Path, kept: Path, told: list[dict[str, Any]]) -> None:
        replace_file(clear_text, json.dumps(told, ensure_ascii=False, indent=1).encode())
        replace_file(kept, json.dumps(self._hashes).encode())


def _read(path: Path, kind: type[Kept]) -> Kept:
    """What is in the file; empty if it is not there, or not whole."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return kind()
    except ValueError as error:
        log.warning("%s cannot be read (%s): what it told is made anew", path, error)
        return kind()
    return found if isinstance(found, kind) else kind()


def _hashed(salt: str, password: str) -> str:
    # JSON can carry half of a surrogate pair, which has no UTF-8 form; it is a character like any other here.
    return f"{salt}:{sha256_hex(salt.encode() + password.encode('utf-8', 'surrogatepass'))}"

"""Passwords of the stand's own staff: made at the first start, told once, kept as hashes.

Hashes and clear text lie in two files only their owner may read; so a reset of the stand, which empties the database,
locks nobody out.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.crypto.identity import write_private
from shared.crypto.passwords import Passwords


class FirstPasswords:
    """Passwords by login. ``prepare`` comes before anything else."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self._hashes: dict[str, str] = {}
        self._clear_text: Path | None = None

    async def prepare(self, clear_text: Path, people: Mapping[str, Mapping[str, Any]]) -> None:
        """Read the hashes beside ``clear_text``, and make passwords for those of ``people`` (by login) who have none.

        What is said of a person besides their login is told along with the password.
        """
        self._clear_text = clear_text
        kept = clear_text.with_suffix(".hashes.json")
        if kept.exists():
            self._hashes = json.loads(await asyncio.to_thread(kept.read_text))
        missing = [login for login in people if login not in self._hashes]
        if not missing:
            return
        told = [entry for entry in self.told() if entry["login"] not in missing]
        for login in missing:
            password = secrets.token_urlsafe(12)
            self._hashes[login] = await self._passwords.hash(password)
            told.append({"login": login, "password": password, **people[login]})
        await asyncio.to_thread(self._write, clear_text, kept, told)

    def told(self) -> list[dict[str, Any]]:
        """What was written at the first start; empty if the file was taken away."""
        if self._clear_text is None or not self._clear_text.exists():
            return []
        entries: list[dict[str, Any]] = json.loads(self._clear_text.read_text(encoding="utf-8"))
        return entries

    async def fits(self, login: str, password: str) -> bool:
        """Whether it is the password of ``login``; an unknown login takes as long as a known one."""
        return await self._passwords.fits(password, self._hashes.get(login))

    def _write(self, clear_text: Path, kept: Path, told: list[dict[str, Any]]) -> None:
        clear_text.parent.mkdir(parents=True, exist_ok=True)
        write_private(clear_text, json.dumps(told, ensure_ascii=False, indent=1).encode())
        write_private(kept, json.dumps(self._hashes).encode())

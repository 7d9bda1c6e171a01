"""Taking an account back, and what goes to the telephone of the state's base."""

import secrets

import httpx
import pytest

from services.portal.repository import queries
from shared.crypto.passwords import Passwords
from shared.crypto.testing import IIN
from tests.unit.portal.bench import PASSWORD, Bench
from tests.unit.portal.test_recipients import MOBILE, OTHER, PHONES


class TestTakingBack:
    async def test_the_owner_is_told_at_the_telephone_of_the_states_base(self, bench: Bench) -> None:
        signer = bench.pki.person(MOBILE)
        (await bench.register(MOBILE, signer)).raise_for_status()
        assert await bench.short_messages(PHONES[MOBILE]) == []
        (await bench.register(MOBILE, signer)).raise_for_status()
        assert "taken back" in (await bench.short_messages(PHONES[MOBILE]))[0]

    async def test_a_sign_in_under_way_does_not_outlive_the_taking_back(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The password of the usurper is found right, and before the session is made the owner has a new one."""
        (await bench.register()).raise_for_status()
        proof = await bench.challenged(IIN, bench.pki.person())
        fits = Passwords.fits

        async def taken_back_meanwhile(self: Passwords, password: str, known_hash: str | None) -> bool:
            genuine = await fits(self, password, known_hash)
            body = {"iin": IIN, "password": "the owner's own words", **proof}
            (await bench.http.post("/recipients", json=body)).raise_for_status()
            return genuine

        with monkeypatch.context() as patched:
            patched.setattr(Passwords, "fits", taken_back_meanwhile)
            late = await bench.sign_in()
        assert late.status_code == httpx.codes.UNAUTHORIZED, late.text
        async with bench.platform.database.session() as session:
            assert (await session.execute(bench.hosted.metadata.tables["sessions"].select())).all() == []

    async def test_who_registered_while_the_certificate_was_checked_is_out_as_well(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The look at who is registered found nobody; sessions end all the same."""
        (await bench.register()).raise_for_status()
        (await bench.sign_in()).raise_for_status()

        async def nobody_yet(session: object, iin: str) -> None:
            return None

        with monkeypatch.context() as patched:
            patched.setattr(queries, "find_recipient", nobody_yet)
            (await bench.register()).raise_for_status()
        async with bench.platform.database.session() as session:
            assert (await session.execute(bench.hosted.metadata.tables["sessions"].select())).all() == []


class TestTelephone:
    async def test_without_a_telephone_as_much_is_done_and_nothing_is_sent(self, bench: Bench) -> None:
        """The same time: the same rows are written in both cases, but for the message itself."""
        for iin in (MOBILE, OTHER):
            (await bench.http.post("/recipients/one-time-passwords", json={"iin": iin})).raise_for_status()
        tables = bench.hosted.metadata.tables
        async with bench.platform.database.session() as session:
            sent = (await session.execute(tables["one_time_passwords"].select())).all()
            counted = (await session.execute(tables["sign_in_attempts"].select())).all()
        assert {row.purpose for row in sent} == {f"registration:{iin}:at:127.0.0.1" for iin in (MOBILE, OTHER)}
        of_one = {f"unasked-messages:{iin}" for iin in (MOBILE, OTHER)}
        at_one = {f"{name}:at:127.0.0.1" for name in of_one}
        assert {row.subject for row in counted} == {*of_one, *at_one, "unasked-messages:at:127.0.0.1"}
        assert len(await bench.short_messages()) == 1

    async def test_what_went_to_nobody_is_not_to_be_guessed(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Not even whoever guesses the digits gets in where they went nowhere."""
        monkeypatch.setattr(secrets, "randbelow", lambda _: 12345678)
        (await bench.http.post("/recipients/one-time-passwords", json={"iin": OTHER})).raise_for_status()
        body = {"iin": OTHER, "password": PASSWORD, "one_time_password": "12345678"}
        answer = await bench.http.post("/recipients", json=body)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:egov:problem:one-time-password")

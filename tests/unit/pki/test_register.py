"""The authority's memory survives crashes, and refuses to guess."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from services.pki.domain import IssuedCertificate, RevocationReason
from services.pki.errors import BrokenStore
from services.pki.repository import CertificateRegister, load_people, open_authority
from shared.crypto.identity import Identity, new_ec_key
from shared.crypto.issuance import Subject
from shared.crypto.p12 import dump_p12
from shared.crypto.testing import MemoryPKI
from shared.crypto.validity import VALID_FROM, VALID_UNTIL
from shared.kit import durable
from shared.kit.clock import Clock
from shared.kit.durable import StorageFails


def entry(pki: MemoryPKI, clock: Clock) -> IssuedCertificate:
    certificate = pki.person().certificate
    return IssuedCertificate(
        thumbprint=certificate.thumbprint,
        pem=certificate.pem,
        serial=certificate.serial,
        common_name=certificate.common_name,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        issued_at=clock.now(),
        iin=certificate.iin,
    )


@pytest.fixture
def pki(clock: Clock) -> MemoryPKI:
    return MemoryPKI(clock)


async def test_reads_back_what_was_entered(pki: MemoryPKI, clock: Clock, tmp_path: Path) -> None:
    register, first, second = CertificateRegister(tmp_path), entry(pki, clock), entry(pki, clock)
    await register.add(first)
    await register.add(second)
    revoked = await register.set_revocation(first.thumbprint, clock.now(), RevocationReason.SUPERSEDED)
    again = CertificateRegister(tmp_path)
    assert again.all() == [revoked, second]
    assert again.by_thumbprint(first.thumbprint) == revoked
    assert again.by_serial(int(second.serial, 16)) == second
    assert again.by_thumbprint("x") is None
    assert again.by_serial(1) is None


async def test_line_torn_by_a_crash_is_dropped(pki: MemoryPKI, clock: Clock, tmp_path: Path) -> None:
    register, first, second = CertificateRegister(tmp_path), entry(pki, clock), entry(pki, clock)
    await register.add(first)
    path = tmp_path / "register.jsonl"
    with path.open("ab") as file:
        file.write(b'{"issued": {"thumb')
    again = CertificateRegister(tmp_path)
    assert again.all() == [first]
    await again.add(second)
    assert CertificateRegister(tmp_path).all() == [first, second]


async def test_line_broken_in_the_middle_is_not_guessed_at(pki: MemoryPKI, clock: Clock, tmp_path: Path) -> None:
    await CertificateRegister(tmp_path).add(entry(pki, clock))
    path = tmp_path / "register.jsonl"
    path.write_bytes(b"rubbish\n" + path.read_bytes())
    with pytest.raises(BrokenStore, match="line 1"):
        CertificateRegister(tmp_path)


async def test_a_disk_that_takes_half_a_line_costs_nothing_but_that_line(
    pki: MemoryPKI, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register, first, second = CertificateRegister(tmp_path), entry(pki, clock), entry(pki, clock)
    await register.add(first)
    assert register.fault() is None
    with monkeypatch.context() as full:
        full.setattr(durable, "_write_whole", half_written)
        with pytest.raises(StorageFails):
            await register.add(second)
    assert "register.jsonl" in str(register.fault())
    assert register.all() == [first]
    await register.add(second)
    assert register.fault() is None
    assert CertificateRegister(tmp_path).all() == [first, second]


def half_written(descriptor: int, content: bytes) -> None:
    """What a full disk does."""
    os.write(descriptor, content[: len(content) // 2])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_an_entry_of_another_form_is_named(pki: MemoryPKI, clock: Clock, tmp_path: Path) -> None:
    await CertificateRegister(tmp_path).add(entry(pki, clock))
    for other in ('{"issued": {"thumbprint": 1}}', '{"revocation": {"thumbprint": "unknown"}}', '{"else": 1}'):
        path = tmp_path / "register.jsonl"
        whole = path.read_bytes()
        path.write_bytes(whole + other.encode() + b"\n")
        with pytest.raises(BrokenStore, match="entry 2"):
            CertificateRegister(tmp_path)
        path.write_bytes(whole)


async def test_a_key_container_that_was_cut_is_none(tmp_path: Path, clock: Clock) -> None:
    register, person = CertificateRegister(tmp_path), MemoryPKI(clock).person()
    content = dump_p12(person.key, person.certificate, (), name="x", password="x")
    register.save_container("1", content)
    assert register.container("1") == content
    for cut in (0, 1, 2, 4, len(content) // 2, len(content) - 1):
        register.save_container("1", content[:cut])
        assert register.container("1") is None


class TestKeys:
    def test_are_made_once(self, tmp_path: Path) -> None:
        first = open_authority(tmp_path, "http://pki.test")
        second = open_authority(tmp_path, "http://pki.test")
        assert first.anchors.issuing == second.anchors.issuing
        for path in tmp_path.glob("*.key.pem"):
            assert path.stat().st_mode & 0o777 == 0o600

    def test_subjects_say_test(self, tmp_path: Path) -> None:
        authority = open_authority(tmp_path, "http://pki.test")
        for identity in (authority.root, authority.issuing, authority.responder):
            assert "TEST" in identity.certificate.common_name

    def test_lost_key_stops_the_start(self, tmp_path: Path) -> None:
        open_authority(tmp_path, "http://pki.test")
        (tmp_path / "issuing.key.pem").unlink()
        with pytest.raises(BrokenStore, match="incomplete"):
            open_authority(tmp_path, "http://pki.test")

    def test_first_start_that_was_cut_short_is_begun_anew(self, clock: Clock, tmp_path: Path) -> None:
        MemoryPKI(clock).authority.root.save(tmp_path, "root")
        authority = open_authority(tmp_path, "http://pki.test")
        assert authority.anchors.chain_fault(authority.responder.certificate, clock.now()) is None

    def test_earlier_certificates_are_replaced_and_what_they_issued_stays_good(
        self, pki: MemoryPKI, clock: Clock, tmp_path: Path
    ) -> None:
        """A folder of the time when certificates were short and the issuing authority's had no addresses."""
        made = open_authority(tmp_path, "http://pki.test")
        person = made.issue(
            Subject("ТЕСТ"), new_ec_key().public_key(), usage="signing", not_before=VALID_FROM, not_after=VALID_UNTIL
        )
        old = pki.issue(Subject("TEST egov stand issuing authority"), key=made.issuing.key)
        Identity(made.issuing.key, old.certificate).save(tmp_path, "issuing")
        opened = open_authority(tmp_path, "http://pki.test")
        assert opened.current()
        assert opened.issuing.key.public_key() == made.issuing.key.public_key()
        assert opened.anchors.chain_fault(person, clock.now()) is None

    def test_another_address_is_written_into_new_certificates(self, tmp_path: Path) -> None:
        first = open_authority(tmp_path, "http://pki.test")
        second = open_authority(tmp_path, "http://other.test")
        assert not replace(first, addresses=second.addresses).current()
        assert second.current()


def test_broken_people_file_names_file_and_fault(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    for content in ("people: [", "people: 1", 'people: [{iin: "1"}]'):
        path.write_text(content)
        with pytest.raises(BrokenStore, match=r"people\.yaml"):
            load_people(path)
    with pytest.raises(BrokenStore, match=r"absent\.yaml"):
        load_people(tmp_path / "absent.yaml")

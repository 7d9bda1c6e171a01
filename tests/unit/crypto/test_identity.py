"""Keys on disk and key containers."""

from pathlib import Path

import pytest

from shared.crypto.identity import Identity, load_private_key, new_ec_key, private_key_pem
from shared.crypto.p12 import dump_p12, load_p12
from shared.crypto.testing import MemoryPKI, rsa_key
from shared.kit.durable import replace_file
from shared.kit.errors import InvalidInput


class TestFiles:
    def test_round_trip_with_a_key_only_the_owner_reads(self, pki: MemoryPKI, tmp_path: Path) -> None:
        portal = pki.system("portal")
        portal.save(tmp_path / "new", "portal")
        loaded = Identity.load(tmp_path / "new", "portal")
        assert loaded is not None
        assert loaded.certificate == portal.certificate
        assert loaded.fits()
        assert (tmp_path / "new" / "portal.key.pem").stat().st_mode & 0o777 == 0o600
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["portal.key.pem", "portal.pem"]

    def test_absent_broken_or_mixed_up_files_are_none(self, pki: MemoryPKI, tmp_path: Path) -> None:
        assert Identity.load(tmp_path, "portal") is None
        pki.system("portal").save(tmp_path, "portal")
        (tmp_path / "portal.key.pem").write_bytes(private_key_pem(new_ec_key()))
        assert Identity.load(tmp_path, "portal") is None
        (tmp_path / "portal.key.pem").write_bytes(b"rubbish")
        assert Identity.load(tmp_path, "portal") is None

    def test_replacing_keeps_the_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "secret"
        path.write_bytes(b"old")
        path.chmod(0o644)
        replace_file(path, b"new")
        assert path.read_bytes() == b"new"
        assert path.stat().st_mode & 0o777 == 0o600

    def test_rubbish_is_no_key(self) -> None:
        with pytest.raises(InvalidInput):
            load_private_key(b"rubbish")


class TestContainer:
    @pytest.mark.parametrize("algorithm", ["rsa", "ec"])
    def test_round_trip(self, pki: MemoryPKI, algorithm: str) -> None:
        person = pki.person(key=rsa_key() if algorithm == "rsa" else None)
        content = dump_p12(person.key, person.certificate, pki.chain, name="person", password="Qwerty12")
        opened = load_p12(content, "Qwerty12")
        assert opened.identity.certificate == person.certificate
        assert opened.identity.fits()
        assert set(opened.chain) == set(pki.chain)

    def test_wrong_password_and_rubbish_are_refused(self, pki: MemoryPKI) -> None:
        person = pki.person()
        content = dump_p12(person.key, person.certificate, pki.chain, name="person", password="Qwerty12")
        for data, password in ((content, "wrong"), (content, ""), (b"rubbish", "Qwerty12"), (b"", "")):
            with pytest.raises(InvalidInput):
                load_p12(data, password)

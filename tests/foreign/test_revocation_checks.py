"""A person's certificate, from the root down, checked by programs that know nothing of the stand."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr

from services.pki.app import create_app
from services.pki.settings import Settings
from shared.crypto.authority import AuthorityClient
from shared.crypto.certificates import Certificate
from shared.crypto.identity import new_ec_key
from shared.crypto.revocation import RevocationList
from shared.kit.clock import Clock
from shared.kit.ports import free_ports
from shared.kit.settings import StandSettings
from tests.unit.pki.conftest import TOKEN, served

PATH_CHECK = Path(__file__).with_name("PathCheck.java")
_PATIENCE_S = 120.0


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@dataclass
class Authority:
    """An authority that is served where its certificates say, with the files of two systems and the chain."""

    url: str
    client: AuthorityClient
    folder: Path
    first: Certificate
    second: Certificate

    async def run(self, *command: str) -> tuple[int, str]:
        """Exit code and output of ``command`` in the folder."""
        process = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(_PATIENCE_S):
            output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def revoke_second(self) -> None:
        await self.client.revoke(self.second.thumbprint, TOKEN)


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[Authority]:
    [port] = free_ports(1)
    url, clock = f"http://127.0.0.1:{port}", Clock()
    stand = StandSettings(data_dir=tmp_path / "stand", enrolment_token=SecretStr(TOKEN), tools=True)
    app = create_app(Settings(public_url=url), stand, clock)
    async with served(app, port), httpx.AsyncClient() as http:
        client = AuthorityClient(url, http, clock)
        anchors = await client.anchors()
        first, second = [await client.enrol(code, new_ec_key(), TOKEN) for code in ("portal", "csc")]
        files = {"first": first, "second": second, "issuing": anchors.issuing, "root": anchors.root}
        for name, certificate in files.items():
            (tmp_path / f"{name}.pem").write_text(certificate.pem)
        yield Authority(url, client, tmp_path, first, second)


@needs("openssl")
class TestOpenSSL:
    ASK = ("openssl", "ocsp", "-issuer", "issuing.pem", "-CAfile", "root.pem", "-verify_other", "issuing.pem")

    async def test_asks_about_several_certificates_at_once(self, authority: Authority) -> None:
        await authority.revoke_second()
        for digest in ("-sha1", "-sha256"):
            asked = ("-cert", "first.pem", digest, "-cert", "second.pem")
            _, output = await authority.run(*self.ASK, digest, *asked, "-url", f"{authority.url}/ocsp")
            assert "Response verify OK" in output
            assert "first.pem: good" in output
            assert "second.pem: revoked" in output

    async def test_asks_the_root_about_the_issuing_authority(self, authority: Authority) -> None:
        ask = ("openssl", "ocsp", "-issuer", "root.pem", "-CAfile", "root.pem", "-cert", "issuing.pem")
        _, output = await authority.run(*ask, "-url", f"{authority.url}/ocsp")
        assert "Response verify OK" in output
        assert "issuing.pem: good" in output

    async def test_asks_about_two_issuers_and_is_told_no(self, authority: Authority) -> None:
        both = ("-cert", "first.pem", "-issuer", "root.pem", "-cert", "issuing.pem")
        _, output = await authority.run(*self.ASK, *both, "-url", f"{authority.url}/ocsp")
        assert "unauthorized (6)" in output

    async def test_checks_the_whole_chain_against_the_lists(self, authority: Authority) -> None:
        check = ("openssl", "verify", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem")
        await authority.revoke_second()
        async with httpx.AsyncClient() as http:
            for name in ("issuing", "root"):
                content = (await http.get(f"{authority.url}/crl/{name}.crl")).content
                pem = RevocationList.from_der(content).loaded.public_bytes(Encoding.PEM)
                (authority.folder / f"{name}-crl.pem").write_bytes(pem)
        lists = ("-CRLfile", "issuing-crl.pem", "-CRLfile", "root-crl.pem")
        assert await authority.run(*check, *lists, "first.pem") == (0, "first.pem: OK\n")
        code, output = await authority.run(*check, *lists, "second.pem")
        assert code != 0
        assert "certificate revoked" in output


@needs("java")
class TestJava:
    @pytest.mark.parametrize("by", ["ocsp", "crl"])
    async def test_checks_the_whole_chain_by_what_its_certificates_say(self, authority: Authority, by: str) -> None:
        await authority.revoke_second()
        java = ("java", str(PATH_CHECK))
        code, output = await authority.run(*java, "first.pem", "issuing.pem", "root.pem", by)
        if code != 0 and "compiler" in output:
            pytest.skip("java has no compiler here")
        assert output == "valid\n"
        code, output = await authority.run(*java, "second.pem", "issuing.pem", "root.pem", by)
        assert code != 0
        assert "revoked" in output

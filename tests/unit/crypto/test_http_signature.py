"""Signatures of HTTP calls between systems: what is taken, and everything that is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.crypto.authority import AuthorityClient
from shared.crypto.directory import CertificateDirectory
from shared.crypto.http_signature import LASTS, Call, CallVerifier, sign
from shared.crypto.identity import Identity
from shared.crypto.testing import MemoryPKI
from shared.kit.clock import Clock
from shared.kit.errors import Unauthorised, Unavailable

URL = "http://127.0.0.1:8104/queue-places/a%2Fb?lang=kk&x="
BODY = b'{"centre": "almaly"}'


@pytest.fixture
def portal(pki: MemoryPKI) -> Identity:
    return pki.system("portal")


def signed(identity: Identity, clock: Clock, method: str = "GET", url: str = URL, body: bytes = b"") -> Call:
    """A call of ``identity``, as it arrives."""
    headers = httpx.Headers({"host": httpx.URL(url).netloc.decode()})
    call = Call(method, url, headers, body)
    sign(call, identity, clock)
    return call


async def test_who_signed_is_told(pki: MemoryPKI, portal: Identity, clock: Clock) -> None:
    verifier = CallVerifier(pki.directory(), clock)
    for call in (
        signed(portal, clock),
        signed(portal, clock, "POST", "http://csc/bookings", BODY),
        signed(portal, clock, "DELETE", "http://csc/bookings/1"),
    ):
        assert await verifier.signer(call) == "portal"


def with_header(name: str, change: Callable[[str], str]) -> Callable[[Call], Call]:
    """The call with one header field changed."""

    def changed(call: Call) -> Call:
        headers = httpx.Headers(call.headers)
        headers[name] = change(headers[name])
        return replace(call, headers=headers)

    return changed


def without(name: str) -> Callable[[Call], Call]:
    """The call without one header field."""

    def changed(call: Call) -> Call:
        headers = httpx.Headers(call.headers)
        del headers[name]
        return replace(call, headers=headers)

    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda call: replace(call, method="DELETE"),
        lambda call: replace(call, url=call.url.replace("bookings", "booking")),
        lambda call: replace(call, url=call.url.replace("http://csc", "http://portal")),
        lambda call: replace(call, url=call.url + "?force=1"),
        lambda call: replace(call, body=BODY.replace(b"almaly", b"bostan")),
        lambda call: replace(call, body=b""),
        with_header("content-digest", lambda _: "sha-256=:AAAA:"),
        without("content-digest"),
        without("signature"),
        without("signature-input"),
        with_header("signature-input", lambda text: text.replace('"@path" ', "")),
        with_header("signature-input", lambda text: text.replace('"@method" ', "")),
        with_header("signature-input", lambda text: text.replace("created=", "created=1")),
        with_header("signature-input", lambda text: text.replace('tag="egov"', 'tag="other"')),
        with_header("signature-input", lambda text: text.replace("ecdsa-p256-sha256", "hmac-sha256")),
        with_header("signature-input", lambda text: text.partition(";")[0]),
        with_header("signature-input", lambda text: text + "," + text.replace("egov=", "two=")),
        with_header("signature", lambda text: text[:20] + "AAAA" + text[24:]),
        with_header("signature", lambda _: "egov=:AAAA:"),
        with_header("signature", lambda _: "egov"),
        with_header("signature", lambda text: f"{text}, {text.replace('egov=', 'two=')}"),
    ],
)
async def test_what_was_changed_on_the_way_is_not_taken(
    pki: MemoryPKI, portal: Identity, clock: Clock, change: Callable[[Call], Call]
) -> None:
    call = signed(portal, clock, "POST", "http://csc/bookings", BODY)
    verifier = CallVerifier(pki.directory(), clock)
    assert await verifier.signer(call) == "portal"
    with pytest.raises(Unauthorised):
        await verifier.signer(change(call))


@pytest.mark.parametrize("part", ["@method", "@authority", "@path", "@query", "content-digest"])
async def test_every_part_has_to_be_covered(
    pki: MemoryPKI, portal: Identity, clock: Clock, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered = tuple(name for name in ("@method", "@authority", "@path", "@query") if name != part)
    with monkeypatch.context() as patched:
        patched.setattr("shared.crypto.http_signature.COVERED", covered)
        call = signed(portal, clock, "POST", "http://csc/bookings", b"" if part == "content-digest" else BODY)
    if part == "content-digest":
        call = replace(call, body=BODY)
    with pytest.raises(Unauthorised):
        await CallVerifier(pki.directory(), clock).signer(call)


@pytest.mark.parametrize("off", [timedelta(minutes=6), timedelta(days=400), -timedelta(minutes=6)])
async def test_old_ones_and_ones_of_the_future_are_not_taken(
    pki: MemoryPKI, portal: Identity, clock: Clock, off: timedelta
) -> None:
    clock.set(clock.now(), freeze=True)
    elsewhere = Clock()
    elsewhere.set(clock.now() - off, freeze=True)
    with pytest.raises(Unauthorised, match="too long ago, or ahead"):
        await CallVerifier(pki.directory(), clock).signer(signed(portal, elsewhere))
    elsewhere.set(clock.now() - LASTS + timedelta(seconds=1), freeze=True)
    assert await CallVerifier(pki.directory(), clock).signer(signed(portal, elsewhere)) == "portal"


async def test_what_was_signed_before_the_clock_moved_is_taken(pki: MemoryPKI, portal: Identity, clock: Clock) -> None:
    call = signed(portal, clock)
    clock.advance(timedelta(days=3))
    directory = pki.directory()
    assert await CallVerifier(directory, clock).signer(call) == "portal"


async def test_who_has_heard_of_a_move_first_is_taken(pki: MemoryPKI, portal: Identity, clock: Clock) -> None:
    ahead = Clock()
    ahead.set(clock.now() + timedelta(days=3), freeze=True)

    async def catch_up() -> None:
        clock.set(ahead.now(), freeze=True)

    clock.catch_up = catch_up
    directory = pki.directory()
    directory.crl = pki.crl(timedelta(days=5))
    assert await CallVerifier(directory, clock).signer(signed(portal, ahead)) == "portal"


class TestCertificates:
    @pytest.mark.parametrize("who", ["person", "officer"])
    async def test_nobody_else_is_a_system(self, pki: MemoryPKI, clock: Clock, who: str) -> None:
        identity: Identity = getattr(pki, who)()
        with pytest.raises(Unauthorised, match="the certificate of the call's signature"):
            await CallVerifier(pki.directory(), clock).signer(signed(identity, clock))

    async def test_revoked(self, pki: MemoryPKI, portal: Identity, clock: Clock) -> None:
        pki.revoke(portal.certificate)
        with pytest.raises(Unauthorised, match="revoked"):
            await CallVerifier(pki.directory(), clock).signer(signed(portal, clock))

    async def test_of_another_authority(self, pki: MemoryPKI, clock: Clock) -> None:
        stranger, directory = MemoryPKI(clock).system("portal"), pki.directory()
        directory.add(stranger.certificate)
        with pytest.raises(Unauthorised, match="the certificate of the call's signature"):
            await CallVerifier(directory, clock).signer(signed(stranger, clock))

    async def test_another_ones_name_is_of_no_use(self, pki: MemoryPKI, portal: Identity, clock: Clock) -> None:
        notary = pki.system("notary")
        with pytest.raises(Unauthorised):
            await CallVerifier(pki.directory(), clock).signer(signed(Identity(notary.key, portal.certificate), clock))

    async def test_an_unknown_one_is_asked_for_once(self, pki: MemoryPKI, clock: Clock) -> None:
        asked: list[str] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            match request.url.path.split("/")[1]:
                case "ca":
                    name = "root" if "root" in request.url.path else "issuing"
                    return httpx.Response(200, text=getattr(pki.authority, name).certificate.pem)
                case "crl":
                    return httpx.Response(200, content=pki.crl().der)
            found = [c for c in pki.certificates if c.thumbprint == request.url.path.split("/")[2]]
            return httpx.Response(200, json={"pem": found[0].pem}) if found else httpx.Response(404)

        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        directory = CertificateDirectory(clock, AuthorityClient("http://pki", http, clock))
        verifier = CallVerifier(directory, clock)
        call = signed(pki.system("portal"), clock)
        assert [await verifier.signer(call) for _ in range(3)] == ["portal"] * 3
        assert len([path for path in asked if path.startswith("/certificates")]) == 1
        # Nobody's, however often they are shown.
        with pytest.raises(Unauthorised):
            await verifier.signer(signed(MemoryPKI(clock).system("portal"), clock))
        # And not at all beyond what may be asked.
        before = len(asked)
        with pytest.raises(Unauthorised):
            await CallVerifier(directory, clock, lambda: False).signer(signed(MemoryPKI(clock).system("portal"), clock))
        assert len(asked) == before

    async def test_nothing_is_decided_while_the_authority_is_silent(self, portal: Identity, clock: Clock) -> None:
        def silent(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("silent")

        http = httpx.AsyncClient(transport=httpx.MockTransport(silent))
        directory = CertificateDirectory(clock, AuthorityClient("http://pki", http, clock))
        for at_hand in (False, True):
            if at_hand:
                directory.add(portal.certificate)
            with pytest.raises(Unavailable):
                await CallVerifier(directory, clock).signer(signed(portal, clock))


@settings(max_examples=200, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["signature", "signature-input", "content-digest", "host"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=200),
    ),
    method=st.text(max_size=8),
    path=st.text(max_size=40),
)
async def test_whatever_is_sent_is_an_answer(fields: dict[str, str], method: str, path: str) -> None:
    clock = Clock()
    verifier = CallVerifier(CertificateDirectory(clock), clock)
    with pytest.raises(Unauthorised):
        await verifier.signer(Call(method, f"http://x/{path}", fields, b"body"))

"""What no client means to send: every operation of every service answers it, in few octets, and never with 500."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.stand.catalogue import SERVICES
from shared.web.bounds import PROBLEM_BYTES
from tests.contract.stand import LEFT_OUT, Stand, credentials

CODES = [service.code for service in SERVICES]
BODIES: dict[str, bytes] = {
    "many empty texts": b'{"applicant":{"surname":[' + b'"",' * 299_999 + b'""]}}',
    "many unknown names": json.dumps({f"unknown {n}": n for n in range(9000)}).encode(),
    "more unknown names": json.dumps({f"unknown {n}": n for n in range(50_000)}).encode(),
    "long unknown names": json.dumps({"\u0001" * 9000 + str(n): n for n in range(15)}).encode(),
    "deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "deeper": b"[" * 500_000,
    "arrays in arrays": json.dumps([[[[1] * 10] * 10] * 10] * 10).encode(),
    "a great number": b'{"a":' + b"9" * 900_000 + b"}",
    "a greater number": b'{"a":1e999}',
    "NaN": b'{"a":NaN}',
    "a NUL": b'{"login":"\\u0000","password":"\\u0000","service":"\\u0000"}',
    "half a character": b'{"login":"\\ud800","password":"\\udfff","service":"\\ud800"}',
    "one name twice": b'{"a":1,"a":2}',
    "not UTF-8": b'{"a":"\xff\xfe"}',
    "not JSON": b"{" * 100,
    "no object": b'"' + b"x" * 500_000 + b'"',
    "nothing": b"",
    "null": b"null",
}
VALUES = [
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "x" * 3000,
    "-1",
    "9" * 400,
    "1e999",
    "..%2f..%2fetc",
    "%27%22--",
    "%F0%9F%98%80",
]


def operations(stand: Stand, code: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path with its parameters, and description of each operation."""
    described = httpx.get(f"{stand.addresses.of(code)}/openapi.json").json()
    for path, item in described["paths"].items():
        if not re.search(LEFT_OUT, path):
            yield from ((method.upper(), path, operation) for method, operation in item.items())


def filled(path: str, value: str) -> str:
    return re.sub(r"{[^}]+}", value, path)


def check(answer: httpx.Response, what: str) -> None:
    """An answer within its bounds."""
    told = f"{what}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, told
    if answer.status_code >= 400:
        assert len(answer.content) <= PROBLEM_BYTES, told
        assert answer.headers["content-type"] == "application/problem+json", told
        assert answer.json()["type"].startswith("urn:egov:problem:"), told


@pytest.fixture
def client(stand: Stand, code: str) -> Iterator[httpx.Client]:
    """Signed in to the service."""
    base = stand.addresses.of(code)
    with httpx.Client(base_url=base, headers=credentials(stand, code), timeout=30) as client:
        yield client


@pytest.mark.parametrize("code", CODES)
def test_any_body(stand: Stand, code: str, client: httpx.Client) -> None:
    for method, path, operation in operations(stand, code):
        taken = operation.get("requestBody", {}).get("content", {})
        if not taken:
            continue
        kind = "application/json" if "application/json" in taken else next(iter(taken))
        for name, body in BODIES.items():
            what = f"{method} {path}: {name}"
            check(client.request(method, filled(path, "1"), content=body, headers={"content-type": kind}), what)
        odd = {"content-type": kind, "content-encoding": "gzip"}
        answer = client.request(method, filled(path, "1"), content=b"\x1f\x8b", headers=odd)
        assert answer.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE, f"{method} {path}"


@pytest.mark.parametrize("code", CODES)
def test_any_parameter(stand: Stand, code: str, client: httpx.Client) -> None:
    for method, path, operation in operations(stand, code):
        names = [part["name"] for part in operation.get("parameters", []) if part["in"] == "query"]
        headers: Any = {
            "content-type": "application/json",
            "last-event-id": b"\xff" * 50,
            "accept-language": "q=" * 500,
        }
        for value in VALUES:
            path_only = filled(path, value)
            check(client.request(method, path_only, content=b"{}", headers=headers), f"{method} {path_only[:200]}")
            # One at a time, because a fault of one hides what another would lead to.
            for name in names:
                if name != "wait":
                    target = f"{filled(path, '1')}?{name}={value[:500]}"
                    check(client.request(method, target, content=b"{}", headers=headers), f"{method} {target[:200]}")


@pytest.mark.parametrize("code", CODES)
def test_any_head(stand: Stand, code: str, client: httpx.Client) -> None:
    for headers in (
        {"authorization": "Bearer " + "\xff" * 100},
        {"authorization": "Basic " + "=" * 1000},
        {"authorization": "\xe9"},
        {"cookie": "; ".join(f"a{n}=b" for n in range(3000))},
        {"accept": "\xff" * 100, "accept-language": ",".join(["kk;q=nan", "ru;q=1e999", "en;q=-1"] * 100)},
        {"content-type": "\xff; charset=\xff"},
        {"content-type": "application/json; charset=klingon"},
    ):
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        for method, path, _ in operations(stand, code):
            check(client.request(method, filled(path, "1"), content=b"{}", headers=raw), f"{method} {path} {headers}")


@pytest.mark.parametrize("code", CODES)
def test_what_there_is_not(code: str, client: httpx.Client, stand: Stand) -> None:
    for method in ("PATCH", "TRACE", "PROPFIND"):
        answer = client.request(method, "/livez")
        check(answer, method)
        assert (answer.status_code, "GET" in answer.headers["allow"]) == (405, True)
    for path in (
        "/nowhere",
        "/livez/",
        "//livez",
        "/livez/../livez%2f",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/" + "a/" * 2000,
    ):
        check(client.get(httpx.URL(client.base_url, raw_path=path.encode())), path)
    check(client.get("/livez?" + "&".join(f"a{n}=b" for n in range(1000))), "many parameters")
    check(client.get("/livez?" + "a=b&" * 10_000), "a long query")
    check(client.options("/livez"), "OPTIONS")


@pytest.mark.parametrize("code", CODES)
def test_a_header_without_end(stand: Stand, code: str) -> None:
    port = int(stand.addresses.of(code).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nX: " + b"a" * 200_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 431 ")

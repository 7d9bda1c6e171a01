"""Attachments: what is taken, what is not, and that nothing is lost or left behind."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from shared.db.content import ContentStore
from shared.kit.ids import sha256_hex
from shared.web.file_names import name_in
from shared.web.uploads import SIGNATURES
from tests.unit.portal.bench import Bench

PDF = b"%PDF-1.4\n" + b"x" * 1000
DOCUMENT = "benefit_document"


async def attach(bench: Bench, application: str, content: object = PDF, **arguments: object) -> httpx.Response:
    headers = {"content-type": "application/pdf", **arguments.pop("headers", {})}  # type: ignore[dict-item]
    path = f"/applications/{application}/attachments/{arguments.pop('document', DOCUMENT)}"
    return await bench.call("PUT", path, content=content, headers=headers, **arguments)


async def test_file_is_kept_under_its_digest_and_named_in_the_document(bench: Bench) -> None:
    application = await bench.draft()
    disposition = {"content-disposition": "attachment; filename*=UTF-8''%D0%BA%D3%A9%D1%88.pdf"}
    attached = (await attach(bench, application, headers=disposition)).raise_for_status().json()
    digest = sha256_hex(PDF)
    assert attached == {
        "document": DOCUMENT,
        "name": "көш.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "sha256": digest,
    }
    document = (await bench.call("GET", f"/applications/{application}/document")).json()
    assert document["attachments"] == [attached]
    own = await bench.call("GET", f"/applications/{application}/attachments/{DOCUMENT}")
    others = await bench.attachment(f"/attachments/{digest}")
    assert own.content == others.content == PDF
    assert others.headers["content-type"] == "application/pdf"
    assert "immutable" in others.headers["cache-control"]
    assert others.headers["x-content-type-options"] == "nosniff"


LONG = "Ата-анасының бірінің немесе заңды өкілінің жеке басын куәландыратын құжат, екі жағы " * 3 + "(көшірме).pdf"


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ('form-data; name="file"; filename="Көш.pdf"'.encode(), "Көш.pdf"),
        (b'attachment; filename="C:\\Users\\a\\scan.pdf"', "scan.pdf"),
        (f"attachment; filename*=UTF-8''{quote(LONG)}".encode(), "….pdf"),
        (f"attachment; filename*=UTF-8''{quote('ы' * 700)}.pdf".encode(), "….pdf"),
        (b'attachment; filename="' + b"x" * 20_000 + b'.pdf"', "….pdf"),
        (b'attachment; filename=".pdf"', DOCUMENT),
    ],
)
async def test_the_name_comes_back_as_it_was_written(bench: Bench, stated: bytes, name: str) -> None:
    application = await bench.draft()
    attached = (await attach(bench, application, headers={"content-disposition": stated})).raise_for_status().json()
    assert attached["name"].endswith(name.removeprefix("…"))
    own = await bench.call("GET", f"/applications/{application}/attachments/{DOCUMENT}")
    assert name_in(own.headers["content-disposition"]) == attached["name"]
    assert 'filename="' in own.headers["content-disposition"]


async def test_a_name_in_the_query_is_shortened_too(bench: Bench) -> None:
    path = f"/applications/{await bench.draft()}/attachments/{DOCUMENT}?name={quote('ы' * 700)}.pdf"
    attached = (await bench.call("PUT", path, content=PDF, headers={"content-type": "application/pdf"})).json()
    assert attached["name"] == "ы" * 125 + ".pdf"


async def test_new_file_replaces_and_delete_takes_away(bench: Bench) -> None:
    application = await bench.draft()
    await attach(bench, application)
    await attach(bench, application, PDF + b"2", params={"name": "../../b.pdf"})
    attachments = (await bench.state(application))["attachments"]
    assert [(item["name"], item["size"]) for item in attachments] == [("b.pdf", len(PDF) + 1)]
    path = f"/applications/{application}/attachments/{DOCUMENT}"
    assert (await bench.call("DELETE", path)).status_code == httpx.codes.NO_CONTENT
    assert (await bench.call("DELETE", path)).status_code == httpx.codes.NOT_FOUND
    assert (await bench.call("GET", path)).status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("media_type", sorted(SIGNATURES))
@pytest.mark.parametrize("content_type", sorted(SIGNATURES))
async def test_content_must_be_what_it_says(bench: Bench, media_type: str, content_type: str) -> None:
    application = await bench.draft(filled=False)
    content = SIGNATURES[content_type] + bytes(100)
    answer = await attach(bench, application, content, headers={"content-type": media_type})
    expected = httpx.codes.OK if media_type == content_type else httpx.codes.UNSUPPORTED_MEDIA_TYPE
    assert answer.status_code == expected


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"MZ\x90\x00", "application/pdf"),
        (b"", "application/pdf"),
        (b"<html>%PDF-", "application/pdf"),
        (PDF, "application/x-msdownload"),
        (PDF, ""),
        (b"PK\x03\x04", "image/png"),
    ],
)
async def test_disguised_or_other_files_are_not_taken(bench: Bench, content: bytes, media_type: str) -> None:
    application = await bench.draft(filled=False)
    answer = await attach(bench, application, content, headers={"content-type": media_type})
    assert answer.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE
    assert (await bench.state(application))["attachments"] == []
    assert _left_behind(bench) == []


async def test_declared_size_over_the_limit_is_not_even_read(bench: Bench) -> None:
    application = await bench.draft(filled=False)
    read: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        read.append(1)
        yield PDF

    too_much = str(10 * 1024 * 1024 + 1)
    answer = await attach(bench, application, chunks(), headers={"content-length": too_much})
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert answer.json()["type"] == "urn:egov:problem:too-large"
    assert read == []


async def test_stream_is_not_read_past_the_limit(bench: Bench) -> None:
    application = await bench.draft(filled=False)
    block, sent = bytes(1024 * 1024), []

    async def chunks() -> AsyncIterator[bytes]:
        yield PDF
        for number in range(40):
            sent.append(number)
            yield block

    answer = await attach(bench, application, chunks())
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert len(sent) <= 11
    assert _left_behind(bench) == []


async def test_file_of_exactly_the_limit_is_taken(bench: Bench) -> None:
    application = await bench.draft(filled=False)
    content = b"%PDF-" + bytes(10 * 1024 * 1024 - 5)
    assert (await attach(bench, application, content)).status_code == httpx.codes.OK


@pytest.mark.parametrize("document", ["no_such", "request", "..%2f..%2fx"])
async def test_only_documents_of_the_regulation_are_taken(bench: Bench, document: str) -> None:
    application = await bench.draft(filled=False)
    answer = await attach(bench, application, document=document)
    assert answer.status_code in {404, 422}
    assert (await bench.state(application))["attachments"] == []


@pytest.mark.parametrize("sha256", ["0" * 64, "..%5c..%5cx", "..%2f..%2fportal.sqlite", "A" * 64, "0" * 63])
async def test_no_name_but_a_known_digest_is_served(bench: Bench, sha256: str) -> None:
    assert (await bench.attachment(f"/attachments/{sha256}")).status_code == httpx.codes.NOT_FOUND


def test_store_takes_nothing_but_digests(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "store")
    upload = store.begin()
    upload.write(b"x")
    with pytest.raises(ValueError, match="SHA-256"):
        upload.keep(under="../outside")
    upload.discard()
    assert store.path("../../" + "0" * 58) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def _left_behind(bench: Bench) -> list[Path]:
    folder = bench.platform.stand.data_dir / "portal" / "attachments"
    return [path for path in folder.rglob("*") if path.is_file()]

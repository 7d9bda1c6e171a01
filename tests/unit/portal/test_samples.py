"""A draft that is filled with the sample, and has the documents it names, can be signed."""

import httpx
import pytest

from shared.crypto.testing import IIN
from shared.regulations.loader import load_regulations
from tests.unit.portal.bench import Bench

PDF = {"content-type": "application/pdf", "content-disposition": 'attachment; filename="a.pdf"'}
OFFERED = [
    (regulation.id, channel)
    for regulation in load_regulations().values()
    for channel, part in regulation.channels.items()
    if channel in ("portal", "mobile") and part.steps
]


@pytest.mark.parametrize(("service", "channel"), OFFERED)
async def test_a_draft_filled_with_the_sample_lacks_nothing(bench: Bench, service: str, channel: str) -> None:
    where = {"channel": channel, "iin": IIN}
    sample = (await bench.http.get(f"/services/{service}/sample", params=where)).raise_for_status().json()
    application = await bench.draft(service=service, channel=channel, fill=sample["form"])
    for document in sample["documents"]:
        path = f"/applications/{application}/attachments/{document['code']}"
        (await bench.call("PUT", path, content=b"%PDF-1.4\n%%EOF\n", headers=PDF)).raise_for_status()
    answer = await bench.call("GET", f"/applications/{application}/document")
    assert answer.status_code == httpx.codes.OK, answer.text

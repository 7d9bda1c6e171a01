"""What tests do at the counter: forms that fit, an application taken, and what the journal says of it."""

from typing import Any

import httpx

from shared.messages.control import JournalEvent, JournalRecorded
from shared.messages.types import MessageType
from shared.regulations.calendar import calendars_of
from shared.regulations.conformance import Verdict
from shared.regulations.judgement import judge
from shared.regulations.loader import load_regulations
from shared.regulations.samples import Person, sample_form
from tests.factories.journals import as_kept
from tests.unit.provider.answers import answer_all
from tests.unit.provider.applications import APPLICANT
from tests.unit.provider.bench import Bench


def form(
    bench: Bench, regulation: str, channel: str = "office", variant: str = "default", **changes: Any
) -> dict[str, Any]:
    """A form of the service that fits; ``changes`` replace fields."""
    today = bench.pki.clock.now().date()
    sample = sample_form(load_regulations()[regulation], channel, variant, Person(APPLICANT), today)
    return sample.form | changes


def papers(regulation: str, channel: str = "office") -> list[str]:
    """Every paper the channel knows."""
    return [document.code for document in load_regulations()[regulation].channel(channel).documents]


async def hand_in(
    bench: Bench,
    regulation: str,
    channel: str = "office",
    variant: str = "default",
    login: str = "aliya",
    changes: dict[str, Any] | None = None,
    **body: Any,
) -> httpx.Response:
    """An application over the counter."""
    known = load_regulations().get(regulation)
    there = known is not None and channel in known.channels and known.channel(channel).form is not None
    content = {
        "regulation": regulation,
        "channel": channel,
        "form": form(bench, regulation, channel, variant, **(changes or {})) if there else {},
        "papers": papers(regulation, channel) if there else [],
        "originals_returned": True,
        **body,
    }
    answer = await bench.http.post("/applications", json=content, headers=await bench.signed_in(login))
    if bench.registry and answer.status_code == httpx.codes.CREATED and answer.json()["enquiries"]:
        application = str(answer.json()["summary"]["application"])
        bench.tick()
        await answer_all(bench, application)
        return httpx.Response(answer.status_code, json=await shown(bench, application, login))
    return answer


async def shown(bench: Bench, application: str, login: str = "aliya") -> dict[str, Any]:
    """The matter."""
    answer = await bench.http.get(f"/matters/{application}", headers=await bench.signed_in(login))
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def journal(bench: Bench, application: str) -> list[JournalEvent]:
    """Its events in the order of the journal."""
    recorded = await bench.sent(MessageType.JOURNAL_RECORDED)
    found = [event for message in recorded for event in JournalRecorded.model_validate(message.data).events]
    return [event for event in found if event.application == application]


async def verdict(bench: Bench, application: str) -> Verdict:
    """What the judge says of the journal, as far as the provider has written it."""
    events = await journal(bench, application)
    regulation = load_regulations()[events[0].regulation]
    return judge(regulation, events[0].channel, as_kept(events), calendars_of(bench.platform.stand))


async def do(bench: Bench, application: str, task: str, login: str = "aliya", **body: Any) -> httpx.Response:
    """An officer does a task."""
    address = f"/matters/{application}/tasks/{task}/done"
    answer = await bench.http.post(address, json=body, headers=await bench.signed_in(login))
    bench.tick()
    return answer

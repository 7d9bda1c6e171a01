"""What may be asked at all, and by whom: the shape of a request, and the routes."""

from typing import Any

import pytest

from shared.kit.clock import Clock
from shared.kit.errors import RejectedMessage
from shared.kit.ids import uuid7
from shared.messages.envelope import Message, payload_data
from shared.messages.registry import ByIIN, RegistryAnswered, RegistryRequested
from shared.messages.routes import ROUTES, route_for
from shared.messages.systems import System
from shared.messages.types import MessageKind, MessageType
from tests.unit.registries.bench import ground

IIN = "900412412107"


def message(clock: Clock, search: Any, **changes: Any) -> Message:
    """A request with any ``search``, as a foreign system could send it."""
    data = {"search": search, "ground": payload_data(ground()), **changes}
    return Message(
        id=uuid7(clock),
        source=System.CSC,
        type=MessageType.REGISTRY_REQUESTED,
        subject="application-1",
        time=clock.now(),
        destination=System.PERSONS,
        messagetype=MessageKind.REQUEST,
        serviceid="PersonData",
        correlationid="application-1",
        data=data,
    )


@pytest.mark.parametrize(
    "search",
    [
        {"mode": "iin", "iin": IIN},
        {"mode": "names", "given_name": "Шолпан", "birth_date": "1996-06-01"},
        {"mode": "document", "document_number": "N40743983"},
        {"mode": "register_number", "register_number": "1-2301", "notarised_on": "2026-05-06"},
        {"mode": "parties", "principal_iin": IIN, "attorney_iin": IIN},
    ],
)
def test_each_mode_is_a_request(clock: Clock, search: dict[str, Any]) -> None:
    payload = message(clock, search).payload()
    assert isinstance(payload, RegistryRequested)
    assert payload.search.mode == search["mode"]


@pytest.mark.parametrize(
    "search",
    [
        pytest.param({}, id="no mode"),
        pytest.param(None, id="no search"),
        pytest.param({"iin": IIN}, id="a criterion without its mode"),
        pytest.param({"mode": "iin", "iin": IIN, "document_number": "N1"}, id="IIN and document"),
        pytest.param({"mode": "iin", "iin": IIN, "surname": "А"}, id="IIN and name"),
        pytest.param({"mode": "names", "surname": "А", "birth_date": "1990-01-01", "iin": IIN}, id="names and IIN"),
        pytest.param({"mode": "names", "birth_date": "1990-01-01"}, id="a date of birth alone"),
        pytest.param({"mode": "names", "patronymic": "А", "birth_date": "1990-01-01"}, id="a patronymic alone"),
        pytest.param({"mode": "names", "surname": " ", "birth_date": "1990-01-01"}, id="a blank name"),
        pytest.param({"mode": "names", "surname": "А"}, id="names without date"),
        pytest.param({"mode": "names", "surname": "А\0", "birth_date": "1990-01-01"}, id="a control character"),
        pytest.param({"mode": "iin", "iin": "9004124121"}, id="ten digits"),
        pytest.param({"mode": "iin", "iin": "٩٠٠٤١٢٤١٢١٠٧"}, id="other digits"),
        pytest.param({"mode": "everybody"}, id="unknown mode"),
    ],
)
def test_two_modes_or_none_do_not_fit_the_schema(clock: Clock, search: Any) -> None:
    with pytest.raises(RejectedMessage) as caught:
        message(clock, search).payload()
    assert caught.value.reason == "schema"


@pytest.mark.parametrize("missing", ["regulation", "clause", "application", "system", "asked_by"])
def test_nothing_is_asked_without_ground(clock: Clock, missing: str) -> None:
    why = {name: value for name, value in payload_data(ground()).items() if name != missing}
    with pytest.raises(RejectedMessage) as caught:
        message(clock, {"mode": "iin", "iin": IIN}, ground=why).payload()
    assert caught.value.reason == "schema"


def test_consent_is_absent_where_the_law_asks_for_none(clock: Clock) -> None:
    payload = RegistryRequested(search=ByIIN(iin=IIN), ground=ground(consent=None))
    assert message(clock, {"mode": "iin", "iin": IIN}, ground=payload_data(payload)["ground"]).payload() == payload


@pytest.mark.parametrize(
    "fields",
    [
        {"found": True},
        {"found": False},
        {"found": True, "not_found_reason": "absent"},
        {"found": True, "record": {"content": "{}", "signature": ""}, "not_found_reason": "absent"},
        {"found": False, "record": {"content": "{}", "signature": ""}},
    ],
)
def test_an_answer_has_a_record_or_a_reason(clock: Clock, fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either a record or the reason"):
        RegistryAnswered(registry=System.PERSONS, request_id="1", answered_at=clock.now(), **fields)


def test_only_these_systems_ask_registries() -> None:
    asking = {(sender, receiver) for sender, kind, receiver in ROUTES if kind is MessageType.REGISTRY_REQUESTED}
    answering = {(receiver, sender) for sender, kind, receiver in ROUTES if kind is MessageType.REGISTRY_ANSWERED}
    assert asking == answering
    assert asking == {
        (System.CSC, System.PERSONS),
        (System.CSC, System.NOTARY),
        (System.PROVIDER, System.PERSONS),
    }


def test_registries_are_reached_through_the_gateway_only() -> None:
    for route in ROUTES.values():
        if route.type in (MessageType.REGISTRY_REQUESTED, MessageType.REGISTRY_ANSWERED):
            assert route.via_gateway, route
    rejection = route_for(System.PERSONS, MessageType.MESSAGE_REJECTED, System.CSC)
    assert rejection is not None
    assert rejection.via_gateway

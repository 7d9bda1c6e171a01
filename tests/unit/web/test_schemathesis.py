"""The OpenAPI document of the shell and the stand's controls holds against generated calls, good and bad."""

import schemathesis
from fastapi import FastAPI
from hypothesis import settings
from schemathesis.generation import GenerationMode

from shared.kit.clock import Clock
from shared.kit.faults import Faults
from shared.web.stand import stand_router
from tests.factories.bare_services import bare_service


def _app() -> FastAPI:
    async def reset() -> None:
        return None

    clock = Clock()
    return bare_service(
        "portal",
        clock,
        tools=True,
        stand_routers=[stand_router(clock, reset, Faults(ocsp_silent="the OCSP responder answers 503"))],
        hosts=("testserver",),  # by this name the client of the test calls
    )


schema = schemathesis.openapi.from_asgi("/openapi.json", _app())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
@settings(max_examples=40)
def test_answers_keep_to_the_document(case: schemathesis.Case) -> None:
    case.call_and_validate()

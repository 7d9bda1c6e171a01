"""The OpenAPI document of the shell and the stand's controls holds against generated calls, good and bad."""

import schemathesis
from fastapi import FastAPI
from hypothesis import settings
from schemathesis.generation import GenerationMode

from shared.kit.clock import Clock
from shared.kit.faults import Faults
from shared.web.app import create_service_app
from shared.web.stand import stand_router


def _app() -> FastAPI:
    async def readiness() -> dict[str, str | None]:
        return {"database": None}

    async def reset() -> None:
        return None

    clock = Clock()
    return create_service_app(
        code="portal",
        title="Sample",
        summary="A sample",
        clock=clock,
        tools=True,
        lifespan=None,
        readiness=readiness,
        routers=[],
        stand_routers=[stand_router(clock, reset, Faults(ocsp_silent="the OCSP responder answers 503"))],
        hosts=("testserver",),  # by this name the client of the test calls
    )


schema = schemathesis.openapi.from_asgi("/openapi.json", _app())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@schema.parametrize()
@settings(max_examples=40)
def test_answers_keep_to_the_document(case: schemathesis.Case) -> None:
    case.call_and_validate()

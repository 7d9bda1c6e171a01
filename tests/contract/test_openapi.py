"""Any input that its OpenAPI allows, and much that it does not: no service answers with an internal error."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from services.stand.catalogue import SERVICES
from tests.contract.stand import LEFT_OUT, Stand, credentials


@schemathesis.serializer("application/ocsp-request", "application/pdf", "image/png", "image/jpeg")
def _bytes_as_they_are(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.mark.parametrize("code", [service.code for service in SERVICES])
def test_no_operation_answers_with_an_internal_error(stand: Stand, code: str) -> None:
    schema = schemathesis.openapi.from_url(f"{stand.addresses.of(code)}/openapi.json")
    headers = credentials(stand, code)
    operations = [result.ok() for result in schema.exclude(path_regex=LEFT_OUT).get_all_operations()]
    assert operations
    for operation in operations:

        @settings(
            max_examples=40,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case) -> None:
            # Waiting is a parameter like any other, but nobody wants to wait for a minute here.
            case.query = {name: value for name, value in (case.query or {}).items() if name != "wait"}
            case.call_and_validate(checks=[not_a_server_error], headers=headers)

        call()

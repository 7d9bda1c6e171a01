"""Canonical JSON: one value, one sequence of bytes, so that its signature can be checked anywhere (RFC 8785)."""

from typing import Any

import rfc8785

from shared.kit.errors import InvalidInput


def canonical_json(value: Any) -> bytes:
    """``value`` as canonical UTF-8 JSON by the JSON Canonicalization Scheme (RFC 8785).

    Takes what JSON can hold: ``None``, ``bool``, ``int`` within ±(2**53 - 1), finite ``float``, ``str``, lists, tuples
    and dicts with string keys. Raises ``InvalidInput`` for anything else: a signature over a guess would be worthless.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidInput(f"the value has no canonical JSON: {error}") from error

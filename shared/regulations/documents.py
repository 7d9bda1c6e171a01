"""Which documents a visitor has to hand in."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from shared.regulations.checks import claimed
from shared.regulations.model import Channel, Document


def to_hand_in(channel: Channel, form: Mapping[str, Any], from_registries: AbstractSet[str]) -> tuple[Document, ...]:
    """The documents asked for on paper or as a scan, in the order of the file; the package is incomplete without them.

    ``from_registries``: codes of documents whose data a registry gave. Those are not asked for, but go with the
    application as the registry's signed extract under the same code. As long as no registry has answered, pass the
    codes of all documents that one may hold: ``expected_from_registries``.
    """
    return tuple(d for d in channel.documents if d.code not in from_registries and _asked(d, form))


def expected_from_registries(channel: Channel) -> frozenset[str]:
    """Codes of the documents whose data a registry may hold."""
    return frozenset(document.code for document in channel.documents if document.registry is not None)


def _asked(document: Document, form: Mapping[str, Any]) -> bool:
    if document.kind == "signed_request":
        return False
    if document.required == "if_claimed" and document.claimed_by is not None:
        return claimed(form, document.claimed_by, document.claimed_value)
    return document.required == "always" or document.otherwise is not None

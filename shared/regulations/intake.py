"""Duties of whoever takes documents in a channel: receipts, consent, originals, the queue, results nobody collects."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.kit.text import Language
from shared.regulations.parts import ChannelName, Clause, Code, LawText, Part, Pointer
from shared.regulations.terms import Unit

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ReceiptItem = Literal[
    "number",
    "date",
    "service",
    "document_count",
    "document_names",
    "missing_documents",
    "issue_date",
    "issue_time",
    "issue_place",
    "employee_names",
    "applicant_names",
    "representative_names",
    "applicant_phone",
    "representative_phone",
]
"""One thing a receipt states. What does not exist in a matter (a representative, a patronymic) is left out of it."""


class ReceiptGroup(Part):
    """One group of fields of a receipt, in the words of the text."""

    code: Code
    text: LawText
    items: tuple[ReceiptItem, ...] = Field(min_length=1)


class ReceiptForm(Part):
    """A receipt for the visitor.

    ``name`` is printed, ``stated`` is how each language version calls it where they differ; ``source`` says where the
    groups are from if the act does not list them.
    """

    kind: Literal["acceptance", "refusal"]
    name: LawText
    stated: dict[Language, str] = {}
    annex: LawText | None = None
    groups: tuple[ReceiptGroup, ...] = Field(min_length=1)
    clause: Clause
    source: str | None = None


class Consent(Part):
    """The written consent to use data protected by law.

    ``text`` is the duty, ``statement`` what the recipient signs, ``before`` the step that is not taken without it.
    """

    text: LawText
    statement: LawText
    version: str = Field(min_length=1)
    before: Code
    clause: Clause


class Originals(Part):
    """Data are compared with the originals of the documents, which are given back."""

    text: LawText
    clause: Clause


class ElectronicQueue(Part):
    """The visitors' queue. ``accelerated``: whether anyone may be served out of turn."""

    text: LawText
    booked_through: tuple[ChannelName, ...] = ()
    accelerated: bool
    clause: Clause


class Storage(Part):
    """How long a result that nobody collects is kept, counted from the day it could be collected, and who gets it then.

    ``step`` is how such a run ends.
    """

    text: LawText
    value: int = Field(ge=1)
    unit: Unit
    then: Literal["provider"]
    step: Code
    clause: Clause
    source: str | None = None


class Representation(Part):
    """Acting for somebody. The pointers name fields of the form.

    ``power_code`` is the act a notarised power of attorney has to cover, as the notary registry calls it;
    ``collection_power_code`` the one for taking the result away in the principal's place.
    """

    representative: Pointer
    representative_iin: Pointer
    principal_iin: Pointer
    power_code: Identifier
    collection_power_code: Identifier | None = None
    clause: Clause

"""What every part of a regulation file is made of."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from shared.kit.text import LANGUAGES, Text


class Part(BaseModel):
    """Base of the parts: frozen, and an unknown key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _not_blank(text: Text) -> Text:
    for language in LANGUAGES:
        if not text.pick(language).strip():
            raise ValueError(f"the {language} text is empty")
    return text


def quoted(value: object) -> object:
    """``value`` if it is text; raises ``ValueError`` otherwise."""
    # An unquoted 18:00 or 10 would be read as a number by many YAML readers; the law's words are always text.
    if not isinstance(value, str):
        raise ValueError("write this as text, in quotes")
    return value


LawText = Annotated[Text, AfterValidator(_not_blank)]
"""A text that is present in all three languages."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=100)]
"""A machine name inside a regulation: of a step, a document, a ground, a field, a result."""
Clause = Annotated[str, BeforeValidator(quoted), StringConstraints(min_length=1, max_length=60)]
"""The place in the act, e.g. ``12(5)``: clause 12, list item 5)."""
POINTER = r"^(/[a-z][a-z0-9_]*)+$"
Pointer = Annotated[str, StringConstraints(pattern=POINTER)]
"""A JSON pointer (RFC 6901) to a field of the form."""
ChannelName = Literal["office", "csc", "portal", "akim", "employment_centre", "mobile", "proactive"]
"""How a recipient comes to the service."""
Outcome = Literal["granted", "refused", "not_authorised"]
"""How a run ends. ``not_authorised``: it ended before there was an application."""

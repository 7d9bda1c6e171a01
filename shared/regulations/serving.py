"""Who renders what, as the file of organisations says it, for those who read a part of it beside the provider."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator


class Entry(BaseModel):
    """A part of one of the provider's files, which have more in them: that is the provider's to check."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Served(Entry):
    """One regulation, or ``<issuer>/*``; ``channels`` empty: in every one; ``when``: the case, by the form."""

    regulation: str
    channels: tuple[str, ...] = ()
    when: dict[str, Any] | None = None
    signed_by: str | None = None


class ServingOrganisation(Entry):
    """An organisation with what it renders."""

    code: str
    serves: tuple[Served, ...] = ()

    @field_validator("serves", mode="before")
    @classmethod
    def _named_only(cls, value: object) -> object:
        """A regulation may be named without more."""
        if not isinstance(value, list | tuple):
            return value
        return [{"regulation": item} if isinstance(item, str) else item for item in value]

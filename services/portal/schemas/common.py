"""What the bodies of the portal have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Iin = Annotated[str, StringConstraints(max_length=64)]
CertificateText = Annotated[str, StringConstraints(max_length=20_000)]
CHANNEL_PATTERN = r"^[a-z_]+$"
ChannelCode = Annotated[str, StringConstraints(max_length=40, pattern=CHANNEL_PATTERN)]
OneTimeCode = Annotated[str, StringConstraints(min_length=1, max_length=20)]
"""A one-time password as it was typed."""
ServiceId = Annotated[str, StringConstraints(max_length=200)]


class Body(BaseModel):
    """Base of what is taken: nothing but what is known."""

    model_config = ConfigDict(extra="forbid")
